/*
 * yaml - a YAML text as a tree of values
 *
 * Reads the YAML that people write for postmend: the facts, a user's platform,
 * plans and settings.  That is a mapping of scalars, lists and mappings: one
 * document, no anchors, aliases, tags or merge keys, no key twice.  The text may
 * be hostile: its size, depth and number of values are bounded.
 *
 * The tree lives in the reader's arena.  What a scalar means (a number, yes or
 * no) is decided by the function that reads it.
 *
 * The first problem is kept, and every call after it does nothing, so that a
 * caller may read all its members and check for a problem once, at the end.
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/str.h"

enum {
    YAML_MAX_SIZE = 1 << 20,    /* bytes of a text */
    YAML_MAX_DEPTH = 16,        /* of nested lists and mappings */
    YAML_MAX_VALUES = 1 << 16,  /* of a text */
    YAML_MAX_MEMBERS = 1 << 12, /* of one mapping or list */
};

enum yaml_kind {
    YAML_TEXT,
    YAML_LIST,
    YAML_MAP,
};

struct yaml_value {
    enum yaml_kind kind;
    size_t line, column;            /* from 1; columns count characters */
    struct str text;                /* YAML_TEXT; holds no NUL */
    bool quoted;                    /* YAML_TEXT: written with quotes or as a block */
    const struct yaml_value *items; /* of a map: key, value, key, value ... */
    size_t count;                   /* of items: twice the members of a map */
};

struct yaml_reader {
    struct arena *arena;
    bool failed;
    size_t line, column; /* of the problem */
    struct str problem;
};

void yaml_reader_init(struct yaml_reader *reader, struct arena *arena);

/* the tree of a text or a file, or NULL after a problem; an empty text is a problem too */
const struct yaml_value *yaml_load(struct yaml_reader *reader, struct str text);
const struct yaml_value *yaml_load_file(struct yaml_reader *reader, const char *path);

/* notes a problem at VALUE, or at the start of the text where VALUE is NULL */
void yaml_fail(struct yaml_reader *reader, const struct yaml_value *value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "line N, column N: what is wrong" */
struct str yaml_problem(const struct yaml_reader *reader);

/* the member of a map, or NULL where MAP is not a map or has no such member */
const struct yaml_value *yaml_get(const struct yaml_value *map, const char *key);

/*
 * Checks and conversions; each notes a problem and returns an empty value where
 * the tree holds something else.  KEYS is a list of names that ends in NULL.
 */
bool yaml_only_keys(struct yaml_reader *reader, const struct yaml_value *map,
                    const char *const *keys);
const struct yaml_value *yaml_need(struct yaml_reader *reader, const struct yaml_value *map,
                                   const char *key, enum yaml_kind kind);
struct str yaml_as_text(struct yaml_reader *reader, const struct yaml_value *value);
bool yaml_as_bool(struct yaml_reader *reader, const struct yaml_value *value); /* true, yes, ... */
long yaml_as_number(struct yaml_reader *reader, const struct yaml_value *value);
struct str_list yaml_as_texts(struct yaml_reader *reader, const struct yaml_value *value);

/* the text of a member: required, or with FALLBACK where it is absent */
struct str yaml_text(struct yaml_reader *reader, const struct yaml_value *map, const char *key);
struct str yaml_text_or(struct yaml_reader *reader, const struct yaml_value *map, const char *key,
                        struct str fallback);

#endif
