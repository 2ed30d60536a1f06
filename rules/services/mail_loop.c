/* mail_loop - local mail that goes out, and comes back to this host, which is its domain's server
 */
#include "parser/text/token.h"
#include "parser/value/nexthop.h"
#include "rules/rule/rule.h"
#include "smtp/address/address.h"

static bool goes_out(const struct check *check, struct str transport)
{
    const struct service *service = transport_service(check->config, transport);

    return service != NULL && (service_runs(service, "smtp") || service_runs(service, "lmtp"));
}

/* --- content_filter --------------------------------------------------------------------------- */

/* check_filter - a filter without a next hop sends mail to the server of the recipient's domain */
static void check_filter(struct check *check, const struct service *service)
{
    struct str filter = check_value(check, service, PARAM_CONTENT_FILTER);
    size_t colon = str_find(filter, ':', 0);

    if (filter.len == 0 || colon + 1 < filter.len || !goes_out(check, str_slice(filter, 0, colon)))
        return;
    check_reportf(check, check_span(check, service, PARAM_CONTENT_FILTER),
                  "write transport:[host]:port",
                  "content_filter has no next hop: all mail, also that for local users, is sent to "
                  "the server of the recipient's domain, which for local mail is this host");
}

static void check_filters(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    if (check_is_set(check, NULL, PARAM_CONTENT_FILTER))
        check_filter(check, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_override(master_cf->services[i], PARAM_CONTENT_FILTER) != NULL)
            check_filter(check, master_cf->services[i]);
}

/* --- transport tables ------------------------------------------------------------------------- */

/* check_domain - is mail for a user of the domain sent to the server of the domain? */
static bool check_domain(struct check *check, enum parameter_number list, struct str domain)
{
    struct world world;
    struct state state;
    struct arena *arena = check->arena;
    struct assumption_list assumptions = {0};

    world_init(&world, arena, &assumptions);
    state_init(&state, check_policy(check)->all, arena, &world);
    struct resolved resolved =
        address_resolve(&state, str_of("someone@stranger.example"),
                        arena_printf(arena, "postmaster@%.*s", STR_ARG(domain)));
    if (world.count > 0 || resolved.class == ADDRESS_ERROR ||
        !goes_out(check, resolved.transport) || !str_eq_nocase(resolved.nexthop, domain))
        return true;
    check_reportf(check, check_span(check, NULL, list),
                  "name its own transport in transport_maps, such as \"example.com local:\", or "
                  "write a next hop after the transport",
                  "mail for %.*s is sent to that domain's server by %.*s, although %.*s says that "
                  "it is delivered here: it comes back to this host and bounces",
                  STR_ARG(domain), STR_ARG(resolved.transport), STR_ARG(parameter_name(list)));
    return false;
}

static void check_domains(struct check *check, enum parameter_number list)
{
    struct str domains = check_value(check, NULL, list), domain;

    while (token_next(&domains, TOKEN_COMMAS, &domain)) {
        if (str_find(domain, ':', 0) < domain.len || str_find(domain, '/', 0) < domain.len ||
            domain.at[0] == '!' || domain.at[0] == '#' || str_find(domain, '.', 0) == domain.len)
            continue;
        if (!check_domain(check, list, domain))
            return;
    }
}

static void check_mail_loop(struct check *check)
{
    check_filters(check);
    if (!check_is_set(check, NULL, PARAM_TRANSPORT_MAPS))
        return;
    check_domains(check, PARAM_MYDESTINATION);
    check_domains(check, PARAM_VIRTUAL_MAILBOX_DOMAINS);
}

static const char master_cf[] = "smtp unix - - y - - smtp\n"
                                "amavis unix - - y - - smtp\n"
                                "local unix - n n - - local\n"
                                "filter unix - n n - - pipe user=nobody argv=/bin/filter\n";

static const struct example examples[] = {
    {.title = "a content filter without a next hop",
     .platform = "debian12",
     .main_cf = "content_filter = amavis\n",
     .master_cf = master_cf,
     .findings = {{1, "amavis"}}},
    {.title = "with a next hop, or for a program that needs none",
     .platform = "debian12",
     .main_cf = "content_filter = amavis:[127.0.0.1]:10024\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o content_filter=filter\n"
                  "amavis unix - - y - - smtp\n"
                  "filter unix - n n - - pipe user=nobody argv=/bin/filter\n"},
    {.title = "a transport for everything, also for local domains",
     .platform = "debian12",
     .main_cf = "mydestination = localhost, example.com\n"
                "transport_maps = inline:{ { * = smtp: } }\n",
     .master_cf = master_cf,
     .findings = {{1, "localhost, example.com"}}},
    {.title = "local domains have their transport, or everything goes to a gateway",
     .platform = "debian12",
     .main_cf = "mydestination = localhost, example.com\n"
                "transport_maps = inline:{ { example.com = local: } { * = smtp: }\n"
                "  { example.org = smtp:[store.example.com] } }\n"
                "virtual_mailbox_domains = example.org\n"
                "virtual_transport = smtp:[store.example.com]\n",
     .master_cf = master_cf},
};

const struct rule rule_mail_loop = {
    .name = "mail-loop",
    .summary = "local mail is sent out to the server of its domain, which is this host",
    .why = "A transport without a next hop sends mail to the server of the recipient's domain.  As "
           "content_filter, or as the result of \"*\" in transport_maps, it takes the place of "
           "local delivery too: Postfix finds that it is the server itself, and returns the mail "
           "with \"mail for example.com loops back to myself\".",
    .source = "postconf(5), content_filter; transport(5); measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_mail_loop,
    RULE_EXAMPLES(examples),
};
