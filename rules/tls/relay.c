/*
 * relay - does wrapper mode suit the ports that the SMTP client connects to?
 *
 * Wrapper mode applies to all mail that one service of master.cf delivers.  A service's
 * destinations are those in relayhost and in the ..._transport parameters; lookup tables may add
 * others that are not known, and then nothing is fixed.
 */
#include "parser/text/token.h"
#include "rules/tls/tls.h"

/* a destination of a service */
struct route {
    bool found;
    struct span span; /* where it is written; source NULL: a default */
};

struct smtp_client {
    const struct service *service; /* NULL: there is no master.cf */
    int wrapper;
    enum security_level level;
    struct route tls;   /* a destination on port 465 */
    struct route plain; /* one on a port where the server sends its greeting first */
};

/* --- destinations ----------------------------------------------------------------------------- */

/* has_value - is one of the parameters not empty? */
static bool has_value(const struct check *check, const enum parameter_number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (config_value(check->config, NULL, numbers[i], NULL, NULL).len > 0)
            return true;
    return false;
}

/* has_tables - may lookup tables add destinations that are not known here? */
static bool has_tables(const struct check *check)
{
    static const enum parameter_number tables[] = {PARAM_TRANSPORT_MAPS,
                                                   PARAM_SENDER_DEPENDENT_RELAYHOST_MAPS,
                                                   PARAM_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS};
    return has_value(check, tables, sizeof tables / sizeof *tables);
}

/* get_nexthop_port - the port of "[host]:port", "host:port" or "host" */
static int get_nexthop_port(struct str nexthop)
{
    size_t at = str_starts(nexthop, "[") ? str_find(nexthop, ']', 0) : 0;
    size_t colon = str_find(nexthop, ':', at);
    int port = 0;

    if (colon == nexthop.len)
        return SMTP_PORT;
    struct str text = str_slice(nexthop, colon + 1, nexthop.len);
    if (!str_is_digits(text))
        return facts_port(text);
    for (size_t i = 0; i < text.len && i < 5; i++)
        port = port * 10 + (text.at[i] - '0');
    return port;
}

static void note_route(struct route *route, struct span span)
{
    if (!route->found)
        *route = (struct route){.found = true, .span = span};
}

/* add_nexthops - adds one destination, or a list of them */
static void add_nexthops(struct smtp_client *client, struct str nexthops, struct span span)
{
    struct str word;

    while (token_next_plain(&nexthops, TOKEN_COMMAS, &word)) {
        int port = get_nexthop_port(word);
        if (port == SUBMISSIONS_PORT)
            note_route(&client->tls, span);
        else if (port == SMTP_PORT || port == SUBMISSION_PORT)
            note_route(&client->plain, span);
    }
}

static struct span find_written_span(const struct check *check, enum parameter_number number)
{
    if (!check_is_set(check, NULL, number))
        return SPAN_NONE;
    return check_span(check, NULL, number);
}

/* add_default - a transport without a destination: to relayhost, or to the domain's MX */
static void add_default(const struct check *check, struct smtp_client *client)
{
    struct str relayhost = check_value(check, NULL, PARAM_RELAYHOST);

    if (relayhost.len > 0)
        add_nexthops(client, relayhost, find_written_span(check, PARAM_RELAYHOST));
    else if (!has_tables(check))
        note_route(&client->plain, SPAN_NONE);
}

/* add_transport - adds the nexthop of a parameter "transport:nexthop" that selects the client */
static void add_transport(const struct check *check, struct smtp_client *client,
                          enum parameter_number number, bool off_host)
{
    struct str value = check_value(check, NULL, number);
    size_t colon = str_find(value, ':', 0);
    struct str transport = str_slice(value, 0, colon);
    struct str nexthop = str_slice(value, colon + 1, value.len);

    if (client->service == NULL ? !str_is(transport, "smtp")
                                : !str_eq(transport, client->service->name))
        return;
    if (nexthop.len > 0)
        add_nexthops(client, nexthop, find_written_span(check, number));
    else if (off_host)
        add_default(check, client);
}

