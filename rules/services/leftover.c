/* leftover - settings for tests and moves that stay in force */
#include "parser/text/token.h"
#include "rules/rule/rule.h"

static void check_bounces(struct check *check, const struct service *service)
{
    struct span span = check_span(check, service, PARAM_SOFT_BOUNCE);

    if (config_flag(check->config, service, PARAM_SOFT_BOUNCE) != 1 ||
        check_is_reported(check, span))
        return;
    check_reportf(check, span, "set soft_bounce = no when the test is over",
                  "nothing is rejected and nothing bounces: smtpd(8) answers 4xx instead of 5xx, "
                  "and mail that cannot be delivered stays in the queue for days");
}

/* check_debugging - the level of details for some hosts, and for all */
static void check_debugging(struct check *check)
{
    struct str list = check_value(check, NULL, PARAM_DEBUG_PEER_LIST), item;
    bool others = false; /* than this machine, which the stock file has in a comment */

    while (token_next_plain(&list, TOKEN_COMMAS, &item))
        others |=
            !str_is(item, "localhost") && !str_starts(item, "127.") && !str_ends(item, "::1]");
    if (!others)
        return;
    check_reportf(check, check_span(check, NULL, PARAM_DEBUG_PEER_LIST),
                  "leave it empty when the problem is solved",
                  "smtp(8) and smtpd(8) log each command of the sessions with these hosts")
        ->severity = SEVERITY_ADVICE;
}

/* check_debugger - "-D" runs debugger_command, which waits for somebody at the terminal */
static void check_debugger(struct check *check, const struct service *service)
{
    for (size_t i = 0; i < service->argument_count; i++) {
        const struct master_argument *argument = &service->arguments[i];
        if (argument->option && !argument->is_value && str_is(argument->text, "-D"))
            check_reportf(check, line_span(&service->line, argument->place), "remove -D",
                          "the service \"%.*s\" starts debugger_command with each process",
                          STR_ARG(service->name));
    }
}

static void check_leftovers(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    check_bounces(check, NULL);
    check_debugging(check);
    for (size_t i = 0; i < master_cf->count; i++) {
        if (service_override(master_cf->services[i], PARAM_SOFT_BOUNCE) != NULL)
            check_bounces(check, master_cf->services[i]);
        check_debugger(check, master_cf->services[i]);
    }
}

static const struct example examples[] = {
    {.title = "a test that did not end",
     .platform = "debian12",
     .main_cf = "soft_bounce = yes\n"
                "debug_peer_list = 192.0.2.1\n",
     .master_cf = "smtp inet n - y - - smtpd -D\n"
                  "  -o soft_bounce=no\n",
     .findings = {{1, "yes"}, {2, "192.0.2.1"}, {1, "-D"}}},
    {.title = "a test that did",
     .platform = "debian12",
     .main_cf = "soft_bounce = no\n"
                "debug_peer_list = 127.0.0.1\n"
                "debug_peer_level = 3\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o debug_peer_level=-D\n"},
};

const struct rule rule_leftover = {
    .name = "leftover",
    .summary = "a setting for tests that is still in force",
    .why = "soft_bounce is for the first days of a new server: mail to users who do not exist, and "
           "from spammers, is tried again and again instead of being refused, and senders hear of "
           "a mistake only after days.  Details of sessions belong in no log for long.",
    .source = "postconf(5), soft_bounce, debug_peer_list; DEBUG_README",
    .severity = SEVERITY_WARNING,
    .check = check_leftovers,
    RULE_EXAMPLES(examples),
};
