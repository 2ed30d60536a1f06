/*
 * str - text by pointer and length: see base/str.h
 */
#include "base/str.h"

#include <limits.h>

/* a set of bytes, one bit each */
struct byte_set {
    unsigned char bits[32];
};

struct str str_slice(struct str s, size_t from, size_t to)
{
    if (s.at == NULL)
        return s;
    if (to > s.len)
        to = s.len;
    if (from > to)
        from = to;
    return (struct str){s.at + from, to - from};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_same_folded(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (char_lower(a[i]) != char_lower(b[i]))
            return false;
    return true;
}

bool str_ends(struct str s, const char *suffix)
{
    size_t len = strlen(suffix);
    return len == 0 || (s.len >= len && memcmp(s.at + (s.len - len), suffix, len) == 0);
}

int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t str_find(struct str s, char c, size_t from)
{
    if (from >= s.len)
        return s.len;
    const char *found = memchr(s.at + from, (unsigned char)c, s.len - from);
    return found == NULL ? s.len : (size_t)(found - s.at);
}

size_t str_search(struct str s, const char *needle)
{
    if (s.len == 0)
        return s.len;
    const char *found = memmem(s.at, s.len, needle, strlen(needle));
    return found == NULL ? s.len : (size_t)(found - s.at);
}

static struct byte_set make_set(const char *bytes)
{
    struct byte_set set = {{0}};
    for (const char *at = bytes; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        set.bits[byte / 8] = (unsigned char)(set.bits[byte / 8] | 1u << byte % 8);
    }
    return set;
}

static bool is_in_set(const struct byte_set *set, char c)
{
    unsigned char byte = (unsigned char)c;
    return (set->bits[byte / 8] >> byte % 8 & 1) != 0;
}

size_t str_span_not(struct str s, size_t from, const char *set)
{
    struct byte_set bytes = make_set(set);
    for (size_t i = from; i < s.len; i++)
        if (is_in_set(&bytes, s.at[i]))
            return i;
    return s.len;
}

size_t str_span(struct str s, size_t from, const char *set)
{
    struct byte_set bytes = make_set(set);
    for (size_t i = from; i < s.len; i++)
        if (!is_in_set(&bytes, s.at[i]))
            return i;
    return s.len;
}

bool str_is_digits(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
    return s.len > 0;
}

int str_atoi(struct str digits)
{
    long number = 0;

    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.at[i] - '0';
        number = number > (LONG_MAX - digit) / 10 ? LONG_MAX : number * 10 + digit;
    }
    return (int)(unsigned)(unsigned long)number;
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.at[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_space(s.at[0])) {
        s.at++;
        s.len--;
    }
    return s;
}

bool str_list_has(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(list->items[i], s))
            return true;
    return false;
}
