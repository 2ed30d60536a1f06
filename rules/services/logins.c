/* logins - services that log nobody in, and restrictions that only concern users who are logged in
 */
#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "smtp/tls/level.h"

/* check_tls - logins that require TLS, which there is not */
static void check_tls(struct check *check, const struct policy_service *service)
{
    struct span span = check_span(check, service->service, PARAM_SMTPD_SASL_AUTH_ENABLE);

    if (tls_level_of(service) != TLS_NONE || !policy_flag(service, PARAM_SMTPD_TLS_AUTH_ONLY) ||
        check_is_reported(check, span))
        return;
    check_reportf(check, span, "offer TLS (smtpd_tls_security_level = may), or no logins",
                  "no one can log in to the service \"%.*s\": smtpd_tls_auth_only = yes requires "
                  "TLS, and the service does not offer it",
                  STR_ARG(service->service->name));
}

/* find_login_restriction - one that smtpd(8) ignores, with a warning, where there are no logins */
static bool find_login_restriction(struct str list, struct str *word)
{
    static const char *const names[] = {
        "reject_authenticated_sender_login_mismatch",
        "reject_known_sender_login_mismatch",
        "reject_unauthenticated_sender_login_mismatch",
    };

    while (token_next(&list, TOKEN_COMMAS, word))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_is_nocase(*word, names[i]))
                return true;
    return false;
}

static void check_restrictions(struct check *check, const struct policy_service *service)
{
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS,    PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS,    PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS, PARAM_SMTPD_DATA_RESTRICTIONS,
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str list = check_value(check, service->service, lists[i]), word;
        struct span span = check_span(check, service->service, lists[i]);
        if (!find_login_restriction(list, &word) || check_is_reported(check, span))
            continue;
        check_reportf(check, span, "set it with -o for the services with logins",
                      "smtpd(8) warns in the log: the service \"%.*s\" has no logins, and ignores "
                      "%.*s",
                      STR_ARG(service->service->name), STR_ARG(word));
    }
}

static void check_logins(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        if (service->service == NULL)
            continue;
        if (policy_flag(service, PARAM_SMTPD_SASL_AUTH_ENABLE))
            check_tls(check, service);
        else
            check_restrictions(check, service);
    }
}

static const struct example examples[] = {
    {.title = "logins that require TLS, without TLS",
     .platform = "debian12",
     .main_cf = "smtpd_sasl_auth_enable = yes\n"
                "smtpd_tls_auth_only = yes\n"
                "smtpd_tls_security_level = none\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{1, "yes"}}},
    {.title = "a restriction about users where there are none",
     .platform = "debian12",
     .main_cf = "smtpd_sender_login_maps = inline:{ bob@example.com=bob }\n"
                "smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{2, "reject_authenticated_sender_login_mismatch"}}},
    {.title = "and where there are some",
     .platform = "debian12",
     .main_cf = "smtpd_sender_login_maps = inline:{ bob@example.com=bob }\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_auth_only = yes\n"
                "smtpd_sasl_auth_enable = yes\n"
                "smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_no_logins = {
    .name = "no-logins",
    .summary = "services that log nobody in, though something depends on logins",
    .why =
        "smtpd(8) offers AUTH before STARTTLS only without smtpd_tls_auth_only; where it offers no "
        "STARTTLS either, no one can log in.  Restrictions that compare the sender with the login "
        "name are ignored, with a warning in the log, where smtpd_sasl_auth_enable is no.",
    .source = "SASL_README; src/smtpd/smtpd_check.c, \"ignored: no SASL support\"",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_logins,
    RULE_EXAMPLES(examples),
};
