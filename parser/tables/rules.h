/*
 * table_rules - what pcre and regexp tables share: pcre_table(5), regexp_table(5)
 *
 * Only for parser/tables/rules.c, table_pcre.c and table_regexp.c.
 */
#ifndef PARSER_TABLES_RULES_H
#define PARSER_TABLES_RULES_H

#include "parser/tables/class.h"

/* a pattern as it is written between its delimiters */
struct pattern {
    struct str text; /* ends in a NUL */
    unsigned options;
    bool negated;
};

/* "$1" (GROUP), or text (GROUP is 0) */
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
    size_t group_max; /* the largest group in parts */
    size_t entry;     /* its number among the table's entries */
    size_t end;       /* of an if: the number of its endif, or SIZE_MAX */
    size_t outer;     /* of an if: the number of the if around it, or SIZE_MAX */
    void *code;       /* kept by the engine */
    bool too_large;   /* to be tried */
};

struct pattern_contents {
    struct pattern_rule *rules;
    size_t count, capacity;
    const struct release *release;
    void *compiler; /* kept by the engine */
};

struct pattern_flag {
    char letter;
    unsigned option;
};

/* where the groups of a match lie in the key; a group without text has FROM == TO */
struct groups {
    const size_t *from, *to;
};

struct pattern_engine {
    const char *type;
    unsigned defaults;                /* options */
    const struct pattern_flag *flags; /* end with a NUL letter */
    bool second; /* "!" behind the flags starts another pattern, and a backslash at the end of
                    the line closes the first */
    /* false where Postfix skips the rule; may set rule->too_large */
    bool (*compile)(struct pattern_contents *contents, struct arena *arena,
                    struct pattern_rule *rule);
};

void pattern_open(struct table *table, struct table_opening *opening,
                  const struct pattern_engine *engine);

enum match_outcome { MATCH_NOT, MATCH_DOES, MATCH_SKIPPED, MATCH_TOO_LONG };

/* tries one rule; a match of a rule with groups leaves them in *GROUPS */
typedef enum match_outcome (*pattern_try)(void *context, const struct pattern_rule *rule,
                                          struct groups *groups);

/* the rules one after the other */
struct lookup pattern_find(const struct table *table, struct arena *arena, struct str key,
                           pattern_try try, void *context);

#endif
