/*
 * expand - $name in parameter values
 *
 * The language of postconf(5): $name ${name} $(name) ${name?text} ${name:text}
 * ${name?{text}:{text}} ${{left} op {right} ? {text} : {text}} with the
 * operators == != < <= >= > and, in releases that have them, their level forms
 * (<level ...) for compatibility levels; $$ is a dollar sign.
 *
 * Values refer to values: a loop, a reference that is not well formed and an
 * endless expansion are errors with a place, as in Postfix, which gives up after
 * a hundred levels.  postmend also gives up after EXPAND_SIZE_MAX bytes,
 * EXPAND_STEPS_MAX references or EXPAND_READ_MAX bytes read in them: then the
 * error is a bound, and what Postfix makes of the value is not decided.
 */
#ifndef PARSER_POSTFIX_EXPAND_H
#define PARSER_POSTFIX_EXPAND_H

#include "facts/facts.h"

enum {
    EXPAND_LEVELS_MAX = 100, /* Postfix's own limit */
    EXPAND_STEPS_MAX = 100000,
    EXPAND_SIZE_MAX = 16 * 1024 * 1024,
    EXPAND_READ_MAX = 16 * EXPAND_SIZE_MAX,
    EXPAND_TOGETHER_MAX = 4 * EXPAND_SIZE_MAX, /* of all values of a configuration */
};

enum expand_found {
    EXPAND_UNDEFINED,
    EXPAND_TEXT,         /* *VALUE is text to expand in turn */
    EXPAND_RAW_TEXT,     /* *VALUE is text to use as it is */
    EXPAND_UNDETERMINED, /* it has a value, but the value depends on the machine */
};

/* what the names stand for */
struct expand_names {
    enum expand_found (*find)(void *context, struct str name, struct str *value);
    void *context;
    const struct release *release; /* which forms it knows */
    size_t *left; /* of EXPAND_TOGETHER_MAX: bytes that all expansions together may still produce,
                     where a reference counts as 16 bytes; may be NULL */
};

enum {
    EXPAND_HAS_UNDEFINED = 1,    /* an undefined name counted as empty */
    EXPAND_HAS_UNDETERMINED = 2, /* the result contains a name as "$name" */
    EXPAND_FAILED = 4, /* an error of Postfix, or a bound of postmend; the result is incomplete */
};

struct expand_error {
    struct str place; /* part of the value, or of a value that it refers to */
    struct str message;
    bool bound; /* of postmend: Postfix may be able to expand it */
};

/*
 * Adds the expansion of VALUE to OUT; memory comes from OUT's arena.  Returns
 * the EXPAND_ flags that apply.  ERROR (may be NULL) is set where it failed.
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

/* does the value contain a "$"? */
bool expand_needed(struct str value);

/* a compatibility level ("2", "3.6") as a number that can be compared, or -1 */
long compatibility_level(struct str text);

#endif
