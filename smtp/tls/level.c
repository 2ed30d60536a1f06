/* level - how much TLS a program offers, and what it requires: see level.h */
#include "smtp/tls/level.h"

#include "smtp/tls/parts.h"

/* --- levels ----------------------------------------------------------------------------------- */

static const char *const level_names[] = {
    [TLS_UNDECIDED] = "",
    [TLS_NONE] = "none",
    [TLS_MAY] = "may",
    [TLS_ENCRYPT] = "encrypt",
    [TLS_FINGERPRINT] = "fingerprint",
    [TLS_HALF_DANE] = "half-dane",
    [TLS_DANE] = "dane",
    [TLS_DANE_ONLY] = "dane-only",
    [TLS_VERIFY] = "verify",
    [TLS_SECURE] = "secure",
};

const char *tls_level_name(enum security_level level)
{
    return level_names[level];
}

enum security_level tls_level_named(struct str name)
{
    for (int i = TLS_NONE; i <= TLS_SECURE; i++)
        if (str_is_nocase(name, level_names[i]))
            return (enum security_level)i;
    return TLS_UNDECIDED;
}

const struct tls_family tls_families[TLS_FAMILY_COUNT] = {
    [TLS_SMTPD] = {"smtpd", PARAM_SMTPD_TLS_SECURITY_LEVEL, PARAM_SMTPD_USE_TLS,
                   PARAM_SMTPD_ENFORCE_TLS, PARAM_NONE, true, 0},
    [TLS_POSTSCREEN] = {"postscreen", PARAM_POSTSCREEN_TLS_SECURITY_LEVEL, PARAM_POSTSCREEN_USE_TLS,
                        PARAM_POSTSCREEN_ENFORCE_TLS, PARAM_NONE, true, 0},
    [TLS_TLSPROXY] = {"tlsproxy", PARAM_TLSPROXY_TLS_SECURITY_LEVEL, PARAM_TLSPROXY_USE_TLS,
                      PARAM_TLSPROXY_ENFORCE_TLS, PARAM_NONE, true, 0},
    [TLS_SMTP] = {"smtp", PARAM_SMTP_TLS_SECURITY_LEVEL, PARAM_SMTP_USE_TLS, PARAM_SMTP_ENFORCE_TLS,
                  PARAM_SMTP_TLS_ENFORCE_PEERNAME, false, 1},
    [TLS_TLSPROXY_CLIENT] = {"tlsproxy", PARAM_TLSPROXY_CLIENT_SECURITY_LEVEL,
                             PARAM_TLSPROXY_CLIENT_USE_TLS, PARAM_TLSPROXY_CLIENT_ENFORCE_TLS,
                             PARAM_SMTP_TLS_ENFORCE_PEERNAME, false, 1},
    [TLS_LMTP] = {"lmtp", PARAM_LMTP_TLS_SECURITY_LEVEL, PARAM_LMTP_USE_TLS, PARAM_LMTP_ENFORCE_TLS,
                  PARAM_LMTP_TLS_ENFORCE_PEERNAME, false, 2},
};

enum parameter_number tls_level_parameter(const struct config *config,
                                          const struct tls_family *family)
{
    if (!platform_has(config->platform, facts_parameter_at(family->level)) &&
        family == &tls_families[TLS_TLSPROXY_CLIENT])
        return PARAM_TLSPROXY_CLIENT_LEVEL; /* its first name */
    return family->level;
}

/* resolve_old_names - the level that the older parameters select */
static enum security_level resolve_old_names(const struct config *config,
                                             const struct service *service,
                                             const struct tls_family *family)
{
    int enforce = config_flag(config, service, family->enforce);
    int use = config_flag(config, service, family->use);

    if (enforce < 0 || use < 0)
        return TLS_UNDECIDED;
    if (!enforce)
        return use ? TLS_MAY : TLS_NONE;
    int peername =
        family->peername != PARAM_NONE ? config_flag(config, service, family->peername) : 0;
    if (peername < 0)
        return TLS_UNDECIDED;
    return peername ? TLS_VERIFY : TLS_ENCRYPT;
}

/* resolve_level - by the value that holds, a default too */
static enum security_level resolve_level(const struct config *config, const struct service *service,
                                         const struct tls_family *family)
{
    int flags;
    struct str text =
        config_value(config, service, tls_level_parameter(config, family), &flags, NULL);

    if (text.at == NULL || (flags & (EXPAND_FAILED | EXPAND_HAS_UNDETERMINED)))
        return TLS_UNDECIDED;
    if (text.len == 0)
        return resolve_old_names(config, service, family);
    enum security_level level = tls_level_named(text);
    if (!family->server || level <= TLS_ENCRYPT)
        return level;
    /* servers have three levels: some stronger ones count as encrypt, others are fatal */
    return level == TLS_FINGERPRINT || level == TLS_VERIFY || level == TLS_SECURE ? TLS_ENCRYPT
                                                                                  : TLS_UNDECIDED;
}

enum security_level tls_level(const struct config *config, const struct service *service,
                              enum tls_family_number number)
{
    const struct tls_family *family = &tls_families[number];

    if (config->main_cf.source == NULL &&
        (service == NULL || service_override(service, tls_level_parameter(config, family)) == NULL))
        return TLS_UNDECIDED;
    return resolve_level(config, service, family);
}

enum security_level tls_level_of(const struct policy_service *service)
{
    if (policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE))
        return TLS_ENCRYPT;
    return resolve_level(service->policy->config, service->service, &tls_families[TLS_SMTPD]);
}

/* --- certificates ----------------------------------------------------------------------------- */

bool tls_asks_client(const struct policy_service *service)
{
    return policy_flag(service, PARAM_SMTPD_TLS_ASK_CCERT) ||
           (policy_flag(service, PARAM_SMTPD_TLS_REQ_CCERT) &&
            tls_level_of(service) == TLS_ENCRYPT);
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
    enum security_level level = tls_level_of(service);

    if (level == TLS_NONE || level == TLS_UNDECIDED)
        return false;
    return tls_names_certificate(service) ||
           (disables_certificate(service) && !tls_asks_client(service));
}
