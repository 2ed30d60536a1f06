#include <stdio.h>

#include "cmd/command.h"

static const char help[] =
    "usage: postmend show [-n|-d|-M|-P|-PP|-F] [-x] [--platform P] [--hostname NAME]\n"
    "                     [--interfaces ADDR,...] PATH [NAME...]\n"
    "\n"
    "Prints what postconf of that release prints about the files in PATH.\n"
    "  -n  the settings in main.cf        -M  the services in master.cf\n"
    "  -d  the defaults                   -P  their -o settings\n"
    "  -x  expand $name                   -F  their fields\n"
    "-PP (3.11) shows all parameters as each service has them.\n"
    "Without an option: the values of all parameters.  NAME is a parameter, or for -M, -P\n"
    "and -F a service such as smtp/inet, in which \"*\" matches anything.\n";

/* print_fatal_problem - is there a line that Postfix cannot read?  Then postconf prints nothing */
static bool print_fatal_problem(const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (!problem->unreadable)
            continue;
        struct position place = source_position(problem->span.source, problem->span.at);
        complain("show", "%.*s:%zu:%zu: %.*s: Postfix cannot read the file; %.*s",
                 STR_ARG(problem->span.source->path), place.line, place.column,
                 STR_ARG(problem->message), STR_ARG(problem->advice));
        return true;
    }
    return false;
}

static int run_show(struct arena *arena, struct options *options)
{
    struct config config;
    struct buffer out, complaints;

    if (options->operand_count == 0) {
        complain("show", "expected a configuration directory or file");
        return STATUS_WRONG_USE;
    }
    if (!command_open(&config, arena, options, options->operands[0], options->platform))
        return STATUS_WRONG_USE;
    bool reads_main = options->request.view != POSTCONF_DEFAULT;
    if ((reads_main && print_fatal_problem(&config.main_cf.problems)) ||
        print_fatal_problem(&config.master_cf.problems))
        return STATUS_WRONG_USE;
    config_read_as_postconf(&config);
    options->request.filters = options->operands + 1;
    options->request.filter_count = options->operand_count - 1;
    buffer_init(&out, arena);
    buffer_init(&complaints, arena);
    bool good = postconf_print(&config, &options->request, &out, &complaints);
    if (!print_exact("show", buffer_str(&out)))
        return STATUS_WRONG_USE;
    for (struct str rest = buffer_str(&complaints); rest.len > 0;) {
        size_t end = str_find(rest, '\n', 0);
        complain("show", "%.*s", STR_ARG(str_slice(rest, 0, end)));
        rest = str_slice(rest, end + 1, rest.len);
    }
    return good ? complaints.len > 0 ? STATUS_FINDINGS : STATUS_GOOD : STATUS_WRONG_USE;
}

const struct command command_show = {
    .name = "show",
    .summary = "print values as postconf of a release prints them",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_VIEW,
    .run = run_show,
};
