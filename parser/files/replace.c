#include "parser/files/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "parser/files/file.h"

enum { MODE_NEW = 0666 }; /* of a file that is not there; the umask takes from it */

/* fill - writes BYTES to the open file and closes it; keeps errno */
static bool fill(int fd, struct str bytes)
{
    bool good = file_write(fd, bytes);
    int number = errno;

    good = close(fd) == 0 && good;
    if (!good && number != 0)
        errno = number;
    return good;
}

static bool write_through(const char *path, struct str bytes)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

    return fd >= 0 && fill(fd, bytes);
}

/* current_umask - there is no other way to ask than to set it */
static mode_t current_umask(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return mask;
}

bool file_replace(struct arena *arena, struct str path, struct str bytes)
{
    const char *name = arena_cstr(arena, path);
    struct str fresh = arena_printf(arena, "%.*s/.%.*s.XXXXXX", STR_ARG(path_directory(path)),
                                    STR_ARG(path_base(path)));
    char *temporary = (char *)arena_cstr(arena, fresh);
    struct stat status;
    bool exists = lstat(name, &status) == 0;

    if (exists && !S_ISREG(status.st_mode))
        return write_through(name, bytes);
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return false;
    errno = 0;
    bool good = fchmod(fd, exists ? status.st_mode & 07777 : MODE_NEW & ~current_umask()) == 0;
    good = fill(fd, bytes) && good && rename(temporary, name) == 0;
    if (!good) {
        int number = errno;
        unlink(temporary);
        errno = number;
    }
    return good;
}
