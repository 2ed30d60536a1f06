#include "cmd/write_out.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "parser/files/file.h"

static const struct str runbook_name = STR("runbook.sh");

enum { DEPTH_MAX = 16 };

/* make_relative - PATH below DIRECTORY, or PATH itself where it is not */
static struct str make_relative(struct str path, struct str directory)
{
    struct str below = path_below(path, directory);

    return below.at != NULL ? below : path;
}

static void note_recovery(const struct write_set *set, struct buffer *messages)
{
    struct str text = write_recovered(set);

    if (text.at != NULL)
        buffer_printf(messages, "postmend: %.*s\n", STR_ARG(text));
}

/* --- in place --------------------------------------------------------------------------------- */

/* add_runbook - a file of this name that is there stays as a backup, unless it is the same */
static bool add_runbook(struct write_set *set, const struct config *config, struct str runbook,
                        struct str *error)
{
    if (runbook.at == NULL)
        return true;
    const struct source *old =
        folder_read(config->folder, config->arena, runbook_name, runbook_name);
    if (old == NULL)
        return write_add(set, runbook_name, runbook, 0755, WRITE_NEW, error);
    return str_eq(old->bytes, runbook) ||
           write_add_changed(set, runbook_name, old->bytes, runbook, WRITE_BACKUP, error);
}

static bool add_fixed(struct write_set *set, const struct fix *fix, struct str *error)
{
    for (size_t i = 0; i < fix->file_count; i++) {
        const struct source *source = fix->files[i].source;
        if (!write_add_changed(set, make_relative(source->path, fix->fixed.directory),
                               source->bytes, fix->files[i].bytes, WRITE_BACKUP, error))
            return false;
    }
    return true;
}

bool write_in_place(const struct fix *fix, struct str runbook, struct buffer *messages,
                    struct str *error)
{
    const struct config *config = &fix->fixed;
    struct write_set *set = write_begin_folder(config->arena, config->folder, error);

    if (set == NULL)
        return false;
    note_recovery(set, messages);
    if (!add_fixed(set, fix, error) || !add_runbook(set, config, runbook, error)) {
        write_abandon(set);
        return false;
    }
    if (!write_commit(set, error))
        return false;
    for (size_t i = 0; i < fix->file_count; i++) {
        struct str backup = write_backup_name(set, i);
        buffer_printf(messages, "%.*s: rewritten; the old file is %.*s/%.*s\n",
                      STR_ARG(fix->files[i].source->path), STR_ARG(config->directory),
                      STR_ARG(backup));
    }
    return true;
}

/* --- a new directory -------------------------------------------------------------------------- */

struct copying {
    const struct fix *fix;
    struct arena *arena;
    struct write_set *set;
    const struct extra_file *extra;
    size_t extra_count;
    struct buffer *messages;
    struct str *error;
    size_t count;
    size_t given_away; /* files that could not keep their owner and group */
};

/* show_path - NAME in the old directory, for messages */
static struct str show_path(const struct copying *copying, struct str name)
{
    return arena_printf(copying->arena, "%.*s%s%.*s", STR_ARG(copying->fix->fixed.directory),
                        name.len > 0 ? "/" : "", STR_ARG(name));
}

static bool fail_copy(struct copying *copying, struct str name, const char *what)
{
    *copying->error = arena_printf(copying->arena, "%.*s: cannot %s: %s",
                                   STR_ARG(show_path(copying, name)), what, strerror(errno));
    return false;
}

static const struct fixed_file *find_fixed(const struct copying *copying, struct str name)
{
    const struct fix *fix = copying->fix;

    for (size_t i = 0; i < fix->file_count; i++)
        if (str_eq(make_relative(fix->files[i].source->path, fix->fixed.directory), name))
            return &fix->files[i];
    return NULL;
}

/* is_extra - is it a file of an earlier upgrade, of which there is a new one? */
static bool is_extra(const struct copying *copying, struct str name)
{
    for (size_t i = 0; i < copying->extra_count; i++)
        if (str_eq(name, copying->extra[i].name))
            return true;
    return false;
}

