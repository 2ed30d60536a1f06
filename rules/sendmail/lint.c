#include "rules/sendmail/lint.h"

#include <string.h>

#include "convert/sendmail/value.h"

enum {
    NAME_MAX_COMPARED = 64,
    NAME_MIN_COMPARED = 4,
    SHOWN_MAX = 80,
    LONG_NAME = 9, /* the length at which two mistakes still leave no doubt */
};

const struct sendmail_fact *lint_fact(const struct sendmail_item *item)
{
    bool none = item->kind == ITEM_UNDEFINE || item->kind == ITEM_DOMAIN;

    return none ? NULL : sendmail_item_fact(item);
}

bool lint_is_whole(const struct sendmail *sendmail)
{
    if (sendmail->mc == NULL || sendmail->mc->failed)
        return false;
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if ((item->kind == ITEM_INCLUDE && item->refused != NULL) ||
            (item->kind == ITEM_DOMAIN && !str_is(item->name, "generic")) ||
            item->kind == ITEM_NOT_RUN)
            return false;
    }
    return true;
}

struct str lint_words(struct arena *arena, const struct sendmail_item *item)
{
    static const char *const calls[] = {
        [ITEM_DEFINE] = "define", [ITEM_UNDEFINE] = "undefine", [ITEM_FEATURE] = "FEATURE",
        [ITEM_MAILER] = "MAILER", [ITEM_OSTYPE] = "OSTYPE",     [ITEM_DOMAIN] = "DOMAIN"};

    if (item->kind > ITEM_DOMAIN)
        return lint_shown(arena, item->name);
    return arena_printf(arena, "%s(`%.*s')", calls[item->kind],
                        STR_ARG(lint_shown(arena, item->name)));
}

struct str lint_shown(struct arena *arena, struct str text)
{
    return arena_shorten(arena, str_slice(text, 0, str_find(text, '\n', 0)), SHOWN_MAX);
}

/* --- names ------------------------------------------------------------------------------------ */

/* is_same - are both the same except for case and underscores? */
static bool is_same(struct str a, struct str b)
{
    size_t i = 0, k = 0;

    for (;; i++, k++) {
        while (i < a.len && a.at[i] == '_')
            i++;
        while (k < b.len && b.at[k] == '_')
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (char_lower(a.at[i]) != char_lower(b.at[k]))
            return false;
    }
}

static unsigned choose_smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* count_differences - letters that were changed, added, removed, or swapped with a neighbour */
static unsigned count_differences(struct str a, struct str b)
{
    unsigned rows[3][NAME_MAX_COMPARED + 1];
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];

    for (unsigned k = 0; k <= b.len; k++)
        above[k] = k;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= b.len; k++) {
            unsigned wrong = char_lower(a.at[i - 1]) != char_lower(b.at[k - 1]);
            row[k] = choose_smaller(above[k - 1] + wrong, choose_smaller(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && char_lower(a.at[i - 1]) == char_lower(b.at[k - 2]) &&
                char_lower(a.at[i - 2]) == char_lower(b.at[k - 1]))
                row[k] = choose_smaller(row[k], before[k - 2] + 1);
        }
        unsigned *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

struct str lint_nearest(enum sendmail_kind kind, struct str name)
{
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);
    struct str found = STR_NONE;
    unsigned best = name.len >= LONG_NAME ? 2 : 1;
    bool several = false;

    if (name.len < NAME_MIN_COMPARED || name.len > NAME_MAX_COMPARED)
        return STR_NONE;
    for (size_t i = 0; i < count; i++) {
        struct str other = facts[i].name;
        if (facts[i].kind != kind || facts[i].gone || other.len > NAME_MAX_COMPARED ||
            other.len > name.len + 2 || name.len > other.len + 2)
            continue;
        unsigned here = is_same(name, other) ? 0 : count_differences(name, other);
        if (here > best || (here > 0 && other.len < NAME_MIN_COMPARED))
            continue;
        several = here == best && found.at != NULL;
        found = other;
        best = here;
    }
    return several ? STR_NONE : found;
}

bool lint_is_word(char c)
{
    return is_alnum(c) || c == '_';
}

struct str lint_macro(struct str name)
{
    static const char *const builtins[] = {"define", "undefine", "include", "sinclude", "divert"};
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < count; i++)
        if (macros[i].reported && str_eq_nocase(macros[i].name, name))
            return macros[i].name;
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (str_is_nocase(name, builtins[i]))
            return str_of(builtins[i]);
    return STR_NONE;
}

/* --- positions -------------------------------------------------------------------------------- */

bool lint_changes_quotes(const struct sendmail *sendmail)
{
    const struct sendmail_mc *mc = sendmail->mc;

    for (size_t i = 0; i < mc->count; i++)
        if (sendmail_calls(&mc->directives[i], "changequote"))
            return true;
    return false;
}

/* trim_span - the span FROM..TO without surrounding white space */
static struct span trim_span(const struct source *source, size_t from, size_t to)
{
    while (from < to && is_space(source->bytes.at[from]))
        from++;
    while (to > from && is_space(source->bytes.at[to - 1]))
        to--;
    return (struct span){source, from, to - from};
}

size_t lint_raw_arguments(struct arena *arena, const struct sendmail_directive *directive,
                          struct span **arguments)
{
    struct span span = directive->span;
    size_t quotes = 0, parentheses = 0, count = 0, capacity = 0;

    *arguments = NULL;
    if (!directive->written || directive->argument_count == 0 || span.source == NULL)
        return 0;
    const char *bytes = span.source->bytes.at;
    size_t from = span.at + directive->text.len + 1;
    for (size_t at = from; at < span.at + span.len; at++) {
        char c = bytes[at];
        if (c == '`')
            quotes++;
        else if (c == '\'' && quotes > 0)
            quotes--;
        if (quotes > 0)
            continue;
        bool ends = parentheses == 0 && (c == ',' || c == ')');
        parentheses += c == '(';
        parentheses -= c == ')' && parentheses > 0;
        if (ends) {
            *arguments = arena_grow(arena, *arguments, count, &capacity, sizeof **arguments);
            (*arguments)[count++] = trim_span(span.source, from, at);
            from = at + 1;
        }
    }
    return count;
}
