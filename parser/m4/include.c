#include "parser/m4/include.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "parser/files/file.h"

/* read_file - the SIZE bytes of FD, or STR_NONE */
static struct str read_file(struct arena *arena, int fd, size_t size)
{
    char *bytes = arena_alloc_raw(arena, size + 1);
    size_t len = 0;

    while (len < size) {
        ssize_t got = read(fd, bytes + len, size - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return STR_NONE;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    bytes[len] = '\0';
    return (struct str){bytes, len};
}

/* open_component - opens the next component of a path, and closes the directory that it is in */
static int open_component(struct arena *arena, int directory, struct str part)
{
    int next = -1;

    errno = ENOENT;
    if (!str_is(part, ".."))
        next = openat(directory, arena_cstr(arena, part),
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(directory);
    return next;
}

/* open_below - opens the regular file NAME below DIRECTORY, without following links or ".." */
static int open_below(struct arena *arena, struct str directory, struct str name,
                      struct stat *status)
{
    int at = open(arena_cstr(arena, directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (at >= 0) {
        while (name.len > 0 && name.at[0] == '/')
            name = str_slice(name, 1, name.len);
        size_t slash = str_find(name, '/', 0);
        struct str part = str_slice(name, 0, slash);
        if (slash == name.len) {
            int file = part.len > 0 ? file_open_regular(at, arena_cstr(arena, part), status) : -1;
            close(at);
            return file;
        }
        at = open_component(arena, at, part);
        name = str_slice(name, slash, name.len);
    }
    return -1;
}

/* find_below - the part of NAME below DIRECTORY; false where it is not below it */
static bool find_below(struct str directory, struct str name, struct str *rest)
{
    *rest = name;
    if (name.len == 0 || memchr(name.at, '\0', name.len) != NULL)
        return false;
    if (name.at[0] != '/')
        return true;
    while (directory.len > 0 && directory.at[directory.len - 1] == '/')
        directory.len--;
    if (name.len <= directory.len || name.at[directory.len] != '/' ||
        !str_eq(str_slice(name, 0, directory.len), directory))
        return false;
    *rest = str_slice(name, directory.len + 1, name.len);
    return true;
}

/* note_unreadable - NAME below a directory, unless it is just missing */
static void note_unreadable(struct m4_directories *directories, struct arena *arena,
                            struct str directory, struct str name, int reason)
{
    if (file_is_missing(reason) || directories->unreadable.at != NULL)
        return;
    directories->unreadable = arena_printf(arena, "%.*s/%.*s", STR_ARG(directory), STR_ARG(name));
    directories->reason = reason;
}

const struct source *m4_include_open(void *context, struct arena *arena, struct str name)
{
    struct m4_directories *directories = context;

    errno = 0;
    for (size_t i = 0; i < directories->count; i++) {
        struct stat status;
        struct str rest;
        if (!find_below(directories->paths[i], name, &rest))
            continue;
        int fd = open_below(arena, directories->paths[i], rest, &status);
        if (fd < 0) {
            note_unreadable(directories, arena, directories->paths[i], rest, errno);
            errno = 0;
            continue;
        }
        struct str bytes = STR_NONE;
        size_t limit =
            directories->size_max > 0 ? directories->size_max : (size_t)M4_INCLUDE_SIZE_MAX;
        bool small = status.st_size <= (off_t)limit;
        if (small)
            bytes = read_file(arena, fd, (size_t)status.st_size);
        if (small && bytes.at == NULL)
            note_unreadable(directories, arena, directories->paths[i], rest, errno);
        close(fd);
        errno = small ? 0 : EFBIG;
        return bytes.at != NULL ? source_of(arena, name, bytes) : NULL;
    }
    return NULL;
}