/* is_as_read - is the file on the disk the one whose findings were fixed? */
static bool is_as_read(struct copying *copying, struct str name, const struct source *now)
{
    const struct config *config = &copying->fix->fixed;
    const struct fixed_file *fixed = find_fixed(copying, name);
    const struct source *read = fixed != NULL               ? fixed->source
                                : str_is(name, "main.cf")   ? config->main_cf.source
                                : str_is(name, "master.cf") ? config->master_cf.source
                                                            : NULL;

    if (read == NULL || str_eq(read->bytes, now->bytes))
        return true;
    *copying->error = arena_printf(copying->arena,
                                   "%.*s: was changed by another process after postmend had read "
                                   "it; nothing was written",
                                   STR_ARG(show_path(copying, name)));
    return false;
}

static bool copy_file(struct copying *copying, int fd, struct str name, const struct stat *status)
{
    const struct fixed_file *fixed = find_fixed(copying, name);
    bool kept = true;

    if (is_extra(copying, name))
        return true;
    const struct source *source = source_read_open(copying->arena, fd, name);
    if (source == NULL)
        return fail_copy(copying, name, "read");
    if (!is_as_read(copying, name, source))
        return false;
    copying->count++;
    bool good = write_add_copy(copying->set, name, fixed != NULL ? fixed->bytes : source->bytes, fd,
                               status, &kept, copying->error);
    copying->given_away += !kept;
    return good;
}

static bool copy_directory(struct copying *copying, int fd, struct str name, int depth);

/* copy_open - what is open: a file or a directory */
static bool copy_open(struct copying *copying, int fd, struct str name, int depth)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return fail_copy(copying, name, "examine");
    if (S_ISREG(status.st_mode))
        return copy_file(copying, fd, name, &status);
    if (!S_ISDIR(status.st_mode)) {
        errno = EINVAL;
        return fail_copy(copying, name, "read");
    }
    if (write_is_own(copying->set, &status))
        return true;
    if (depth > 0)
        return write_add_directory(copying->set, name, fd, &status, copying->error) &&
               copy_directory(copying, fd, name, depth - 1);
    *copying->error =
        arena_printf(copying->arena, "%.*s: more than %d directories inside each other",
                     STR_ARG(show_path(copying, name)), DEPTH_MAX);
    return false;
}

/* open_and_copy - the file or directory BASE in the directory AT */
static bool open_and_copy(struct copying *copying, int at, const char *base, struct str name,
                          enum folder_links links, int depth)
{
    int fd = folder_open_name(at, base, O_RDONLY | O_NONBLOCK | O_NOCTTY, links);

    if (fd < 0)
        return fail_copy(copying, name, "read");
    bool good = copy_open(copying, fd, name, depth);
    close(fd);
    return good;
}

/* leads_inside - does the link NAME lead to something in the directory?  1, 0, or -1: not known */
static int leads_inside(const struct copying *copying, struct str name, struct str target)
{
    int fd = folder_open_name(copying->fix->fixed.folder->fd, name.at, O_PATH, FOLDER_LINKS_INSIDE);

    if (fd < 0)
        return file_is_missing(errno) ? 0 : -1;
    close(fd);
    return target.len > 0 && target.at[0] != '/';
}

/* copy_link - a link that stays inside is carried; a file that a fix changes becomes a file */
static bool copy_link(struct copying *copying, int at, const char *base, struct str name, int depth)
{
    char target[PATH_MAX];

    if (find_fixed(copying, name) != NULL)
        return open_and_copy(copying, copying->fix->fixed.folder->fd, name.at, name,
                             FOLDER_LINKS_INSIDE, depth);
    ssize_t length = readlinkat(at, base, target, sizeof target);
    if (length < 0 || (size_t)length == sizeof target)
        return fail_copy(copying, name, "read");
    struct str text = {target, (size_t)length};
    int inside = leads_inside(copying, name, text);
    if (inside < 0)
        return fail_copy(copying, name, "read");
    if (inside > 0)
        return write_add_link(copying->set, name, text, copying->error);
    buffer_printf(copying->messages,
                  "%.*s: not copied: a link to %.*s, which is not in the directory\n",
                  STR_ARG(show_path(copying, name)), STR_ARG(text));
    return true;
}

