#include "parser/postfix/names.h"
#include "rules/names/deprecation.h"
#include "rules/names/nearest.h"
#include "rules/names/written.h"

/* --- what a name guards -------------------------------------------------------------------- */

/* is_guard - does the parameter decide who may do what, or what is encrypted? */
static bool is_guard(struct str name)
{
    static const char *const words[] = {"_restrictions",   "_tls_",         "_sasl_",
                                        "mynetworks",      "relay_domains", "mydestination",
                                        "inet_interfaces", "_access_list"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_search(name, words[i]) < name.len)
            return true;
    return false;
}

/* --- names of other releases --------------------------------------------------------------- */

/* is_gone - is it deprecated, or did an older release have it?  Other rules report those */
static bool is_gone(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);
    const struct deprecation *deprecation = facts_deprecation(name);

    if (deprecation != NULL && deprecation->kind != DEPRECATION_RESTRICTION &&
        (deprecation_applies(config, deprecation) || deprecation_removed(config, deprecation)))
        return true;
    return parameter != NULL && parameter->type != PARAMETER_LEGACY &&
           parameter->last < config->release->index;
}

/* --- one file without the other ------------------------------------------------------------ */

/* may_be_of_service - could this be a parameter of a service that is not known? */
static bool may_be_of_service(const struct config *config, struct str name)
{
    size_t count;
    /* pipe has every suffix that there is */
    const struct service_suffix *suffixes = facts_service_suffixes((struct str)STR("pipe"), &count);

    if (config->master_cf.source != NULL)
        return false;
    for (size_t i = 0; suffixes != NULL && i < count; i++)
        if (name.len > suffixes[i].suffix.len &&
            str_eq(str_slice(name, name.len - suffixes[i].suffix.len, name.len),
                   suffixes[i].suffix))
            return true;
    return false;
}

/* is_unseen - is the file missing that would show whether the setting is used? */
static bool is_unseen(const struct config *config, const struct written *written)
{
    return written->service != NULL ? config->main_cf.source == NULL
                                    : may_be_of_service(config, written->name);
}

/* --- findings ------------------------------------------------------------------------------ */

/* describe_effective - what is used instead of the setting that has no effect */
static struct str describe_effective(const struct check *check, const struct written *written,
                                     struct str meant)
{
    struct str value = check_value_named(check, written->service, meant);

    if (value.len == 0)
        return (struct str)STR("remains empty or at its default");
    return arena_printf(check->arena, "is still \"%.*s\"", STR_ARG(value));
}

static void report_misspelt(struct check *check, const struct written *written, struct str meant)
{
    const char *service =
        written->service != NULL ? arena_cstr(check->arena, written->service->name) : NULL;
    struct str advice =
        arena_printf(check->arena, "replace with %.*s, if that is intended", STR_ARG(meant));
    bool set = check_is_set_named(check, written->service, meant);
    bool open = is_guard(meant) && !set;
    struct finding *finding =
        check_reportf(check, line_span(written->line, written->name), advice.at,
                      "\"%.*s\" has no effect%s: %.*s%s%s %.*s", STR_ARG(written->name),
                      open ? ", so this line protects nothing" : "", STR_ARG(meant),
                      service != NULL ? " of service " : "", service != NULL ? service : "",
                      STR_ARG(describe_effective(check, written, meant)));

    if (open)
        finding->severity = SEVERITY_ERROR;
}

static void report_strange(struct check *check, const struct written *written)
{
    bool blind = written->service == NULL && check->config->master_cf.source == NULL;
    struct finding *finding = check_reportf(
        check, line_span(written->line, written->name),
        blind ? "check whether a service in master.cf refers to it; if not, remove it"
              : "correct the name, or remove the setting",
        blind ? "nothing in main.cf uses \"%.*s\", and there is no master.cf to search"
              : "\"%.*s\" has no effect: Postfix has no such parameter, and no value refers to it",
        STR_ARG(written->name));

    if (blind)
        finding->severity = SEVERITY_ADVICE;
}

