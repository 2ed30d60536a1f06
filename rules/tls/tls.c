#include "rules/tls/tls.h"

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
