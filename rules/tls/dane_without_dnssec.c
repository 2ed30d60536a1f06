/* dane_without_dnssec - DANE, and DNS lookups without DNSSEC */
#include "rules/rule/rule.h"

/* the parameters of smtp(8), or those of lmtp(8) */
struct dane_client {
    const char *daemon;
    enum parameter_number level, dns;
};

/* check_level - of SERVICE, or (NULL) of main.cf */
static void check_level(struct check *check, const struct dane_client *client,
                        const struct service *service)
{
    int flags = 0;
    struct str dns = config_value(check->config, service, client->dns, &flags, NULL);
    struct str level = check_value(check, service, client->level);
    bool only = str_is_nocase(level, "dane-only");

    if ((!only && !str_is_nocase(level, "dane")) || dns.at == NULL || flags != 0 ||
        str_is_nocase(dns, "dnssec"))
        return;
    struct finding *finding = check_reportf(
        check, check_span(check, service, client->level),
        arena_printf(check->arena, "set %.*s = dnssec", STR_ARG(parameter_name(client->dns))).at,
        "DANE is not used, because %.*s is not dnssec: %s", STR_ARG(parameter_name(client->dns)),
        only ? "mail stays in the queue" : "the level may is used instead");
    if (only)
        finding->severity = SEVERITY_ERROR;
}

static void check_dane(struct check *check)
{
    static const struct dane_client clients[] = {
        {"smtp", PARAM_SMTP_TLS_SECURITY_LEVEL, PARAM_SMTP_DNS_SUPPORT_LEVEL},
        {"lmtp", PARAM_LMTP_TLS_SECURITY_LEVEL, PARAM_LMTP_DNS_SUPPORT_LEVEL},
    };
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        if (check_is_set(check, NULL, clients[i].level))
            check_level(check, &clients[i], NULL);
        for (size_t k = 0; k < master_cf->count; k++) {
            const struct service *service = master_cf->services[k];
            if (service_runs(service, clients[i].daemon) &&
                service_override(service, clients[i].level) != NULL)
                check_level(check, &clients[i], service);
        }
    }
}

static const struct example examples[] = {
    {.title = "the level dane alone",
     .platform = "debian12",
     .main_cf = "smtp_tls_security_level = dane\n",
     .findings = {{1, "dane"}}},
    {.title = "a service that delivers to servers with DANE only",
     .platform = "debian12",
     .main_cf = "smtp_tls_security_level = may\n",
     .master_cf = "safe unix - - y - - smtp\n"
                  "  -o smtp_tls_security_level=dane-only\n",
     .findings = {{2, "dane-only"}}},
    {.title = "with DNSSEC",
     .platform = "debian12",
     .main_cf = "smtp_tls_security_level = dane\n"
                "smtp_dns_support_level = dnssec\n",
     .master_cf = "safe unix - - y - - smtp\n"
                  "  -o smtp_tls_security_level=dane-only\n"},
};

const struct rule rule_dane_without_dnssec = {
    .name = "dane-without-dnssec",
    .summary = "the level dane, without lookups by DNSSEC",
    .why = "DANE takes the certificates of a server from DNS, and trusts them only if DNSSEC "
           "protects them.  If smtp_dns_support_level is not dnssec, smtp(8) logs \"dane "
           "configured with dnssec lookups disabled\" and uses the level may; at the level "
           "dane-only it defers the mail.",
    .source = "postconf(5), smtp_tls_security_level; src/smtp/smtp_tls_policy.c, dane_init()",
    .severity = SEVERITY_WARNING,
    .check = check_dane,
    RULE_EXAMPLES(examples),
};
