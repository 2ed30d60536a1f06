/* client_certificate - certificates of clients that smtpd(8) requires, of its users or in vain */
#include "rules/tls/tls.h"

/* check_users - smtpd(8) answers 421 to the first command of a client without one */
static void check_users(struct check *check, const struct service *service)
{
    struct span span = check_span(check, service, PARAM_SMTPD_TLS_REQ_CCERT);

    if (config_flag(check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) != 1 ||
        config_is_local(check->config, service) || check_is_reported(check, span))
        return;
    check_reportf(check, span,
                  "set smtpd_tls_ask_ccert = yes instead, unless each user has a certificate",
                  "users who log in with a password cannot send: the service \"%.*s\" answers 421 "
                  "to clients without a trusted certificate",
                  STR_ARG(service->name));
}

static void check_optional(struct check *check, const struct service *service)
{
    struct span span = check_span(check, service, PARAM_SMTPD_TLS_REQ_CCERT);

    if (check_is_reported(check, span))
        return;
    check_reportf(check, span,
                  "require TLS too (smtpd_tls_security_level = encrypt), or remove the setting",
                  "this has no effect in the service \"%.*s\": smtpd(8) requires certificates of "
                  "clients only where TLS is required",
                  STR_ARG(service->name));
}

static void check_certificates(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (int required = 1; required >= 0; required--)
        for (size_t i = 0; i < policy->count; i++) {
            const struct service *service = policy->services[i].service;
            if (service == NULL ||
                config_flag(check->config, service, PARAM_SMTPD_TLS_REQ_CCERT) != 1)
                continue;
            enum security_level level = tls_level_of(&policy->services[i]);
            if (required && level == TLS_ENCRYPT)
                check_users(check, service);
            else if (!required && level == TLS_MAY)
                check_optional(check, service);
        }
}

static const struct example examples[] = {
    {.title = "users with passwords",
     .platform = "debian12",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n"
                  "  -o smtpd_tls_req_ccert=yes\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{3, "yes"}}},
    {.title = "where TLS is not required",
     .platform = "debian12",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_req_ccert = yes\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{3, "yes"}}},
    {.title = "other servers, which have certificates and no passwords",
     .platform = "debian12",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n",
     .master_cf = "2525 inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n"
                  "  -o smtpd_tls_req_ccert=yes\n"},
};

const struct rule rule_client_certificate = {
    .name = "client-certificate",
    .summary = "certificates of clients are required of users with passwords, or in vain",
    .why =
        "With smtpd_tls_req_ccert = yes, smtpd(8) ends a session with \"421 4.7.1 No client "
        "certificate presented\" unless the client has a certificate that one of the CAs in "
        "smtpd_tls_CAfile signed.  Mail programs have none unless their users install them.  Where "
        "TLS is not required, smtpd(8) requires no certificates, and logs a warning.",
    .source = "postconf(5), smtpd_tls_req_ccert; src/smtpd/smtpd.c, smtpd_start_tls()",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_certificates,
    RULE_EXAMPLES(examples),
};
