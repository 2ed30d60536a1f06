/* service_would_not_start - a line of master.cf with which its program exits when it starts */
#include "rules/rule/rule.h"
#include "smtp/policy/start.h"

static void check_start(struct check *check)
{
    const struct policy *policy = check_policy(check);
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        const struct start_fault *fault = start_fault_of(policy, service);
        /* values are the subject of bad-value, restrictions that of smtpd-would-not-start */
        if (fault == NULL || fault->cause != CAUSE_LINE)
            continue;
        check_reportf(check, fault->span, fault->advice.at,
                      "the service \"%.*s\" will not start: %.*s", STR_ARG(service->name),
                      STR_ARG(fault->why));
    }
}

static const struct example examples[] = {
    {.title = "a space after a comma makes one more argument",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_relay_restrictions=permit_sasl_authenticated, reject\n",
     .findings = {{2, "reject"}}},
    {.title = "a setting in braces may have spaces; a lost dash makes an argument",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o { smtpd_helo_required = yes }\n"
                  "  o smtpd_client_port_logging=yes\n",
     .findings = {{3, "o"}}},
    {.title = "a program that Postfix does not have",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpdd\n",
     .findings = {{1, "smtpdd"}}},
    {.title = "process limits and privileges that a program requires",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "qmgr unix n - n 300 - qmgr\n"
                  "cleanup unix n - y - 10 cleanup\n"
                  "local unix - y n - - local\n"
                  "tlsmgr unix - - y 1000? 1 tlsmgr\n",
     .findings = {{1, "-"}, {2, "10"}, {3, "y"}}},
    {.title = "arguments of the programs that take them",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "procmail unix - n n - - pipe\n"
                  "  flags=R user=nobody argv=/usr/bin/procmail -t\n"},
};

const struct rule rule_service_would_not_start = {
    .name = "service-would-not-start",
    .summary = "a line of master.cf with which its program exits",
    .why = "master(8) starts a program when it is needed, with the arguments of its line in "
           "master.cf.  Most programs take options only: a space in the value of -o makes a "
           "second argument of what follows, and the program exits.  Some require a process limit "
           "(qmgr, tlsmgr and others exactly 1, cleanup and bounce 0, which is no limit) or root "
           "privileges.  The socket stays open: clients connect and wait for a greeting that "
           "never comes, and mail stays in the queue; only the log says why.",
    .source = "master(5); src/master/single_server.c and its kin; facts/programs.yaml",
    .severity = SEVERITY_ERROR,
    .check = check_start,
    RULE_EXAMPLES(examples),
};
