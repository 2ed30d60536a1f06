/* submission - does port 587, which is for the server's own users, require TLS? */
#include "rules/tls/tls.h"

bool tls_submission_is_open(const struct check *check, const struct service *service)
{
    if (service_port(service) != SUBMISSION_PORT || !service_runs(service, "smtpd") ||
        config_is_local(check->config, service) || tls_is_wrapped(check, service))
        return false;
    enum security_level level = tls_level(check->config, service, TLS_SMTPD);
    return level == TLS_NONE || level == TLS_MAY;
}

bool tls_submission_is_fixed(const struct check *check, const struct service *service)
{
    const struct master_override *o = service_override(service, PARAM_SMTPD_TLS_SECURITY_LEVEL);

    return tls_may_improve(check) && tls_submission_is_open(check, service) &&
           tls_certificate(check->config, service) == 1 && (o == NULL || tls_is_literal(o->value));
}

void tls_check_submission(struct check *check, const struct service *service)
{
    if (!tls_submission_is_open(check, service))
        return;
    const struct master_override *o = service_override(service, PARAM_SMTPD_TLS_SECURITY_LEVEL);
    bool certificate = tls_certificate(check->config, service) == 1;
    bool none = tls_level(check->config, service, TLS_SMTPD) == TLS_NONE;
    struct span span =
        line_span(&service->line, o != NULL && o->value.len > 0 ? o->value : service->name);
    struct finding *finding =
        check_reportf(check, span,
                      certificate ? "add -o smtpd_tls_security_level=encrypt to this service"
                                  : "set a certificate (smtpd_tls_chain_files), then add -o "
                                    "smtpd_tls_security_level=encrypt to this service",
                      "passwords and mail may be sent unencrypted: submission on port 587 %s",
                      none ? "does not use TLS" : "does not require TLS");

    if (!none && config_flag(check->config, service, PARAM_SMTPD_TLS_AUTH_ONLY) == 1)
        finding->severity = SEVERITY_ADVICE; /* the password at least is safe */
    if (tls_submission_is_fixed(check, service))
        tls_set_override(check, finding, service, PARAM_SMTPD_TLS_SECURITY_LEVEL, "encrypt");
}
