/*
 * sendmail_cf_model - of the lines of a sendmail.cf the model of the macro file that it was made of
 *
 * What Sendmail's own m4 files make is known by facts/sendmail_lines.h: a line that every
 * configuration has is stock; the first one that a feature alone makes is an ITEM_FEATURE, all
 * others of it are stock; where a line holds an argument, the feature gets it.  Likewise the values
 * of defines that stand in lines.  A feature that only takes lines away is the first line of the
 * ruleset that lacks them.  O lines are the defines that set them, if they say anything but what
 * Sendmail's files set by themselves.  A ruleset from which a site took rules says how many.
 *
 * Options and classes that are stock come out as ITEM_CF_LINE, by their letter.
 *
 * Where a ruleset or a map of that name is a site's own, nothing of the kind is seen: a K line or
 * an option belongs to a feature only where rules of that feature are there too, and the macro S
 * is SMART_HOST only where there are rules of Sendmail's own.
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

/* a line that belongs to a feature if rules of that are there */
struct cf_pending {
    struct str what;  /* "access_db", "access_db 1"; empty: if Sendmail's own rules are there */
    struct str value; /* of a hole */
    size_t item;
    struct sendmail_item original;
};

struct cf_model {
    struct sendmail *sendmail;
    struct arena *arena;
    struct str ruleset; /* the one that the lines stand in */
    struct map known;   /* struct cf_known by "FEATURE name" or "define name": the last of it */
    struct cf_known **all;
    size_t known_count, known_capacity;
    size_t touched; /* how often something was learnt of a feature */
    struct cf_pending *pending;
    size_t pending_count, pending_capacity;
    struct cf_line *lines; /* all that has a number, in the order of the file */
    size_t line_count, line_capacity;
    struct cf_ruleset *rulesets;
    size_t ruleset_count, ruleset_capacity;
};

/* a feature or a define that was seen */
struct cf_known {
    struct str name; /* "FEATURE access_db" */
    size_t item;
    size_t order;                  /* the later it was seen, the more */
    bool confirmed;                /* by a line that is no K line */
    bool has_map;                  /* the item is a K line */
    struct sendmail_item original; /* what the item was */
    enum { CF_ARGUMENTS = 9 } limit;
    struct str arguments[CF_ARGUMENTS];
    size_t argument_count;
};

struct cf_ruleset {
    struct str name;
    size_t item;       /* the line that starts it first */
    size_t stock, own; /* how many rules of Sendmail's files, and of others */
};

/* --- cf_read.c -------------------------------------------------------------------------------- */

/* adds an item for each line of the source that is not a comment */
void sendmail_cf_read(struct sendmail *sendmail, const struct source *source);

/* --- between the files of the model, from the bottom up: cf_known.c --------------------------- */

/* notes that the line of this number is there, as the item that comes next */
void cf_model_note(struct cf_model *model, uint64_t number);
/* one more feature or define, of the item that comes next */
struct cf_known *cf_model_add_known(struct cf_model *model, struct str name);
/* the item of that number becomes the feature */
void cf_model_stand_for(struct cf_known *known, struct sendmail_item *item, size_t number);
void cf_model_set_argument(struct cf_known *known, size_t at, struct str value);
/* "name", "name 2" with a *VALUE, "name 2 word": the key by which the feature is known, the number
   of the argument, or 0, and the argument */
struct str cf_model_feature(struct arena *arena, struct str rest, size_t *at, struct str *value);
/* takes note of "FEATURE name 2 word", "define name value", "MACRO name" with VALUE in the hole;
   false where the line only adds to what an earlier one said: then it is stock */
bool cf_model_learn(struct cf_model *model, struct str what, struct str value,
                    struct sendmail_item *item);
/* was the feature or define of this text seen? */
bool cf_model_knows(const struct cf_model *model, struct str what);
/* is it a line with a hole?  *WHAT and the *VALUE in it; of several the one after the longest
   text, of equals what was seen last */
bool cf_model_hole(const struct cf_model *model, struct str ruleset, struct str line,
                   struct str *what, struct str *value);
/* is it a line with an answer of a list that FEATURE(`enhdnsbl') asks?  The feature gets it */
bool cf_model_answer(struct cf_model *model, struct str line);

/* --- cf_mailer.c ------------------------------------------------------------------------------ */

void cf_model_mailer(struct cf_model *model, struct sendmail_item *item); /* an M line */

/* --- cf_model.c ------------------------------------------------------------------------------- */

void cf_model_begin(struct cf_model *model, struct sendmail *sendmail);
/* one logical line, parsed as ITEM; it is added to the items */
void cf_model_add(struct cf_model *model, struct str text, struct sendmail_item item);
/* a stock option or class becomes a line of its letter: it sets nothing that counts */
void cf_model_hide(struct arena *arena, struct sendmail_item *item);

/* --- cf_missing.c ----------------------------------------------------------------------------- */

void cf_model_taken(struct cf_model *model);   /* features that take lines away */
void cf_model_missing(struct cf_model *model); /* rules that a site took away */

/* --- cf_settle.c ------------------------------------------------------------------------------ */

/* what only the whole file says */
void cf_model_end(struct cf_model *model);

#endif
