#include <stdio.h>

#include "cmd/command.h"
#include "cmd/report/manual.h"
#include "rules/engine/engine.h"

static const char help[] = "usage: postmend rules [--manual]\n"
                           "\n"
                           "Lists the rules: name, usual severity, family, and what each is about; "
                           "\"postmend explain RULE\" describes one.  --manual prints the manual\n"
                           "page postmend-rules(7).\n";

static int print_manual(struct arena *arena)
{
    struct buffer out;

    buffer_init(&out, arena);
    manual_print(&out);
    print_to(stdout, buffer_str(&out));
    return STATUS_GOOD;
}

static int run_rules(struct arena *arena, struct options *options)
{
    size_t count;
    const struct rule *const *list = rules_all(&count);

    if (options->manual)
        return print_manual(arena);
    for (size_t i = 0; i < count; i++)
        printf("%-24s %-8s %-10s %s\n", list[i]->name, severity_name(list[i]->severity),
               rule_family(list[i]), list[i]->summary);
    return STATUS_GOOD;
}

const struct command command_rules = {
    .name = "rules",
    .summary = "list the rules",
    .help = help,
    .takes = TAKES_MANUAL,
    .run = run_rules,
};
