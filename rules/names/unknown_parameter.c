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

/* is_gone - is it deprecated, or did an older release have it?  Then the rules of those speak */
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

/* may_be_of_service - could a service that we can't see make this name? */
static bool may_be_of_service(const struct config *config, struct str name)
{
    size_t count;
    /* pipe has all suffixes that there are */
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

/* is_unseen - without main.cf nobody knows what it refers to */
static bool is_unseen(const struct config *config, const struct written *written)
{
    return written->service != NULL ? config->main_cf.source == NULL
                                    : may_be_of_service(config, written->name);
}

/* --- findings ------------------------------------------------------------------------------ */

/* what holds instead of the setting that nobody reads */
static struct str what_holds(const struct check *check, const struct written *written,
                             struct str meant)
{
    struct str value = check_value(check, written->service, arena_cstr(check->arena, meant));

    if (value.len == 0)
        return (struct str)STR("stays empty or at its default");
    return arena_printf(check->arena, "is still \"%.*s\"", STR_ARG(value));
}

static void report_misspelt(struct check *check, const struct written *written, struct str meant)
{
    const char *service =
        written->service != NULL ? arena_cstr(check->arena, written->service->name) : NULL;
    struct str advice = arena_printf(check->arena, "if %.*s is meant, write that", STR_ARG(meant));
    bool set = check_is_set(check, written->service, arena_cstr(check->arena, meant));
    bool open = is_guard(meant) && !set;
    struct finding *finding =
        check_reportf(check, line_span(written->line, written->name), advice.at,
                      "nothing reads \"%.*s\"%s: %.*s%s%s %.*s", STR_ARG(written->name),
                      open ? ", so this line protects nothing" : "", STR_ARG(meant),
                      service != NULL ? " of service " : "", service != NULL ? service : "",
                      STR_ARG(what_holds(check, written, meant)));

    if (open)
        finding->severity = SEVERITY_ERROR;
}

static void report_strange(struct check *check, const struct written *written)
{
    bool blind = written->service == NULL && check->config->master_cf.source == NULL;
    struct finding *finding = check_reportf(
        check, line_span(written->line, written->name),
        blind ? "look whether a service in master.cf refers to it, else remove it"
              : "correct the name, or remove the setting",
        blind ? "nothing in main.cf reads \"%.*s\", and there is no master.cf to look at"
              : "nothing reads \"%.*s\": it is no parameter of Postfix, and no value refers to it",
        STR_ARG(written->name));

    if (blind)
        finding->severity = SEVERITY_ADVICE;
}

static void report_unknown(struct check *check, const struct written *written)
{
    const struct config *config = check->config;
    const struct release *since = written_newer_release(config, written->name);

    if (is_gone(config, written->name) || is_unseen(config, written))
        return;
    if (since != NULL) {
        check_reportf(check, line_span(written->line, written->name),
                      "remove it, or wait for the newer Postfix",
                      "Postfix %.*s ignores %.*s: it came with Postfix %.*s",
                      STR_ARG(config->release->series), STR_ARG(written->name),
                      STR_ARG(since->series));
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
    {.title = "an s is missing, and with it the protection",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n"
                "smtpd_sender_restriction =\n"
                "    reject_unknown_sender_domain\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{2, "smtpd_sender_restriction"}}},
    {.title = "a misspelt override of one service",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_tls_security_levle=encrypt\n",
     .findings = {{2, "smtpd_tls_security_levle"}}},
    {.title = "names that users make up for restriction classes and $name are fine",
     .platform = "rhel10",
     .main_cf = "smtpd_restriction_classes = greylist\n"
                "greylist = check_policy_service inet:127.0.0.1:10023\n"
                "our_zones = example.com, example.net\n"
                "relay_domains = $our_zones\n"
                "submission_clients = permit_sasl_authenticated, reject\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_client_restrictions=$submission_clients\n"},
    {.title = "names made of services are fine",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2s\n"
                "spamd_time_limit = 3600s\n",
     .master_cf = "slow unix - - n - 1 smtp\n"
                  "spamd unix - n n - 10 spawn user=spamd argv=/usr/bin/spamc\n"},
    {.title = "a service's name is misspelt",
     .platform = "rhel10",
     .main_cf = "slwo_destination_rate_delay = 2s\n",
     .master_cf = "slow unix - - n - 1 smtp\n",
     .findings = {{1, "slwo_destination_rate_delay"}}},
    {.title = "main.cf alone: a name with a service's suffix may be right",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2s\n"},
    {.title = "settings of a table in the old style are read",
     .platform = "rhel10",
     .main_cf = "alias_maps = ldap:people\n"
                "people_server_host = ldap.example.com\n",
     .master_cf = "smtp inet n - n - - smtpd\n"},
    {.title = "a parameter of a newer release",
     .platform = "rhel9",
     .main_cf = "respectful_logging = yes\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{1, "respectful_logging"}}},
    {.title = "each name once, at the setting that holds",
     .platform = "rhel10",
     .main_cf = "my_limit = 1\n"
                "my_limit = 2\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{2, "my_limit"}}},
    {.title = "what Postfix sets itself",
     .platform = "rhel10",
     .main_cf = "process_id = 1\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .findings = {{1, "process_id"}}},
};

const struct rule rule_unknown_parameter = {
    .name = "unknown-parameter",
    .summary = "nothing reads this parameter",
    .why = "Postfix takes any name in main.cf and in -o, because users may make up names of their "
           "own and refer to them as $name.  A misspelt name is therefore no error: the setting is "
           "there, it looks right, and it does nothing.  Where it was to keep strangers out or to "
           "demand TLS, the door stays open, and no log says so.  postconf(1) warns \"unused "
           "parameter\" about exactly these names.\n\n"
           "Why is there no automatic fix?  The nearest name is a guess.  Putting it into force "
           "could reject mail, or open what another setting had closed.",
    .source = "postconf(1), \"unused parameter\"; src/postconf of the releases",
    .severity = SEVERITY_WARNING,
    .check = check_unknown_parameter,
    RULE_EXAMPLES(examples),
};
