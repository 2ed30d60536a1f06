#include "parser/files/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

int file_open_regular(int directory, const char *base, struct stat *status)
{
    int fd = openat(directory, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, status) == 0) {
        if (S_ISREG(status->st_mode))
            return fd;
        errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
    }
    int number = errno;
    close(fd);
    errno = number;
    return -1;
}

bool file_is_missing(int number)
{
    return number == ENOENT || number == ENOTDIR || number == ELOOP || number == EXDEV ||
           number == EISDIR || number == EINVAL || number == ENAMETOOLONG;
}

bool file_write(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t done = write(fd, bytes.at, bytes.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            errno = done == 0 ? EIO : errno;
            return false;
        }
        bytes = str_slice(bytes, (size_t)done, bytes.len);
    }
    return true;
}

bool file_copy(int from, int to)
{
    char chunk[64 * 1024];
    ssize_t got;

    while ((got = read(from, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || !file_write(to, (struct str){chunk, (size_t)got}))
            return false;
    }
    return true;
}

static bool copy_attribute(struct arena *arena, int from, int to, const char *name)
{
    /* these are signatures of the content, which is not the same */
    if (strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0)
        return true;
    ssize_t size = fgetxattr(from, name, NULL, 0);
    if (size < 0)
        return false;
    char *value = arena_alloc_raw(arena, (size_t)size);
    char *same = arena_alloc_raw(arena, (size_t)size);
    size = fgetxattr(from, name, value, (size_t)size);
    if (size < 0)
        return false;
    /* setting a label that the new file already has may not be permitted */
    if (fgetxattr(to, name, same, (size_t)size) == size && memcmp(value, same, (size_t)size) == 0)
        return true;
    return fsetxattr(to, name, value, (size_t)size, 0) == 0 || errno == ENOTSUP;
}

/* copy_attributes - extended attributes, which is where ACLs and SELinux labels are */
static bool copy_attributes(struct arena *arena, int from, int to)
{
    /* the new file may have inherited an ACL that the old one does not have */
    if (fremovexattr(to, "system.posix_acl_access") != 0 && errno != ENODATA && errno != ENOTSUP)
        return false;
    ssize_t size = flistxattr(from, NULL, 0);
    if (size <= 0)
        return size == 0 || errno == ENOTSUP;
    char *names = arena_alloc_raw(arena, (size_t)size);
    size = flistxattr(from, names, (size_t)size);
    if (size < 0)
        return false;
    for (const char *name = names; name < names + size; name += strlen(name) + 1) {
        if (!copy_attribute(arena, from, to, name))
            return false;
    }
    return true;
}

const char *file_keep_metadata(struct arena *arena, int from, int to, const struct stat *before)
{
    struct stat now;

    /* the order matters: chown clears the set-id bits, an ACL changes the bits of the group */
    if (fstat(to, &now) != 0)
        return "cannot write";
    if ((now.st_uid != before->st_uid || now.st_gid != before->st_gid) &&
        fchown(to, before->st_uid, before->st_gid) != 0)
        return "cannot keep its owner and group";
    if (!copy_attributes(arena, from, to))
        return "cannot keep its extended attributes";
    if (fchmod(to, before->st_mode & 07777) != 0)
        return "cannot keep its mode";
    return NULL;
}