static bool copy_entry(struct copying *copying, int at, const char *base, struct str name,
                       int depth)
{
    struct stat status;

    if (fstatat(at, base, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return fail_copy(copying, name, "examine");
    if (S_ISLNK(status.st_mode))
        return copy_link(copying, at, base, name, depth);
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
        return open_and_copy(copying, at, base, name, FOLDER_NO_LINKS, depth);
    buffer_printf(copying->messages, "%.*s: not copied: not a regular file\n",
                  STR_ARG(show_path(copying, name)));
    return true;
}

static bool copy_directory(struct copying *copying, int fd, struct str name, int depth)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    bool good = true;

    if (stream == NULL)
        fail_copy(copying, name, "open");
    if (stream == NULL && copy >= 0)
        close(copy);
    if (stream == NULL)
        return false;
    while (good && (errno = 0, entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
            strcmp(entry->d_name, ".postmend-journal") == 0)
            continue;
        struct str path = arena_printf(copying->arena, "%.*s%s%s", STR_ARG(name),
                                       name.len > 0 ? "/" : "", entry->d_name);
        good = copy_entry(copying, fd, entry->d_name, path, depth);
    }
    if (good && errno != 0)
        good = fail_copy(copying, name, "read");
    closedir(stream);
    return good;
}

struct write_set *write_begin_output(struct arena *arena, struct str output,
                                     struct buffer *messages, struct str *error)
{
    struct write_set *set = write_begin(arena, output, true, error);

    if (set == NULL)
        return NULL;
    note_recovery(set, messages);
    int empty = write_root_is_empty(set, error);
    if (empty == 1)
        return set;
    if (empty == 0)
        *error =
            arena_printf(arena, "%.*s: directory is not empty; name a new one", STR_ARG(output));
    write_abandon(set);
    return NULL;
}

/* list_extra - "runbook.sh, livetest.yaml and livetest.sh" */
static void list_extra(const struct copying *copying, struct buffer *names)
{
    for (size_t i = 0; i < copying->extra_count; i++)
        buffer_printf(names, "%s%.*s",
                      i == 0                          ? ""
                      : i + 1 == copying->extra_count ? " and "
                                                      : ", ",
                      STR_ARG(copying->extra[i].name));
}

/* copy_all - the old directory itself, and all that is in it */
static bool copy_all(struct copying *copying)
{
    struct str none = STR("");
    struct stat status;
    int fd = copying->fix->fixed.folder->fd;

    if (fstat(fd, &status) != 0)
        return fail_copy(copying, none, "examine");
    return write_add_directory(copying->set, none, fd, &status, copying->error) &&
           copy_directory(copying, fd, none, DEPTH_MAX);
}

bool write_directory(const struct fix *fix, struct str output, const struct extra_file *extra,
                     size_t extra_count, struct buffer *messages, struct str *error)
{
    struct copying copying = {.fix = fix,
                              .arena = fix->fixed.arena,
                              .extra = extra,
                              .extra_count = extra_count,
                              .messages = messages,
                              .error = error};
    struct buffer names;

    copying.set = write_begin_output(copying.arena, output, messages, error);
    if (copying.set == NULL)
        return false;
    buffer_init(&names, copying.arena);
    list_extra(&copying, &names);
    if (!copy_all(&copying) || !write_extra(copying.set, extra, extra_count, error)) {
        write_abandon(copying.set);
        return false;
    }
    if (!write_commit(copying.set, error))
        return false;
    if (copying.given_away > 0)
        buffer_printf(messages,
                      "%.*s: %zu files could not keep their owner and group, which requires root; "
                      "their group was given no rights\n",
                      STR_ARG(output), copying.given_away);
    buffer_printf(messages, "%.*s: wrote %zu files, %zu of them changed, and %.*s\n",
                  STR_ARG(output), copying.count, fix->file_count, STR_ARG(buffer_str(&names)));
    return true;
}

/* --- files that no configuration was the source of ------------------------------------------ */

bool write_extra(struct write_set *set, const struct extra_file *files, size_t count,
                 struct str *error)
{
    for (size_t i = 0; i < count; i++)
        if (!write_add(set, files[i].name, files[i].bytes, files[i].mode, WRITE_NEW, error))
            return false;
    return true;
}
