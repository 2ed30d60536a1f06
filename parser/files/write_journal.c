/*
 * write_journal - replaces the files of a set in a directory that exists; see write.h
 *
 * .postmend-journal has, for file N of the set, N.new with the new content, and "plan", which is
 * complete when its last line is "end".  From then on the set can be completed by whoever finds it.
 * Each file changes places with its N.new; where the file system cannot do that, the old file gets
 * the name N.old first.  "undo" says that the set is to be taken back.  A lock (flock(2)) on the
 * directory says that a process is at work.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/path.h"
#include "parser/files/file.h"
#include "parser/files/write_set.h"

static const char undo_name[] = "undo";
static const struct str no_name = STR("");

/* --- one file --- */

static const char busy[] = "another postmend is changing this directory; try again later";

enum {
    LOCK_PAUSE_MS = 20,
    LOCK_TRIES_MAX = 100, /* two seconds in all */
};

enum slot_state {
    SLOT_NEW,  /* the new content waits there */
    SLOT_OLD,  /* the old file is there: they have changed places */
    SLOT_GONE, /* the new content is at its place, and the old file, if any, is a backup */
    SLOT_STRANGE,
};

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static const char *old_slot(const struct write_set *set, const struct write_file *file)
{
    return arena_printf(set->arena, "%s.old", file->slot).at;
}

static enum slot_state look_at_slot(const struct write_set *set, const struct write_file *file)
{
    struct stat status;
    int at = set->journal;

