/* next_hop_in_table - a next hop in a table that smtp(8) or lmtp(8) does not accept */
#include "parser/value/nexthop.h"
#include "rules/services/routes.h"

/* is_valid - the values of parameters are the subject of bad-value */
static bool is_valid(struct check *check, const struct mail_route *route, struct value_fault *fault)
{
    struct str text = route->text;
    struct str transport = check_value(check, NULL, PARAM_DEFAULT_TRANSPORT);

    if (!route->is_table)
        return true;
    if (route->is_nexthop)
        text = arena_printf(check->arena, ":%.*s", STR_ARG(text));
    if (text.at[0] == ':')
        text = arena_printf(check->arena, "%.*s%.*s", (int)str_find(transport, ':', 0),
                            transport.at, STR_ARG(text));
    return transport_valid(check->arena, check->config, text, fault);
}

static void check_route(struct check *check, const struct mail_route *route, void *context)
{
    struct map *reported = context;
    struct value_fault fault;

    if (is_valid(check, route, &fault) || map_get(reported, route->text) != NULL)
        return;
    map_put(reported, route->text, check);
    check_reportf(check, route->span, arena_cstr(check->arena, fault.advice),
                  "the next hop \"%.*s\" %.*s; mail for it waits in the queue", STR_ARG(fault.part),
                  STR_ARG(fault.what));
}

static void check_tables(struct check *check)
{
    struct map reported;

    map_init(&reported, check->arena);
    routes_each(check, check_route, &reported);
}

static const struct example examples[] = {
    {.title = "a second transport, and a URL as the relay host of a sender",
     .platform = "debian12",
     .main_cf =
         "transport_maps = inline:{ example.com=smtp:lmtp:mailman:8024 }\n"
         "sender_dependent_relayhost_maps = inline:{ bob@example.com=smtp://mx.example.com }\n",
     .findings = {{1, "inline:{ example.com=smtp:lmtp:mailman:8024 }"},
                  {2, "inline:{ bob@example.com=smtp://mx.example.com }"}}},
    {.title = "valid next hops; what the program of another transport reads is its own affair",
     .platform = "debian12",
     .main_cf = "transport_maps = inline:{ a.example=smtp:[mx.a.example]:587, b.example=:,\n"
                "    c.example=lmtp:unix:private/store, d.example={error:no such domain} }\n"
                "sender_dependent_relayhost_maps = inline:{ bob@a.example=[mx.a.example]:587 }\n"},
};

const struct rule rule_next_hop_in_table = {
    .name = "next-hop-in-table",
    .summary = "a next hop in a table that smtp(8) or lmtp(8) does not accept",
    .why = "smtp(8) and lmtp(8) accept host, host:port, [host] and [host]:port, and lmtp(8) also "
           "unix:path.  At anything else the program exits with a fatal error, such as \"valid "
           "hostname or network address required in server description\", qmgr(8) tries again "
           "later, and the mail for this destination stays in the queue.",
    .source = "transport(5); src/smtp/smtp_connect.c, smtp_parse_destination(); "
              "src/util/host_port.c",
    .severity = SEVERITY_ERROR,
    .check = check_tables,
    RULE_EXAMPLES(examples),
};
