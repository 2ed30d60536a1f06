#include "parser/value/maps.h"

#include <ctype.h>

#include "parser/text/token.h"

enum { DEPTH_MAX = 20 };

static bool fail_map(struct value_fault *fault, struct str part, const char *what,
                     struct str advice)
{
    fault->part = part;
    fault->what = str_of(what);
    fault->advice = advice;
    return false;
}

/* advise_type - what was meant by a type that does not exist */
static struct str advise_type(struct arena *arena, struct str map, size_t colon)
{
    struct str type = str_slice(map, 0, colon), name = str_slice(map, colon, map.len);
    char *lower = arena_alloc(arena, type.len + 1);

    for (size_t i = 0; i < type.len; i++)
        lower[i] = (char)tolower((unsigned char)type.at[i]);
    if (facts_table_type((struct str){lower, type.len}) != NULL)
        return arena_printf(arena, "write %s%.*s", lower, STR_ARG(name));
    if (type.at[0] == '"' || type.at[0] == '\'')
        return (struct str)STR("remove the quotes");
    return (struct str)STR("use one of the types that postconf -m lists");
}

static bool fail_type(struct arena *arena, struct str map, size_t colon, struct value_fault *fault)
{
    fail_map(fault, map, "has a type of lookup tables that does not exist",
             advise_type(arena, map, colon));
    fault->effect = VALUE_FAILS;
    fault->failure = (struct str)STR("look-ups fail, clients get 451, and mail waits");
    return false;
}

/* check_form - "type:name"; NEXT is what follows in a list */
static bool check_form(struct arena *arena, const struct config *config, struct str map,
                       struct str next, struct value_fault *fault)
{
    size_t colon = str_find(map, ':', 0);

    if (colon == map.len)
        return fail_map(fault, map, "is not a lookup table: it has no type",
                        arena_printf(arena, "write %.*s:%.*s",
                                     STR_ARG(config->platform->default_database_type),
                                     STR_ARG(map)));
    if (colon == 0)
        return fail_map(fault, map, "is not a lookup table: it has no type",
                        (struct str)STR("write type:name"));
    if (colon + 1 < map.len)
        return true;
    if (next.len > 0 && next.at[0] == '/')
        return fail_map(
            fault, map, "has a space after its colon",
            arena_printf(arena, "write %.*s%.*s", STR_ARG(map),
                         STR_ARG(str_slice(next, 0, str_span_not(next, 0, TOKEN_COMMAS)))));
    return fail_map(fault, map, "is not a lookup table: it has a type and no name",
                    (struct str)STR("write type:name"));
}

static struct str skip_separators(struct str text)
{
    return str_slice(text, str_span(text, 0, TOKEN_COMMAS), text.len);
}

/* check_inner - the types of tables that stand in others: "pipemap:{hash:/a, regexp:/b}" */
static bool check_inner(struct arena *arena, struct str map, struct value_fault *fault, int depth)
{
    size_t colon = str_find(map, ':', 0);
    struct str name = str_slice(map, colon + 1, map.len), word;

    if (colon >= map.len || colon == 0 || depth == 0)
        return true;
    const struct table_type *type = facts_table_type(str_slice(map, 0, colon));
    if (type == NULL)
        return fail_type(arena, map, colon, fault);
    if (type->kind == TABLE_ADAPTER)
        return check_inner(arena, name, fault, depth - 1);
    /* randmap's words are results, not tables */
    if (type->kind != TABLE_COMBINED || str_is(type->name, "randmap") || name.len == 0 ||
        name.at[0] != '{')
        return true;
    struct str rest;
    token_unbrace(name, true, &rest);
    while (token_next(&rest, TOKEN_COMMAS, &word))
        if (!check_inner(arena, word, fault, depth - 1))
            return false;
    return true;
}

bool maps_valid(struct arena *arena, const struct config *config, struct str value,
                struct value_fault *fault)
{
    struct str rest = value, map;

    while (token_next(&rest, TOKEN_COMMAS, &map))
        if (!check_form(arena, config, map, skip_separators(rest), fault) ||
            !check_inner(arena, map, fault, DEPTH_MAX))
            return false;
    return true;
}

bool map_type_valid(struct arena *arena, struct str item, struct value_fault *fault)
{
    struct str type = str_slice(item, 0, str_find(item, ':', 0));

    /* not what a template will replace: "{{ type }}:/etc/postfix/networks" */
    return str_span_not(type, 0, "{$") < type.len || check_inner(arena, item, fault, DEPTH_MAX);
}

bool map_valid(struct arena *arena, const struct config *config, struct str value,
               struct value_fault *fault)
{
    return value.len == 0 || (check_form(arena, config, value, (struct str)STR(""), fault) &&
                              check_inner(arena, value, fault, DEPTH_MAX));
}
