#include "parser/value/domain.h"

#include "parser/text/token.h"
#include "parser/value/maps.h"

static bool fail_domain(struct value_fault *fault, struct str part, const char *what,
                        const char *advice)
{
    fault->part = part;
    fault->what = str_of(what);
    fault->advice = str_of(advice);
    return false;
}

static bool has_any(struct str text, const char *bytes)
{
    return str_span_not(text, 0, bytes) < text.len;
}

/* is_domain - neither a file nor a table, nor what a template will replace ("{{ domain }}") */
static bool is_domain(struct str item)
{
    return item.at[0] != '/' && !has_any(item, ":{");
}

bool domains_valid(struct arena *arena, const struct config *config, struct str list,
                   struct value_fault *fault)
{
    struct str item;

    (void)config;
    while (token_next(&list, TOKEN_COMMAS, &item)) {
        if (item.at[0] == '#')
            return true; /* comment-after-value says what a comment does */
        if (item.at[0] != '/' && str_find(item, ':', 0) < item.len &&
            !map_type_valid(arena, item, fault))
            return false;
        if (!is_domain(item))
            continue;
        if (has_any(item, "\"'"))
            return fail_domain(fault, item, "has a quote, and matches no domain",
                               "remove the quotes: they are part of the value");
        if (has_any(item, ";"))
            return fail_domain(fault, item, "has a semicolon, and matches no domain",
                               "separate domains with spaces or commas");
        if (has_any(item, "@"))
            return fail_domain(fault, item, "has an @, and matches no domain",
                               "write the domain alone");
    }
    return true;
}

bool origin_valid(struct arena *arena, const struct config *config, struct str text,
                  struct value_fault *fault)
{
    size_t end = str_span_not(text, 0, TOKEN_COMMAS);

    (void)config;
    if (end < text.len)
        return fail_domain(
            fault, text, "is more than one word",
            arena_printf(arena, "use one domain, such as %.*s", (int)end, text.at).at);
    if (!has_any(text, "\"';@"))
        return true;
    fault->effect = VALUE_NO_MATCH;
    return fail_domain(fault, text, "is not a domain, and becomes part of sender addresses",
                       "write the domain alone, without quotes");
}
