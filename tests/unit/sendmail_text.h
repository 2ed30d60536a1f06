/* a Sendmail configuration of texts: a macro file and tables, in a directory that is removed */
#ifndef TESTS_UNIT_SENDMAIL_TEXT_H
#define TESTS_UNIT_SENDMAIL_TEXT_H

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/sendmail/sendmail.h"
#include "tests/unit/unit.h"

struct sendmail_file {
    const char *name, *text;
};

/* sendmail_text - the macro file TEXT, without tables */
static inline void sendmail_text(struct sendmail *sendmail, struct arena *arena, const char *text)
{
    struct str error = STR_NONE;
    const struct source *source =
        source_of(arena, str_of("sendmail.mc"), arena_copy(arena, str_of(text)));

    if (!sendmail_read(sendmail, arena, source, str_of("/nonexistent"), &error))
        fail_msg("%.*s", STR_ARG(error));
}

/* sendmail_files - the first of FILES, with the other ones beside it, or in domain/ */
static inline void sendmail_files(struct sendmail *sendmail, struct arena *arena,
                                  const struct sendmail_file *files, size_t count)
{
    char directory[] = "/tmp/postmend-test-XXXXXX", path[128];
    struct str error = STR_NONE;

    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/domain", directory);
    mkdir(path, 0700);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i].name);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(files[i].text, file);
        fclose(file);
    }
    snprintf(path, sizeof path, "%s/%s", directory, files[0].name);
    bool good = sendmail_open(sendmail, arena, str_of(arena_cstr(arena, str_of(path))), &error);
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, files[i].name);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/domain", directory);
    rmdir(path);
    rmdir(directory);
    if (!good)
        fail_msg("%.*s", STR_ARG(error));
}

#endif
