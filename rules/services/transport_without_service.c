/* transport_without_service - a transport that is not the name of a service in master.cf */
#include "parser/value/nexthop.h"
#include "rules/services/routes.h"
#include "rules/services/socket.h"

/* fits_host - what was written where a transport belongs: a host? */
static bool fits_host(struct str transport)
{
    return str_starts(transport, "[") || str_find(transport, '.', 0) < transport.len;
}

static void check_route(struct check *check, const struct mail_route *route, void *context)
{
    static const char effect[] = "mail for this transport waits in the queue";
    struct map *reported = context;
    struct str transport = str_slice(route->text, 0, str_find(route->text, ':', 0));

    /* a result without a transport, as ":nexthop", keeps the one that the mail has */
    if (route->is_nexthop || transport.len == 0 || str_find(transport, '$', 0) < transport.len ||
        socket_find(check->config, SOCKET_PRIVATE, transport) != NULL)
        return;
    if (route->is_table && map_get(reported, transport) != NULL)
        return;
    map_put(reported, transport, check);
    struct finding *finding = socket_report(check, route->span, SOCKET_PRIVATE, transport, effect);
    if (fits_host(transport))
        finding->advice = arena_printf(check->arena, "write smtp:%.*s, with the transport first",
                                       STR_ARG(route->text));
}

static void check_transports(struct check *check)
{
    struct map reported;

    map_init(&reported, check->arena);
    if (sockets_known(check->config))
        routes_each(check, check_route, &reported);
}

#define WHOLE                                                                                      \
    "cleanup unix n - y - 0 cleanup\n"                                                             \
    "smtp unix - - y - - smtp\n"                                                                   \
    "lmtp unix - - y - - lmtp\n"                                                                   \
    "local unix - n n - - local\n"                                                                 \
    "error unix - - y - - error\n"

static const struct example examples[] = {
    {.title = "a filter and a mail store whose services are missing",
     .platform = "debian12",
     .main_cf = "content_filter = amavisfeed:[127.0.0.1]:10024\n"
                "virtual_mailbox_domains = example.com\n"
                "virtual_transport = dovecot\n"
                "mailbox_transport = lmtp:unix:private/dovecot-lmtp\n",
     .master_cf = WHOLE,
     .findings = {{1, "amavisfeed:[127.0.0.1]:10024"}, {3, "dovecot"}}},
    {.title = "a host where a transport belongs",
     .platform = "debian12",
     .main_cf = "content_filter = [127.0.0.1]:10024\n",
     .master_cf = WHOLE,
     .findings = {{1, "[127.0.0.1]:10024"}}},
    {.title = "in a table, and in a service's -o",
     .platform = "debian12",
     .main_cf = "transport_maps = inline:{ example.com=amavis:, example.net=:[mx.example.net] }\n"
                "sender_dependent_default_transport_maps = inline:{ bob@example.com=DUNNO }\n",
     .master_cf = WHOLE "smtp inet n - y - - smtpd -o content_filter=filter:\n",
     .findings = {{1, "inline:{ example.com=amavis:, example.net=:[mx.example.net] }"},
                  {6, "filter:"}}},
    {.title = "transports that are not set, but in use",
     .platform = "debian12",
     .main_cf = "mydestination = example.com\n"
                "virtual_transport = dovecot\n",
     .master_cf = "cleanup unix n - y - 0 cleanup\n"
                  "local unix n n n - - local\n",
     .findings = {{2, "n"}, {3, ""}}},
    {.title = "an excerpt of master.cf does not say what is missing",
     .platform = "debian12",
     .main_cf = "content_filter = amavis:[127.0.0.1]:10024\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_transport_without_service = {
    .name = "transport-without-service",
    .summary = "a transport for which master.cf has no service",
    .why = "The part of a transport before its colon is the name of a service in master.cf, of "
           "type unix and private.  qmgr(8) finds out that there is none when it delivers: it logs "
           "\"connect to transport private/NAME: No such file or directory\", and the mail stays "
           "in the queue until it is returned to its sender.\n\n"
           "Two mistakes are common: the service was never added (a filter's or mail store's "
           "manual has lines for master.cf too), and a host without a transport before it, which "
           "Postfix takes for the transport.",
    .source = "transport(5); master(5); src/qmgr/qmgr_transport.c; src/global/deliver_pass.c",
    .severity = SEVERITY_ERROR,
    .check = check_transports,
    RULE_EXAMPLES(examples),
};
