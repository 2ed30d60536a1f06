#include "parser/postfix/names.h"
#include "rules/names/deprecation.h"

/* is_gone - a name of older releases that has no effect now */
static bool is_gone(const struct config *config, const struct written *written)
{
    const struct parameter *parameter = written->parameter;

    if (parameter == NULL)
        return false;
    if (parameter->deprecation != NULL)
        return deprecation_removed(config, parameter->deprecation) &&
               parameter->deprecation->kind != DEPRECATION_TLS_LEVEL;
    if (parameter->type == PARAMETER_LEGACY || parameter->last >= config->release->index ||
        parameter->first > parameter->last || parameter_legacy_in(parameter, config->release))
        return false;
    return config_name_class(config, written->service, written->name) == NAME_UNKNOWN;
}

static const struct release *find_last_release(const struct parameter *parameter)
{
    size_t count;
    const struct release *releases = facts_releases(&count);

    return &releases[parameter->last];
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    const struct config *config = check->config;

    (void)context;
    if (!is_gone(config, written))
        return;
    const struct deprecation *deprecation = written->parameter->deprecation;
    struct span span = line_span(written->line, written->name);
    struct finding *finding =
        deprecation != NULL
            ? check_report(check, span,
                           arena_printf(check->arena,
                                        "Postfix %.*s ignores %.*s, which has been removed",
                                        STR_ARG(config->release->series), STR_ARG(written->name)),
                           deprecation_advice(check->arena, deprecation))
            : check_reportf(check, span, "remove the setting",
                            "Postfix %.*s ignores %.*s, which was last supported in Postfix %.*s",
                            STR_ARG(config->release->series), STR_ARG(written->name),
                            STR_ARG(find_last_release(written->parameter)->series));
    if (!written_is_referred_to(config, written->name))
        deprecation_edit(check, finding, written, FATE_REMOVE, STR_NONE);
}

static void check_removed_parameter(struct check *check)
{
    written_each(check, check_setting, NULL);
    deprecation_check_restrictions(check, true);
}

static const struct example examples[] = {
    {.title = "a parameter of older releases",
     .platform = "rhel10",
     .main_cf = "tls_dane_digest_agility = on\n"
                "smtp_tls_security_level = dane\n",
     .findings = {{1, "tls_dane_digest_agility"}},
     .fixed_main_cf = "smtp_tls_security_level = dane\n"},
    {.title = "in a service, and set twice",
     .platform = "rhel10",
     .main_cf = "tls_dane_trust_anchor_digest_enable = no\n"
                "tls_dane_trust_anchor_digest_enable = yes\n",
     .master_cf = "smtp unix - - n - - smtp\n"
                  "  -o tls_dane_digest_agility=off\n",
     .findings = {{2, NULL}, {2, "tls_dane_digest_agility"}},
     .fixed_main_cf = "",
     .fixed_master_cf = "smtp unix - - n - - smtp\n"},
    {.title = "removed restrictions: no mail is accepted",
     .platform = "debian13",
     .main_cf = "relay_domains =\n"
                "smtpd_helo_restrictions = permit_naked_ip_address\n"
                "smtpd_recipient_restrictions = permit_mynetworks check_relay_domains\n",
     .findings = {{2, "permit_naked_ip_address"}, {3, "check_relay_domains"}},
     .fixed_main_cf = "relay_domains =\n"
                      "smtpd_helo_restrictions = permit_naked_ip_address\n"
                      "smtpd_recipient_restrictions = permit_mynetworks "
                      "reject_unauth_destination, permit\n"},
    {.title = "clients in relay_domains may relay: no other restriction does that",
     .platform = "debian13",
     .main_cf = "relay_domains = example.net\n"
                "smtpd_recipient_restrictions = permit_mynetworks, check_relay_domains\n",
     .findings = {{2, "check_relay_domains"}}},
    {.title = "block lists, in a restriction class and after warn_if_reject",
     .platform = "debian13",
     .main_cf = "smtpd_restriction_classes = strict\n"
                "maps_rbl_domains = rbl.example.com\n"
                "strict = warn_if_reject reject_maps_rbl, permit\n",
     .findings = {{3, "reject_maps_rbl"}},
     .fixed_main_cf = "smtpd_restriction_classes = strict\n"
                      "maps_rbl_domains = rbl.example.com\n"
                      "strict = warn_if_reject reject_rbl_client rbl.example.com, permit\n"},
    {.title = "no block list is named: the administrator has to decide",
     .platform = "debian13",
     .main_cf = "smtpd_client_restrictions = reject_maps_rbl\n",
     .findings = {{1, "reject_maps_rbl"}}},
    {.title = "the release still has the parameter",
     .platform = "postfix-3.3",
     .main_cf = "tls_dane_digest_agility = on\n"},
    {.title = "a removed name that is used as a user-defined name",
     .platform = "rhel10",
     .main_cf = "tls_dane_digest_agility = example.net\n"
                "relay_domains = $tls_dane_digest_agility\n"},
};

const struct rule rule_removed_parameter = {
    .name = "removed-parameter",
    .summary = "the release no longer has this parameter or restriction",
    .why = "A removed parameter is ignored, and nothing is logged; the fix removes the line, which "
           "does not change what Postfix does.  A removed restriction does more harm: smtpd(8) "
           "answers \"451 4.3.5 Server configuration error\" to every request that reaches it, and "
           "no mail is accepted.\n\n"
           "The fix replaces a restriction with an equivalent, if there is one.  reject_maps_rbl "
           "becomes one reject_rbl_client for each list in maps_rbl_domains.  check_relay_domains "
           "also allowed clients to relay whose name is in relay_domains; if that is empty, "
           "\"reject_unauth_destination, permit\" is equivalent; otherwise the administrator has "
           "to decide about those clients.  permit_naked_ip_address permitted every client that "
           "sent an address in HELO: nothing should replace it.",
    .source = "RELEASE_NOTES-3.9, \"incompatible change\"; src/smtpd/smtpd_check.c of 3.8 and 3.9",
    .severity = SEVERITY_WARNING,
    .check = check_removed_parameter,
    RULE_EXAMPLES(examples),
};
