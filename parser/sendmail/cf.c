#include "parser/sendmail/cf.h"

#include <string.h>

#include "parser/sendmail/parts.h"
#include "parser/text/token.h"

#define BLANKS " \t\r"

enum { WORDS_MAX = 3 };

/* take_name - takes the name of a macro or class off *REST: one byte, or {several} */
static struct str take_name(struct str *rest)
{
    struct str text = *rest;

    if (text.len > 0 && text.at[0] == '{') {
        size_t end = str_find(text, '}', 0);
        *rest = str_slice(text, end + 1, text.len);
        return str_slice(text, 1, end);
    }
    *rest = str_slice(text, 1, text.len);
    return str_slice(text, 0, 1);
}

/* take_word - takes the text before the next of SEPARATORS, and these, off *REST */
static struct str take_word(struct str *rest, const char *separators)
{
    struct str text = *rest;
    size_t end = str_span_not(text, 0, separators);

    *rest = str_slice(text, str_span(text, end, separators), text.len);
    return str_slice(text, 0, end);
}

static void set_arguments(struct arena *arena, struct sendmail_item *item, const struct str *texts,
                          size_t count)
{
    while (count > 0 && texts[count - 1].len == 0)
        count--;
    sendmail_set_arguments(arena, item, texts, count);
}

/* read_option - "O Name=value", "OLvalue" */
static void read_option(struct arena *arena, struct str rest, struct sendmail_item *item)
{
    item->kind = ITEM_OPTION;
    if (rest.len > 0 && rest.at[0] != ' ') {
        item->name = str_slice(rest, 0, 1);
        rest = str_slice(rest, 1, rest.len);
    } else {
        size_t equals = str_find(rest, '=', 0);
        item->name = str_trim(str_slice(rest, 0, equals));
        rest = str_slice(rest, equals + 1, rest.len);
    }
    rest = str_trim(rest);
    sendmail_set_arguments(arena, item, &rest, 1);
}

static void read_class(struct arena *arena, struct str rest, struct sendmail_item *item)
{
    struct str *words = NULL, word;
    size_t count = 0, capacity = 0;

    item->kind = ITEM_CLASS;
    item->name = take_name(&rest);
    while (token_next_plain(&rest, BLANKS, &word)) {
        words = arena_grow(arena, words, count, &capacity, sizeof *words);
        words[count++] = word;
    }
    item->arguments = words;
    item->argument_count = count;
}

/* split_parts - the arguments of a line that is neither an option nor a class */
static size_t split_parts(char letter, struct str rest, struct str parts[WORDS_MAX])
{
    switch (letter) {
    case 'D':
    case 'F':
        parts[0] = take_name(&rest);
        parts[1] = str_trim(rest);
        return 2;
    case 'K':
        rest = str_trim(rest);
        parts[0] = take_word(&rest, BLANKS);
        parts[1] = take_word(&rest, BLANKS);
        parts[2] = rest;
        return 3;
    case 'M':
    case 'X':
        parts[0] = str_trim(take_word(&rest, ","));
        parts[1] = str_trim(rest);
        return 2;
    case 'P':
        parts[0] = str_trim(take_word(&rest, "="));
        parts[1] = str_trim(rest);
        return 2;
    case 'R':
        parts[0] = take_word(&rest, "\t");
        parts[1] = take_word(&rest, "\t");
        parts[2] = str_trim(rest);
        return 3;
    default:
        parts[0] = str_trim(rest);
        return 1;
    }
}

bool sendmail_cf_line(struct arena *arena, struct str text, struct sendmail_item *item)
{
    static const char letters[] = "ABCDEFHKLMOPQRSTUVX";
    struct str rest = str_slice(text, 1, text.len);
    struct str parts[WORDS_MAX];

    if (text.len == 0 || memchr(letters, text.at[0], sizeof letters - 1) == NULL)
        return false;
    if (text.at[0] == 'O') {
        read_option(arena, rest, item);
    } else if (text.at[0] == 'C') {
        read_class(arena, rest, item);
    } else {
        item->kind = ITEM_CF_LINE;
        item->name = str_slice(text, 0, 1);
        set_arguments(arena, item, parts, split_parts(text.at[0], rest, parts));
    }
    return true;
}

/* is_call - does the line start with a macro call that is only in .mc files? */
static bool is_call(struct str line)
{
    static const char *const calls[] = {"divert(", "include(",        "sinclude(",  "VERSIONID(",
                                        "OSTYPE(", "define(",         "FEATURE(",   "MAILER(",
                                        "DOMAIN(", "undefine(",       "ifdef(",     "dnl",
                                        "LOCAL_",  "DAEMON_OPTIONS(", "MASQUERADE_"};

    line = str_trim(line);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (str_starts(line, calls[i]))
            return true;
    return false;
}

bool sendmail_cf_is(struct str bytes)
{
    bool seen = false;

    for (size_t at = 0; at < bytes.len;) {
        size_t end = str_find(bytes, '\n', at);
        struct str line = str_slice(bytes, at, end);
        if (is_call(line))
            return false;
        if (line.len > 1 && line.at[0] == 'V' && line.at[1] >= '0' && line.at[1] <= '9')
            seen = true;
        if (str_starts(line, "O ") || str_starts(line, "Mlocal,") || str_starts(line, "Sparse="))
            seen = true;
        at = end + 1;
    }
    return seen;
}
