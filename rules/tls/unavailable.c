/* unavailable - settings with which smtpd(8) cannot do TLS, though it is to offer it */
#include "parser/value/value.h"
#include "rules/tls/tls.h"
#include "smtp/tls/parts.h"

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

/* names_file - does the parameter name a file that can be read here? */
static bool names_file(const struct policy_service *service, enum parameter_number number)
{
    struct str file = policy_str(service, number), why;

    return file.len > 0 && tls_path(service, file, &why).at != NULL;
}

/* what OpenSSL may refuse */
static const enum parameter_number judged_texts[] = {
    PARAM_SMTPD_TLS_FINGERPRINT_DIGEST,
    PARAM_SMTPD_TLS_EXCLUDE_CIPHERS,
    PARAM_SMTPD_TLS_MANDATORY_EXCLUDE_CIPHERS,
    PARAM_TLS_EXPORT_CIPHERLIST,
    PARAM_TLS_LOW_CIPHERLIST,
    PARAM_TLS_MEDIUM_CIPHERLIST,
    PARAM_TLS_HIGH_CIPHERLIST,
    PARAM_TLS_NULL_CIPHERLIST,
    PARAM_SMTPD_TLS_CIPHERS,
    PARAM_SMTPD_TLS_MANDATORY_CIPHERS,
};
static const enum parameter_number judged_files[] = {
    PARAM_SMTPD_TLS_CAFILE,   PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_CERT_FILE,
    PARAM_SMTPD_TLS_KEY_FILE, PARAM_SMTPD_TLS_ECCERT_FILE, PARAM_SMTPD_TLS_ECKEY_FILE,
};

enum {
    TEXT_COUNT = sizeof judged_texts / sizeof *judged_texts,
    GRADES = 2, /* of ciphers, at the end: their words are known */
    FILE_COUNT = sizeof judged_files / sizeof *judged_files,
};

/* is_doubtful - is there anything to ask OpenSSL about?  That takes longer than all other rules */
static bool is_doubtful(const struct check *check, const struct policy_service *service)
{
    for (size_t i = 0; i < TEXT_COUNT - GRADES; i++)
        if (check_is_set(check, service->service, judged_texts[i]))
            return true;
    for (size_t i = 0; i < FILE_COUNT; i++)
        if (names_file(service, judged_files[i]))
            return true;
    return false;
}

/* is_alike - would OpenSSL say the same of both? */
static bool is_alike(const struct policy_service *a, const struct policy_service *b)
{
    bool alike = tls_level_of(a) == tls_level_of(b);

    for (size_t i = 0; i < TEXT_COUNT && alike; i++)
        alike = str_eq(policy_str(a, judged_texts[i]), policy_str(b, judged_texts[i]));
    for (size_t i = 0; i < FILE_COUNT && alike; i++)
        alike = str_eq(policy_str(a, judged_files[i]), policy_str(b, judged_files[i]));
    return alike;
}

/* is_known - was it said of a service before it, at the same place? */
static bool is_known(const struct policy *policy, const struct policy_service *service)
{
    for (const struct policy_service *earlier = policy->services; earlier < service; earlier++)
        if (earlier->service != NULL && tls_offered(earlier) && is_alike(earlier, service))
            return true;
    return false;
}

static void check_service(struct check *check, const struct policy_service *service)
{
    enum parameter_number cause;
    struct str error;

    if (!tls_offered(service) || !is_doubtful(check, service) ||
        is_known(service->policy, service) ||
        !tls_server_fails(check->arena, service, &cause, &error) || is_said(check, service, cause))
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
