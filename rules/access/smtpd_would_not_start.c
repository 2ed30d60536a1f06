/* smtpd_would_not_start - settings with which smtpd ends as soon as a client connects */
#include "rules/rule/rule.h"
#include "smtp/policy/restriction.h"

/* says_nothing - does no file set one of the two lists? */
static bool says_nothing(const struct check *check, const struct service *service)
{
    return !check_is_set(check, service, PARAM_SMTPD_RELAY_RESTRICTIONS) &&
           !check_is_set(check, service, PARAM_SMTPD_RECIPIENT_RESTRICTIONS);
}

static void report(struct check *check, const struct policy_service *service, struct str why)
{
    const struct service *smtpd = service->service;
    enum parameter_number list = check_is_set(check, smtpd, PARAM_SMTPD_RELAY_RESTRICTIONS)
                                     ? PARAM_SMTPD_RELAY_RESTRICTIONS
                                     : PARAM_SMTPD_RECIPIENT_RESTRICTIONS;
    bool about_lists = str_search(why, "smtpd_relay_restrictions") < why.len;
    struct finding *finding = check_reportf(
        check, check_span(check, smtpd, list),
        about_lists ? "let smtpd_relay_restrictions end in reject_unauth_destination or "
                      "defer_unauth_destination"
                    : "correct this value",
        "%.*s: smtpd ends at each connection, and no client gets a greeting: %.*s",
        STR_ARG(service->listener != NULL ? service->listener->name : str_of("smtpd")),
        STR_ARG(why));

    if (about_lists && smtpd != NULL && says_nothing(check, smtpd) &&
        check->config->main_cf.source != NULL)
        finding_append_main(check, finding,
                            str_of("smtpd_relay_restrictions = permit_mynetworks, "
                                   "permit_sasl_authenticated, defer_unauth_destination"));
}

static void check_start(struct check *check)
{
    const struct policy *policy = check_policy(check);
    struct str before = STR_NONE;

    for (size_t i = 0; i < policy->count; i++) {
        struct str why = restriction_start_error(&policy->services[i]);
        /* what main.cf breaks is broken for all */
        if (why.len == 0 || (before.at != NULL && str_eq(why, before)))
            continue;
        before = why;
        report(check, &policy->services[i], why);
    }
}

static const char master_cf[] = "smtp inet n - n - - smtpd\n";

static const struct example examples[] = {
    {.title = "an old main.cf: without compatibility_level the default refuses nobody",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = master_cf,
     .findings = {{1, NULL}},
     .fixed_main_cf = "myhostname = mail.example.com\n"
                      "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                      "defer_unauth_destination\n"},
    {.title = "the refusal stands behind a permit, where it is never reached",
     .platform = "debian12",
     .main_cf = "smtpd_relay_restrictions = permit_mynetworks, permit, "
                "reject_unauth_destination\n",
     .master_cf = master_cf,
     .findings = {{1, NULL}}},
    {.title = "the recipient restrictions refuse",
     .platform = "debian12",
     .main_cf = "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n",
     .master_cf = master_cf},
    {.title = "the defaults of a newer compatibility level",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = master_cf},
};

const struct rule rule_smtpd_would_not_start = {
    .name = "smtpd-would-not-start",
    .summary = "smtpd needs a restriction that refuses to relay",
    .why =
        "smtpd looks at smtpd_relay_restrictions and smtpd_recipient_restrictions when it starts. "
        "Where neither has a restriction that refuses strangers, and that can be reached, it ends "
        "with a fatal error: the port is open, but no client gets a greeting, and the log is "
        "the only one to say why.  A main.cf without compatibility_level has the old, empty "
        "default.",
    .source = "postconf(5), smtpd_relay_restrictions; measured with Postfix 3.7",
    .severity = SEVERITY_ERROR,
    .check = check_start,
    RULE_EXAMPLES(examples),
};
