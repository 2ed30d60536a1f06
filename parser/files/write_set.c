/* write_set - what the ways to write a set share: its directories, and how it fails */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parser/files/write_set.h"

bool write_fail(const struct write_set *set, struct str name, const char *what, struct str *error)
{
    int number = errno;
    char reason[256] = "";
    size_t root = strlen(set->root);
    const char *slash = name.len == 0 || (root > 0 && set->root[root - 1] == '/') ? "" : "/";

    /* %m, because strerror() is not thread-safe everywhere */
    if (number != 0)
        snprintf(reason, sizeof(reason), ": %m");
    *error =
        arena_printf(set->arena, "%s%s%.*s: %s%s", set->root, slash, STR_ARG(name), what, reason);
    errno = number;
    return false;
}

/* --- directories --- */

size_t write_keep_directory(struct write_set *set, struct write_directory directory)
{
    set->directories = arena_grow(set->arena, set->directories, set->directory_count,
                                  &set->directory_capacity, sizeof(*set->directories));
    set->directories[set->directory_count] = directory;
    return set->directory_count++;
}

int write_directory_fd(const struct write_set *set, const struct write_file *file)
{
    return set->directories[file->directory].fd;
}

void write_detect_link(int directory, const char *base)
{
    struct stat status;
    int number = errno;

    bool link =
        fstatat(directory, base, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
    errno = link ? ELOOP : number;
}

/* enter_directory - opens the directory NAME (BASE in PARENT).  Where it is missing, it is made at
   once in a new root, and by the commit in one that exists */
static bool enter_directory(struct write_set *set, size_t parent, struct str name, struct str base,
                            size_t *directory)
{
    for (size_t i = 0; i < set->directory_count; i++) {
        if (str_eq(set->directories[i].name, name)) {
            *directory = i;
            return true;
        }
    }
    struct write_directory new = {
        .name = arena_copy(set->arena, name),
        .parent = parent,
        .base = arena_cstr(set->arena, base),
        .fd = -1,
    };
    int at = set->directories[parent].fd;
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    errno = ENOENT;
    if (at >= 0)
        new.fd = openat(at, new.base, flags);
    if (new.fd < 0 && errno == ENOENT) {
        new.made = true;
        if (set->journal < 0 && mkdirat(at, new.base, 0755) == 0)
            new.fd = openat(at, new.base, flags);
    }
    if (new.fd < 0 && (set->journal < 0 || !new.made)) {
        write_detect_link(at, new.base);
        return false;
    }
    *directory = write_keep_directory(set, new);
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

bool write_open_directories(struct write_set *set, struct write_file *file, struct str *error)
{
    size_t at = 0, end;

    errno = EINVAL;
    if (!is_plain(file->name))
        return write_fail(set, file->name, "is not a plain name within the directory", error);
    file->directory = 0;
    while ((end = str_find(file->name, '/', at)) < file->name.len) {
        struct str name = str_slice(file->name, 0, end);
        if (!enter_directory(set, file->directory, name, str_slice(name, at, end),
                             &file->directory))
            return write_fail(set, name, "cannot open the directory", error);
        at = end + 1;
    }
    file->base = arena_cstr(set->arena, str_slice(file->name, at, end));
    return true;
}

bool write_sync_directories(const struct write_set *set, struct str *error)
{
    for (size_t i = 0; i < set->directory_count; i++) {
        /* EINVAL: some file systems cannot sync a directory, and need not */
        if (set->directories[i].fd >= 0 && fsync(set->directories[i].fd) != 0 && errno != EINVAL)
            return write_fail(set, set->directories[i].name, "cannot sync the directory", error);
    }
    return true;
}

void write_close(struct write_set *set)
{
    for (size_t i = 0; i < set->directory_count; i++)
        if (set->directories[i].fd >= 0)
            close(set->directories[i].fd);
    if (set->journal >= 0)
        close(set->journal);
    if (set->parent >= 0)
        close(set->parent);
    set->open = false;
}

/* remove_entry - of one that is a directory, with all that is in it */
static bool remove_entry(int directory, const char *name, int depth)
{
    if (unlinkat(directory, name, 0) == 0)
        return true;
    if ((errno != EISDIR && errno != EPERM) || depth == 0)
        return false;
    int below = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = below >= 0 && write_remove_all(below, depth - 1);
    if (below >= 0)
        close(below);
    return good && unlinkat(directory, name, AT_REMOVEDIR) == 0;
}

bool write_remove_all(int directory, int depth)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    bool good = true;

    if (stream == NULL && copy >= 0)
        close(copy);
    if (stream == NULL)
        return false;
    while (good && (errno = 0, entry = readdir(stream)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            good = remove_entry(directory, entry->d_name, depth);
    good = good && errno == 0;
    closedir(stream);
    return good;
}
