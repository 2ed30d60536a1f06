#include "parser/value/endpoint.h"

#include "parser/text/hostname.h"
#include "parser/text/network.h"
#include "parser/text/token.h"
#include "parser/value/maps.h"

/* a setting in braces, and the parameter of which it takes the place */
struct endpoint_setting {
    const char *name;
    enum parameter_number parameter;
};

/* one kind of server, and what its client makes of a text that is not an endpoint */
struct endpoint_kind {
    const struct endpoint_setting *settings; /* ended by a NULL name */
    bool transport_fails; /* an unknown transport is an error only when the server is needed */
    bool address_fails;   /* the same of the host and the port */
};

/* one server, and where its fault goes */
struct endpoint {
    struct arena *arena;
    const struct config *config;
    const struct endpoint_kind *kind;
    struct value_fault *fault;
};

static bool fail_endpoint(const struct endpoint *endpoint, struct str part, const char *what,
                          struct str advice)
{
    endpoint->fault->part = part;
    endpoint->fault->what = str_of(what);
    endpoint->fault->advice = advice;
    return false;
}

/* --- host and port ---------------------------------------------------------------------------- */

static bool is_host(struct str text)
{
    struct network address;

    return network_read_address(text, &address) || hostname_fault(text, true) == NULL;
}

/* advise_address - what was meant, where two parts of TEXT are a host and a port */
static struct str advise_address(const struct endpoint *endpoint, struct str text)
{
    size_t middle = str_span_not(text, 0, "@:");
    struct str first = str_slice(text, 0, middle), second = str_slice(text, middle + 1, text.len);

    if (str_is_digits(first) && is_host(second))
        return arena_printf(endpoint->arena, "write inet:%.*s:%.*s", STR_ARG(second),
                            STR_ARG(first));
    if (is_host(text))
        return arena_printf(endpoint->arena, "write inet:%.*s:port", STR_ARG(text));
    return (struct str)STR("write inet:host:port");
}

static bool check_host_and_port(const struct endpoint *endpoint, struct str text, struct str host,
                                struct str port)
{
    if (!is_host(host))
        return fail_endpoint(endpoint, text, "has no valid host before its port",
                             advise_address(endpoint, text));
    if (port.len == 0)
        return fail_endpoint(endpoint, text, "has no port", advise_address(endpoint, host));
    if (port.at[0] >= '0' && port.at[0] <= '9' && !str_is_digits(port))
        return fail_endpoint(endpoint, text, "has text after the digits of its port",
                             advise_address(endpoint, text));
    return true;
}

/* check_bracketed - "[host]:port" */
static bool check_bracketed(const struct endpoint *endpoint, struct str text)
{
    size_t end = str_find(text, ']', 0);
    struct str host = str_slice(text, 1, end), rest = str_slice(text, end + 1, text.len);

    if (end == text.len)
        return fail_endpoint(endpoint, text, "has no closing bracket",
                             (struct str)STR("write inet:[host]:port"));
    if (rest.len > 0 && rest.at[0] != ':')
        return fail_endpoint(endpoint, text, "has text after its closing bracket",
                             (struct str)STR("write inet:[host]:port"));
    if (host.len >= 5 && str_is_nocase(str_slice(host, 0, 5), "ipv6:"))
        host = str_slice(host, 5, host.len);
    return check_host_and_port(endpoint, text, host, str_slice(rest, 1, rest.len));
}

/* check_port_alone - of the client's own host */
static bool check_port_alone(const struct endpoint *endpoint, struct str text)
{
    bool has_digit = text.len > 0 && text.at[0] >= '0' && text.at[0] <= '9';
    bool is_name = str_find(text, '.', 0) < text.len || str_is(text, "localhost");

    if (str_is_digits(text) || (!has_digit && !is_name))
        return true; /* what other names mean, /etc/services says */
    fail_endpoint(endpoint, text, is_host(text) ? "has no port" : "is not a host and a port",
                  advise_address(endpoint, text));
    if (!has_digit)
        endpoint->fault->effect = VALUE_FAILS; /* a port of that name is not found */
    return false;
}

/* check_address - "host:port", ":port" or "port", as host_port.c reads it; the last colon counts */
static bool check_address(const struct endpoint *endpoint, struct str text)
{
    size_t colon = text.len;

    if (endpoint->kind->address_fails)
        endpoint->fault->effect = VALUE_FAILS;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ':')
            colon = i;
    if (text.len > 0 && text.at[0] == '[')
        return check_bracketed(endpoint, text);
    if (colon == text.len)
        return check_port_alone(endpoint, text);
    struct str host = colon == 0 ? (struct str)STR("localhost") : str_slice(text, 0, colon);
    return check_host_and_port(endpoint, text, host, str_slice(text, colon + 1, text.len));
}

