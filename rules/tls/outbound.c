/* outbound - does the SMTP client use TLS for mail to other hosts? */
#include "rules/tls/tls.h"

/* is_local_relay - is all mail sent to a program on the same machine? */
static bool is_local_relay(const struct check *check)
{
    struct str relayhost = check_value(check, NULL, PARAM_RELAYHOST);
    struct str host =
        str_starts(relayhost, "[") ? str_slice(relayhost, 1, relayhost.len) : relayhost;

    return str_starts(host, "127.") || str_starts(host, "localhost") || str_starts(host, "::1]");
}

/* find_client - the service of default_transport, which delivers to other hosts; NULL if there is
   no master.cf.  FOUND is false if the service does not run smtp(8) */
static const struct service *find_client(const struct check *check, bool *found)
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

/* sends_unencrypted - is the level of mail to other hosts none? */
static bool sends_unencrypted(const struct check *check, const struct service **service)
{
    bool found;

    *service = find_client(check, &found);
    return found && tls_level(check->config, *service, TLS_SMTP) == TLS_NONE &&
           !is_local_relay(check);
}

/* is_explicit - do the files say that TLS is not used? */
static bool is_explicit(const struct check *check, const struct service *service)
{
    return check_is_set(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL) ||
           check_is_set(check, service, tls_families[TLS_SMTP].use);
}

bool tls_outbound_is_fixed(struct check *check)
{
    const struct service *service;

    return tls_may_improve(check) && check->config->main_cf.source != NULL &&
           sends_unencrypted(check, &service) && !is_explicit(check, service) &&
           !tls_relay_is_fixed(check, NULL) &&
           (service == NULL || !tls_relay_is_fixed(check, service)) &&
           /* the new level would hide those that remain */
           tls_can_replace_old_names(check, TLS_SMTP);
}

void tls_check_outbound(struct check *check)
{
    const struct service *service;

    if (check->config->main_cf.source == NULL || !sends_unencrypted(check, &service))
        return;
    /* the fix of wrappermode sets a stronger level there */
    if (tls_relay_is_fixed(check, NULL) || (service != NULL && tls_relay_is_fixed(check, service)))
        return;
    bool explicit = is_explicit(check, service);
    struct span span = check_is_set(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL)
                           ? check_span(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL)
                       : explicit ? check_span(check, service, tls_families[TLS_SMTP].use)
                                  : check_span(check, NULL, PARAM_SMTP_TLS_SECURITY_LEVEL);
    struct finding *finding = check_reportf(
        check, span,
        "set smtp_tls_security_level = may, and smtp_tls_loglevel = 1 to see it in the log",
        "mail is sent unencrypted even to servers that offer STARTTLS, because %s",
        explicit ? "this setting turns TLS off" : "smtp_tls_security_level is not set");
    finding->severity = SEVERITY_ADVICE;
    if (!tls_outbound_is_fixed(check))
        return;
    tls_set_main(check, finding, PARAM_SMTP_TLS_SECURITY_LEVEL, "may");
    /* otherwise tls-loglevel would report it next */
    if (!check_is_set(check, NULL, PARAM_SMTP_TLS_LOGLEVEL))
        tls_set_main(check, finding, PARAM_SMTP_TLS_LOGLEVEL, "1");
}
