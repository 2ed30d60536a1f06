/* command_in_jail - pipe(8) and spawn(8) in the chroot jail */
#include "facts/programs.h"
#include "rules/rule/rule.h"

/* runs_command - is it a program that runs the command of its line, as a user? */
static bool runs_command(const struct service *service)
{
    const struct program *program = facts_program(service_process_name(service));

    return program != NULL && str_list_has(&program->attributes, (struct str)STR("argv"));
}

static void check_jail(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        struct str field = service->fields[MASTER_CHROOT];
        if (str_is(field, "y") && runs_command(service))
            check_reportf(check, line_span(&service->line, field),
                          "write n in the fifth column (chroot)",
                          "%.*s looks for its user and its command in the chroot jail, and exits "
                          "if they were not copied there",
                          STR_ARG(service_process_name(service)));
    }
}

static const struct example examples[] = {
    {.title = "a command in the jail",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "filter unix - n y - - pipe\n"
                  "  user=vmail argv=/usr/local/bin/filter\n",
     .findings = {{1, "y"}}},
    {.title = "a command outside of it, and Postfix's own programs",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "filter unix - n n - - pipe\n"
                  "  user=vmail argv=/usr/local/bin/filter\n"
                  "smtp unix - - y - - smtp\n"},
};

const struct rule rule_command_in_jail = {
    .name = "command-in-jail",
    .summary = "pipe(8) or spawn(8) in the chroot jail",
    .why = "With y in the chroot column, pipe(8) and spawn(8) look up the user in the password "
           "file of the jail, which it usually does not have: \"unknown username\".  The command "
           "is run in the jail as well.  In the stock master.cf, all of these services have n.",
    .source = "pipe(8), spawn(8); master(5), chroot; src/pipe/pipe.c, get_service_attr()",
    .severity = SEVERITY_WARNING,
    .check = check_jail,
    RULE_EXAMPLES(examples),
};
