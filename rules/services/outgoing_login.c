/* outgoing_login - logins at other servers that do not happen, or cannot succeed */
#include "parser/text/token.h"
#include "rules/rule/rule.h"

static bool has_word(struct str list, const char *wanted)
{
    struct str word;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        if (str_is(word, wanted))
            return true;
    return false;
}

static void check_enabled(struct check *check)
{
    if (!check_is_set(check, NULL, PARAM_SMTP_SASL_PASSWORD_MAPS) ||
        check_value(check, NULL, PARAM_SMTP_SASL_PASSWORD_MAPS).len == 0)
        return;
    for (size_t i = 0; i < check->config->master_cf.count; i++) {
        const struct service *service = check->config->master_cf.services[i];
        if (service_runs(service, "smtp") &&
            config_flag(check->config, service, PARAM_SMTP_SASL_AUTH_ENABLE) != 0)
            return;
    }
    check_reportf(check, check_span(check, NULL, PARAM_SMTP_SASL_PASSWORD_MAPS),
                  "set smtp_sasl_auth_enable = yes, or remove this setting",
                  "smtp(8) never logs in with these passwords: smtp_sasl_auth_enable is no")
        ->severity =
        check_is_set(check, NULL, PARAM_SMTP_SASL_AUTH_ENABLE) ? SEVERITY_ADVICE : SEVERITY_WARNING;
}

/* choose_options - of sessions with TLS, where there may be such; they default to the others */
static enum parameter_number choose_options(const struct check *check,
                                            const struct service *service)
{
    struct str level = check_value(check, service, PARAM_SMTP_TLS_SECURITY_LEVEL);
    bool plain = (level.len == 0 || str_is(level, "none")) &&
                 config_flag(check->config, service, PARAM_SMTP_USE_TLS) != 1;

    return !plain && check_is_set(check, service, PARAM_SMTP_SASL_TLS_SECURITY_OPTIONS)
               ? PARAM_SMTP_SASL_TLS_SECURITY_OPTIONS
               : PARAM_SMTP_SASL_SECURITY_OPTIONS;
}

static void check_mechanisms(struct check *check, const struct service *service)
{
    enum parameter_number options = choose_options(check, service);
    bool written = check_is_set(check, service, options);
    struct span span = check_span(check, service, written ? options : PARAM_SMTP_SASL_AUTH_ENABLE);

    if (config_flag(check->config, service, PARAM_SMTP_SASL_AUTH_ENABLE) != 1 ||
        !has_word(check_value(check, service, options), "noplaintext") ||
        check_is_reported(check, span))
        return;
    check_reportf(check, span, "set smtp_sasl_security_options = noanonymous, and use TLS",
                  "smtp(8) cannot log in at servers that offer PLAIN and LOGIN only, as most do: "
                  "noplaintext%s excludes these",
                  written ? "" : ", which is in the default of smtp_sasl_security_options,");
}

static void check_logins(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    if (master_cf->count > 0)
        check_enabled(check);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtp"))
            check_mechanisms(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "passwords that are not used",
     .platform = "debian12",
     .main_cf = "smtp_sasl_password_maps = hash:/etc/postfix/passwords\n",
     .master_cf = "smtp unix - - y - - smtp\n",
     .findings = {{1, "hash:/etc/postfix/passwords"}}},
    {.title = "the default excludes PLAIN and LOGIN, with TLS too",
     .platform = "debian12",
     .main_cf = "smtp_sasl_password_maps = hash:/etc/postfix/passwords\n"
                "smtp_sasl_auth_enable = yes\n"
                "smtp_tls_security_level = encrypt\n",
     .master_cf = "smtp unix - - y - - smtp\n",
     .findings = {{2, "yes"}}},
    {.title = "passwords with TLS alone, and for one service",
     .platform = "debian12",
     .main_cf = "smtp_sasl_password_maps = hash:/etc/postfix/passwords\n"
                "smtp_sasl_security_options = noanonymous, noplaintext\n"
                "smtp_sasl_tls_security_options = noanonymous\n"
                "smtp_tls_security_level = may\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "isp unix - - y - - smtp\n"
                  "  -o smtp_sasl_auth_enable=yes\n"},
};

const struct rule rule_outgoing_login = {
    .name = "outgoing-login",
    .summary = "logins at other servers that do not happen, or cannot succeed",
    .why =
        "smtp(8) logs in only with smtp_sasl_auth_enable = yes, and by default with no mechanism "
        "that sends the password as it is: where the other server offers PLAIN and LOGIN only, "
        "the mail stays in the queue with \"SASL authentication failed; cannot authenticate to "
        "server: no mechanism available\".  Over TLS, PLAIN is as safe as the connection.",
    .source =
        "postconf(5), smtp_sasl_security_options, smtp_sasl_tls_security_options; SASL_README",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_logins,
    RULE_EXAMPLES(examples),
};
