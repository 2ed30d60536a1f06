/*
 * expand - $name in parameter values
 *
 * The language of postconf(5): $name ${name} $(name) ${name?text} ${name:text}
 * ${name?{text}:{text}} ${{left} op {right} ? {text} : {text}} with the
 * operators == != < <= >= > and, from the release that knows them, their level
 * forms (<level ...) for compatibility levels; $$ is a dollar sign.
 *
 * Values refer to values: a loop, a reference that is not well formed, and an
 * expansion without end are errors with their place, as Postfix has them
 * (it gives up after a hundred levels; so do we, and after EXPAND_SIZE_MAX bytes,
 * EXPAND_STEPS_MAX references or EXPAND_READ_MAX bytes read in them).
 */
#ifndef PARSER_POSTFIX_EXPAND_H
#define PARSER_POSTFIX_EXPAND_H

#include "facts/facts.h"

enum {
    EXPAND_LEVELS_MAX = 100, /* Postfix's own bound */
    EXPAND_STEPS_MAX = 100000,
    EXPAND_SIZE_MAX = 16 * 1024 * 1024,
    EXPAND_READ_MAX = 16 * EXPAND_SIZE_MAX,
};

enum expand_found {
    EXPAND_UNDEFINED,
    EXPAND_TEXT,         /* *VALUE holds text to expand in its turn */
    EXPAND_RAW_TEXT,     /* *VALUE holds text to take as it is */
    EXPAND_UNDETERMINED, /* it has a value, but what it is depends on the machine */
};

/* what the names stand for */
struct expand_names {
    enum expand_found (*find)(void *context, struct str name, struct str *value);
    void *context;
    const struct release *release; /* which forms it knows */
    size_t *left; /* bytes that many expansions may make together, counted down; may be NULL */
};

enum {
    EXPAND_HAS_UNDEFINED = 1,    /* an undefined name counted as empty */
    EXPAND_HAS_UNDETERMINED = 2, /* a name stands in the result as "$name" */
    EXPAND_FAILED = 4,           /* Postfix would stop here; the result is incomplete */
};

struct expand_error {
    struct str place; /* part of the value, or of a value that it refers to */
    struct str message;
};

/*
 * Adds the expansion of VALUE to OUT; memory comes from OUT's arena.  Returns
 * the EXPAND_ flags that hold.  ERROR (may be NULL) is filled when it failed.
 */
int expand(const struct expand_names *names, struct str value, struct buffer *out,
           struct expand_error *error);

/*
 * Calls SEEN for each name that VALUE refers to, in every branch, without
 * following it.  NAME and REFERENCE ("$name", "${name?...}") are parts of VALUE.
 * Returns 0 or EXPAND_FAILED.
 */
int expand_scan(const struct release *release, struct arena *arena, struct str value,
                void (*seen)(void *context, struct str name, struct str reference), void *context,
                struct expand_error *error);

/* is there any "$" in it? */
bool expand_needed(struct str value);

/* a compatibility level ("2", "3.6") as a number that compares, or -1 */
long compatibility_level(struct str text);

#endif
