#include "parser/value/nexthop.h"
#include "parser/text/hostname.h"
#include "parser/text/network.h"
#include "parser/text/token.h"

/* one destination, and where its fault goes */
struct destination {
    struct arena *arena;
    const struct config *config;
    struct str text;
    struct value_fault *fault;
};

static bool fail_destination(const struct destination *destination, const char *what,
                             struct str advice)
{
    destination->fault->part = destination->text;
    destination->fault->what = str_of(what);
    destination->fault->advice = advice;
    return false;
}

/* --- ports ------------------------------------------------------------------------------------ */

static bool check_port(const struct destination *destination, struct str port)
{
    enum { PORT_MAX = 65535 };
    long number = 0;

    if (port.len == 0)
        return true;
    if (!str_is_digits(port)) {
        if (port.at[0] >= '0' && port.at[0] <= '9')
            return fail_destination(destination, "has text after its port",
                                    (struct str)STR("write [host]:port"));
        /* /etc/services of the host may have any name */
        return hostname_fault(port, false) == NULL ||
               fail_destination(destination, "does not end in a port",
                                (struct str)STR("use a number, such as 587"));
    }
    for (size_t i = 0; i < port.len && number <= PORT_MAX; i++)
        number = number * 10 + (port.at[i] - '0');
    return (number > 0 && number <= PORT_MAX) ||
           fail_destination(destination, "has a port that does not exist",
                            (struct str)STR("use a port from 1 to 65535"));
}

/* --- hosts ------------------------------------------------------------------------------------ */

static bool is_host(struct str text)
{
    struct network address;

    return network_read_address(text, &address) || hostname_fault(text, true) == NULL;
}

/* fail_host - TEXT is not a host; what people write instead */
static bool fail_host(const struct destination *destination, struct str host)
{
    struct arena *arena = destination->arena;
    size_t colon = str_find(host, ':', 0);
    struct str name = str_slice(host, 0, colon);

    if (host.len == 0)
        return fail_destination(destination, "has no host", (struct str)STR("write [host]:port"));
    if (colon == host.len)
        return fail_destination(destination, hostname_fault(host, true),
                                (struct str)STR("use a host name or an address"));
    if (str_is(name, "inet") || str_is(name, "unix") || facts_program(name) != NULL)
        return fail_destination(
            destination, "has another word before the host",
            arena_printf(arena, "remove \"%.*s:\"; only the host and the port belong here",
                         STR_ARG(name)));
    if (destination->text.at[0] == '[')
        return fail_destination(destination, "has its port inside the brackets",
                                arena_printf(arena, "write [%.*s]:%.*s", STR_ARG(name),
                                             STR_ARG(str_slice(host, colon + 1, host.len))));
    return fail_destination(destination, "has more than one port",
                            arena_printf(arena, "write [%.*s]:port", STR_ARG(name)));
}

/* check_bracketed - "[host]" or "[host]:port" */
static bool check_bracketed(const struct destination *destination)
{
    struct str text = destination->text;
    size_t end = str_find(text, ']', 0);
    struct str host = str_slice(text, 1, end), rest = str_slice(text, end + 1, text.len);
    struct network address;
    bool is_ipv6 = host.len >= 5 && str_is_nocase(str_slice(host, 0, 5), "ipv6:");

    if (end == text.len)
        return fail_destination(destination, "has no closing bracket",
                                (struct str)STR("write [host] or [host]:port"));
    if (rest.len > 0 && rest.at[0] != ':')
        return fail_destination(destination, "has text after its closing bracket",
                                (struct str)STR("write [host]:port"));
    if (is_ipv6 ? !network_read_address(str_slice(host, 5, host.len), &address) : !is_host(host))
        return fail_host(destination, host);
    return check_port(destination, str_slice(rest, 1, rest.len));
}

/* check_unbracketed - "host" or "host:port"; the last colon counts */
static bool check_unbracketed(const struct destination *destination)
{
    struct str text = destination->text;
    struct network address;
    size_t colon = text.len;

    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ':')
            colon = i;
    struct str host = str_slice(text, 0, colon);
    if (is_host(host))
        return check_port(destination, str_slice(text, colon + 1, text.len));
    if (network_read_address(text, &address))
        return fail_destination(destination, "is an IPv6 address without brackets",
                                arena_printf(destination->arena, "write [%.*s]", STR_ARG(text)));
    return fail_host(destination, host);
}

