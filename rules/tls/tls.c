#include "rules/tls/tls.h"

#include "parser/text/token.h"
#include "parser/value/network.h"

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

static enum security_level find_level(struct str name)
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
    if (!parameter_in(facts_parameter_at(family->level), config->release) &&
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

enum security_level tls_level(const struct config *config, const struct service *service,
                              enum tls_family_number number)
{
    const struct tls_family *family = &tls_families[number];
    enum parameter_number level_number = tls_level_parameter(config, family);
    int flags;

    if (config->main_cf.source == NULL &&
        (service == NULL || service_override(service, level_number) == NULL))
        return TLS_UNDECIDED;
    struct str text = config_value(config, service, level_number, &flags, NULL);
    if (text.at == NULL || (flags & (EXPAND_FAILED | EXPAND_HAS_UNDETERMINED)))
        return TLS_UNDECIDED;
    enum security_level level =
        text.len > 0 ? find_level(text) : resolve_old_names(config, service, family);
    /* servers support three levels, and treat stronger ones as encrypt */
    return family->server && level > TLS_ENCRYPT ? TLS_ENCRYPT : level;
}

/* --- services --------------------------------------------------------------------------------- */

int tls_certificate(const struct config *config, const struct service *service)
{
    static const enum parameter_number files[] = {
        PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE,
        PARAM_SMTPD_TLS_DCERT_FILE};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (config_value(config, service, files[i], NULL, NULL).len > 0)
            return 1;
    return config->main_cf.source != NULL ? 0 : -1;
}

bool tls_is_wrapped(const struct check *check, const struct service *service)
{
    return config_flag(check->config, service, PARAM_SMTPD_TLS_WRAPPERMODE) == 1;
}

static bool is_on_loopback(struct str host)
{
    if (str_starts(host, "[") && str_ends(host, "]"))
        host = str_slice(host, 1, host.len - 1);
    return network_is_loopback(host) || str_is_nocase(host, "localhost") ||
           str_is_nocase(host, "loopback-only");
}

bool tls_loopback_only(const struct check *check, const struct service *service)
{
    struct str rest, word;
    bool any = false;

    if (service->host.len > 0)
        return is_on_loopback(service->host);
    rest = check_value(check, service, PARAM_INET_INTERFACES);
    while (token_next_plain(&rest, TOKEN_COMMAS, &word)) {
        if (!is_on_loopback(word))
            return false;
        any = true;
    }
    return any;
}

bool tls_is_reported(const struct check *check, struct span span)
{
    const struct finding_list *list = check->list;

    for (size_t i = 0; i < list->count; i++) {
        const struct finding *finding = &list->items[i];
        if (finding->rule == check->rule && finding->span.source == span.source &&
            finding->span.at == span.at && finding->span.len == span.len)
            return true;
    }
    return false;
}

/* --- fixes ------------------------------------------------------------------------------------ */

bool tls_may_improve(const struct check *check)
{
    return check->from == NULL;
}

bool tls_is_literal(struct str value)
{
    return value.len > 0 && !expand_needed(value);
}

bool tls_set_override(struct check *check, struct finding *finding, const struct service *service,
                      enum parameter_number number, const char *value)
{
    const struct master_override *o = service_override(service, number);

    if (o == NULL) {
        finding_add_override(
            check, finding, service,
            arena_printf(check->arena, "%.*s=%s", STR_ARG(parameter_name(number)), value));
        return true;
    }
    if (!tls_is_literal(o->value))
        return false;
    finding_edit(check, finding, line_span(&service->line, o->value), str_of(value));
    return true;
}

bool tls_set_main(struct check *check, struct finding *finding, enum parameter_number number,
                  const char *value)
{
    const struct main_cf *main_cf = &check->config->main_cf;

    if (main_cf->source == NULL)
        return false;
    const struct main_cf_entry *entry = config_entry(check->config, number);
    if (entry == NULL) {
        finding_append_main(
            check, finding,
            arena_printf(check->arena, "%.*s = %s", STR_ARG(parameter_name(number)), value));
        return true;
    }
    if (!tls_is_literal(entry->value))
        return false;
    finding_edit(check, finding, line_span(&entry->line, entry->value), str_of(value));
    return true;
}
