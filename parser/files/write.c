#include "parser/files/write_set.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/path.h"

enum { DEPTH_MAX = 64 }; /* of directories that an interrupted run left */

/* --- a new directory --- */

/* open_staging - the directory with the name of set->staging, if this process has it for itself */
static int open_staging(const struct write_set *set)
{
    int fd = openat(set->parent, set->staging, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* remove_stale - the directory that an interrupted run was filling; false: errno is set */
static bool remove_stale(struct write_set *set)
{
    struct stat status;
    int fd = open_staging(set);

    if (fd < 0)
        return errno == ENOENT;
    errno = EPERM;
    bool good = fstat(fd, &status) == 0 && (status.st_uid == geteuid() || geteuid() == 0) &&
                write_remove_all(fd, DEPTH_MAX) &&
                unlinkat(set->parent, set->staging, AT_REMOVEDIR) == 0;
    int number = errno;
    close(fd);
    errno = number;
    if (good)
        set->recovered = arena_printf(
            set->arena, "%s: removed the incomplete directory of an interrupted run", set->root);
    return good;
}

/* begin_new - a directory that does not exist yet */
static bool begin_new(struct write_set *set, struct str path, struct str *error)
{
    struct str none = STR("");
    struct str base = path_base(path);

    set->base = arena_cstr(set->arena, base);
    set->staging = arena_printf(set->arena, ".%.*s.postmend-new", STR_ARG(base)).at;
    set->parent =
        open(arena_cstr(set->arena, path_directory(path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (set->parent < 0)
        return write_fail(set, none, "cannot open the directory", error);
    if (!remove_stale(set))
        return errno == EWOULDBLOCK
                   ? (errno = 0, write_fail(set, none, "another postmend is writing it", error))
                   : write_fail(set, none, "cannot remove what an interrupted run left", error);
    if (mkdirat(set->parent, set->staging, 0755) != 0)
        return write_fail(set, none, "cannot make the directory", error);
    int fd = open_staging(set);
    if (fd < 0) {
        write_fail(set, none, "cannot open the directory", error);
        unlinkat(set->parent, set->staging, AT_REMOVEDIR);
        return false;
    }
    write_keep_directory(set, (struct write_directory){.name = none, .fd = fd, .base = ""});
    return true;
}

/* commit_new - gives the complete directory its name */
static bool commit_new(struct write_set *set, struct str *error)
{
    struct str none = STR("");

    if (!write_sync_directories(set, error))
        return false;
    int failed = renameat2(set->parent, set->staging, set->parent, set->base, RENAME_NOREPLACE);
    /* a file system without RENAME_NOREPLACE: rename(2) replaces nothing but an empty directory */
    if (failed && (errno == EINVAL || errno == ENOSYS))
        failed = renameat(set->parent, set->staging, set->parent, set->base);
    if (failed)
        return write_fail(set, none, "cannot make the directory", error);
    fsync(set->parent); /* it is there; too late to fail */
    return true;
}

static void abandon_new(struct write_set *set)
{
    if (write_remove_all(set->directories[0].fd, DEPTH_MAX))
        unlinkat(set->parent, set->staging, AT_REMOVEDIR);
}

/* --- the interface --- */

static struct write_set *make_set(struct arena *arena, struct str root)
{
    struct write_set *set = arena_alloc(arena, sizeof(*set));

    *set = (struct write_set){.arena = arena,
                              .root = arena_cstr(arena, root),
                              .journal = -1,
                              .parent = -1,
                              .recovered = STR_NONE};
    return set;
}

/* begin_in - in a directory that exists, whose descriptor the set takes over */
static struct write_set *begin_in(struct write_set *set, int fd, struct str *error)
{
    write_keep_directory(set, (struct write_directory){.name = STR(""), .fd = fd, .base = ""});
    set->open = true;
    if (journal_begin(set, error))
        return set;
    write_close(set);
    return NULL;
}

struct write_set *write_begin_folder(struct arena *arena, const struct folder *folder,
                                     struct str *error)
{
    struct write_set *set = make_set(arena, folder->path);
    int fd = fcntl(folder->fd, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0)
        return begin_in(set, fd, error);
    write_fail(set, (struct str)STR(""), "cannot open the directory", error);
    return NULL;
}

struct write_set *write_begin(struct arena *arena, struct str root, bool create_root,
                              struct str *error)
{
    struct str path = path_trim_slashes(root);
    struct write_set *set = make_set(arena, path);

    int fd = open(set->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (create_root ? O_NOFOLLOW : 0));
    if (fd >= 0)
        return begin_in(set, fd, error);
    if (create_root && errno != ENOENT)
        write_detect_link(AT_FDCWD, set->root);
    if (!create_root || errno != ENOENT) {
        write_fail(set, (struct str)STR(""), "cannot open the directory", error);
        return NULL;
    }
    set->open = begin_new(set, path, error);
    if (set->open)
        return set;
    write_close(set);
    return NULL;
}

struct str write_recovered(const struct write_set *set)
{
    return set->recovered;
}

int write_root_is_empty(const struct write_set *set, struct str *error)
{
    int copy = openat(set->directories[0].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    int empty = 1;

    if (stream == NULL) {
        write_fail(set, (struct str)STR(""), "cannot read the directory", error);
        if (copy >= 0)
            close(copy);
        return -1;
    }
    while ((errno = 0, entry = readdir(stream)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            strcmp(entry->d_name, journal_name) != 0)
            empty = 0;
    if (errno != 0) {
        write_fail(set, (struct str)STR(""), "cannot read the directory", error);
        empty = -1;
    }
    closedir(stream);
    return empty;
}

bool write_is_own(const struct write_set *set, const struct stat *status)
{
    struct stat own;

    return fstat(set->directories[0].fd, &own) == 0 && own.st_dev == status->st_dev &&
           own.st_ino == status->st_ino;
}

bool write_commit(struct write_set *set, struct str *error)
{
    if (set->journal >= 0)
        return journal_commit(set, error);
    bool good = commit_new(set, error);
    if (!good)
        abandon_new(set);
    write_close(set);
    return good;
}

void write_abandon(struct write_set *set)
{
    if (!set->open)
        return;
    if (set->journal >= 0)
        journal_abandon(set);
    else
        abandon_new(set);
    write_close(set);
}

struct str write_backup_name(const struct write_set *set, size_t i)
{
    if (i >= set->file_count || set->files[i].backup == NULL)
        return STR_NONE;
    const struct write_file *file = &set->files[i];
    struct str directory = set->directories[file->directory].name;
    return arena_printf(set->arena, "%.*s%s%s", STR_ARG(directory), directory.len > 0 ? "/" : "",
                        file->backup);
}