/* --- transport and address -------------------------------------------------------------------- */

/* advise_endpoint - what was meant with a text that does not begin with a transport */
static struct str advise_endpoint(const struct endpoint *endpoint, struct str text)
{
    size_t colon = str_find(text, ':', 0);
    struct str before = str_slice(text, 0, colon), after = str_slice(text, colon + 1, text.len);

    if (text.len > 0 && text.at[0] == '/')
        return arena_printf(endpoint->arena, "write unix:%.*s", STR_ARG(text));
    if (str_is_digits(after) && is_host(before))
        return arena_printf(endpoint->arena, "write inet:%.*s", STR_ARG(text));
    if (str_find(after, ':', 0) < after.len && after.at[0] != '/')
        return arena_printf(endpoint->arena, "write inet:%.*s", STR_ARG(after));
    return (struct str)STR("write inet:host:port or unix:path");
}

static bool check_endpoint(const struct endpoint *endpoint, struct str text)
{
    size_t colon = str_find(text, ':', 0);
    struct str transport = str_slice(text, 0, colon), rest = str_slice(text, colon + 1, text.len);
    bool is_known =
        str_is(transport, "inet") || str_is(transport, "unix") || str_is(transport, "local");

    if (is_known && rest.len > 0)
        return !str_is(transport, "inet") || check_address(endpoint, rest);
    if (endpoint->kind->transport_fails)
        endpoint->fault->effect = VALUE_FAILS;
    return fail_endpoint(endpoint, text,
                         is_known ? "has nothing after its transport"
                                  : "does not begin with inet:, unix: or local:",
                         advise_endpoint(endpoint, text));
}

/* --- settings in braces ----------------------------------------------------------------------- */

static struct str list_settings(const struct endpoint *endpoint)
{
    struct buffer text;

    buffer_init(&text, endpoint->arena);
    buffer_add_cstr(&text, "use one of");
    for (const struct endpoint_setting *setting = endpoint->kind->settings; setting->name != NULL;
         setting++) {
        buffer_add_cstr(&text, setting == endpoint->kind->settings ? " " : ", ");
        buffer_add_cstr(&text, setting->name);
    }
    return buffer_str(&text);
}

/* check_setting - "name = value", which may be in braces of its own */
static bool check_setting(const struct endpoint *endpoint, struct str text)
{
    struct str inside = text;

    if (text.at[0] == '{' && token_unbrace(text, true, &inside) != NULL)
        return fail_endpoint(endpoint, text, "has no closing brace",
                             (struct str)STR("write { name = value }"));
    size_t equals = str_find(inside, '=', 0);
    struct str name = str_trim(str_slice(inside, 0, equals));
    struct str value = str_trim(str_slice(inside, equals + 1, inside.len));
    if (equals == inside.len)
        return fail_endpoint(endpoint, text, "is not of the form name=value",
                             (struct str)STR("write name=value without spaces, or in braces"));
    for (const struct endpoint_setting *setting = endpoint->kind->settings; setting->name != NULL;
         setting++) {
        enum value_effect effect = endpoint->fault->effect;
        if (!str_is(name, setting->name))
            continue;
        if (value_valid(endpoint->arena, endpoint->config, facts_parameter_at(setting->parameter),
                        value, endpoint->fault))
            return true;
        if (endpoint->fault->effect == VALUE_EXITS)
            endpoint->fault->effect = effect;
        return false;
    }
    return fail_endpoint(endpoint, name, "is not a setting that it has", list_settings(endpoint));
}

/* check_server - an endpoint, or one with settings in braces */
static bool check_server(const struct endpoint *endpoint, struct str text)
{
    struct str inside, word;

    if (text.at[0] != '{')
        return check_endpoint(endpoint, text);
    const char *wrong = token_unbrace(text, false, &inside);
    if (wrong != NULL)
        return fail_endpoint(endpoint, text,
                             token_balanced(text) == 0 ? "has no closing brace"
                                                       : "has text after its closing brace",
                             (struct str)STR("write { endpoint, name=value }"));
    if (!token_next_plain(&inside, TOKEN_COMMAS, &word))
        return fail_endpoint(endpoint, text, "has no endpoint in its braces",
                             (struct str)STR("write { inet:host:port, name=value }"));
    struct str address = word;
    while (token_next(&inside, TOKEN_COMMAS, &word))
        if (!check_setting(endpoint, word))
            return false;
    return check_endpoint(endpoint, address);
}

/* --- one server, as its client reads it ------------------------------------------------------- */

struct str endpoint_address(struct str server)
{
    struct str inside = server, word;

