/* login_mechanisms - security options that exclude the usual mechanisms of logins */
#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "smtp/address/match.h"

/* excludes_passwords - does a list of security options exclude PLAIN and LOGIN? */
static bool excludes_passwords(struct str options, struct str *option)
{
    static const char *const names[] = {"noplaintext", "mutual_auth", "forward_secrecy"};

    while (token_next_plain(&options, TOKEN_COMMAS, option))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_is(*option, names[i]))
                return true;
    return false;
}

/* choose_options - those of sessions with TLS, where it is offered: no others are weaker */
static enum parameter_number choose_options(const struct check *check,
                                            const struct service *service)
{
    struct str level = check_value(check, service, PARAM_SMTPD_TLS_SECURITY_LEVEL);
    bool has_tls = (level.len > 0 && !str_is_nocase(level, "none")) ||
                   config_flag(check->config, service, PARAM_SMTPD_USE_TLS) == 1 ||
                   config_flag(check->config, service, PARAM_SMTPD_TLS_WRAPPERMODE) == 1;

    return has_tls ? PARAM_SMTPD_SASL_TLS_SECURITY_OPTIONS : PARAM_SMTPD_SASL_SECURITY_OPTIONS;
}

/* find_span - where the options are written; the ones with TLS default to the others */
static struct span find_span(const struct check *check, const struct service *service,
                             enum parameter_number number)
{
    if (!check_is_set(check, service, number))
        number = PARAM_SMTPD_SASL_SECURITY_OPTIONS;
    return check_span(check, service, number);
}

/* check_filter - does smtpd_sasl_mechanism_filter leave out PLAIN and LOGIN? */
static void check_filter(struct check *check, const struct policy_service *service)
{
    struct str list = policy_str(service, PARAM_SMTPD_SASL_MECHANISM_FILTER);
    struct span span = check_span(check, service->service, PARAM_SMTPD_SASL_MECHANISM_FILTER);
    struct state state;
    struct world world;

    if (!policy_has(service, PARAM_SMTPD_SASL_MECHANISM_FILTER) ||
        !policy_flag(service, PARAM_SMTPD_SASL_AUTH_ENABLE) || list.at == NULL ||
        check_is_reported(check, span))
        return;
    world_init(&world, check->arena, NULL);
    state_init(&state, service, check->arena, &world);
    if (match_string(&state, list, str_of("PLAIN")) == MATCH_YES ||
        match_string(&state, list, str_of("LOGIN")) == MATCH_YES)
        return;
    check_reportf(check, span, "add plain and login to the list, or remove the setting",
                  "smtpd exits when a client connects, unless the SASL server has other mechanisms "
                  "than PLAIN and LOGIN: the filter leaves these out");
}

static void check_service(struct check *check, const struct service *service)
{
    enum parameter_number number = choose_options(check, service);
    struct str option;

    if (config_flag(check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) != 1 ||
        !excludes_passwords(check_value(check, service, number), &option))
        return;
    struct span span = find_span(check, service, number);
    if (check_is_reported(check, span))
        return;
    check_reportf(check, span,
                  "remove the option; smtpd_tls_auth_only = yes protects passwords with TLS",
                  "smtpd exits when a client connects, unless the SASL server has other mechanisms "
                  "than PLAIN and LOGIN: %.*s excludes these",
                  STR_ARG(option));
}

static void check_mechanisms(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtpd"))
            check_service(check, master_cf->services[i]);
    for (size_t i = 0; i < policy->count; i++)
        if (policy->services[i].service != NULL)
            check_filter(check, &policy->services[i]);
}

static const struct example examples[] = {
    {.title = "no plaintext passwords, not even with TLS",
     .platform = "debian12",
     .main_cf = "smtpd_sasl_security_options = noanonymous, noplaintext\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{1, "noanonymous, noplaintext"}}},
    {.title = "a filter that leaves out what the SASL server has",
     .platform = "debian12",
     .main_cf = "smtpd_sasl_mechanism_filter = gssapi\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{1, "gssapi"}}},
    {.title = "plaintext passwords only with TLS",
     .platform = "debian12",
     .main_cf = "smtpd_tls_security_level = may\n"
                "smtpd_sasl_auth_enable = yes\n"
                "smtpd_sasl_security_options = noanonymous, noplaintext\n"
                "smtpd_sasl_tls_security_options = noanonymous\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_login_mechanisms = {
    .name = "login-mechanisms",
    .summary = "security options that exclude the usual mechanisms of logins",
    .why = "Dovecot's and Cyrus SASL's usual mechanisms are PLAIN and LOGIN.  noplaintext, "
           "mutual_auth and forward_secrecy exclude them; if the SASL server has no others, smtpd "
           "exits with \"no SASL authentication mechanisms\" whenever a client connects.  "
           "Passwords are protected by TLS, which smtpd_tls_auth_only = yes requires.\n\n"
           "Which mechanisms the SASL server has is not in Postfix's files.",
    .source = "SASL_README; src/smtpd/smtpd_sasl_glue.c, smtpd_sasl_activate()",
    .severity = SEVERITY_WARNING,
    .check = check_mechanisms,
    RULE_EXAMPLES(examples),
};