static void find_routes(const struct check *check, struct smtp_client *client)
{
    static const enum parameter_number others[] = {PARAM_VIRTUAL_TRANSPORT, PARAM_LOCAL_TRANSPORT,
                                                   PARAM_MAILBOX_TRANSPORT,
                                                   PARAM_FALLBACK_TRANSPORT, PARAM_CONTENT_FILTER};

    add_transport(check, client, PARAM_DEFAULT_TRANSPORT, true);
    if (check_is_set(check, NULL, PARAM_RELAY_TRANSPORT))
        add_transport(check, client, PARAM_RELAY_TRANSPORT, true);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add_transport(check, client, others[i], false);
}

/* --- clients ---------------------------------------------------------------------------------- */

static struct smtp_client make_client(const struct check *check, const struct service *service)
{
    struct smtp_client client = {
        .service = service,
        .wrapper = config_flag(check->config, service, PARAM_SMTP_TLS_WRAPPERMODE),
        .level = tls_level(check->config, service, TLS_SMTP)};

    find_routes(check, &client);
    return client;
}

static bool is_client(const struct service *service)
{
    return service_runs(service, "smtp") && str_is(service->type, "unix");
}

static bool is_weak(enum security_level level)
{
    return level == TLS_NONE || level == TLS_MAY;
}

static bool has_stock_name(const struct service *service)
{
    return str_is(service->name, "smtp") || str_is(service->name, "relay");
}

/* lacks_wrapper - a destination on port 465, and no wrapper mode */
static bool lacks_wrapper(const struct smtp_client *client)
{
    return client->tls.found && client->wrapper == 0;
}

/* lacks_level - wrapper mode, or a fix that turns it on, and a level too weak for it */
static bool lacks_level(const struct check *check, const struct smtp_client *client)
{
    static const enum parameter_number policies[] = {PARAM_SMTP_TLS_POLICY_MAPS,
                                                     PARAM_SMTP_TLS_PER_SITE};

    return (client->wrapper == 1 || lacks_wrapper(client)) && is_weak(client->level) &&
           !has_value(check, policies, sizeof policies / sizeof *policies);
}

/* --- fixes ------------------------------------------------------------------------------------ */

enum relay_fix {
    FIX_NONE,
    FIX_MAIN,
    FIX_SERVICE,
};

/* has_overrides - does the service itself set wrapper mode or the level? */
static bool has_overrides(const struct service *service)
{
    return service_override(service, PARAM_SMTP_TLS_WRAPPERMODE) != NULL ||
           service_override(service, PARAM_SMTP_TLS_SECURITY_LEVEL) != NULL;
}

/* others_inherit - would a setting in main.cf apply to services with other tasks? */
static bool others_inherit(const struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtp") && !has_stock_name(master_cf->services[i]))
            return true;
    return false;
}

/* can_set - is the parameter unset, or set without an expression, where the fix would set it? */
static bool can_set(const struct check *check, const struct smtp_client *client, enum relay_fix fix,
                    enum parameter_number number)
{
    const struct master_override *o =
        fix == FIX_SERVICE ? service_override(client->service, number) : NULL;
    const struct main_cf_entry *entry = config_entry(check->config, number);

    if (fix == FIX_SERVICE)
        return o == NULL || tls_is_literal(o->value);
    return entry == NULL || tls_is_literal(entry->value);
}

static enum relay_fix choose_fix(const struct check *check, const struct smtp_client *client)
{
    enum relay_fix fix = FIX_MAIN;

    if (!tls_may_improve(check) || check->config->main_cf.source == NULL)
        return FIX_NONE;
    if (client->plain.found || has_tables(check) ||
        check_value(check, client->service, PARAM_SMTP_FALLBACK_RELAY).len > 0)
        return FIX_NONE;
    if (client->service != NULL &&
        (!has_stock_name(client->service) || has_overrides(client->service)))
        fix = FIX_SERVICE;
    if (fix == FIX_MAIN && others_inherit(check))
        return FIX_NONE;
    bool writable = can_set(check, client, fix, PARAM_SMTP_TLS_WRAPPERMODE) &&
                    can_set(check, client, fix, PARAM_SMTP_TLS_SECURITY_LEVEL);
    return writable ? fix : FIX_NONE;
}

