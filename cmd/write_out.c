#include "cmd/write_out.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"

static const struct str runbook_name = STR("runbook.sh");

enum { DEPTH_MAX = 16 };

/* make_relative - PATH below DIRECTORY, or PATH itself where it is not */
static struct str make_relative(struct str path, struct str directory)
{
    struct str below = path_below(path, directory);

    return below.at != NULL ? below : path;
}

static bool commit_set(struct write_set *set, struct str *error)
{
    if (write_commit(set, error))
        return true;
    write_abandon(set);
    return false;
}

bool write_in_place(const struct fix *fix, struct str runbook, struct buffer *messages,
                    struct str *error)
{
    const struct config *config = &fix->fixed;
    struct str directory = config->directory;
    struct write_set *set = write_begin(config->arena, directory, false, error);

    if (set == NULL)
        return false;
    for (size_t i = 0; i < fix->file_count; i++)
        if (!write_add(set, make_relative(fix->files[i].source->path, directory),
                       fix->files[i].bytes, 0644, WRITE_BACKUP, error)) {
            write_abandon(set);
            return false;
        }
    if (runbook.at != NULL && !write_add(set, runbook_name, runbook, 0755, WRITE_REPLACE, error)) {
        write_abandon(set);
        return false;
    }
    if (!commit_set(set, error))
        return false;
    for (size_t i = 0; i < fix->file_count; i++) {
        struct str backup = write_backup_name(set, i);
        buffer_printf(messages, "%.*s: rewritten; the old file is %.*s/%.*s\n",
                      STR_ARG(fix->files[i].source->path), STR_ARG(directory), STR_ARG(backup));
    }
    return true;
}

/* --- a new directory -------------------------------------------------------------------------- */

struct copying {
    const struct fix *fix;
    struct write_set *set;
    struct str output;
    const struct extra_file *extra;
    size_t extra_count;
    struct buffer *messages;
    struct str *error;
    size_t count;
};

static bool fail_copy(struct copying *copying, struct str path, const char *what)
{
    *copying->error = arena_printf(copying->fix->fixed.arena, "%.*s: cannot %s: %s", STR_ARG(path),
                                   what, strerror(errno));
    return false;
}

/* find_new_bytes - the new contents of the file at PATH; STR_NONE if it cannot be read */
static struct str find_new_bytes(const struct copying *copying, struct str path)
{
    const struct fix *fix = copying->fix;

    for (size_t i = 0; i < fix->file_count; i++)
        if (str_eq(fix->files[i].source->path, path))
            return fix->files[i].bytes;
    const struct source *source = source_read(fix->fixed.arena, path);
    return source == NULL ? STR_NONE : source->bytes;
}

static bool copy_file(struct copying *copying, struct str path, const struct stat *status)
{
    struct str name = make_relative(path, copying->fix->fixed.directory);

    for (size_t i = 0; i < copying->extra_count; i++)
        if (str_eq(name, copying->extra[i].name))
            return true; /* of an earlier upgrade; there is a new one */
    struct str bytes = find_new_bytes(copying, path);
    if (bytes.at == NULL)
        return fail_copy(copying, path, "read");
    copying->count++;
    return write_add(copying->set, name, bytes, status->st_mode & 0777, WRITE_NEW, copying->error);
}

static bool copy_directory(struct copying *copying, struct str directory, int depth);

static bool copy_entry(struct copying *copying, struct str path, int depth)
{
    struct stat status;

    if (lstat(path.at, &status) != 0)
        return fail_copy(copying, path, "examine");
    if (S_ISREG(status.st_mode))
        return copy_file(copying, path, &status);
    if (S_ISDIR(status.st_mode) && depth > 0)
        return copy_directory(copying, path, depth - 1);
    if (S_ISDIR(status.st_mode)) {
        *copying->error = arena_printf(copying->fix->fixed.arena,
                                       "%.*s: more than %d directories inside each other",
                                       STR_ARG(path), DEPTH_MAX);
        return false;
    }
    buffer_printf(copying->messages, "%.*s: not copied: not a regular file\n", STR_ARG(path));
    return true;
}

static bool copy_directory(struct copying *copying, struct str directory, int depth)
{
    struct arena *arena = copying->fix->fixed.arena;
    DIR *stream = opendir(arena_cstr(arena, directory));
    struct dirent *entry;
    bool good = true;

    if (stream == NULL)
        return fail_copy(copying, directory, "open");
    while (good && (errno = 0, entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        struct str path = arena_printf(arena, "%.*s/%s", STR_ARG(directory), entry->d_name);
        good = copy_entry(copying, path, depth);
    }
    closedir(stream);
    return good;
}

/* is_empty - is OUTPUT missing, or a directory without entries? */
static bool is_empty(struct arena *arena, struct str output, struct str *error)
{
    DIR *stream = opendir(arena_cstr(arena, output));
    size_t count = 0;

    if (stream == NULL && errno == ENOENT)
        return true;
    if (stream == NULL) {
        *error = arena_printf(arena, "%.*s: cannot open: %s", STR_ARG(output), strerror(errno));
        return false;
    }
    while (readdir(stream) != NULL)
        count++;
    closedir(stream);
    if (count <= 2)
        return true;
    *error = arena_printf(arena, "%.*s: directory is not empty; name a new one", STR_ARG(output));
    return false;
}

/* add_extra - the files that were not there before; NAMES gets their names */
static bool add_extra(const struct copying *copying, struct buffer *names)
{
    for (size_t i = 0; i < copying->extra_count; i++) {
        const struct extra_file *file = &copying->extra[i];
        if (!write_add(copying->set, file->name, file->bytes, file->mode, WRITE_NEW,
                       copying->error))
            return false;
        buffer_printf(names, "%s%.*s",
                      i == 0                          ? ""
                      : i + 1 == copying->extra_count ? " and "
                                                      : ", ",
                      STR_ARG(file->name));
    }
    return true;
}

bool write_directory(const struct fix *fix, struct str output, const struct extra_file *extra,
                     size_t extra_count, struct buffer *messages, struct str *error)
{
    struct arena *arena = fix->fixed.arena;
    struct copying copying = {.fix = fix,
                              .output = output,
                              .extra = extra,
                              .extra_count = extra_count,
                              .messages = messages,
                              .error = error};
    struct buffer names;

    if (!is_empty(arena, output, error))
        return false;
    copying.set = write_begin(arena, output, true, error);
    if (copying.set == NULL)
        return false;
    buffer_init(&names, arena);
    if (!copy_directory(&copying, fix->fixed.directory, DEPTH_MAX) ||
        !add_extra(&copying, &names)) {
        write_abandon(copying.set);
        return false;
    }
    if (!commit_set(copying.set, error))
        return false;
    buffer_printf(messages, "%.*s: wrote %zu files, %zu of them changed, and %.*s\n",
                  STR_ARG(output), copying.count, fix->file_count, STR_ARG(buffer_str(&names)));
    return true;
}

/* --- files that no configuration was the source of ------------------------------------------ */

bool write_new(struct arena *arena, struct str output, const struct extra_file *files, size_t count,
               struct str *error)
{
    if (!is_empty(arena, output, error))
        return false;
    struct write_set *set = write_begin(arena, output, true, error);
    if (set == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!write_add(set, files[i].name, files[i].bytes, files[i].mode, WRITE_NEW, error)) {
            write_abandon(set);
            return false;
        }
    return commit_set(set, error);
}
