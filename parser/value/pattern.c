#include "parser/value/pattern.h"

enum { FIELDS = 4, OCTET_MAX = 255 };

/* the rest of a pattern */
struct cursor {
    struct str text;
    size_t at;
};

static bool take_char(struct cursor *cursor, char c)
{
    if (cursor->at >= cursor->text.len || cursor->text.at[cursor->at] != c)
        return false;
    cursor->at++;
    return true;
}

/* read_octet - a number from 0 to 255, with any number of zeros before it; -1: there is none */
static int read_octet(struct cursor *cursor)
{
    size_t start = cursor->at;
    int number = 0;

    for (; cursor->at < cursor->text.len; cursor->at++) {
        char c = cursor->text.at[cursor->at];
        if (c < '0' || c > '9')
            break;
        number = 10 * number + (c - '0');
        if (number > OCTET_MAX)
            return -1;
    }
    return cursor->at > start ? number : -1;
}

/* read_set - what follows "[": "2;4..7]" */
static const char *read_set(struct cursor *cursor)
{
    do {
        int first = read_octet(cursor), last = first;
        if (first < 0)
            return "needs a number from 0 to 255 in its brackets";
        if (take_char(cursor, '.'))
            last = take_char(cursor, '.') ? read_octet(cursor) : -1;
        if (last < first)
            return "has a range that is not number..number";
    } while (take_char(cursor, ';'));
    return take_char(cursor, ']') ? NULL : "needs \";\" or \"]\" after a number in its brackets";
}

/* strip_brackets - those around the whole pattern; false: they are not closed */
static bool strip_brackets(struct str *pattern)
{
    int level = 0;

    if (pattern->len == 0 || pattern->at[0] != '[')
        return true;
    for (size_t i = 0; i < pattern->len; i++) {
        if (pattern->at[i] == '[')
            level++;
        if (pattern->at[i] != ']' || --level > 0)
            continue;
        if (i + 1 == pattern->len)
            *pattern = str_slice(*pattern, 1, i);
        return true;
    }
    return false;
}

const char *address_pattern_fault(struct str pattern)
{
    struct cursor cursor = {0};

    if (!strip_brackets(&pattern))
        return "has no \"]\"";
    if (pattern.len == 0)
        return "is empty";
    cursor.text = pattern;
    for (int field = 0; field < FIELDS; field++) {
        if (field > 0 && !take_char(&cursor, '.'))
            return "needs four numbers with dots between them";
        if (take_char(&cursor, '[')) {
            const char *fault = read_set(&cursor);
            if (fault != NULL)
                return fault;
        } else if (read_octet(&cursor) < 0) {
            return "needs numbers from 0 to 255";
        }
    }
    return cursor.at < pattern.len ? "has more than four numbers" : NULL;
}