static void add_fix(struct check *check, struct finding *finding, const struct smtp_client *client)
{
    enum relay_fix fix = choose_fix(check, client);
    bool level = lacks_level(check, client);
    bool wrapper = lacks_wrapper(client);

    if (fix == FIX_MAIN) {
        if (wrapper)
            tls_set_main(check, finding, PARAM_SMTP_TLS_WRAPPERMODE, "yes");
        if (level)
            tls_set_main(check, finding, PARAM_SMTP_TLS_SECURITY_LEVEL, "encrypt");
    } else if (fix == FIX_SERVICE) {
        if (wrapper)
            tls_set_override(check, finding, client->service, PARAM_SMTP_TLS_WRAPPERMODE, "yes");
        if (level)
            tls_set_override(check, finding, client->service, PARAM_SMTP_TLS_SECURITY_LEVEL,
                             "encrypt");
    }
}

bool tls_relay_is_fixed(const struct check *check, const struct service *service)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    enum relay_fix wanted = service != NULL ? FIX_SERVICE : FIX_MAIN;
    bool fixed = false;

    for (size_t i = 0; i < master_cf->count && !fixed; i++) {
        if (!is_client(master_cf->services[i]))
            continue;
        if (service != NULL && master_cf->services[i] != service)
            continue;
        struct smtp_client client = make_client(check, master_cf->services[i]);
        fixed = lacks_level(check, &client) && choose_fix(check, &client) == wanted;
    }
    if (master_cf->source == NULL && service == NULL) {
        struct smtp_client client = make_client(check, NULL);
        fixed = lacks_level(check, &client) && choose_fix(check, &client) == wanted;
    }
    return fixed;
}

/* --- findings --------------------------------------------------------------------------------- */

/* choose_span - where the destination is written, or else the setting NAME */
static struct span choose_span(const struct check *check, const struct smtp_client *client,
                               const struct route *route, enum parameter_number number)
{
    return route->span.source != NULL ? route->span : check_span(check, client->service, number);
}

static const char *get_client_name(const struct check *check, const struct smtp_client *client)
{
    return client->service ? arena_cstr(check->arena, client->service->name) : "smtp";
}

static void report_missing(struct check *check, const struct smtp_client *client)
{
    struct span span = choose_span(check, client, &client->tls, PARAM_SMTP_TLS_WRAPPERMODE);

    if (check_is_reported(check, span))
        return;
    struct finding *finding =
        check_reportf(check, span,
                      "set smtp_tls_wrappermode = yes and smtp_tls_security_level = encrypt for "
                      "this service, or use port 587",
                      "mail stays in the queue: the service \"%s\" delivers to port 465 without "
                      "smtp_tls_wrappermode, so that client and server wait for each other",
                      get_client_name(check, client));
    finding->severity = SEVERITY_ERROR;
    add_fix(check, finding, client);
}

static void report_level(struct check *check, const struct smtp_client *client)
{
    struct span span = check_span(check, client->service, PARAM_SMTP_TLS_WRAPPERMODE);

    if (check_is_reported(check, span))
        return;
    struct finding *finding = check_reportf(
        check, span, "set smtp_tls_security_level = encrypt",
        "mail stays in the queue: smtp_tls_wrappermode requires level encrypt or a stronger one, "
        "but for the service \"%s\" the level is %s, and the client skips every server",
        get_client_name(check, client), tls_level_name(client->level));
    finding->severity = SEVERITY_ERROR;
    add_fix(check, finding, client);
}

static void report_plain(struct check *check, const struct smtp_client *client)
{
    struct span span = choose_span(check, client, &client->plain, PARAM_SMTP_TLS_WRAPPERMODE);

    if (check_is_reported(check, span))
        return;
    struct finding *finding = check_reportf(
        check, span,
        "set smtp_tls_wrappermode only for a separate service that delivers to port 465",
        "mail stays in the queue: the service \"%s\" has smtp_tls_wrappermode, but delivers to a "
        "port where the server sends its greeting unencrypted, and the TLS handshake fails",
        get_client_name(check, client));
    finding->severity = SEVERITY_ERROR;
}

static void check_client(struct check *check, const struct service *service)
{
    struct smtp_client client = make_client(check, service);

    if (lacks_wrapper(&client))
        report_missing(check, &client);
    else if (lacks_level(check, &client))
        report_level(check, &client);
    if (client.wrapper == 1 && client.plain.found)
        report_plain(check, &client);
}

void tls_check_relays(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    if (check->config->main_cf.source == NULL)
        return;
    if (master_cf->source == NULL)
        check_client(check, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        if (is_client(master_cf->services[i]))
            check_client(check, master_cf->services[i]);
}
