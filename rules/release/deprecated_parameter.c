#include "rules/names/deprecation.h"

/* --- parameters ---------------------------------------------------------------------------- */

/* is_lost - does the new name's default not use the old name's value? */
static bool is_lost(const struct check *check, const struct written *written, struct str new_name)
{
    int flags;
    struct str takes = config_value_named(check->config, written->service, new_name, &flags, NULL);

    return !check_is_set_named(check, written->service, new_name) && flags == 0 && takes.len == 0 &&
           written->value.len > 0;
}

static void check_rename(struct check *check, struct finding *finding,
                         const struct written *written, const struct deprecation *deprecation)
{
    enum deprecation_fate fate = deprecation_rename_fate(check, written, deprecation);

    if (fate == FATE_NONE && is_lost(check, written, deprecation->target)) {
        finding->message = arena_printf(check->arena,
                                        "%.*s becomes empty: Postfix only checks whether the old "
                                        "name is set, and does not use its value",
                                        STR_ARG(deprecation->target));
        finding->advice = arena_printf(
            check->arena, "set %.*s to this value, or to an empty value if that is intended",
            STR_ARG(deprecation->target));
    }
    deprecation_edit(check, finding, written, fate, deprecation->target);
    if (fate == FATE_RENAME) {
        finding->advice =
            arena_printf(check->arena, "rename it to %.*s", STR_ARG(deprecation->target));
    } else if (fate == FATE_REMOVE) {
        finding->message =
            arena_printf(check->arena, "the old name %.*s has no effect here: Postfix uses %.*s",
                         STR_ARG(written->name), STR_ARG(deprecation->target));
        finding->advice = (struct str)STR("remove it");
    }
}

/* is_default - would the parameter have the same value without the setting? */
static bool is_default(const struct check *check, const struct written *written)
{
    const struct config *config = check->config;
    struct setting without = config_default_named(config, written->name);
    struct str value = config_expand(config, written->service, written->value, NULL, NULL);

    return without.value.at != NULL &&
           str_eq_nocase(value, config_expand(config, NULL, without.value, NULL, NULL));
}

/*
 * check_drop - a setting that nothing replaces.  It is kept if it still has an effect: a switch
 * that is not at its default, or a parameter that the release does not warn about.
 */
static void check_drop(struct check *check, struct finding *finding, const struct written *written,
                       const struct deprecation *deprecation)
{
    const struct parameter *parameter = written->parameter;
    bool is_switch = parameter != NULL &&
                     (parameter->type == PARAMETER_BOOL || parameter->type == PARAMETER_NBOOL);
    bool warns = deprecation->warns_since <= check->config->release->index;
    bool alone =
        written->service == NULL || main_cf_get(&check->config->main_cf, written->name) == NULL;

    if (written_is_referred_to(check->config, written->name) || !alone)
        return;
    if (is_default(check, written) || (warns && !is_switch))
        deprecation_edit(check, finding, written, FATE_REMOVE, STR_NONE);
}

static struct str describe_deprecation(const struct check *check,
                                       const struct deprecation *deprecation)
{
    if (deprecation->kind == DEPRECATION_DROP)
        return arena_printf(check->arena, "support for parameter %.*s will be removed",
                            STR_ARG(deprecation->name));
    return arena_printf(check->arena,
                        "support for parameter %.*s will be removed; %.*s replaces it",
                        STR_ARG(deprecation->name), STR_ARG(deprecation->target));
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    const struct deprecation *deprecation =
        written->parameter != NULL ? written->parameter->deprecation : NULL;

    (void)context;
    if (deprecation == NULL || deprecation->kind == DEPRECATION_TLS_LEVEL ||
        !deprecation_applies(check->config, deprecation) ||
        deprecation_removed(check->config, deprecation))
        return;
    struct finding *finding = check_report(check, line_span(written->line, written->name),
                                           describe_deprecation(check, deprecation),
                                           deprecation_advice(check->arena, deprecation));
    if (deprecation->warns_since > check->config->release->index)
        finding->severity = SEVERITY_ADVICE;
    if (deprecation->kind == DEPRECATION_RENAME)
        check_rename(check, finding, written, deprecation);
    else if (deprecation->kind == DEPRECATION_DROP)
        check_drop(check, finding, written, deprecation);
    else if (deprecation->kind == DEPRECATION_DNS_LEVEL)
        deprecation_dns_level(check, finding, written);
}