static void report_unknown(struct check *check, const struct written *written)
{
    const struct config *config = check->config;
    struct str since = written_newer_version(config, written->name);

    if (is_gone(config, written->name) || is_unseen(config, written))
        return;
    if (since.at != NULL) {
        bool patch = str_starts(since, config->release->series.at);
        check_reportf(check, line_span(written->line, written->name),
                      "remove it, or keep it for the upgrade to that release",
                      "Postfix %.*s ignores %.*s, which was introduced in Postfix %.*s",
                      STR_ARG(patch ? config->platform->postfix : config->release->series),
                      STR_ARG(written->name), STR_ARG(since));
        return;
    }
    struct str meant = nearest_name(config, written->name);
    if (meant.at != NULL)
        report_misspelt(check, written, meant);
    else
        report_strange(check, written);
}

static void check_name(struct check *check, const struct written *written, void *context)
{
    (void)context;
    switch (config_name_class(check->config, written->service, written->name)) {
    case NAME_UNKNOWN:
        report_unknown(check, written);
        break;
    case NAME_READ_ONLY:
        check_reportf(check, line_span(written->line, written->name), "remove the setting",
                      "Postfix sets %.*s itself and ignores this setting", STR_ARG(written->name));
        break;
    default:
        break;
    }
}

static void check_unknown_parameter(struct check *check)
{
    written_each(check, check_name, NULL);
}

static const struct example examples[] = {
    {.title = "a missing s, and strangers are not rejected",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n"
                "smtpd_sender_restriction =\n"
                "    reject_unknown_sender_domain\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{2, "smtpd_sender_restriction"}}},
    {.title = "a misspelled override in one service",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_tls_security_levle=encrypt\n",
     .findings = {{2, "smtpd_tls_security_levle"}}},
    {.title = "user-defined names of restriction classes and in $name are used",
     .platform = "rhel10",
     .main_cf = "smtpd_restriction_classes = greylist\n"
                "greylist = check_policy_service inet:127.0.0.1:10023\n"
                "our_zones = example.com, example.net\n"
                "relay_domains = $our_zones\n"
                "submission_clients = permit_sasl_authenticated, reject\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_client_restrictions=$submission_clients\n"},
    {.title = "parameters that are named after a service are used",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2s\n"
                "spamd_time_limit = 3600s\n",
     .master_cf = "slow unix - - n - 1 smtp\n"
                  "spamd unix - n n - 10 spawn user=spamd argv=/usr/bin/spamc\n"},
    {.title = "the name of the service is misspelled",
     .platform = "rhel10",
     .main_cf = "slwo_destination_rate_delay = 2s\n",
     .master_cf = "slow unix - - n - 1 smtp\n",
     .findings = {{1, "slwo_destination_rate_delay"}}},
    {.title = "without master.cf, a name that ends like a service's parameter may be correct",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2s\n"},
    {.title = "settings of a table in main.cf, the old style, are used",
     .platform = "rhel10",
     .main_cf = "alias_maps = ldap:people\n"
                "people_server_host = ldap.example.com\n",
     .master_cf = "smtp inet n - n - - smtpd\n"},
    {.title = "a parameter of a newer release",
     .platform = "rhel9",
     .main_cf = "respectful_logging = yes\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{1, "respectful_logging"}}},
    {.title = "each name is reported once, at the setting that is used",
     .platform = "rhel10",
     .main_cf = "my_limit = 1\n"
                "my_limit = 2\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{2, "my_limit"}}},
    {.title = "a parameter that Postfix sets itself",
     .platform = "rhel10",
     .main_cf = "process_id = 1\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{1, "process_id"}}},
};

const struct rule rule_unknown_parameter = {
    .name = "unknown-parameter",
    .summary = "a parameter that has no effect",
    .why = "Postfix accepts any name in main.cf and in -o, because administrators may define names "
           "of their own and refer to them as $name.  A misspelled name is therefore not an error: "
           "the setting is there, it looks right, and it has no effect.  If it was meant to keep "
           "strangers out or to require TLS, the server remains open, and nothing in the log says "
           "so.  postconf(1) warns \"unused parameter\" about exactly these names.\n\n"
           "Why is there no automatic fix?  The nearest name is a guess.  Making it take effect "
           "could reject mail, or allow what another setting forbids.",
    .source = "postconf(1), \"unused parameter\"; src/postconf of the releases",
    .severity = SEVERITY_WARNING,
    .check = check_unknown_parameter,
    RULE_EXAMPLES(examples),
};
