#include "smtp/server/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* of file names in tmp/: "1790000000.P4711Q12.postmend" */
static const char suffix[] = ".postmend";

static bool set_error(struct str *error, struct arena *arena, struct str path, const char *below)
{
    *error = arena_printf(arena, "%.*s%s: %s", STR_ARG(path), below, strerror(errno));
    return false;
}

/* make_directory - with its parents, if they do not exist */
static bool make_directory(char *path)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        int made = mkdir(path, 0700);
        *at = '/';
        if (made < 0 && errno != EEXIST)
            return false;
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* is_stale - is NAME a file whose process does not exist any more? */
static bool is_stale(const char *name)
{
    const char *process = strstr(name, ".P");
    char *end;

    if (process == NULL || !str_ends(str_of(name), suffix))
        return false;
    long id = strtol(process + 2, &end, 10);
    if (end == process + 2 || *end != 'Q' || id <= 0 || id != (long)(pid_t)id)
        return false;
    return id == (long)getpid() || (kill((pid_t)id, 0) < 0 && errno == ESRCH);
}

static void remove_stale(int directory)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (list == NULL) {
        if (copy >= 0)
            close(copy);
        return;
    }
    while ((entry = readdir(list)) != NULL)
        if (is_stale(entry->d_name))
            unlinkat(directory, entry->d_name, 0);
    closedir(list);
}

static int open_below(struct arena *arena, struct str path, const char *below)
{
    int top = open(arena_cstr(arena, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (top < 0)
        return -1;
    int directory = -1;
    if (mkdirat(top, below, 0700) == 0 || errno == EEXIST)
        directory = openat(top, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int problem = errno;
    close(top);
    errno = problem;
    return directory;
}

bool maildir_open(struct maildir *maildir, struct arena *arena, struct str path,
                  struct str hostname, struct str *error)
{
    char *copy = arena_alloc(arena, path.len + 1);

    *maildir = (struct maildir){.tmp = -1, .new = -1};
    memcpy(copy, path.at, path.len);
    if (!make_directory(copy))
        return set_error(error, arena, path, "");
    int cur = open_below(arena, path, "cur");
    if (cur < 0)
        return set_error(error, arena, path, "/cur");
    close(cur);
    maildir->tmp = open_below(arena, path, "tmp");
    if (maildir->tmp < 0)
        return set_error(error, arena, path, "/tmp");
    maildir->new = open_below(arena, path, "new");
    if (maildir->new < 0) {
        set_error(error, arena, path, "/new");
        maildir_close(maildir);
        return false;
    }
    /* maildir(5): no "/" and ":" in file names */
    char *host = arena_alloc(arena, hostname.len + 1);
    for (size_t i = 0; i < hostname.len; i++)
        host[i] = is_alnum(hostname.at[i]) || hostname.at[i] == '-' ? hostname.at[i] : '.';
    maildir->hostname = str_slice((struct str){host, hostname.len}, 0, 128);
    remove_stale(maildir->tmp);
    return true;
}

void maildir_close(struct maildir *maildir)
{
    if (maildir->tmp >= 0)
        close(maildir->tmp);
    if (maildir->new >= 0)
        close(maildir->new);
    maildir->tmp = maildir->new = -1;
}

/* --- one message ------------------------------------------------------------------------- */

static void set_failed(struct delivery *delivery)
{
    if (!delivery->failed)
        delivery->error = errno;
    delivery->failed = true;
}

void delivery_begin(struct delivery *delivery, struct maildir *maildir)
{
    struct stat file;

    *delivery = (struct delivery){.file = -1};
    snprintf(delivery->name, sizeof delivery->name, "%lld.P%ldQ%lu%s", (long long)time(NULL),
             (long)getpid(), ++maildir->count, suffix);
    delivery->file =
        openat(maildir->tmp, delivery->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (delivery->file < 0 || fstat(delivery->file, &file) < 0) {
        set_failed(delivery);
        return;
    }
    delivery->device = file.st_dev;
    delivery->inode = file.st_ino;
}

void delivery_write(struct delivery *delivery, struct str text)
{
    while (!delivery->failed && text.len > 0) {
        ssize_t done = write(delivery->file, text.at, text.len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            set_failed(delivery);
            return;
        }
        text = str_slice(text, (size_t)done, text.len);
    }
}

bool delivery_sync(struct delivery *delivery, const struct maildir *maildir)
{
    if (!delivery->failed && fsync(delivery->file) < 0)
        set_failed(delivery);
    if (delivery->failed)
        delivery_abort(delivery, maildir);
    return !delivery->failed;
}

bool delivery_commit(struct delivery *delivery, const struct maildir *maildir)
{
    char name[256];
    struct timespec now;

    if (delivery->failed || delivery->file < 0) {
        delivery_abort(delivery, maildir);
        return false;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    /* device and inode make the name unique among existing files, the time among all */
    snprintf(name, sizeof name, "%lld.V%llxI%llxM%06ld.%.*s", (long long)now.tv_sec,
             (unsigned long long)delivery->device, (unsigned long long)delivery->inode,
             now.tv_nsec / 1000, STR_ARG(maildir->hostname));
    if (renameat(maildir->tmp, delivery->name, maildir->new, name) < 0) {
        set_failed(delivery);
        delivery_abort(delivery, maildir);
        return false;
    }
    if (fsync(maildir->new) < 0) {
        set_failed(delivery);
        unlinkat(maildir->new, name, 0);
    }
    close(delivery->file);
    delivery->file = -1;
    return !delivery->failed;
}

void delivery_abort(struct delivery *delivery, const struct maildir *maildir)
{
    if (delivery->file < 0)
        return;
    unlinkat(maildir->tmp, delivery->name, 0);
    close(delivery->file);
    delivery->file = -1;
}
