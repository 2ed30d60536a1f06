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

/* fail_lookups - the table can be opened, and then EFFECT follows */
static bool fail_lookups(struct value_fault *fault, struct str map, enum value_effect effect,
                         const char *what, const char *advice)
{
    fail_map(fault, map, what, str_of(advice));
    fault->effect = effect;
    fault->failure = (struct str)STR("look-ups fail, clients get 451, and mail waits");
    return false;
}

/* find_last_colon - NAME's length where there is none */
static size_t find_last_colon(struct str name)
{
    size_t at = name.len;

    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == ':')
            at = i;
    return at;
}

/* is_port - TEXT is what follows the last colon; a name may be in the host's /etc/services */
static bool is_port(struct str text)
{
    enum { PORT_MAX = 65535 };
    long port = 0;

    for (size_t i = 0; i < text.len && port <= PORT_MAX; i++)
        port = port * 10 + (text.at[i] - '0');
    return !str_is_digits(text) || (port > 0 && port <= PORT_MAX);
}

/* check_socketmap - "inet:host:port:name" or "unix:path:name"; auto_clnt_create() */
static bool check_socketmap(struct str map, struct str name, struct value_fault *fault)
{
    size_t end = find_last_colon(name), colon = str_find(name, ':', 0);
    struct str transport = str_slice(name, 0, colon);

    if (end == name.len)
        return fail_lookups(fault, map, VALUE_FAILS, "has no server before its name",
                            "write socketmap:inet:host:port:name");
    if (colon == end ||
        (!str_is(transport, "inet") && !str_is(transport, "unix") && !str_is(transport, "local")))
        return fail_lookups(fault, map, VALUE_EXITS,
                            "does not have a server, inet:host:port or unix:path, before its name",
                            "write socketmap:inet:host:port:name");
    if (str_is(transport, "inet") &&
        str_find(str_slice(name, colon + 1, end), ':', 0) == end - colon - 1)
        return fail_lookups(fault, map, VALUE_LOOKS_UP, "has no name after its port, or no port",
                            "write socketmap:inet:host:port:name");
    struct str server = str_slice(name, 0, end);
    return !str_is(transport, "inet") ||
           is_port(str_slice(server, find_last_colon(server) + 1, server.len)) ||
           fail_lookups(fault, map, VALUE_FAILS, "has a port that does not exist",
                        "use a port from 1 to 65535");
}

/* check_server - of tables that ask one */
static bool check_server(struct str map, struct str type, struct str name,
                         struct value_fault *fault)
{
    if (str_is(type, "socketmap"))
        return check_socketmap(map, name, fault);
    if (str_is(type, "tcp") && str_find(name, ':', 0) == name.len)
        return fail_lookups(fault, map, VALUE_LOOKS_UP, "has no port", "write tcp:host:port");
    return !str_is(type, "tcp") || is_port(str_slice(name, find_last_colon(name) + 1, name.len)) ||
           fail_lookups(fault, map, VALUE_FAILS, "has a port that does not exist",
                        "use a port from 1 to 65535");
}

bool map_server_valid(struct str map, struct value_fault *fault)
{
    size_t colon = str_find(map, ':', 0);

    return colon + 1 >= map.len ||
           check_server(map, str_slice(map, 0, colon), str_slice(map, colon + 1, map.len), fault);
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
        return check_server(map, str_slice(map, 0, colon), str_slice(map, colon + 1, map.len),
                            fault);
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
