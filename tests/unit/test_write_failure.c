/* write: what fails leaves everything as it was */
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/write_fixture.h"

enum { SKIP = 77, NOBODY = 65534 };

static void giving_up_leaves_the_old_set_alone(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    write_abandon(fixture->set);
    assert_untouched(fixture);
}

static void giving_up_removes_what_was_made(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "out", true);
    assert_true(add(fixture, "a/b/access", "x OK\n", WRITE_NEW));
    write_abandon(fixture->set);
    assert_string_equal(names_in(fixture, "."), "etc ");
}

static void giving_up_after_a_commit_does_nothing(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "out", true);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_NEW) && commit(fixture));
    write_abandon(fixture->set);
    assert_true(holds(fixture, "out/main.cf", "new\n"));
}

static void a_file_that_someone_changed_meanwhile_is_not_replaced(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    put("etc/master.cf", "changed by hand\n");
    assert_false(commit(fixture));
    assert_true(holds(fixture, "etc/master.cf", "changed by hand\n"));
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
}

static void when_a_rename_fails_the_files_renamed_before_are_put_back(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    kernel.renames_left = 1;
    assert_false(commit(fixture));
    assert_untouched(fixture);
}

static void what_is_put_back_is_the_old_file_itself(void **state)
{
    struct stat before, after;
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_int_equal(stat("etc/main.cf", &before), 0);
    kernel.renames_left = 1;
    assert_false(commit(fixture));
    assert_int_equal(stat("etc/main.cf", &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void a_failed_rename_names_the_file_and_the_reason(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    kernel.renames_left = 1;
    assert_false(commit(fixture));
    assert_error(fixture, "etc/master.cf: cannot be replaced: Input/output error");
}

static void when_the_directory_cannot_be_synced_the_old_files_are_put_back(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    kernel.no_sync_renamed = true;
    assert_false(commit(fixture));
    assert_untouched(fixture);
}

static void a_file_that_appeared_meanwhile_is_kept_and_the_others_are_put_back(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_true(add(fixture, "new.cf", "ours\n", WRITE_NEW));
    put("etc/new.cf", "theirs\n");
    assert_false(commit(fixture));
    assert_true(holds(fixture, "etc/new.cf", "theirs\n"));
    assert_int_equal(unlink("etc/new.cf"), 0);
    assert_untouched(fixture);
}

static void a_new_file_goes_when_a_later_one_fails(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "etc", false);
    assert_true(add(fixture, "first", "1\n", WRITE_NEW));
    assert_true(add(fixture, "second", "2\n", WRITE_NEW));
    kernel.renames_left = 1;
    assert_false(commit(fixture));
    assert_string_equal(names_in(fixture, "etc"), "");
}

/* --- what only a child can try: limits, mounts, another user --- */

static int in_child(struct write_fixture *fixture, int (*test)(struct write_fixture *))
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(test(fixture));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_child(void **state, int (*test)(struct write_fixture *), const char *needs)
{
    int status = in_child(*state, test);
    if (status == SKIP) {
        print_message("SKIPPED: %s\n", needs);
        skip();
    }
    assert_int_equal(status, 0);
}

/* adds a small file, then a large one, which must fail for REASON; 0 if all is as it was */
static int large_file_fails(struct write_fixture *fixture, const char *reason)
{
    static char large[1024 * 1024 + 1];
    memset(large, 'x', sizeof(large) - 1);
    fixture->set = write_begin(fixture->arena, str_of("etc"), false, &fixture->error);
    if (fixture->set == NULL || !add(fixture, "main.cf", "new main\n", WRITE_BACKUP))
        return 1;
    if (add(fixture, "master.cf", large, WRITE_BACKUP))
        return 2;
    struct str expected = arena_printf(fixture->arena, "etc/master.cf: cannot write: %s", reason);
    if (!str_eq(fixture->error, expected))
        return 3;
    write_abandon(fixture->set);
    if (!str_is(str_of(names_in(fixture, "etc")), "main.cf master.cf "))
        return 4;
    return holds(fixture, "etc/main.cf", "old\n") && holds(fixture, "etc/master.cf", "old\n") ? 0
                                                                                              : 5;
}

static int under_a_size_limit(struct write_fixture *fixture)
{
    struct rlimit limit = {64 * 1024, 64 * 1024};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return SKIP;
    return large_file_fails(fixture, "File too large");
}

static void a_file_over_the_size_limit_leaves_nothing_half_written(void **state)
{
    put("etc/main.cf", "old\n");
    put("etc/master.cf", "old\n");
    assert_child(state, under_a_size_limit, "no file size limit can be set");
}

static bool mount_small_disk(void)
{
    return unshare(CLONE_NEWNS) == 0 && mount("", "/", "", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", "etc", "tmpfs", 0, "size=256k") == 0;
}

static int on_a_full_disk(struct write_fixture *fixture)
{
    if (!mount_small_disk())
        return SKIP;
    put("etc/main.cf", "old\n");
    put("etc/master.cf", "old\n");
    return large_file_fails(fixture, "No space left on device");
}

static void a_full_disk_leaves_nothing_half_written(void **state)
{
    assert_child(state, on_a_full_disk, "a small disk cannot be mounted here");
}

static int on_a_read_only_disk(struct write_fixture *fixture)
{
    if (!mount_small_disk())
        return SKIP;
    put("etc/main.cf", "old\n");
    if (mount("tmpfs", "etc", "tmpfs", MS_REMOUNT | MS_RDONLY, NULL) != 0)
        return SKIP;
    fixture->set = write_begin(fixture->arena, str_of("etc"), false, &fixture->error);
    return fixture->set != NULL ||
           !str_is(fixture->error, "etc: cannot write: Read-only file system");
}

static void a_read_only_disk_is_named_as_the_reason(void **state)
{
    assert_child(state, on_a_read_only_disk, "a small disk cannot be mounted here");
}

static bool become_nobody(void)
{
    if (geteuid() != 0)
        return true;
    return setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
}

static int without_permission(struct write_fixture *fixture)
{
    if (!become_nobody())
        return SKIP;
    fixture->set = write_begin(fixture->arena, str_of("etc"), false, &fixture->error);
    return fixture->set != NULL || !str_is(fixture->error, "etc: cannot write: Permission denied");
}

static void a_read_only_directory_is_named_as_the_reason(void **state)
{
    put("etc/main.cf", "old\n");
    assert_int_equal(chmod("etc", 0555), 0);
    assert_int_equal(chmod(".", 0755), 0);
    assert_child(state, without_permission, "cannot become another user");
}

static int without_the_right_to_give_away(struct write_fixture *fixture)
{
    if (geteuid() != 0 || !become_nobody())
        return SKIP;
    fixture->set = write_begin(fixture->arena, str_of("etc"), false, &fixture->error);
    if (fixture->set == NULL || add(fixture, "main.cf", "new\n", WRITE_REPLACE))
        return 1;
    if (!str_is(fixture->error,
                "etc/main.cf: cannot keep its owner and group: Operation not permitted"))
        return 2;
    write_abandon(fixture->set);
    return !str_is(str_of(names_in(fixture, "etc")), "main.cf ");
}

static void a_file_whose_owner_cannot_be_kept_is_not_replaced(void **state)
{
    put("etc/main.cf", "old\n");
    assert_int_equal(chmod("etc", 0777), 0);
    assert_int_equal(chmod(".", 0755), 0);
    assert_child(state, without_the_right_to_give_away, "only root can become another user");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(giving_up_leaves_the_old_set_alone),
        TEST(giving_up_removes_what_was_made),
        TEST(giving_up_after_a_commit_does_nothing),
        TEST(a_file_that_someone_changed_meanwhile_is_not_replaced),
        TEST(when_a_rename_fails_the_files_renamed_before_are_put_back),
        TEST(what_is_put_back_is_the_old_file_itself),
        TEST(a_failed_rename_names_the_file_and_the_reason),
        TEST(when_the_directory_cannot_be_synced_the_old_files_are_put_back),
        TEST(a_file_that_appeared_meanwhile_is_kept_and_the_others_are_put_back),
        TEST(a_new_file_goes_when_a_later_one_fails),
        TEST(a_file_over_the_size_limit_leaves_nothing_half_written),
        TEST(a_full_disk_leaves_nothing_half_written),
        TEST(a_read_only_disk_is_named_as_the_reason),
        TEST(a_read_only_directory_is_named_as_the_reason),
        TEST(a_file_whose_owner_cannot_be_kept_is_not_replaced),
    };
    return cmocka_run_group_tests_name("write failure", tests, NULL, NULL);
}
