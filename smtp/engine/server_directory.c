#include "smtp/engine/server_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char prefix[] = "postmend-livetest.";

enum { ATTEMPTS = 100 };

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    if (type == FTW_DP)
        rmdir(path);
    else
        unlink(path);
    return 0;
}

static void remove_tree(const char *path)
{
    nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* lock_directory - a file descriptor that holds the lock; -1: another process has it, or the
   directory is not ours, or it is gone by now */
static int lock_directory(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -1;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &status) == 0 &&
        status.st_uid == geteuid() && status.st_nlink > 0 && access(path, F_OK) == 0)
        return fd;
    close(fd);
    return -1;
}

/* remove_left_behind - the directories in PARENT that nobody has locked */
static void remove_left_behind(struct arena *arena, const char *parent)
{
    DIR *list = opendir(parent);
    struct dirent *entry;

    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (strncmp(entry->d_name, prefix, sizeof prefix - 1) != 0)
            continue;
        const char *path = arena_printf(arena, "%s/%s", parent, entry->d_name).at;
        int lock = lock_directory(path);
        if (lock < 0)
            continue;
        remove_tree(path);
        close(lock);
    }
    if (list != NULL)
        closedir(list);
}

bool server_directory_make(struct server_directory *directory, struct arena *arena,
                           const char *parent, struct str *error)
{
    struct str template = arena_printf(arena, "%s/%sXXXXXX", parent, prefix);
    char *path = arena_alloc(arena, template.len + 1);

    *directory = (struct server_directory){.path = {path, template.len}, .lock = -1};
    remove_left_behind(arena, parent);
    /* another run may take it for left behind before it is locked */
    for (int i = 0; i < ATTEMPTS && directory->lock < 0; i++) {
        memcpy(path, template.at, template.len);
        if (mkdtemp(path) == NULL)
            break;
        directory->lock = lock_directory(path);
        if (directory->lock < 0)
            rmdir(path);
    }
    if (directory->lock < 0)
        *error = arena_printf(arena, "cannot create %s: %s", path, strerror(errno));
    return directory->lock >= 0;
}

void server_directory_remove(struct server_directory *directory)
{
    remove_tree(directory->path.at);
    if (directory->lock >= 0)
        close(directory->lock);
    directory->lock = -1;
}
