/* command_in_jail - programs in the chroot jail that need what is outside of it */
#include "facts/programs.h"
#include "parser/text/token.h"
#include "rules/rule/rule.h"

/* check_users - smtpd(8) asks proxymap(8) for the users of the machine, unless it is told otherwise
 */
static void check_users(struct check *check, const struct service *service)
{
    struct str maps = check_value(check, service, PARAM_LOCAL_RECIPIENT_MAPS), word;
    struct span span = check_span(check, service, PARAM_LOCAL_RECIPIENT_MAPS);

    while (token_next(&maps, TOKEN_COMMAS, &word))
        if (str_is(word, "unix:passwd.byname") && !check_is_reported(check, span))
            check_reportf(
                check, span, "write proxy:unix:passwd.byname",
                "the service \"%.*s\" looks for users in the chroot jail, and answers 451 "
                "if their file was not copied there",
                STR_ARG(service->name));
}

static void check_jail(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        const struct program *program = facts_program(service_process_name(service));
        struct str field = service->fields[MASTER_CHROOT];
        if (program == NULL || !config_chroots(check->config, service))
            continue;
        if (str_is(program->name, "smtpd"))
            check_users(check, service);
        if (program->jail.len == 0)
            continue;
        check_reportf(check, line_span(&service->line, field),
                      "write n in the fifth column (chroot)",
                      "%.*s looks for %.*s in the chroot jail%s, and fails if they were not copied "
                      "there",
                      STR_ARG(program->name), STR_ARG(program->jail),
                      str_is(field, "-") ? ", which is what \"-\" means here" : "");
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
    {.title = "programs that deliver to users and mailboxes, or open files for others",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "local unix - n y - - local\n"
                  "virtual unix - n y - - virtual\n"
                  "proxymap unix - - y - - proxymap\n"
                  "cleanup unix n - y - 0 cleanup\n",
     .findings = {{1, "y"}, {2, "y"}, {3, "y"}}},
    {.title = "users, which smtpd(8) does not find in the jail, and those of proxymap(8)",
     .platform = "debian12",
     .main_cf = "local_recipient_maps = unix:passwd.byname $alias_maps\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o local_recipient_maps=proxy:unix:passwd.byname\n",
     .findings = {{1, "unix:passwd.byname $alias_maps"}}},
};

const struct rule rule_command_in_jail = {
    .name = "command-in-jail",
    .summary = "programs in the chroot jail that need what is outside of it",
    .why =
        "A service with y in the chroot column sees the queue directory as its whole file "
        "system.  Most programs open what they need before; but pipe(8) and spawn(8) look up "
        "their user in the password file of the jail (\"unknown username\") and run their command "
        "there, local(8) finds no users, virtual(8) and proxymap(8) find no tables, and "
        "postlogd(8) "
        "writes no log.  In the stock master.cf, all of these services have n.",
    .source =
        "pipe(8), spawn(8), local(8); master(5), chroot; src/pipe/pipe.c, get_service_attr(); "
        "measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_jail,
    RULE_EXAMPLES(examples),
};
