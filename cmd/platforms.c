#include <stdio.h>

#include "cmd/command.h"

static const char help[] =
    "usage: postmend platforms\n"
    "\n"
    "Lists the platforms and releases for --platform, --from and --to, with their Postfix\n"
    "version, default table type and CA bundle.  You can also name a YAML file of your own\n"
    "in the format of facts/platforms.yaml.\n";

static int run_platforms(struct arena *arena, struct options *options)
{
    size_t count;
    const struct platform *list = facts_platforms(&count);

    (void)options;
    printf("%-14s %-8s %-8s %s\n", "platform", "Postfix", "tables", "CA bundle");
    for (size_t i = 0; i < count; i++) {
        struct buffer names;
        buffer_init(&names, arena);
        for (size_t k = 0; k < list[i].aliases.count; k++)
            buffer_printf(&names, "%s%.*s", k == 0 ? "  also: " : " ",
                          STR_ARG(list[i].aliases.items[k]));
        printf("%-14.*s %-8.*s %-8.*s %.*s%.*s\n", STR_ARG(list[i].name), STR_ARG(list[i].postfix),
               STR_ARG(list[i].default_database_type), STR_ARG(list[i].ca_file),
               STR_ARG(buffer_str(&names)));
    }
    const struct release *releases = facts_releases(&count);
    printf("\nPostfix as released by its authors: postfix-%.*s to postfix-%.*s\n",
           STR_ARG(releases[0].series), STR_ARG(releases[count - 1].series));
    return STATUS_GOOD;
}

const struct command command_platforms = {.name = "platforms",
                                          .summary = "list the known platforms and releases",
                                          .help = help,
                                          .run = run_platforms};
