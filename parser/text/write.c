#include "parser/text/write.h"
#include "parser/text/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES_MAX 10000 /* names for one temporary file or one backup */

/* an open directory of the set; the first is the root */
struct directory {
    struct str name; /* relative to the root, "" for the root itself */
    int fd;
    size_t parent;
    const char *base; /* its name in its parent */
    bool made;
};

struct file {
    struct str name; /* relative to the root */
    size_t directory;
    const char *base;      /* its name there */
    const char *temporary; /* the new content's name, until it is renamed */
    const char *old;       /* the old file's second name, while it has one */
    enum write_mode how;
    bool exists;        /* there is an old file, */
    struct stat before; /* with this status when it was added */
    bool renamed;
};

struct write_set {
    struct arena *arena;
    const char *root;
    bool made_root;
    bool open;
    struct directory *directories;
    size_t directory_count, directory_capacity;
    struct file *files;
    size_t file_count, file_capacity;
};

/* describe_failure - *ERROR becomes the line "ROOT/NAME: WHAT: reason of errno"; returns false */
static bool describe_failure(const struct write_set *set, struct str name, const char *what,
                             struct str *error)
{
    int number = errno;
    char reason[256];
    size_t root = strlen(set->root);
    const char *slash = name.len == 0 || (root > 0 && set->root[root - 1] == '/') ? "" : "/";

    errno = number;
    /* %m, because strerror() is not thread-safe everywhere */
    snprintf(reason, sizeof(reason), "%m");
    *error =
        arena_printf(set->arena, "%s%s%.*s: %s: %s", set->root, slash, STR_ARG(name), what, reason);
    errno = number;
    return false;
}

/* --- directories --- */

static size_t keep_directory(struct write_set *set, struct directory directory)
{
    set->directories = arena_grow(set->arena, set->directories, set->directory_count,
                                  &set->directory_capacity, sizeof(*set->directories));
    set->directories[set->directory_count] = directory;
    return set->directory_count++;
}

static int find_directory_fd(const struct write_set *set, const struct file *file)
{
    return set->directories[file->directory].fd;
}

