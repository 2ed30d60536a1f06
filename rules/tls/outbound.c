/* outbound - what the SMTP client's level in main.cf should be */
#include "rules/tls/tls.h"

/* is_local_relay - does all mail go to a program on the same machine? */
static bool is_local_relay(const struct check *check)
{
    struct str relayhost = check_value(check, NULL, PARAM_RELAYHOST);
    struct str host =
        str_starts(relayhost, "[") ? str_slice(relayhost, 1, relayhost.len) : relayhost;

    return str_starts(host, "127.") || str_starts(host, "localhost") || str_starts(host, "::1]");
}

/* client_service - the service that delivers to other hosts: the one of default_transport; NULL
   where there is no master.cf.  FOUND is false where no smtp(8) does */
static const struct service *client_service(const struct check *check, bool *found)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    struct str transport = check_value(check, NULL, PARAM_DEFAULT_TRANSPORT);

    transport = str_slice(transport, 0, str_find(transport, ':', 0));
    *found = master_cf->source == NULL && str_is(transport, "smtp");
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        if (!str_eq(service->name, transport) || !service_runs(service, "smtp") ||
            str_is(service->type, "inet"))
            continue;
        *found = true;
        return service;
    }
    return NULL;
}

/* leaves_in_clear - is the level of mail to other hosts none? */
static bool leaves_in_clear(const struct check *check, const struct service **service)
{
    bool found;

    *service = client_service(check, &found);
    return found && tls_level(check->config, *service, TLS_SMTP) == TLS_NONE &&
           !is_local_relay(check);
}

/* is_said - has somebody written that there shall be no TLS? */
static bool is_said(const struct check *check, const struct service *service)
{
    return check_is_set(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL) ||
           check_is_set(check, service, tls_families[TLS_SMTP].use);
}

bool tls_outbound_is_fixed(struct check *check)
{
    const struct service *service;

    return tls_may_improve(check) && check->config->main_cf.source != NULL &&
           leaves_in_clear(check, &service) && !is_said(check, service) &&
           !tls_relay_is_fixed(check, NULL) &&
           (service == NULL || !tls_relay_is_fixed(check, service)) &&
           /* the new level would hide those that stay */
           tls_old_names_can_go(check, TLS_SMTP);
}

void tls_check_outbound(struct check *check)
{
    const struct service *service;

    if (check->config->main_cf.source == NULL || !leaves_in_clear(check, &service))
        return;
    /* wrappermode has the stronger word there */
    if (tls_relay_is_fixed(check, NULL) || (service != NULL && tls_relay_is_fixed(check, service)))
        return;
    bool said = is_said(check, service);
    struct span span = check_is_set(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL)
                           ? check_span(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL)
                       : said ? check_span(check, service, tls_families[TLS_SMTP].use)
                              : check_span(check, NULL, PARAM_SMTP_TLS_SECURITY_LEVEL);
    struct finding *finding = check_reportf(
        check, span,
        "write smtp_tls_security_level = may, and smtp_tls_loglevel = 1 to see it in the log",
        "mail to other servers leaves in the clear, even where they offer STARTTLS: "
        "smtp_tls_security_level is %s",
        said ? "set so" : "not set");
    finding->severity = SEVERITY_ADVICE;
    if (!tls_outbound_is_fixed(check))
        return;
    tls_set_main(check, finding, PARAM_SMTP_TLS_SECURITY_LEVEL, "may");
    /* tls-loglevel would ask for it next */
    if (!check_is_set(check, NULL, PARAM_SMTP_TLS_LOGLEVEL))
        tls_set_main(check, finding, PARAM_SMTP_TLS_LOGLEVEL, "1");
}
