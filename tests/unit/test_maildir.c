/* maildir: nothing is promised that is not on the disk, and nothing is left behind */
#include "smtp/server/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char *directory(struct arena *arena)
{
    char *name = arena_alloc(arena, 64);

    snprintf(name, 64, "/tmp/postmend-maildir.XXXXXX");
    assert_non_null(mkdtemp(name));
    return name;
}

/* count - files in DIRECTORY/BELOW; the last one's path is in PATH */
static int count(struct arena *arena, const char *directory, const char *below, struct str *path)
{
    struct str name = arena_printf(arena, "%s/%s", directory, below);
    DIR *list = opendir(arena_cstr(arena, name));
    const struct dirent *entry;
    int found = 0;

    assert_non_null(list);
    while ((entry = readdir(list)) != NULL)
        if (entry->d_name[0] != '.') {
            found++;
            *path = arena_printf(arena, "%.*s/%s", STR_ARG(name), entry->d_name);
        }
    closedir(list);
    return found;
}

static void take_away(struct arena *arena, const char *top)
{
    static const char *const parts[] = {"new", "cur", "tmp"};
    struct str path;

    for (size_t i = 0; i < 3; i++) {
        while (count(arena, top, parts[i], &path) > 0)
            assert_int_equal(unlink(arena_cstr(arena, path)), 0);
        assert_int_equal(rmdir(arena_cstr(arena, arena_printf(arena, "%s/%s", top, parts[i]))), 0);
    }
    assert_int_equal(rmdir(top), 0);
}

static void open_in(struct maildir *maildir, struct arena *arena, const char *top)
{
    struct str error = STR_NONE;

    assert_true(maildir_open(maildir, arena, str_of(top), str_of("mail.example.com"), &error));
}

static void a_message_is_in_new_after_the_commit_and_not_before(void **state)
{
    struct arena *arena = *state;
    const char *top = directory(arena);
    struct maildir maildir;
    struct delivery delivery;
    struct str path;

    open_in(&maildir, arena, top);
    delivery_begin(&delivery, &maildir);
    delivery_write(&delivery, str_of("one\n"));
    delivery_write(&delivery, str_of("two\n"));
    assert_true(delivery_sync(&delivery, &maildir));
    assert_int_equal(count(arena, top, "new", &path), 0);
    assert_int_equal(count(arena, top, "tmp", &path), 1);
    assert_true(delivery_commit(&delivery, &maildir));
    assert_int_equal(count(arena, top, "tmp", &path), 0);
    assert_int_equal(count(arena, top, "new", &path), 1);
    const struct source *source = source_read(arena, path);
    assert_non_null(source);
    assert_str(source->bytes, "one\ntwo\n");
    assert_true(str_ends(path, ".mail.example.com"));
    maildir_close(&maildir);
    take_away(arena, top);
}

static void what_is_given_up_leaves_nothing(void **state)
{
    const char *top = directory(*state);
    struct maildir maildir;
    struct delivery delivery;
    struct str path;

    open_in(&maildir, *state, top);
    delivery_begin(&delivery, &maildir);
    delivery_write(&delivery, str_of("one\n"));
    delivery_abort(&delivery, &maildir);
    delivery_abort(&delivery, &maildir);
    assert_int_equal(count(*state, top, "tmp", &path), 0);
    assert_int_equal(count(*state, top, "new", &path), 0);
    maildir_close(&maildir);
    take_away(*state, top);
}

/* in_child - what the child may spoil, such as limits, is spoilt for it alone */
static int in_child(int (*run)(const char *), const char *top)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(run(top));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int write_too_much(const char *top)
{
    static char text[8192];
    struct rlimit limit = {4096, 4096};
    struct arena *arena = arena_create(abort);
    struct maildir maildir;
    struct delivery delivery;
    struct str error;

    signal(SIGXFSZ, SIG_IGN);
    if (!maildir_open(&maildir, arena, str_of(top), str_of("x"), &error) ||
        setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    delivery_begin(&delivery, &maildir);
    delivery_write(&delivery, (struct str){text, sizeof text});
    delivery_write(&delivery, (struct str){text, 1});
    if (delivery_sync(&delivery, &maildir) || delivery_commit(&delivery, &maildir))
        return 2;
    return delivery.error == EFBIG ? 0 : 3;
}

static void a_disk_that_takes_no_more_leaves_nothing(void **state)
{
    const char *top = directory(*state);
    struct str path;

    assert_int_equal(in_child(write_too_much, top), 0);
    assert_int_equal(count(*state, top, "tmp", &path), 0);
    assert_int_equal(count(*state, top, "new", &path), 0);
    take_away(*state, top);
}

static int die_while_writing(const char *top)
{
    struct arena *arena = arena_create(abort);
    struct maildir maildir;
    struct delivery delivery;
    struct str error;

    if (!maildir_open(&maildir, arena, str_of(top), str_of("x"), &error))
        return 1;
    delivery_begin(&delivery, &maildir);
    delivery_write(&delivery, str_of("half"));
    raise(SIGKILL);
    return 2;
}

static void the_next_start_takes_away_what_a_dead_process_left_and_nothing_else(void **state)
{
    struct arena *arena = *state;
    const char *top = directory(arena);
    struct maildir maildir;
    struct delivery delivery;
    struct str path = STR_NONE;

    assert_int_equal(in_child(die_while_writing, top), 128 + SIGKILL);
    assert_int_equal(count(arena, top, "tmp", &path), 1);
    struct str other = arena_printf(arena, "%s/tmp/1.P1_2.other", top);
    int file = open(arena_cstr(arena, other), O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    close(file);
    open_in(&maildir, arena, top);
    assert_int_equal(count(arena, top, "tmp", &path), 1);
    assert_str(path, arena_cstr(arena, other));
    delivery_begin(&delivery, &maildir);
    assert_false(delivery.failed);
    delivery_abort(&delivery, &maildir);
    maildir_close(&maildir);
    take_away(arena, top);
}

static void a_place_that_cannot_be_is_said_in_one_line(void **state)
{
    struct maildir maildir;
    struct str error = STR_NONE;

    assert_false(maildir_open(&maildir, *state, str_of("/proc/none"), str_of("x"), &error));
    assert_true(str_starts(error, "/proc/none: "));
    assert_int_equal(str_find(error, '\n', 0), error.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_message_is_in_new_after_the_commit_and_not_before),
        arena_test(what_is_given_up_leaves_nothing),
        arena_test(a_disk_that_takes_no_more_leaves_nothing),
        arena_test(the_next_start_takes_away_what_a_dead_process_left_and_nothing_else),
        arena_test(a_place_that_cannot_be_is_said_in_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
