#include <stdio.h>

#include "cmd/command.h"
#include "rules/engine.h"

static const char help[] =
    "usage: postmend rules\n\nLists the rules; postmend explain RULE says more.\n";

static int rules(struct arena *arena, struct options *options)
{
    size_t count;
    const struct rule *const *list = rules_all(&count);

    (void)arena;
    (void)options;
    for (size_t i = 0; i < count; i++)
        printf("%-22s %-8s %s\n", list[i]->name, severity_name(list[i]->severity),
               list[i]->summary);
    return STATUS_GOOD;
}

const struct command command_rules = {
    .name = "rules", .summary = "list the rules", .help = help, .run = rules};
