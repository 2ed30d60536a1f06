/* postmend - the table of the sub-commands, and main() */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/report/report.h"

extern const struct command command_lint, command_upgrade, command_convert, command_livetest,
    command_serve, command_probe, command_trace, command_show, command_explain, command_rules,
    command_platforms, command_recover_directory, command_route;

static const struct command *const commands[] = {
    &command_lint,
    &command_upgrade,
    &command_convert,
    &command_livetest,
    &command_serve,
    &command_probe,
    &command_trace,
    &command_route,
    &command_show,
    &command_explain,
    &command_rules,
    &command_platforms,
    &command_recover_directory,
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char introduction[] =
    "postmend checks Postfix configuration, moves it to another release or distribution or\n"
    "from Sendmail, and tests with a live SMTP server that it answers as before.\n"
    "\n"
    "usage: postmend COMMAND [OPTION...] [PATH...]\n"
    "\n";

static void print_help(FILE *to)
{
    fputs(introduction, to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n\"postmend COMMAND --help\" describes a command; \"postmend --version\" prints the\n"
          "version and the newest Postfix that it knows.\n",
          to);
}

/* print_version - the Makefile takes POSTMEND_VERSION from the first heading of CHANGELOG.md */
static void print_version(void)
{
    printf("postmend %s, knows Postfix up to %.*s\n", POSTMEND_VERSION,
           STR_ARG(facts_newest_release()->series));
}

static void print_command_help(const struct command *command)
{
    fputs(command->help, stdout);
    if (command->takes & TAKES_REPORT)
        report_print_formats(stdout);
}

/* finish_output - STATUS, unless standard output could not be written, as on a full disk; where
   files were written, it is not the status that says that nothing was */
static int finish_output(const char *name, int status, bool wrote)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    complain(name, "cannot write to standard output%s", wrote ? "; the files were written" : "");
    return wrote ? STATUS_FINDINGS : STATUS_WRONG_USE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct arena *arena = arena_create(out_of_memory);
    struct options options = {.wrote = false};
    int status = STATUS_WRONG_USE;

    if (options_read(&options, arena, argc, argv, command->takes)) {
        if (options.help) {
            print_command_help(command);
            status = STATUS_GOOD;
        } else {
            status = command->run(arena, &options);
        }
    }
    status = finish_output(command->name, status, options.wrote);
    arena_destroy(arena);
    return status;
}

static int run_program(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return run_command(commands[i], argc - 1, argv + 1);
    if (strcmp(name, "--version") == 0) {
        print_version();
        return finish_output("", STATUS_GOOD, false);
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return finish_output("", STATUS_GOOD, false);
    }
    if (name[0] == '\0')
        print_help(stderr);
    else
        complain("", "unknown command \"%s\"; \"postmend --help\" lists the commands", name);
    return STATUS_WRONG_USE;
}

int main(int argc, char **argv)
{
    struct outlets outlets;

    outlets_open(&outlets);
    int status = run_program(argc, argv);
    outlets_close(&outlets);
    return status;
}