    if (server.len == 0 || server.at[0] != '{')
        return server;
    if (token_unbrace(server, false, &inside) != NULL ||
        !token_next_plain(&inside, TOKEN_COMMAS, &word))
        return (struct str)STR("");
    return word;
}

struct str endpoint_own_setting(struct str server, const char *name)
{
    struct str inside = server, word, found = STR_NONE;

    if (server.len == 0 || server.at[0] != '{' || token_unbrace(server, false, &inside) != NULL)
        return found;
    token_next_plain(&inside, TOKEN_COMMAS, &word);
    while (token_next(&inside, TOKEN_COMMAS, &word)) {
        struct str text = word;
        if (word.at[0] == '{' && token_unbrace(word, true, &text) != NULL)
            continue;
        size_t equals = str_find(text, '=', 0);
        if (str_is(str_trim(str_slice(text, 0, equals)), name))
            found = str_trim(str_slice(text, equals + 1, text.len));
    }
    return found;
}

/* --- the kinds of servers --------------------------------------------------------------------- */

bool milters_valid(struct arena *arena, const struct config *config, struct str list,
                   struct value_fault *fault)
{
    static const struct endpoint_setting settings[] = {
        {"command_timeout", PARAM_MILTER_COMMAND_TIMEOUT},
        {"connect_timeout", PARAM_MILTER_CONNECT_TIMEOUT},
        {"content_timeout", PARAM_MILTER_CONTENT_TIMEOUT},
        {"default_action", PARAM_MILTER_DEFAULT_ACTION},
        {"protocol", PARAM_MILTER_PROTOCOL},
        {NULL, PARAM_NONE},
    };
    static const struct endpoint_kind kind = {.settings = settings, .transport_fails = true};
    const struct endpoint endpoint = {arena, config, &kind, fault};
    const enum value_effect effect = fault->effect;
    struct str word;

    while (token_next(&list, TOKEN_COMMAS, &word)) {
        fault->effect = effect;
        if (!check_server(&endpoint, word))
            return false;
    }
    return true;
}

bool policy_servers_valid(struct arena *arena, const struct config *config, struct str restrictions,
                          struct value_fault *fault)
{
    static const struct endpoint_setting settings[] = {
        {"default_action", PARAM_SMTPD_POLICY_SERVICE_DEFAULT_ACTION},
        {"max_idle", PARAM_SMTPD_POLICY_SERVICE_MAX_IDLE},
        {"max_ttl", PARAM_SMTPD_POLICY_SERVICE_MAX_TTL},
        {"policy_context", PARAM_SMTPD_POLICY_SERVICE_POLICY_CONTEXT},
        {"request_limit", PARAM_SMTPD_POLICY_SERVICE_REQUEST_LIMIT},
        {"retry_delay", PARAM_SMTPD_POLICY_SERVICE_RETRY_DELAY},
        {"timeout", PARAM_SMTPD_POLICY_SERVICE_TIMEOUT},
        {"try_limit", PARAM_SMTPD_POLICY_SERVICE_TRY_LIMIT},
        {NULL, PARAM_NONE},
    };
    static const struct endpoint_kind kind = {.settings = settings, .address_fails = true};
    const struct endpoint endpoint = {arena, config, &kind, fault};
    const enum value_effect effect = fault->effect;
    struct str word;

    while (token_next(&restrictions, TOKEN_COMMAS, &word)) {
        struct str name = word;
        if (!str_is_nocase(name, "check_policy_service")) {
            if (!map_server_valid(word, fault))
                return false;
            continue;
        }
        fault->effect = effect;
        if (token_next(&restrictions, TOKEN_COMMAS, &word)) {
            if (!check_server(&endpoint, word))
                return false;
            continue;
        }
        fault->effect = VALUE_FAILS;
        return fail_endpoint(&endpoint, name, "must be followed by an endpoint",
                             (struct str)STR("write check_policy_service inet:host:port"));
    }
    return true;
}

bool proxy_filter_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault)
{
    static const struct endpoint_kind kind = {.address_fails = true};
    const struct endpoint endpoint = {arena, config, &kind, fault};

    if (text.len == 0 || str_is_nocase(str_slice(text, 0, 5), "unix:"))
        return true;
    if (str_is_nocase(str_slice(text, 0, 5), "inet:"))
        text = str_slice(text, 5, text.len);
    return check_address(&endpoint, text);
}

bool login_server_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault)
{
    static const struct endpoint_kind kind = {.address_fails = true};
    const struct endpoint endpoint = {arena, config, &kind, fault};

    if (str_starts(text, "\"") || str_starts(text, "'"))
        return fail_endpoint(&endpoint, text, "is in quotes, which are part of the value",
                             (struct str)STR("remove the quotes"));
    return !str_starts(text, "inet:") || check_address(&endpoint, str_slice(text, 5, text.len));
}
