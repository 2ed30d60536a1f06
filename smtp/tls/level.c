/* level - how much TLS a service offers, and what it requires of clients */
#include "smtp/tls/parts.h"

enum tls_level tls_level_of(const struct policy_service *service)
{
    static const struct {
        const char *name;
        enum tls_level level;
    } levels[] = {
        {"none", TLS_LEVEL_NONE},
        {"may", TLS_LEVEL_MAY},
        {"encrypt", TLS_LEVEL_ENCRYPT},
        /* not levels of smtpd, which warns and uses "encrypt" */
        {"fingerprint", TLS_LEVEL_ENCRYPT},
        {"verify", TLS_LEVEL_ENCRYPT},
        {"secure", TLS_LEVEL_ENCRYPT},
    };
    struct str level = policy_str(service, PARAM_SMTPD_TLS_SECURITY_LEVEL);

    if (policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE))
        return TLS_LEVEL_ENCRYPT;
    if (level.len == 0) {
        if (policy_flag(service, PARAM_SMTPD_ENFORCE_TLS))
            return TLS_LEVEL_ENCRYPT;
        return policy_flag(service, PARAM_SMTPD_USE_TLS) ? TLS_LEVEL_MAY : TLS_LEVEL_NONE;
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (str_is_nocase(level, levels[i].name))
            return levels[i].level;
    return TLS_LEVEL_INVALID;
}

bool tls_asks_client(const struct policy_service *service)
{
    return policy_flag(service, PARAM_SMTPD_TLS_ASK_CCERT) ||
           (policy_flag(service, PARAM_SMTPD_TLS_REQ_CCERT) &&
            tls_level_of(service) == TLS_LEVEL_ENCRYPT);
}

static bool has_text(const struct policy_service *service, enum parameter_number name)
{
    return policy_str(service, name).len > 0;
}

/* disables_certificate - "smtpd_tls_cert_file = none": only anonymous ciphers are used */
static bool disables_certificate(const struct policy_service *service)
{
    return str_is_nocase(policy_str(service, PARAM_SMTPD_TLS_CERT_FILE), "none");
}

bool tls_names_certificate(const struct policy_service *service)
{
    return (has_text(service, PARAM_SMTPD_TLS_CERT_FILE) && !disables_certificate(service)) ||
           has_text(service, PARAM_SMTPD_TLS_ECCERT_FILE) ||
           has_text(service, PARAM_SMTPD_TLS_DCERT_FILE) ||
           has_text(service, PARAM_SMTPD_TLS_CHAIN_FILES);
}

bool tls_offered(const struct policy_service *service)
{
    enum tls_level level = tls_level_of(service);

    if (level == TLS_LEVEL_NONE || level == TLS_LEVEL_INVALID)
        return false;
    return tls_names_certificate(service) ||
           (disables_certificate(service) && !tls_asks_client(service));
}