/* advise_host - "[host]:port" of the URL that begins at TEXT */
static struct str advise_host(const struct destination *destination, size_t start)
{
    struct str text = destination->text;
    struct str host = str_slice(text, start, str_find(text, '/', start));
    size_t colon = str_find(host, ':', 0);

    if (is_host(str_slice(host, 0, colon)))
        return arena_printf(destination->arena, "write [%.*s]%.*s", (int)colon, host.at,
                            (int)(host.len - colon), host.at + colon);
    return (struct str)STR("write [host]:port");
}

static bool check_destination(const struct destination *destination)
{
    struct str text = destination->text;
    size_t scheme = str_search(text, "://"), bracket = str_find(text, '[', 0);

    if (text.len > 0 && (text.at[0] == '"' || text.at[0] == '\''))
        return fail_destination(destination, "is in quotes, which Postfix does not remove",
                                (struct str)STR("remove the quotes"));
    if (scheme < text.len)
        return fail_destination(destination, "is a URL, not a host and a port",
                                advise_host(destination, scheme + 3));
    if (str_find(text, '@', 0) < text.len)
        return fail_destination(
            destination, "has a login before the host",
            (struct str)STR("write [host]:port, and the login in smtp_sasl_password_maps"));
    if (str_starts(text, "//"))
        return fail_destination(destination, "is part of a URL, not a host and a port",
                                advise_host(destination, 2));
    if (str_starts(text, "/"))
        return fail_destination(destination, "is the path of a file, not a host",
                                arena_printf(destination->arena,
                                             "for a socket, use the transport lmtp:unix:%.*s",
                                             STR_ARG(text)));
    if (bracket == 0)
        return check_bracketed(destination);
    if (bracket < text.len)
        return fail_destination(destination, "has another word before the host",
                                arena_printf(destination->arena, "write %.*s",
                                             STR_ARG(str_slice(text, bracket, text.len))));
    return check_unbracketed(destination);
}

/* --- lists, and transports -------------------------------------------------------------------- */

bool nexthop_list_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault)
{
    struct destination destination = {.arena = arena, .config = config, .fault = fault};

    while (token_next_plain(&text, TOKEN_COMMAS, &destination.text))
        if (!check_destination(&destination))
            return false;
    return true;
}

bool nexthop_valid(struct arena *arena, const struct config *config, struct str text,
                   struct value_fault *fault)
{
    struct destination destination = {arena, config, text, fault};

    if (release_has(config->release, FEATURE_NEXTHOP_LISTS))
        return nexthop_list_valid(arena, config, text, fault);
    if (text.len == 0)
        return true;
    if (str_span_not(text, 0, TOKEN_COMMAS) < text.len)
        return fail_destination(
            &destination, "is more than one host",
            (struct str)STR("use one host, and smtp_fallback_relay for the others"));
    return check_destination(&destination);
}

const struct service *transport_service(const struct config *config, struct str name)
{
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        if (str_eq(service->name, name) && str_is(service->type, "unix"))
            return service;
    }
    return NULL;
}

/* find_program - without master.cf, the stock transports have the names of their programs */
static struct str find_program(const struct config *config, struct str transport)
{
    const struct service *service = transport_service(config, transport);

    if (config->master_cf.source == NULL)
        return transport;
    return service != NULL ? service_process_name(service) : (struct str)STR("");
}

bool transport_valid(struct arena *arena, const struct config *config, struct str text,
                     struct value_fault *fault)
{
    size_t colon = str_find(text, ':', 0);
    struct str nexthop = str_slice(text, colon + 1, text.len);
    struct str program = find_program(config, str_slice(text, 0, colon));

    if (str_is(program, "lmtp")) {
        if (str_starts(nexthop, "unix:"))
            return true;
        if (str_starts(nexthop, "inet:"))
            nexthop = str_slice(nexthop, strlen("inet:"), nexthop.len);
    } else if (!str_is(program, "smtp")) {
        return true;
    }
    return nexthop_valid(arena, config, nexthop, fault);
}
