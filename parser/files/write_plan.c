/* write_plan - the plan in a journal: what is to happen, as lines that end in "end"; see write.h */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "parser/files/file.h"
#include "parser/files/write_set.h"

const char journal_name[] = ".postmend-journal", plan_name[] = "plan";

static const char plan_begin[] = "postmend plan 1\n", plan_end[] = "end\n";

/* print_status - what tells a file from another, and from itself after an edit */
static void print_status(struct buffer *out, const struct stat *status)
{
    buffer_printf(out, "%ju %ju %jd %ld ", (uintmax_t)status->st_ino, (uintmax_t)status->st_size,
                  (intmax_t)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
}

static void print_plan(const struct write_set *set, struct buffer *out)
{
    buffer_add_cstr(out, plan_begin);
    for (size_t i = 1; i < set->directory_count; i++)
        if (set->directories[i].made)
            buffer_printf(out, "directory %zu %.*s\n", set->directories[i].name.len,
                          STR_ARG(set->directories[i].name));
    for (size_t i = 0; i < set->file_count; i++) {
        const struct write_file *file = &set->files[i];
        buffer_printf(out, "file %d %d ", (int)file->how, (int)file->exists);
        print_status(out, &file->before);
        print_status(out, &file->staged);
        buffer_printf(out, "%zu %.*s\n", file->name.len, STR_ARG(file->name));
    }
    buffer_add_cstr(out, plan_end);
}

bool journal_write_plan(const struct write_set *set, struct str *error)
{
    struct buffer text;
    int fd =
        openat(set->journal, plan_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    buffer_init(&text, set->arena);
    print_plan(set, &text);
    /* what the journal has must be on the disk before its last line is */
    size_t rest = text.len - strlen(plan_end);
    bool good = fd >= 0 && file_write(fd, str_slice(buffer_str(&text), 0, rest)) &&
                fsync(fd) == 0 && (fsync(set->journal) == 0 || errno == EINVAL) &&
                (fsync(set->directories[0].fd) == 0 || errno == EINVAL) &&
                file_write(fd, str_of(plan_end)) && fsync(fd) == 0;
    if (!good)
        write_fail(set, str_of(journal_name), "cannot write", error);
    if (fd >= 0)
        close(fd);
    return good;
}

/* take_number - the number before the next space */
static bool take_number(struct str *text, intmax_t *number)
{
    size_t end = str_find(*text, ' ', 0);
    char digits[32];
    char *rest;

    if (end == 0 || end >= text->len || end >= sizeof digits)
        return false;
    memcpy(digits, text->at, end);
    digits[end] = '\0';
    *number = strtoimax(digits, &rest, 10);
    *text = str_slice(*text, end + 1, text->len);
    return *rest == '\0';
}

/* take_name - "LEN NAME\n" */
static bool take_name(struct str *text, struct str *name)
{
    intmax_t length;

    if (!take_number(text, &length) || length <= 0 || (uintmax_t)length >= text->len ||
        text->at[length] != '\n')
        return false;
    *name = str_slice(*text, 0, (size_t)length);
    *text = str_slice(*text, (size_t)length + 1, text->len);
    return true;
}

static bool take_word(struct str *text, const char *word)
{
    if (!str_starts(*text, word))
        return false;
    *text = str_slice(*text, strlen(word), text->len);
    return true;
}

static struct stat make_status(const intmax_t n[4])
{
    return (struct stat){.st_ino = (ino_t)n[0],
                         .st_size = (off_t)n[1],
                         .st_mtim = {.tv_sec = (time_t)n[2], .tv_nsec = (long)n[3]}};
}

/* take_file - the rest of a line "file ..." */
static bool take_file(struct write_set *set, struct str *text, struct str *error)
{
    intmax_t n[10];
    struct str name;

    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        if (!take_number(text, &n[i]))
            return false;
    if (!take_name(text, &name))
        return false;
    struct write_file file = {
        .name = arena_copy(set->arena, name),
        .how = n[0] == WRITE_BACKUP ? WRITE_BACKUP : WRITE_REPLACE,
        .exists = n[1] != 0,
        .before = make_status(n + 2),
        .old_bytes = STR_NONE,
        .staged = make_status(n + 6),
        .slot = arena_printf(set->arena, "%zu.new", set->file_count).at,
    };
    if (!write_open_directories(set, &file, error))
        return false;
    set->files = arena_grow(set->arena, set->files, set->file_count, &set->file_capacity,
                            sizeof(*set->files));
    set->files[set->file_count++] = file;
    return true;
}

/* note_made - a directory of the plan is one that the set makes, whether or not it is there */
static bool note_made(struct write_set *set, struct str name, struct str *error)
{
    struct write_file inside = {.name = arena_printf(set->arena, "%.*s/x", STR_ARG(name))};

    if (!write_open_directories(set, &inside, error))
        return false;
    set->directories[inside.directory].made = true;
    return true;
}

bool journal_read_plan(struct write_set *set, struct str *error)
{
    struct stat status;
    struct str name;
    int fd = file_open_regular(set->journal, plan_name, &status);
    const struct source *source =
        fd >= 0 ? source_read_open(set->arena, fd, str_of(journal_name)) : NULL;

    *error = STR_NONE;
    if (fd >= 0)
        close(fd);
    if (source == NULL)
        return errno != ENOENT && write_fail(set, str_of(journal_name), "cannot read", error);
    struct str text = source->bytes;
    if (!take_word(&text, plan_begin) || !str_ends(text, plan_end))
        return false;
    while (!str_is(text, plan_end)) {
        bool good = take_word(&text, "file ")
                        ? take_file(set, &text, error)
                        : take_word(&text, "directory ") && take_name(&text, &name) &&
                              note_made(set, name, error);
        if (!good && error->at == NULL) {
            errno = 0;
            write_fail(set, str_of(journal_name), "its plan cannot be understood", error);
        }
        if (!good)
            return false;
    }
    return true;
}
