/*
 * rules - what pcre and regexp tables share: pcre_table(5), regexp_table(5)
 */
#ifndef PARSER_TABLES_RULES_H
#define PARSER_TABLES_RULES_H

#include "parser/tables/class.h"

/* a pattern, without its delimiters */
struct pattern {
    struct str text; /* ends in a NUL */
    unsigned options;
    bool negated;
};

/* "$1" (GROUP is 1), or text (GROUP is 0) */
struct result_part {
    struct str text;
    size_t group;
};

struct pattern_rule {
    enum rule_kind kind;
    struct pattern pattern;
    struct pattern second; /* /first/!/second/ of regexp; text is STR_NONE without one */
    struct result_part *parts;
    size_t part_count;
    size_t group_max;      /* the largest group in parts */
    size_t entry;          /* its index among the table's entries */
    size_t end;            /* of an if: the index of its endif, or SIZE_MAX */
    size_t outer;          /* of an if: the index of the if around it, or SIZE_MAX */
    struct span span;      /* of an if */
    void *code;            /* owned by the engine */
    const char *too_large; /* why it is not matched: it is too large; NULL: it is matched */
};

struct pattern_contents {
    struct pattern_rule *rules;
    size_t count, capacity;
    const struct release *release;
    void *compiler;   /* owned by the engine */
    struct str fault; /* what is wrong with the rule that is read */
};

struct pattern_flag {
    char letter;
    unsigned option;
};

/* the groups of a match, as offsets in the key; a group without text has FROM == TO */
struct groups {
    const size_t *from, *to;
};

struct pattern_engine {
    const char *type;
    unsigned defaults;                /* options */
    const struct pattern_flag *flags; /* the last one has a NUL letter */
    bool second; /* "!" after the flags starts another pattern, and a backslash at the end of
                    the line closes the first */
    /* false where Postfix skips the rule, with contents->fault set; may set rule->too_large */
    bool (*compile)(struct pattern_contents *contents, struct arena *arena,
                    struct pattern_rule *rule);
};

void pattern_open(struct table *table, struct table_opening *opening,
                  const struct pattern_engine *engine);

enum match_outcome { MATCH_NOT, MATCH_DOES, MATCH_SKIPPED, MATCH_TOO_LONG };

/* matches one rule; the groups of a match are in *GROUPS; *WHY says what takes too long */
typedef enum match_outcome (*pattern_try)(void *context, const struct pattern_rule *rule,
                                          struct groups *groups, struct str *why);

/* tries the rules one after the other */
struct lookup pattern_find(const struct table *table, struct arena *arena, struct str key,
                           pattern_try try, void *context);

#endif