/* detect_link - sets errno to ELOOP where BASE is a symbolic link, whatever O_NOFOLLOW set it to */
static void detect_link(int directory, const char *base)
{
    struct stat status;
    int number = errno;

    bool link =
        fstatat(directory, base, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
    errno = link ? ELOOP : number;
}

/* open_directory - creates it first where it is missing and MADE is not NULL */
static int open_directory(int at, const char *path, int flags, bool *made)
{
    int all = flags | O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = openat(at, path, all);

    if (fd >= 0 || errno != ENOENT || made == NULL)
        return fd;
    if (mkdirat(at, path, 0755) != 0)
        return -1;
    *made = true;
    return openat(at, path, all);
}

/* enter_directory - opens the directory NAME (BASE in PARENT), creating it if necessary */
static bool enter_directory(struct write_set *set, size_t parent, struct str name, struct str base,
                            size_t *directory)
{
    for (size_t i = 0; i < set->directory_count; i++) {
        if (str_eq(set->directories[i].name, name)) {
            *directory = i;
            return true;
        }
    }
    struct directory new = {
        .name = arena_copy(set->arena, name),
        .parent = parent,
        .base = arena_cstr(set->arena, base),
    };
    int at = set->directories[parent].fd;
    new.fd = open_directory(at, new.base, O_NOFOLLOW, &new.made);
    if (new.fd < 0) {
        if (new.made)
            unlinkat(at, new.base, AT_REMOVEDIR);
        detect_link(at, new.base);
        return false;
    }
    *directory = keep_directory(set, new);
    return true;
}

/* is_plain - no empty component, no ".", no "..", hence not absolute either */
static bool is_plain(struct str name)
{
    if (memchr(name.at, '\0', name.len) != NULL)
        return false;
    for (size_t at = 0; at <= name.len;) {
        size_t end = str_find(name, '/', at);
        struct str component = str_slice(name, at, end);
        if (component.len == 0 || str_is(component, ".") || str_is(component, ".."))
            return false;
        at = end + 1;
    }
    return true;
}

/* open_directories - opens the directories of FILE's name, component by component */
static bool open_directories(struct write_set *set, struct file *file, struct str *error)
{
    size_t at = 0, end;

    file->directory = 0;
    while ((end = str_find(file->name, '/', at)) < file->name.len) {
        struct str name = str_slice(file->name, 0, end);
        if (!enter_directory(set, file->directory, name, str_slice(name, at, end),
                             &file->directory))
            return describe_failure(set, name, "cannot open the directory", error);
        at = end + 1;
    }
    file->base = arena_cstr(set->arena, str_slice(file->name, at, end));
    return true;
}

static bool sync_directories(const struct write_set *set, struct str *error)
{
    for (size_t i = 0; i < set->directory_count; i++) {
        /* EINVAL: some file systems cannot sync a directory, and need not */
        if (fsync(set->directories[i].fd) != 0 && errno != EINVAL)
            return describe_failure(set, set->directories[i].name, "cannot sync the directory",
                                    error);
    }
    return true;
}

/* sync_root - a new root is an entry of its parent, too */
static void sync_root(const struct write_set *set)
{
    int parent = set->made_root ? openat(set->directories[0].fd, "..", O_RDONLY | O_CLOEXEC) : -1;

    if (parent >= 0) {
        fsync(parent);
        close(parent);
    }
}

static void close_directories(struct write_set *set)
{
    for (size_t i = 0; i < set->directory_count; i++)
        close(set->directories[i].fd);
    set->open = false;
}

/* --- the new content --- */

/* fill_temporary - the new content, and the old metadata, into the temporary file FD */
static bool fill_temporary(struct write_set *set, struct file *file, int fd, int old,
                           struct str bytes, struct str *error)
{
    const char *wrong = file_write(fd, bytes) ? NULL : "cannot write";
    if (wrong == NULL && file->exists)
        wrong = file_keep_metadata(set->arena, old, fd, &file->before);
    if (wrong == NULL && fsync(fd) != 0)
        wrong = "cannot write";
    if (wrong != NULL)
        describe_failure(set, file->name, wrong, error);
    if (close(fd) != 0 && wrong == NULL) {
        wrong = "cannot write";
        describe_failure(set, file->name, wrong, error);
    }
    return wrong == NULL;
}

/* create_temporary - beside the target; only its owner can read it until it has the old file's mode
 */
static int create_temporary(struct write_set *set, struct file *file, unsigned mode)
{
    for (unsigned i = 0; i < TRIES_MAX; i++) {
        struct str name = arena_printf(set->arena, ".postmend-%ld.%u", (long)getpid(), i);
        int fd = openat(find_directory_fd(set, file), name.at,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        file->exists ? 0600 : (mode_t)mode);
        if (fd >= 0)
            file->temporary = name.at;
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* stage_file - writes the temporary file; OLD is the descriptor of the old file, if it exists */
static bool stage_file(struct write_set *set, struct file *file, int old, struct str bytes,
                       unsigned mode, struct str *error)
{
    int fd = create_temporary(set, file, mode);
    if (fd < 0)
        return describe_failure(set, file->name, "cannot write", error);
    if (fill_temporary(set, file, fd, old, bytes, error))
        return true;
    unlinkat(find_directory_fd(set, file), file->temporary, 0);
    return false;
}

/* --- the old files' second names --- */

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* copy_old - where the file system has no hard links */
static bool copy_old(struct write_set *set, const struct file *file, const char *name)
{
    struct stat status;
    int directory = find_directory_fd(set, file);
    int from = file_open_regular(directory, file->base, &status);
    if (from < 0)
        return false;
    int to = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    bool copied = to >= 0 && file_copy(from, to) &&
                  file_keep_metadata(set->arena, from, to, &status) == NULL && fsync(to) == 0;
    int number = errno;
    if (to >= 0 && close(to) != 0 && copied) {
        copied = false;
        number = errno;
    }
    close(from);
    if (to >= 0 && !copied)
        unlinkat(directory, name, 0);
    errno = number;
    return copied;
}

static bool link_or_copy(struct write_set *set, const struct file *file, const char *name)
{
    int directory = find_directory_fd(set, file);
    if (linkat(directory, file->base, directory, name, 0) == 0)
        return true;
    /* a file system without links, too many links, or fs.protected_hardlinks */
    bool no_links = errno == EPERM || errno == ENOTSUP || errno == ENOSYS || errno == EMLINK;
    return no_links && copy_old(set, file, name);
}

/* name_old - gives the old file a second name, so that it always has one */
static bool name_old(struct write_set *set, struct file *file, struct str *error)
{
    struct stat now;

    if (fstatat(find_directory_fd(set, file), file->base, &now, AT_SYMLINK_NOFOLLOW) != 0)
        return describe_failure(set, file->name, "cannot be replaced", error);
    if (!is_unchanged(&file->before, &now)) {
        errno = EBUSY;
        return describe_failure(set, file->name, "was changed by another process", error);
    }
    const char *suffix = file->how == WRITE_BACKUP ? "postmend-backup" : "postmend-old";
    struct str name = arena_printf(set->arena, "%s.%s", file->base, suffix);
    for (unsigned i = 2; i < TRIES_MAX; i++) {
        if (link_or_copy(set, file, name.at)) {
            file->old = name.at;
            return true;
        }
        if (errno != EEXIST)
            break;
        name = arena_printf(set->arena, "%s.%s.%u", file->base, suffix, i);
    }
    return describe_failure(set, file->name, "cannot make a backup", error);
}

static bool name_all_old(struct write_set *set, struct str *error)
{
    for (size_t i = 0; i < set->file_count; i++) {
        if (set->files[i].exists && !name_old(set, &set->files[i], error))
            return false;
    }
    return true;
}

/* drop_old - unless it is a backup; it is too late to fail, and harmless if the file stays */
static void drop_old(struct write_set *set)
{
    for (size_t i = 0; i < set->file_count; i++) {
        struct file *file = &set->files[i];
        if (file->old != NULL && file->how != WRITE_BACKUP) {
            unlinkat(find_directory_fd(set, file), file->old, 0);
            file->old = NULL;
        }
    }
}

/* --- replacing, and restoring --- */

/* move_into_place - to a name that is free, or, where there is an old file, over it */
static bool move_into_place(int directory, const struct file *file)
{
    if (file->exists)
        return renameat(directory, file->temporary, directory, file->base) == 0;
    if (renameat2(directory, file->temporary, directory, file->base, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    /* a file system without RENAME_NOREPLACE */
    if (linkat(directory, file->temporary, directory, file->base, 0) != 0)
        return false;
    unlinkat(directory, file->temporary, 0);
    return true;
}

static bool rename_all(struct write_set *set, struct str *error)
{
    for (size_t i = 0; i < set->file_count; i++) {
        struct file *file = &set->files[i];
        if (!move_into_place(find_directory_fd(set, file), file))
            return describe_failure(set, file->name, "cannot be replaced", error);
        file->temporary = NULL;
        file->renamed = true;
    }
    return true;
}

/* put_back - undoes what was done for one file; false where the old file keeps its second name */
static bool put_back(struct write_set *set, struct file *file)
{
    int directory = find_directory_fd(set, file);
    bool back = true;

    if (file->temporary != NULL)
        unlinkat(directory, file->temporary, 0);
    if (file->renamed && file->exists)
        back = renameat(directory, file->old, directory, file->base) == 0;
    else if (file->renamed)
        unlinkat(directory, file->base, 0);
    else if (file->old != NULL)
        unlinkat(directory, file->old, 0);
    file->temporary = NULL;
    file->renamed = false;
    if (back)
        file->old = NULL;
    return back;
}

static void remove_made_directories(struct write_set *set)
{
    for (size_t i = set->directory_count; i-- > 1;) {
        const struct directory *directory = &set->directories[i];
        if (directory->made)
            unlinkat(set->directories[directory->parent].fd, directory->base, AT_REMOVEDIR);
    }
    if (set->made_root)
        rmdir(set->root);
}

/* restore_old_files - what cannot be restored is added to *ERROR (if not NULL) */
static void restore_old_files(struct write_set *set, struct str *error)
{
    struct str unused;

    for (size_t i = set->file_count; i-- > 0;) {
        struct file *file = &set->files[i];
        if (!put_back(set, file) && error != NULL)
            *error = arena_printf(set->arena, "%.*s; the old %.*s is left as %s", STR_ARG(*error),
                                  STR_ARG(file->name), file->old);
    }
    sync_directories(set, &unused);
    remove_made_directories(set);
    close_directories(set);
}

/* --- the interface --- */

struct write_set *write_begin(struct arena *arena, struct str root, bool create_root,
                              struct str *error)
{
    struct write_set *set = arena_alloc(arena, sizeof(*set));
    struct str none = STR("");

    set->arena = arena;
    set->root = arena_cstr(arena, root);
    int fd = open_directory(AT_FDCWD, set->root, 0, create_root ? &set->made_root : NULL);
    if (fd < 0) {
        describe_failure(set, none, "cannot open the directory", error);
        return NULL;
    }
    keep_directory(set, (struct directory){.name = none, .fd = fd, .base = ""});
    set->open = true;
    return set;
}

static bool is_listed(const struct write_set *set, struct str name)
{
    for (size_t i = 0; i < set->file_count; i++) {
        if (str_eq(set->files[i].name, name))
            return true;
    }
    return false;
}

bool write_add(struct write_set *set, struct str name, struct str bytes, unsigned mode,
               enum write_mode how, struct str *error)
{
    struct file file = {.name = arena_copy(set->arena, name), .how = how};

    errno = EINVAL;
    if (!is_plain(file.name))
        return describe_failure(set, file.name, "is not a plain name within the directory", error);
    if (is_listed(set, file.name))
        return describe_failure(set, file.name, "cannot be written twice", error);
    if (!open_directories(set, &file, error))
        return false;

    int old = file_open_regular(find_directory_fd(set, &file), file.base, &file.before);
    file.exists = old >= 0;
    if (old < 0 && errno != ENOENT) {
        detect_link(find_directory_fd(set, &file), file.base);
        return describe_failure(set, file.name, "cannot be replaced", error);
    }
    errno = EEXIST;
    bool staged = file.exists && how == WRITE_NEW
                      ? describe_failure(set, file.name, "is not overwritten", error)
                      : stage_file(set, &file, old, bytes, mode, error);
    if (old >= 0)
        close(old);
    if (!staged)
        return false;
    set->files = arena_grow(set->arena, set->files, set->file_count, &set->file_capacity,
                            sizeof(*set->files));
    set->files[set->file_count++] = file;
    return true;
}

bool write_commit(struct write_set *set, struct str *error)
{
    /* synced twice: a backup must be on the disk before its file is replaced */
    if (!name_all_old(set, error) || !sync_directories(set, error) || !rename_all(set, error) ||
        !sync_directories(set, error)) {
        restore_old_files(set, error);
        return false;
    }
    sync_root(set);
    drop_old(set);
    close_directories(set);
    return true;
}

void write_abandon(struct write_set *set)
{
    if (set->open)
        restore_old_files(set, NULL);
}

struct str write_backup_name(const struct write_set *set, size_t i)
{
    if (i >= set->file_count || set->files[i].old == NULL)
        return STR_NONE;
    const struct file *file = &set->files[i];
    struct str directory = set->directories[file->directory].name;
    return arena_printf(set->arena, "%.*s%s%s", STR_ARG(directory), directory.len > 0 ? "/" : "",
                        file->old);
}
