/* postmend - the sub-commands' table and the way to them */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"

static const struct command *const commands[] = {
    &command_lint,    &command_upgrade, &command_convert,   &command_livetest,
    &command_serve,   &command_probe,   &command_trace,     &command_show,
    &command_explain, &command_rules,   &command_platforms,
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char introduction[] =
    "postmend reads Postfix configuration, says what is wrong with it, moves it to another\n"
    "release or distribution, and proves with a live server that it answers as before.\n"
    "\n"
    "usage: postmend COMMAND [OPTION...] [PATH...]\n"
    "\n";

static void print_help(FILE *to)
{
    fputs(introduction, to);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\npostmend COMMAND --help says more.\n", to);
}

void out_of_memory(void)
{
    static const char message[] = "postmend: out of memory\n";

    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _exit(STATUS_WRONG_USE);
    _exit(STATUS_WRONG_USE);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct arena *arena = arena_create(out_of_memory);
    struct options options;
    int status = STATUS_WRONG_USE;

    if (options_read(&options, arena, argc, argv, command->takes)) {
        if (options.help) {
            fputs(command->help, stdout);
            status = STATUS_GOOD;
        } else {
            status = command->run(arena, &options);
        }
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain(command->name, "cannot write the result to standard output");
        status = STATUS_WRONG_USE;
    }
    arena_destroy(arena);
    return status;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return run(commands[i], argc - 1, argv + 1);
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return STATUS_GOOD;
    }
    if (name[0] == '\0')
        print_help(stderr);
    else
        complain("", "no command is called \"%s\"; postmend --help lists them", name);
    return STATUS_WRONG_USE;
}