static void check_deprecated_parameter(struct check *check)
{
    written_each(check, check_setting, NULL);
    deprecation_check_restrictions(check, false);
}

static const struct example examples[] = {
    {.title = "old names, in main.cf and in a service",
     .platform = "postfix-3.11",
     .main_cf = "virtual_maps = hash:/etc/postfix/virtual,\n"
                "    hash:/etc/postfix/lists\n"
                "authorized_verp_clients=$mynetworks\n",
     .master_cf = "relay unix - - n - - smtp\n"
                  "    -o fallback_relay=\n",
     .findings = {{1, "virtual_maps"}, {3, "authorized_verp_clients"}, {2, "fallback_relay"}},
     .fixed_main_cf = "virtual_alias_maps = hash:/etc/postfix/virtual,\n"
                      "    hash:/etc/postfix/lists\n"
                      "smtpd_authorized_verp_clients=$mynetworks\n",
     .fixed_master_cf = "relay unix - - n - - smtp\n"
                        "    -o smtp_fallback_relay=\n"},
    {.title = "the new name is set too, and is used",
     .platform = "rhel10",
     .main_cf = "fallback_relay = old.example.com\n"
                "smtp_fallback_relay = new.example.com\n"
                "virtual_maps = hash:/etc/postfix/virtual\n"
                "virtual_alias_maps = hash:/etc/postfix/aliases\n",
     .findings = {{1, "fallback_relay"}, {3, "virtual_maps"}},
     .fixed_main_cf = "smtp_fallback_relay = new.example.com\n"
                      "#virtual_maps = hash:/etc/postfix/virtual\n"
                      "virtual_alias_maps = hash:/etc/postfix/aliases\n"},
    {.title = "references to the old name are renamed too",
     .platform = "rhel10",
     .main_cf = "postscreen_whitelist_interfaces = static:all\n"
                "our_exceptions = ${postscreen_whitelist_interfaces}\n"
                "smtpd_sasl_exceptions_networks = $our_exceptions\n",
     .findings = {{1, "postscreen_whitelist_interfaces"}},
     .fixed_main_cf = "postscreen_allowlist_interfaces = static:all\n"
                      "our_exceptions = ${postscreen_allowlist_interfaces}\n"
                      "smtpd_sasl_exceptions_networks = $our_exceptions\n"},
    {.title = "the new value refers to the old one: only the administrator can merge them",
     .platform = "rhel10",
     .main_cf = "virtual_maps = hash:/etc/postfix/virtual\n"
                "virtual_alias_maps = $virtual_maps, hash:/etc/postfix/more\n",
     .findings = {{1, "virtual_maps"}}},
    {.title = "an old name that has an effect only if it is not empty; set twice, with CR LF",
     .platform = "postfix-3.11",
     .main_cf = "smtpd_client_connection_limit_exceptions =\r\n"
                "fallback_relay = a.example.com\r\n"
                "fallback_relay = b.example.com\r\n",
     .findings = {{1, NULL}, {3, "fallback_relay"}},
     .fixed_main_cf = "smtp_fallback_relay = a.example.com\r\n"
                      "smtp_fallback_relay = b.example.com\r\n"},
    {.title = "an old name whose value Postfix does not use",
     .platform = "postfix-3.11",
     .main_cf = "smtpd_client_connection_limit_exceptions = 192.0.2.0/24\n",
     .findings = {{1, "smtpd_client_connection_limit_exceptions"}}},
    {.title = "mail without DNS",
     .platform = "postfix-3.11",
     .main_cf = "disable_dns_lookups = yes\n"
                "relayhost = [192.0.2.1]\n",
     .master_cf = "smtp-amavis unix - - n - 2 lmtp\n"
                  "  -o disable_dns_lookups=yes\n"
                  "  -o max_use=20\n"
                  "out unix - - n - - smtp -o disable_dns_lookups=no\n"
                  "127.0.0.1:10025 inet n - n - - smtpd\n"
                  "  -o disable_dns_lookups=yes\n",
     .findings = {{1, NULL}, {2, NULL}, {4, NULL}, {6, NULL}},
     .fixed_main_cf = "smtp_dns_support_level = disabled\n"
                      "lmtp_dns_support_level = disabled\n"
                      "relayhost = [192.0.2.1]\n",
     .fixed_master_cf = "smtp-amavis unix - - n - 2 lmtp\n"
                        "  -o lmtp_dns_support_level=disabled\n"
                        "  -o max_use=20\n"
                        "out unix - - n - - smtp -o smtp_dns_support_level=enabled\n"
                        "127.0.0.1:10025 inet n - n - - smtpd\n"},
    {.title = "the site's own Diffie-Hellman parameters, with a release that warns about them",
     .platform = "debian13",
     .main_cf = "smtpd_tls_dh1024_param_file =\n"
                "    ${config_directory}/dh2048.pem\n"
                "# grade\n"
                "smtpd_tls_eecdh_grade = auto\n",
     .findings = {{1, NULL}, {4, NULL}},
     .fixed_main_cf = "#smtpd_tls_dh1024_param_file =\n"
                      "#    ${config_directory}/dh2048.pem\n"
                      "# grade\n"},
    {.title = "a setting that still has an effect is kept",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_dh1024_param_file = /etc/postfix/dh2048.pem\n"
                "smtp_cname_overrides_servername = yes\n",
     .findings = {{1, NULL}, {2, NULL}}},
    {.title = "a policy table has another format",
     .platform = "debian13",
     .main_cf = "smtp_tls_per_site = hash:/etc/postfix/tls_sites\n",
     .findings = {{1, "smtp_tls_per_site"}}},
    {.title = "restrictions that will be removed",
     .platform = "rhel10",
     .main_cf = "maps_rbl_domains = rbl.example.com, dnsbl.example.net\n"
                "smtpd_recipient_restrictions = permit_mynetworks,\n"
                "    reject_unauth_destination, Permit_MX_Backup,\n"
                "    reject_maps_rbl, permit\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "  -o smtpd_client_restrictions=reject_maps_rbl,permit\n",
     .findings = {{3, "Permit_MX_Backup"}, {4, "reject_maps_rbl"}, {2, "reject_maps_rbl"}},
     .fixed_main_cf = "maps_rbl_domains = rbl.example.com, dnsbl.example.net\n"
                      "smtpd_recipient_restrictions = permit_mynetworks,\n"
                      "    reject_unauth_destination, Permit_MX_Backup,\n"
                      "    reject_rbl_client rbl.example.com, reject_rbl_client "
                      "dnsbl.example.net, permit\n",
     .fixed_master_cf = "smtp inet n - n - - smtpd\n"
                        "  -o smtpd_client_restrictions=reject_rbl_client,rbl.example.com,"
                        "reject_rbl_client,dnsbl.example.net,permit\n"},
    {.title = "an older release does not have the new names",
     .platform = "rhel9",
     .main_cf = "postscreen_blacklist_action = enforce\n"
                "postscreen_whitelist_interfaces = static:all\n"},
    {.title = "the new names",
     .platform = "postfix-3.11",
     .main_cf = "smtp_fallback_relay = [192.0.2.1]\n"
                "postscreen_denylist_action = enforce\n"
                "smtp_dns_support_level = dnssec\n"},
};

