/*
 * write_fixture - a directory to write to, and a kernel that fails when it is told to
 *
 * For one program each: it defines functions of libc.
 */
#ifndef TESTS_UNIT_WRITE_FIXTURE_H
#define TESTS_UNIT_WRITE_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "parser/files/write.h"
#include "parser/text/source.h"

struct write_fixture {
    struct arena *arena;
    struct write_set *set;
    struct str error;
    char directory[64];
};

/* --- a kernel that fails when it is told to: these stand in front of libc's --- */

static struct {
    bool no_links;        /* a file system without hard links */
    int renames_left;     /* so many succeed, the next fails; -1: all succeed */
    bool kills;           /* the one that would fail kills the process */
    bool no_sync_renamed; /* fsync fails once something has been renamed */
    bool renamed;
} kernel;

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    if (kernel.no_links) {
        errno = EPERM;
        return -1;
    }
    return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    if (kernel.renames_left == 0 && kernel.kills)
        kill(getpid(), SIGKILL);
    if (kernel.renames_left == 0) {
        kernel.renames_left = -1; /* putting back works again */
        errno = EIO;
        return -1;
    }
    if (kernel.renames_left > 0)
        kernel.renames_left--;
    kernel.renamed = true;
    return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int fsync(int fd)
{
    if (kernel.no_sync_renamed && kernel.renamed) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

/* --- a directory to write to --- */

static inline int setup(void **state)
{
    struct write_fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->arena = arena_create(abort);
    strcpy(fixture->directory, "/tmp/postmend-write-XXXXXX");
    *state = fixture;
    memset(&kernel, 0, sizeof(kernel));
    kernel.renames_left = -1;
    umask(022);
    return mkdtemp(fixture->directory) == NULL || chdir(fixture->directory) != 0 ||
           mkdir("etc", 0755) != 0;
}

static inline int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static inline void remove_all(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_entry, alphasort);

    for (int i = 0; i < count; i++) {
        char *path;
        if (asprintf(&path, "%s/%s", directory, entries[i]->d_name) < 0)
            abort();
        if (entries[i]->d_type == DT_DIR)
            remove_all(path);
        remove(path);
        free(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static inline int teardown(void **state)
{
    struct write_fixture *fixture = *state;
    if (fixture->set != NULL)
        write_abandon(fixture->set);
    remove_all(fixture->directory);
    int failed = chdir("/") != 0 || rmdir(fixture->directory) != 0;
    arena_destroy(fixture->arena);
    free(fixture);
    return failed;
}

/* the names in DIRECTORY, a blank after each */
static inline const char *names_in(struct write_fixture *fixture, const char *directory)
{
    struct dirent **entries;
    struct buffer names;
    int count = scandir(directory, &entries, is_entry, alphasort);

    buffer_init(&names, fixture->arena);
    for (int i = 0; i < count; i++) {
        buffer_printf(&names, "%s ", entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return count < 0 ? "no directory" : arena_cstr(fixture->arena, buffer_str(&names));
}

static inline bool holds(struct write_fixture *fixture, const char *path, const char *bytes)
{
    const struct source *source = source_read(fixture->arena, str_of(path));
    return source != NULL && str_is(source->bytes, bytes);
}

static inline void put(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(bytes, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline unsigned mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static inline void begin(struct write_fixture *fixture, const char *root, bool create)
{
    fixture->set = write_begin(fixture->arena, str_of(root), create, &fixture->error);
    assert_non_null(fixture->set);
}

static inline bool add(struct write_fixture *fixture, const char *name, const char *bytes,
                       enum write_mode how)
{
    return write_add(fixture->set, str_of(name), str_of(bytes), 0644, how, &fixture->error);
}

static inline bool commit(struct write_fixture *fixture)
{
    return write_commit(fixture->set, &fixture->error);
}

static inline void assert_error(const struct write_fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->error.at, expected);
}

/* main.cf and master.cf stand in etc and are to be replaced */
static inline struct write_fixture *two_files(void **state, enum write_mode how)
{
    struct write_fixture *fixture = *state;

    put("etc/main.cf", "old main\n");
    put("etc/master.cf", "old master\n");
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new main\n", how));
    assert_true(add(fixture, "master.cf", "new master\n", how));
    return fixture;
}

static inline void assert_untouched(struct write_fixture *fixture)
{
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
    assert_true(holds(fixture, "etc/master.cf", "old master\n"));
}

#endif
