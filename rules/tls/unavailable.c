/* unavailable - settings with which smtpd(8) cannot do TLS, though it is to offer it */
#include "parser/value/value.h"
#include "rules/tls/tls.h"
#include "smtp/tls/ciphers.h"
#include "smtp/tls/level.h"
#include "smtp/tls/tls.h"

/* is_said - by bad-value, which looks at the value alone */
static bool is_said(const struct check *check, const struct policy_service *service,
                    enum parameter_number number)
{
    static const enum parameter_number files[] = {
        PARAM_SMTPD_TLS_CERT_FILE,
        PARAM_SMTPD_TLS_KEY_FILE,
        PARAM_SMTPD_TLS_ECCERT_FILE,
        PARAM_SMTPD_TLS_ECKEY_FILE,
    };
    struct value_fault fault;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!value_valid(check->arena, check->config, facts_parameter_at(files[i]),
                         policy_str(service, files[i]), &fault))
            return true;
    return !value_valid(check->arena, check->config, facts_parameter_at(number),
                        policy_str(service, number), &fault);
}

/* find_span - of the parameter, or of the list of ciphers that its grade selects */
static struct span find_span(const struct check *check, const struct service *service,
                             enum parameter_number number)
{
    static const enum parameter_number lists[] = {PARAM_TLS_MEDIUM_CIPHERLIST,
                                                  PARAM_TLS_HIGH_CIPHERLIST};
    bool is_grade =
        number == PARAM_SMTPD_TLS_CIPHERS || number == PARAM_SMTPD_TLS_MANDATORY_CIPHERS;

    for (size_t i = 0; i < sizeof lists / sizeof *lists && is_grade; i++)
        if (!check_is_set(check, service, number) && check_is_set(check, service, lists[i]))
            return check_span(check, service, lists[i]);
    return check_span(check, service, number);
}

static void check_service(struct check *check, const struct policy_service *service)
{
    enum parameter_number cause;
    struct str error;

    if (!tls_offered(service) ||
        !tls_server_fails(check_ciphers(check), check->arena, service, &cause, &error) ||
        is_said(check, service, cause))
        return;
    bool wrapped = tls_is_wrapped(check, service->service);
    struct span span = find_span(check, service->service, cause);
    if (check_is_reported(check, span))
        return;
    check_reportf(check, span, "correct the setting or the file",
                  wrapped ? "smtpd(8) drops each connection to the service \"%.*s\": %.*s"
                          : "smtpd(8) cannot use TLS in the service \"%.*s\", and mail is sent "
                            "unencrypted or not at all: %.*s",
                  STR_ARG(service->service->name), STR_ARG(error));
}

/* check_grade - the grade null is of ciphers that do not encrypt */
static void check_grade(struct check *check, const struct policy_service *service)
{
    enum parameter_number number = tls_level_of(service) == TLS_ENCRYPT
                                       ? PARAM_SMTPD_TLS_MANDATORY_CIPHERS
                                       : PARAM_SMTPD_TLS_CIPHERS;
    struct span span = check_span(check, service->service, number);

    if (!tls_offered(service) || !str_is_nocase(policy_str(service, number), "null") ||
        check_is_reported(check, span))
        return;
    check_reportf(check, span, "use medium or high",
                  "ciphers that do not encrypt are all that the grade null has before TLS 1.3")
        ->severity = SEVERITY_WARNING;
}

static void check_tls(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < policy->count; i++) {
        if (policy->services[i].service == NULL)
            continue;
        check_service(check, &policy->services[i]);
        check_grade(check, &policy->services[i]);
    }
}

static const struct example examples[] = {
    {.title = "ciphers that OpenSSL does not have",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "tls_medium_cipherlist = NONSENSE\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{4, "NONSENSE"}}},
    {.title = "ciphers that do not encrypt",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_ciphers = null\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{4, "null"}}},
    {.title = "ciphers that it has",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "tls_medium_cipherlist = ECDHE-RSA-AES256-GCM-SHA384:HIGH:!aNULL\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_tls_unavailable = {
    .name = "tls-unavailable",
    .summary = "settings with which smtpd(8) cannot use TLS",
    .why =
        "smtpd(8) sets TLS up with the certificate, its key and the ciphers of the "
        "configuration.  If OpenSSL cannot use them, smtpd(8) logs a warning and answers STARTTLS "
        "with 454, or the handshake fails; in wrapper mode it drops each connection.\n\n"
        "Certificates outside the directory that was opened are not looked at.",
    .source = "TLS_README; src/tls/tls_server.c; src/tls/tls_certkey.c",
    .severity = SEVERITY_ERROR,
    .needs_main_cf = true,
    .check = check_tls,
    RULE_EXAMPLES(examples),
};
