#include "parser/value/environment.h"

#include "parser/text/token.h"

static bool fail_item(struct value_fault *fault, struct str item, const char *what,
                      const char *advice)
{
    fault->part = item;
    fault->what = str_of(what);
    fault->advice = str_of(advice);
    return false;
}

/* check_item - ITEM as it is written, TEXT without its braces */
static bool check_item(struct str item, struct str text, struct value_fault *fault)
{
    size_t equals = str_find(text, '=', 0);
    struct str name = str_trim(str_slice(text, 0, equals));

    if (equals == text.len)
        return true; /* the name alone */
    if (name.len == 0)
        return fail_item(fault, item, "has no name before its equals sign",
                         "write name=value without a space, or { name = value }");
    return str_span_not(name, 0, " \t") == name.len ||
           fail_item(fault, item, "has more than a name before its equals sign",
                     "write { name = value }");
}

bool environment_valid(struct arena *arena, const struct config *config, struct str list,
                       struct value_fault *fault)
{
    struct str item;

    (void)arena;
    (void)config;
    while (token_next(&list, TOKEN_COMMAS, &item)) {
        struct str text = item;
        if (item.at[0] == '{' && token_unbrace(item, true, &text) != NULL)
            return fail_item(fault, item, "has a brace that is not closed",
                             "write { name = value }");
        if (!check_item(item, text, fault))
            return false;
    }
    return true;
}
