#include "parser/files/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRIES_MAX = 100 }; /* of openat2(2), which gives up while directories are renamed */

/* open_by_parts - without openat2(2): one component after the other, and no link */
static int open_by_parts(int folder, const char *name, int flags)
{
    int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);

    while (at >= 0) {
        const char *slash = strchrnul(name, '/');
        char part[256];
        if (slash == name || (size_t)(slash - name) >= sizeof part) {
            close(at);
            errno = EINVAL;
            return -1;
        }
        memcpy(part, name, (size_t)(slash - name));
        part[slash - name] = '\0';
        int more = *slash == '\0' ? flags : O_RDONLY | O_DIRECTORY | O_CLOEXEC;
        int next = -1;
        errno = EXDEV;
        if (strcmp(part, "..") != 0)
            next = openat(at, part, more | O_NOFOLLOW);
        int number = errno;
        close(at);
        errno = number;
        if (*slash == '\0')
            return next;
        at = next;
        name = slash + 1;
    }
    return -1;
}

int folder_open_name(int folder, const char *name, int flags, enum folder_links links)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
                   (links == FOLDER_NO_LINKS ? RESOLVE_NO_SYMLINKS : 0),
    };
    long fd = -1;

    for (int i = 0; i < TRIES_MAX; i++) {
        fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
            break;
    }
    /* EPERM: a filter of system calls that does not know it */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return open_by_parts(folder, name, flags | O_CLOEXEC);
    return (int)fd;
}

static void close_folder(void *data)
{
    const struct folder *folder = data;

    close(folder->fd);
}

const struct folder *folder_open(struct arena *arena, struct str path)
{
    int fd = open(arena_cstr(arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    struct folder *folder = arena_alloc(arena, sizeof *folder);
    *folder = (struct folder){arena_copy(arena, path), fd};
    arena_at_end(arena, close_folder, folder);
    return folder;
}

const struct source *folder_read(const struct folder *folder, struct arena *arena, struct str name,
                                 struct str path)
{
    if (name.len == 0 || memchr(name.at, '\0', name.len) != NULL) {
        errno = ENOENT;
        return NULL;
    }
    int fd = folder_open_name(folder->fd, arena_cstr(arena, name), O_RDONLY | O_NONBLOCK | O_NOCTTY,
                              FOLDER_LINKS_INSIDE);
    if (fd < 0)
        return NULL;
    const struct source *source = source_read_open(arena, fd, path);
    int number = errno;
    close(fd);
    errno = number;
    return source;
}