    if (fstatat(at, file->slot, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            return SLOT_STRANGE;
        if (renameat(at, old_slot(set, file), at, file->slot) == 0)
            return SLOT_OLD;
        return errno == ENOENT ? SLOT_GONE : SLOT_STRANGE;
    }
    return status.st_ino == file->staged.st_ino ? SLOT_NEW : SLOT_OLD;
}

/* has_old_bytes - is the file BASE in DIRECTORY what was read? */
static bool has_old_bytes(const struct write_set *set, const struct write_file *file, int directory,
                          const char *base)
{
    struct stat status;
    int fd = file_open_regular(directory, base, &status);
    const struct source *source = NULL;

    if (fd < 0)
        return false;
    bool same = is_same(&file->before, &status);
    if (same && file->old_bytes.at != NULL) {
        source = source_read_open(set->arena, fd, file->name);
        same = source != NULL && str_eq(source->bytes, file->old_bytes);
    }
    close(fd);
    return same;
}

/* exchange - the slot and the file change places; 0, or -1 with errno set */
static int exchange(const struct write_set *set, const struct write_file *file)
{
    int directory = write_directory_fd(set, file);

    if (renameat2(set->journal, file->slot, directory, file->base, RENAME_EXCHANGE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* a file system that cannot exchange: the old file first gets a second name */
    if (linkat(directory, file->base, set->journal, old_slot(set, file), 0) != 0 &&
        renameat(directory, file->base, set->journal, old_slot(set, file)) != 0)
        return -1;
    if (renameat(set->journal, file->slot, directory, file->base) != 0) {
        int number = errno;
        renameat(set->journal, old_slot(set, file), directory, file->base);
        errno = number;
        return -1;
    }
    return renameat(set->journal, old_slot(set, file), set->journal, file->slot);
}

/* rename_free - to a name that is free */
static int rename_free(int from, const char *old, int to, const char *new)
{
    int failed = renameat2(from, old, to, new, RENAME_NOREPLACE);

    if (failed == 0 || (errno != EINVAL && errno != ENOSYS))
        return failed;
    /* a file system without RENAME_NOREPLACE */
    failed = linkat(from, old, to, new, 0);
    if (failed == 0)
        unlinkat(from, old, 0);
    return failed;
}

/* swap_file - puts the new content at its place */
static bool swap_file(struct write_set *set, struct write_file *file, struct str *error)
{
    enum slot_state state = look_at_slot(set, file);

    if (state == SLOT_STRANGE)
        return write_fail(set, file->name, "cannot be replaced", error);
    if (state != SLOT_NEW) {
        file->swapped = true;
        return true;
    }
    /* looked at before, too, so that what another program has changed is not even moved */
    if (file->exists && !has_old_bytes(set, file, write_directory_fd(set, file), file->base))
        return write_fail_changed(set, file, error);
    int failed = file->exists ? exchange(set, file)
                              : rename_free(set->journal, file->slot, write_directory_fd(set, file),
                                            file->base);
    if (failed)
        return write_fail(set, file->name, "cannot be replaced", error);
    file->swapped = true;
    return !file->exists || has_old_bytes(set, file, set->journal, file->slot) ||
           write_fail_changed(set, file, error);
}

/* keep_backup - gives the old file its name beside the new one */
static bool keep_backup(struct write_set *set, struct write_file *file, struct str *error)
{
    int directory = write_directory_fd(set, file);
    struct str name = arena_printf(set->arena, "%s.postmend-backup", file->base);

    if (file->how != WRITE_BACKUP || !file->exists || look_at_slot(set, file) == SLOT_GONE)
        return true;
    for (unsigned i = 2; i < WRITE_TRIES_MAX; i++) {
        if (rename_free(set->journal, file->slot, directory, name.at) == 0) {
            file->backup = name.at;
            return true;
        }
        if (errno != EEXIST)
            break;
        name = arena_printf(set->arena, "%s.postmend-backup.%u", file->base, i);
    }
    if (errno == EEXIST) {
        errno = 0;
        name = arena_printf(set->arena, "cannot make a backup: there are %d already; remove some",
                            WRITE_TRIES_MAX - 1);
        return write_fail(set, file->name, name.at, error);
    }
    return write_fail(set, file->name, "cannot make a backup", error);
}

/* save_edit - the file BASE in FROM is the new one; where another program has written to it, that
   is kept beside the old file, and otherwise it stays where it is */
static bool save_edit(struct write_set *set, struct write_file *file, int from, const char *base)
{
    struct stat status;

    file->edit = NULL;
    if (fstatat(from, base, &status, AT_SYMLINK_NOFOLLOW) != 0 || is_same(&file->staged, &status))
        return true;
    for (unsigned i = 1; i < WRITE_TRIES_MAX; i++) {
        const char *name = arena_printf(set->arena, "%s.postmend-edit.%u", file->base, i).at;
        if (rename_free(from, base, write_directory_fd(set, file), name) == 0) {
            file->edit = name;
            return true;
        }
        if (errno != EEXIST)
            break;
    }
    return false;
}

/* put_old_back - they change places again, unless the new file is no longer the one that was put
   there: then it is another program's */
static bool put_old_back(struct write_set *set, struct write_file *file)
{
    if (exchange(set, file) != 0)
        return false;
    if (look_at_slot(set, file) == SLOT_NEW)
        return save_edit(set, file, set->journal, file->slot);
    exchange(set, file);
    return false;
}

static bool put_back(struct write_set *set, struct write_file *file)
{
    int directory = write_directory_fd(set, file);
    struct stat status;

    if (file->backup != NULL && rename_free(directory, file->backup, set->journal, file->slot) != 0)
        return false;
    file->backup = NULL;
    enum slot_state state = look_at_slot(set, file);
    if (file->exists) {
        if (state == SLOT_OLD && !put_old_back(set, file))
            return false;
    } else if (state == SLOT_GONE && directory >= 0 &&
               fstatat(directory, file->base, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
               status.st_ino == file->staged.st_ino) {
        if (!save_edit(set, file, directory, file->base) ||
            (file->edit == NULL && unlinkat(directory, file->base, 0) != 0))
            return false;
    }
    file->swapped = false;
    return true;
}

/* --- the directories that the set makes --- */

static bool make_directories(struct write_set *set, struct str *error)
{
    for (size_t i = 1; i < set->directory_count; i++) {
        struct write_directory *directory = &set->directories[i];
        int at = set->directories[directory->parent].fd;
        if (directory->fd >= 0)
            continue;
        if (mkdirat(at, directory->base, 0755) == 0 || errno == EEXIST)
            directory->fd =
                openat(at, directory->base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (directory->fd < 0)
            return write_fail(set, directory->name, "cannot make the directory", error);
    }
    return true;
}

static void remove_made_directories(struct write_set *set)
{
    for (size_t i = set->directory_count; i-- > 1;) {
        const struct write_directory *directory = &set->directories[i];
        int at = set->directories[directory->parent].fd;
        if (directory->made && at >= 0)
            unlinkat(at, directory->base, AT_REMOVEDIR);
    }
}

/* --- the set --- */

/* remove_journal - what stays of it is removed by the next run */
static void remove_journal(struct write_set *set)
{
    /* first what makes it one */
    unlinkat(set->journal, plan_name, 0);
    if (write_remove_all(set->journal, 0))
        unlinkat(set->directories[0].fd, journal_name, AT_REMOVEDIR);
}

/* go_forward - completes the set */
static bool go_forward(struct write_set *set, struct str *error)
{
    if (!make_directories(set, error))
        return false;
    for (size_t i = 0; i < set->file_count; i++)
        if (!swap_file(set, &set->files[i], error))
            return false;
    for (size_t i = 0; i < set->file_count; i++)
        if (!keep_backup(set, &set->files[i], error))
            return false;
    return write_sync_directories(set, error);
}

/* go_back - takes the set back; what cannot be is added to *ERROR, and the journal stays */
static void go_back(struct write_set *set, struct str *error)
{
    struct str unused;
    bool good = true;
    int undo = openat(set->journal, undo_name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (undo >= 0)
        close(undo);
    for (size_t i = set->file_count; i-- > 0;)
        if (!put_back(set, &set->files[i])) {
            good = false;
            *error =
                arena_printf(set->arena, "%.*s; the old %.*s is left as %s/%s", STR_ARG(*error),
                             STR_ARG(set->files[i].name), journal_name, set->files[i].slot);
        }
    write_sync_directories(set, &unused);
    if (!good)
        return;
    remove_made_directories(set);
    remove_journal(set);
}

bool journal_commit(struct write_set *set, struct str *error)
{
    bool good = journal_write_plan(set, error) && go_forward(set, error);

    if (good)
        remove_journal(set);
    else
        go_back(set, error);
    write_close(set);
    return good;
}

void journal_abandon(struct write_set *set)
{
    remove_journal(set);
}

/* --- after an interruption --- */

/* is_trusted - was the journal made by this user, by root or by the owner of the directory? */
static bool is_trusted(const struct write_set *set)
{
    struct stat journal, root;

    return fstat(set->journal, &journal) == 0 && fstat(set->directories[0].fd, &root) == 0 &&
           (journal.st_uid == geteuid() || journal.st_uid == 0 || journal.st_uid == root.st_uid);
}

static bool explain(const struct write_set *set, const char *what, struct str *error)
{
    errno = 0;
    return write_fail(set, str_of(journal_name), what, error);
}

/* recover_locked - the journal is open and nobody is at work in it */
static enum write_recovery recover_locked(struct write_set *set, struct str *message)
{
    struct stat status;
    struct str why = STR_NONE;

    if (fstat(set->journal, &status) != 0 || status.st_nlink == 0)
        return RECOVERY_NONE; /* the process that made it has removed it meanwhile */
    if (!is_trusted(set)) {
        explain(set, "was not made by the owner of the directory; remove it", message);
        return RECOVERY_FAILED;
    }
    bool undo = faccessat(set->journal, undo_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
    bool planned = journal_read_plan(set, message);
    if (!planned && message->at != NULL)
        return RECOVERY_FAILED;
    bool forward = planned && !undo && go_forward(set, &why);
    struct str back = STR_NONE;
    if (forward)
        remove_journal(set);
    else
        go_back(set, &back);
    if (faccessat(set->directories[0].fd, journal_name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        explain(set, "cannot be completed or taken back; see the files in it", message);
        if (why.at != NULL || back.at != NULL)
            *message = arena_printf(set->arena, "%.*s: %.*s%.*s", STR_ARG(*message), STR_ARG(why),
                                    STR_ARG(back));
        return RECOVERY_FAILED;
    }
    *message = arena_printf(set->arena, "%s: an interrupted change was %s%s%.*s%.*s", set->root,
                            forward ? "completed" : "taken back", why.at != NULL ? ": " : "",
                            STR_ARG(why), STR_ARG(back));
    return RECOVERY_DONE;
}

/* lock_journal - a process that recovers the directory, as two of them may want to, or writes to
   it, is done in a moment; false with errno set where it is not */
static bool lock_journal(int journal)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

    for (int i = 0; flock(journal, LOCK_EX | LOCK_NB) != 0; i++) {
        if ((errno != EWOULDBLOCK && errno != EINTR) || i == LOCK_TRIES_MAX)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

/* recover - what is left in the root of the set */
static enum write_recovery recover(struct write_set *set, struct str *message)
{
    int root = set->directories[0].fd;

    set->journal = openat(root, journal_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (set->journal < 0 && errno == ENOENT)
        return RECOVERY_NONE;
    if (set->journal < 0) {
        write_fail(set, str_of(journal_name), "cannot open the directory", message);
        return RECOVERY_FAILED;
    }
    if (lock_journal(set->journal))
        return recover_locked(set, message);
    if (errno == EWOULDBLOCK)
        explain(set, busy, message);
    else
        write_fail(set, str_of(journal_name), "cannot lock", message);
    return RECOVERY_FAILED;
}

/* forget - the set is empty again, but for its root */
static void forget(struct write_set *set)
{
    for (size_t i = 1; i < set->directory_count; i++)
        if (set->directories[i].fd >= 0)
            close(set->directories[i].fd);
    if (set->journal >= 0)
        close(set->journal);
    set->directory_count = 1;
    set->file_count = 0;
    set->journal = -1;
}

bool journal_begin(struct write_set *set, struct str *error)
{
    int root = set->directories[0].fd;
    struct str message = STR_NONE;
    enum write_recovery recovery = recover(set, &message);

    forget(set);
    if (recovery == RECOVERY_FAILED) {
        *error = message;
        return false;
    }
    set->recovered = recovery == RECOVERY_DONE ? message : STR_NONE;
    if (mkdirat(root, journal_name, 0700) != 0)
        return errno == EEXIST ? explain(set, busy, error)
                               : write_fail(set, no_name, "cannot write", error);
    set->journal = openat(root, journal_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (set->journal >= 0 && flock(set->journal, LOCK_EX | LOCK_NB) == 0)
        return true;
    write_fail(set, no_name, "cannot write", error);
    unlinkat(root, journal_name, AT_REMOVEDIR);
    return false;
}

enum write_recovery write_recover(struct arena *arena, struct str root, struct str *message)
{
    struct write_set set = {.arena = arena, .journal = -1, .parent = -1, .recovered = STR_NONE};
    struct str path = path_trim_slashes(root);

    set.root = arena_cstr(arena, path);
    int fd = open(set.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return RECOVERY_NONE;
    write_keep_directory(&set, (struct write_directory){.name = no_name, .fd = fd, .base = ""});
    enum write_recovery recovery = recover(&set, message);
    write_close(&set);
    return recovery;
}
