/* smtpd_would_not_start - settings with which smtpd exits as soon as a client connects */
#include "rules/rule/rule.h"
#include "smtp/policy/restriction.h"

/* is_default - do both lists have their default? */
static bool is_default(const struct check *check, const struct service *service)
{
    return !check_is_set(check, service, PARAM_SMTPD_RELAY_RESTRICTIONS) &&
           !check_is_set(check, service, PARAM_SMTPD_RECIPIENT_RESTRICTIONS);
}

static void report_start(struct check *check, const struct policy_service *service, struct str why)
{
    const struct service *smtpd = service->service;
    enum parameter_number list = check_is_set(check, smtpd, PARAM_SMTPD_RELAY_RESTRICTIONS)
                                     ? PARAM_SMTPD_RELAY_RESTRICTIONS
                                     : PARAM_SMTPD_RECIPIENT_RESTRICTIONS;
    bool about_lists = str_search(why, "smtpd_relay_restrictions") < why.len;
    struct finding *finding = check_reportf(
        check, check_span(check, smtpd, list),
        about_lists ? "add reject_unauth_destination or defer_unauth_destination to "
                      "smtpd_relay_restrictions, before any \"permit\""
                    : "correct this value",
        "smtpd exits at each connection to the service \"%.*s\", before it sends a greeting: %.*s",
        STR_ARG(service->listener != NULL ? service->listener->name : str_of("smtpd")),
        STR_ARG(why));

    if (about_lists && smtpd != NULL && is_default(check, smtpd) &&
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
        /* an error in main.cf is the same for all services */
        if (why.len == 0 || (before.at != NULL && str_eq(why, before)))
            continue;
        before = why;
        report_start(check, &policy->services[i], why);
    }
}

static const char master_cf[] = "smtp inet n - n - - smtpd\n";

static const struct example examples[] = {
    {.title = "an old main.cf: without compatibility_level, the default does not reject strangers",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = master_cf,
     .findings = {{1, NULL}},
     .fixed_main_cf = "myhostname = mail.example.com\n"
                      "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                      "defer_unauth_destination\n"},
    {.title = "reject_unauth_destination after permit is never reached",
     .platform = "debian12",
     .main_cf = "smtpd_relay_restrictions = permit_mynetworks, permit, "
                "reject_unauth_destination\n",
     .master_cf = master_cf,
     .findings = {{1, NULL}}},
    {.title = "the recipient restrictions reject strangers",
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
    .summary = "smtpd exits at each connection",
    .why = "When smtpd starts, it requires that smtpd_relay_restrictions or "
           "smtpd_recipient_restrictions has a restriction that rejects strangers, and that can be "
           "reached.  If there is none, smtpd exits with a fatal error: the port is open, but "
           "clients receive no greeting, and only the log shows why.  Without compatibility_level "
           "in main.cf, smtpd_relay_restrictions has its old default, which is empty.",
    .source = "postconf(5), smtpd_relay_restrictions; measured with Postfix 3.7",
    .severity = SEVERITY_ERROR,
    .needs_main_cf = true,
    .check = check_start,
    RULE_EXAMPLES(examples),
};
