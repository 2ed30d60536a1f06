/*
 * convert - turns Sendmail's files into Postfix files many times in one process, for the bench
 *
 *     convert N FILE...
 *
 * Each FILE is read, converted for rhel10 and written into memory N times: main.cf, master.cf, the
 * tables, CONVERSION.md and runbook.sh, all but the live test, which asks the policy and not the
 * source.  Prints how many bytes were made.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/report/conversion.h"
#include "cmd/report/runbook.h"
#include "rules/sendmail/module.h"
#include "rules/sendmail/write.h"

static void give_up(void)
{
    fputs("convert: out of memory\n", stderr);
    exit(2);
}

/* one - how many bytes the file becomes; 0 after it said why none */
static size_t one(struct arena *arena, const struct platform *platform, const char *path)
{
    static const struct platform from = {.title = STR("Sendmail")};
    struct sendmail sendmail;
    struct draft draft;
    struct draft_files made;
    struct buffer report;
    struct str error;

    if (!sendmail_open(&sendmail, arena, str_of(path), &error)) {
        fprintf(stderr, "convert: %.*s\n", STR_ARG(error));
        return 0;
    }
    draft_init(&draft, arena, &sendmail, platform);
    sendmail_convert(&draft);
    draft_write(&draft, &made);
    buffer_init(&report, arena);
    conversion_print(&report, &draft);
    const struct runbook runbook = {&from, platform, platform->config_directory, draft.steps,
                                    draft.step_count};
    runbook_print(&report, &runbook);
    size_t bytes = report.len;
    for (size_t i = 0; i < made.count; i++)
        bytes += made.files[i].bytes.len;
    return bytes;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_create(give_up);
    const struct platform *platform = facts_platform(str_of("rhel10"));
    long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
    size_t bytes = 0;

    for (long round = 0; round < rounds; round++)
        for (int i = 2; i < argc; i++) {
            arena_reset(arena);
            size_t made = one(arena, platform, argv[i]);
            if (made == 0)
                return 1;
            bytes += made;
        }
    printf("%zu\n", bytes);
    arena_destroy(arena);
    return rounds > 0 ? 0 : 2;
}
