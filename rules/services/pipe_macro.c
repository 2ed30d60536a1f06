/* pipe_macro - a macro in the command of pipe(8) that does not exist */
#include "rules/rule/rule.h"
#include "smtp/start/attributes.h"

static void check_macros(struct check *check)
{
    const struct config *config = check->config;

    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        const struct program *program = facts_program(service_process_name(service));
        if (program == NULL)
            continue;
        struct str macro = attributes_unknown_macro(check->arena, config, service, program);
        if (macro.at != NULL)
            check_reportf(check, line_span(&service->line, macro),
                          "write one of the macros in pipe(8), such as ${recipient}",
                          "\"%.*s\" is not a macro of %.*s: mail for the service \"%.*s\" stays in "
                          "the queue",
                          STR_ARG(macro), STR_ARG(program->name), STR_ARG(service->name));
    }
}

static const struct example examples[] = {
    {.title = "a misspelt macro",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "filter unix - n n - - pipe\n"
                  "  user=vmail argv=/bin/filter -f ${sender} -- ${recipent}\n",
     .findings = {{2, "${recipent}"}}},
    {.title = "the macros of pipe(8); $$ is a dollar sign",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "filter unix - n n - - pipe\n"
                  "  user=vmail argv=/bin/filter $sender $(nexthop) ${user}@$domain $$1\n"},
    {.title = "other programs have no macros",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "policy unix - n n - 0 spawn\n"
                  "  user=nobody argv=/bin/policy $nothing\n"},
};

const struct rule rule_pipe_macro = {
    .name = "pipe-macro",
    .summary = "a macro in the command of pipe(8) that does not exist",
    .why = "pipe(8) replaces ${sender}, ${recipient} and others in its command.  If it does not "
           "know a name, it logs \"unknown macro name\" and defers the mail with 4.3.5.",
    .source = "pipe(8), COMMAND ATTRIBUTE SYNTAX; src/pipe/pipe.c, parse_callback()",
    .severity = SEVERITY_ERROR,
    .check = check_macros,
    RULE_EXAMPLES(examples),
};
