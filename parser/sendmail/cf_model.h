/*
 * cf_model - the model of the macro file from which a sendmail.cf was generated
 *
 * facts/sendmail_lines.h knows the lines that Sendmail's own m4 files generate: a line that every
 * configuration has is stock; the first line that only a feature generates is an ITEM_FEATURE, all
 * its other lines are stock; an argument in a line is an argument of the feature.  The same is true
 * of lines with the values of defines.  A feature that only removes lines is the first line of the
 * ruleset that lacks them.  An O line is the define that sets it, unless its value is the default
 * of Sendmail's files.  A ruleset from which a site removed rules has the number of these.
 *
 * Options and classes that are stock become ITEM_CF_LINE, with the name of their letter.
 *
 * A ruleset or a map that is the site's own does not count: a K line or an option belongs to a
 * feature only if the file also has rules of that feature, and the macro S is SMART_HOST only if it
 * has Sendmail's own rules.
 */
#ifndef PARSER_SENDMAIL_CF_MODEL_H
#define PARSER_SENDMAIL_CF_MODEL_H

#include "facts/sendmail_lines.h"
#include "parser/sendmail/parts.h"

/* a line of a ruleset, or any other, by its number */
struct cf_line {
    uint64_t number;
    size_t item;
};

/* a line that belongs to a feature if the file has rules of it */
struct cf_pending {
    struct str what;  /* "access_db", "access_db 1"; empty: if the file has Sendmail's own rules */
    struct str value; /* of a hole */
    size_t item;
    struct sendmail_item original;
};

struct cf_model {
    struct sendmail *sendmail;
    struct arena *arena;
    struct str ruleset; /* the ruleset of the current line */
    struct map known;   /* struct cf_known by "FEATURE name" or "define name": the last of it */
    struct cf_known **all;
    size_t known_count, known_capacity;
    size_t touched; /* how many times a line told something about a feature */
    struct cf_pending *pending;
    size_t pending_count, pending_capacity;
    struct cf_line *lines; /* all lines with a number, in the order of the file */
    size_t line_count, line_capacity;
    struct cf_ruleset *rulesets;
    size_t ruleset_count, ruleset_capacity;
    struct map ruleset_places; /* a name to a pointer to the place among RULESETS */
};

/* a feature or a define that was seen */
struct cf_known {
    struct str name; /* "FEATURE access_db" */
    size_t item;
    size_t order;                  /* the later it was seen, the higher */
    bool confirmed;                /* by a line other than a K line */
    bool has_map;                  /* the item is a K line */
    struct sendmail_item original; /* what the item was */
    enum { CF_ARGUMENTS = 9 } limit;
    struct str arguments[CF_ARGUMENTS];
    size_t argument_count;
};

struct cf_ruleset {
    struct str name;
    size_t item;       /* the first line that starts it */
    size_t stock, own; /* how many rules of Sendmail's files, and of others */
};

/* --- cf_read.c -------------------------------------------------------------------------------- */

/* adds an item for each line of the source that is not a comment */
void sendmail_cf_read(struct sendmail *sendmail, const struct source *source);

/* --- between the files of the model, from the bottom up: cf_known.c --------------------------- */

/* records the line with this number, whose item is added next */
void cf_model_note(struct cf_model *model, uint64_t number);
/* records a feature or define, whose item is added next */
struct cf_known *cf_model_add_known(struct cf_model *model, struct str name);
/* the item with that number becomes the feature */
void cf_model_stand_for(struct cf_known *known, struct sendmail_item *item, size_t number);
void cf_model_set_argument(struct cf_known *known, size_t at, struct str value);
/* "name", "name 2" with a *VALUE, "name 2 word": the key by which the feature is known, the number
   of the argument, or 0, and the argument */
struct str cf_model_feature(struct arena *arena, struct str rest, size_t *at, struct str *value);
/* records "FEATURE name 2 word", "define name value", "MACRO name" with VALUE in the hole; false
   where the line only adds to an earlier one: then it is stock */
bool cf_model_learn(struct cf_model *model, struct str what, struct str value,
                    struct sendmail_item *item);
/* was the feature or define of this text seen? */
bool cf_model_knows(const struct cf_model *model, struct str what);
/* is it a line with a hole?  *WHAT it is, and the *VALUE in the hole; of several, the one with the
   longest text before it, then the one that was seen last */
bool cf_model_hole(const struct cf_model *model, struct str ruleset, struct str line,
                   struct str *what, struct str *value);
/* is it a line with an answer of a list that FEATURE(`enhdnsbl') queries?  Adds it to the feature
 */
bool cf_model_answer(struct cf_model *model, struct str line);

/* --- cf_mailer.c ------------------------------------------------------------------------------ */

void cf_model_mailer(struct cf_model *model, struct sendmail_item *item); /* an M line */

/* --- cf_model.c ------------------------------------------------------------------------------- */

void cf_model_begin(struct cf_model *model, struct sendmail *sendmail);
/* one logical line, parsed as ITEM; it is added to the items */
void cf_model_add(struct cf_model *model, struct str text, struct sendmail_item item);
/* a stock option or class becomes a line with the name of its letter: it is only a default */
void cf_model_hide(struct arena *arena, struct sendmail_item *item);

/* --- cf_missing.c ----------------------------------------------------------------------------- */

void cf_model_taken(struct cf_model *model);   /* features that remove lines */
void cf_model_missing(struct cf_model *model); /* rules that a site removed */

/* --- cf_settle.c ------------------------------------------------------------------------------ */

/* what only the whole file shows */
void cf_model_end(struct cf_model *model);

#endif
