/* deferred_transport - defer_transports: mail that waits until somebody asks for it */
#include "rules/rule/rule.h"

static void check_deferred(struct check *check)
{
    struct str transports = check_value(check, NULL, PARAM_DEFER_TRANSPORTS);

    if (check_is_set(check, NULL, PARAM_DEFER_TRANSPORTS) && transports.len > 0)
        check_reportf(
            check, check_span(check, NULL, PARAM_DEFER_TRANSPORTS),
            "remove it, unless a script runs \"sendmail -q\" when the host is online",
            "mail for the transports \"%.*s\" waits in the queue until \"sendmail -q\" is "
            "run",
            STR_ARG(transports));
}

static const struct example examples[] = {
    {.title = "a host that is online at times",
     .platform = "debian12",
     .main_cf = "defer_transports = smtp\n",
     .findings = {{1, "smtp"}}},
    {.title = "nothing is deferred", .platform = "debian12", .main_cf = "defer_transports =\n"},
};

const struct rule rule_deferred_transport = {
    .name = "deferred-transport",
    .summary = "mail for a transport is not delivered until somebody asks for it",
    .why = "defer_transports is for hosts that are online at times: Postfix does not deliver by "
           "these transports, unless \"sendmail -q\" is run.  On a server it is easily forgotten "
           "after maintenance, and mail then waits until it is returned.",
    .source = "postconf(5), defer_transports; measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_deferred,
    RULE_EXAMPLES(examples),
};
