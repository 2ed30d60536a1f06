/*
 * str - text by pointer and length
 *
 * The one string type of the project.  A str owns nothing: it points into a
 * source, an arena or a constant, and lives as long as that does.  It may hold
 * any byte, including NUL, and need not end in one.  An absent text is STR_NONE
 * (at == NULL), which differs from an empty one.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *at;
    size_t len; /* bytes */
};

/* a str of a string literal, usable in constants */
#define STR(literal)                                                                               \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define STR_NONE ((struct str){NULL, 0})

/* for printf's "%.*s" */
#define STR_ARG(s) (int)(s).len, (s).at

/* Inline, because nearly every word is compared: the length of a literal is then a constant. */

/* NULL gives STR_NONE */
static inline struct str str_of(const char *nul_terminated)
{
    if (nul_terminated == NULL)
        return STR_NONE;
    return (struct str){nul_terminated, strlen(nul_terminated)};
}

struct str str_slice(struct str s, size_t from, size_t to); /* bounds are clamped */

bool str_eq(struct str a, struct str b);

static inline bool str_is(struct str s, const char *nul_terminated)
{
    return str_eq(s, str_of(nul_terminated));
}

bool str_same_folded(const char *a, const char *b, size_t len);

/* ASCII letters fold */
static inline bool str_eq_nocase(struct str a, struct str b)
{
    return a.len == b.len && str_same_folded(a.at, b.at, a.len);
}

static inline bool str_is_nocase(struct str s, const char *nul_terminated)
{
    return str_eq_nocase(s, str_of(nul_terminated));
}

static inline bool str_starts(struct str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return len == 0 || (s.len >= len && memcmp(s.at, prefix, len) == 0);
}

bool str_ends(struct str s, const char *suffix);
int str_cmp(struct str a, struct str b); /* as strcmp, by bytes */

/* index of the first C at or after FROM, or s.len */
size_t str_find(struct str s, char c, size_t from);
/* index of the first occurrence of NEEDLE, or s.len */
size_t str_search(struct str s, const char *needle);
/* index of the first byte at or after FROM that is in SET (str_span_not) or not in SET (str_span),
   or s.len */
size_t str_span_not(struct str s, size_t from, const char *set);
size_t str_span(struct str s, size_t from, const char *set);

bool str_is_digits(struct str s); /* one or more of 0-9 and nothing else */
/* the number of such a text as atoi(3) gives it, too large ones included (glibc) */
int str_atoi(struct str digits);

/* Postfix's ISSPACE: ASCII white space, never locale-dependent */
static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* an ASCII letter in lower case, any other byte as it is */
static inline char char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct str str_trim(struct str s); /* without white space at both ends */

/* a list of texts */
struct str_list {
    const struct str *items;
    size_t count;
};

bool str_list_has(const struct str_list *list, struct str s);

#endif