const struct rule rule_deprecated_parameter = {
    .name = "deprecated-parameter",
    .summary = "support for a parameter or a restriction will be removed",
    .why =
        "Postfix supports an old name for many years; when it is finally removed, the setting has "
        "no effect, and nothing in the log says so.  postconf(1) of newer releases warns about old "
        "names.  They can be replaced now, because the new names have existed for a long time.\n\n"
        "Does the fix change what Postfix does?  No: a parameter is renamed only if the new name "
        "then has the same value; references to the old name are renamed too.  If both names are "
        "set, Postfix uses the new one, and the old line is removed (or commented out, if it names "
        "a table).  disable_dns_lookups applies to the SMTP and the LMTP client: each gets its own "
        "level.\n\n"
        "smtpd_client_connection_limit_exceptions is special: if it is set, the default of "
        "smtpd_client_event_limit_exceptions becomes empty, so that no client is exempt, whatever "
        "the value is (measured with Postfix 3.10); renaming it would exempt clients.  The tables "
        "of *_tls_per_site have another format on the right-hand side, and permit_mx_backup has to "
        "be replaced with a list of domains: change these by hand.",
    .source = "DEPRECATION_README of Postfix 3.11; postconf(5); src/smtpd/smtpd_check.c",
    .severity = SEVERITY_WARNING,
    .check = check_deprecated_parameter,
    RULE_EXAMPLES(examples),
};
