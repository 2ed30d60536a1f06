/*
 * convert - turns Sendmail's files into Postfix files many times in one process, for the bench
 *
 *     convert [-t] N FILE...
 *
 * Each FILE is read, converted for rhel10 and written into memory N times: main.cf, master.cf, the
 * tables, CONVERSION.md and runbook.sh, and with -t the live test.  Prints how many bytes were
 * made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/convert.h"
#include "convert/convert.h"

static void give_up(void)
{
    fputs("convert: out of memory\n", stderr);
    exit(2);
}

/* one - how many bytes the file becomes; 0 after it said why none */
static size_t one(struct arena *arena, const struct platform *platform, const char *path,
                  bool with_test)
{
    struct sendmail sendmail;
    struct draft draft;
    struct extra_file *files, reports[CONVERT_REPORTS];
    struct str error;
    size_t count, bytes = 0;

    if (!sendmail_open(&sendmail, arena, str_of(path), &error)) {
        fprintf(stderr, "convert: %.*s\n", STR_ARG(error));
        return 0;
    }
    draft_init(&draft, arena, &sendmail, platform);
    convert_sendmail(&draft);
    files = convert_files(&draft, &count);
    if (with_test)
        convert_add_live_test(&draft, str_of("out"), (struct host){0}, files, &count);
    convert_reports(arena, &draft, reports);
    for (size_t i = 0; i < CONVERT_REPORTS; i++)
        bytes += reports[i].bytes.len;
    for (size_t i = 0; i < count; i++)
        bytes += files[i].bytes.len;
    return bytes;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_create(give_up);
    const struct platform *platform = facts_platform(str_of("rhel10"));
    bool with_test = argc > 1 && strcmp(argv[1], "-t") == 0;
    int first = with_test ? 2 : 1;
    long rounds = argc > first + 1 ? strtol(argv[first], NULL, 10) : 0;
    size_t bytes = 0;

    for (long round = 0; round < rounds; round++)
        for (int i = first + 1; i < argc; i++) {
            arena_reset(arena);
            size_t made = one(arena, platform, argv[i], with_test);
            if (made == 0)
                return 1;
            bytes += made;
        }
    printf("%zu\n", bytes);
    arena_destroy(arena);
    return rounds > 0 ? 0 : 2;
}
