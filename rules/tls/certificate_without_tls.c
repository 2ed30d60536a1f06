/* certificate_without_tls - a certificate of smtpd(8), and no STARTTLS on port 25 */
#include "rules/tls/tls.h"

/* is_given - is there a certificate in main.cf? */
static bool is_given(const struct check *check)
{
    static const enum parameter_number numbers[] = {
        PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct str value = check_value(check, NULL, numbers[i]);
        if (check_is_set(check, NULL, numbers[i]) && value.len > 0 && !str_is(value, "none"))
            return true;
    }
    return false;
}

/* is_decided - did somebody say whether TLS is wanted, for SERVICE? */
static bool is_decided(const struct check *check, const struct service *service)
{
    const struct tls_family *family =
        &tls_families[service_runs(service, "postscreen") ? TLS_POSTSCREEN : TLS_SMTPD];
    const enum parameter_number numbers[] = {tls_level_parameter(check->config, family),
                                             family->use,
                                             family->enforce,
                                             PARAM_SMTPD_TLS_SECURITY_LEVEL,
                                             PARAM_SMTPD_USE_TLS,
                                             PARAM_SMTPD_ENFORCE_TLS};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] != PARAM_NONE && check_is_set(check, service, numbers[i]))
            return true;
    return false;
}

/* find_last_setting - the last line of main.cf about TLS in smtpd(8) */
static const struct main_cf_entry *find_last_setting(const struct check *check)
{
    const struct main_cf *main_cf = &check->config->main_cf;

    for (size_t i = main_cf->count; i > 0; i--)
        if (str_starts(main_cf->entries[i - 1]->name, "smtpd_tls_"))
            return main_cf->entries[i - 1];
    return NULL;
}

static void check_port_25(struct check *check)
{
    const struct policy_service *service = policy_service_at_port(check_policy(check), 25);
    const struct main_cf_entry *last = find_last_setting(check);

    if (service == NULL || service->service == NULL || last == NULL || !is_given(check) ||
        is_decided(check, service->service) || is_decided(check, service->listener) ||
        tls_level_of(service) != TLS_NONE || tls_is_wrapped(check, service->service) ||
        config_is_local(check->config, service->listener))
        return;
    struct finding *finding = check_report(
        check, line_span(&last->line, last->name),
        (struct str)STR("smtpd offers no STARTTLS on port 25, although it has a certificate: mail "
                        "arrives unencrypted"),
        (struct str)STR("set smtpd_tls_security_level = may"));
    if (tls_may_improve(check))
        finding_insert_after(check, finding, &last->line,
                             (struct str)STR("smtpd_tls_security_level = may"));
}

#define CERTIFICATE                                                                                \
    "smtpd_tls_cert_file = /etc/ssl/certs/mail.pem\n"                                              \
    "smtpd_tls_key_file = /etc/ssl/private/mail.key\n"

static const struct example examples[] = {
    {.title = "a certificate alone",
     .platform = "debian12",
     .main_cf = CERTIFICATE,
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{2, "smtpd_tls_key_file"}},
     .fixed_main_cf = CERTIFICATE "smtpd_tls_security_level = may\n"},
    {.title = "the setting of the client in place of that of the server",
     .platform = "debian12",
     .main_cf = CERTIFICATE "smtp_tls_security_level = may\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n",
     .findings = {{2, "smtpd_tls_key_file"}},
     .fixed_main_cf = "smtpd_tls_cert_file = /etc/ssl/certs/mail.pem\n"
                      "smtpd_tls_key_file = /etc/ssl/private/mail.key\n"
                      "smtpd_tls_security_level = may\n"
                      "smtp_tls_security_level = may\n"},
    {.title = "no STARTTLS because somebody said so",
     .platform = "debian12",
     .main_cf = CERTIFICATE,
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=none\n"},
    {.title = "users alone, with TLS",
     .platform = "debian12",
     .main_cf = CERTIFICATE,
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n"},
};

const struct rule rule_certificate_without_tls = {
    .name = "certificate-without-tls",
    .summary = "a certificate of smtpd, and no STARTTLS on port 25",
    .why = "smtpd_tls_security_level is empty by default, and then smtpd does not offer STARTTLS, "
           "with a certificate or without.  A frequent cause is a setting that begins with smtp_ "
           "where smtpd_ was meant: smtp(8) is the client, smtpd(8) the server.\n"
           "\n"
           "If mail is meant to arrive unencrypted, smtpd_tls_security_level = none says so, and "
           "this rule is silent.",
    .source = "postconf(5), smtpd_tls_security_level; TLS_README",
    .severity = SEVERITY_WARNING,
    .check = check_port_25,
    RULE_EXAMPLES(examples),
};
