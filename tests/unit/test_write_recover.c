/* write: what a kill leaves is completed or taken back */
#include <sys/wait.h>

#include "tests/unit/write_fixture.h"

/* killed_after - a process that replaces main.cf and master.cf is killed after so many renames; -1:
   before the commit */
static struct write_fixture *killed_after(void **state, int renames, enum write_mode how)
{
    struct write_fixture *fixture = *state;
    int status;
    pid_t child;

    put("etc/main.cf", "old main\n");
    put("etc/master.cf", "old master\n");
    child = fork();
    if (child == 0) {
        begin(fixture, "etc", false);
        if (!add(fixture, "main.cf", "new main\n", how) ||
            !add(fixture, "master.cf", "new master\n", how))
            _exit(1);
        if (renames < 0)
            kill(getpid(), SIGKILL);
        kernel.renames_left = renames;
        kernel.kills = true;
        commit(fixture);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return fixture;
}

static enum write_recovery recover(struct write_fixture *fixture)
{
    fixture->error = STR_NONE;
    return write_recover(fixture->arena, str_of("etc"), &fixture->error);
}

static void a_directory_without_a_journal_needs_nothing(void **state)
{
    assert_int_equal(recover(*state), RECOVERY_NONE);
}

static void what_was_not_yet_to_be_committed_is_removed(void **state)
{
    struct write_fixture *fixture = killed_after(state, -1, WRITE_BACKUP);
    assert_int_equal(recover(fixture), RECOVERY_DONE);
    assert_error(fixture, "etc: an interrupted change was taken back");
    assert_untouched(fixture);
}

static void a_kill_between_two_files_is_completed(void **state)
{
    struct write_fixture *fixture = killed_after(state, 1, WRITE_REPLACE);
    assert_true(holds(fixture, "etc/main.cf", "new main\n"));
    assert_true(holds(fixture, "etc/master.cf", "old master\n"));
    assert_int_equal(recover(fixture), RECOVERY_DONE);
    assert_error(fixture, "etc: an interrupted change was completed");
    assert_true(holds(fixture, "etc/main.cf", "new main\n"));
    assert_true(holds(fixture, "etc/master.cf", "new master\n"));
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
}

static void at_each_rename_the_set_is_completed_with_its_backups(void **state)
{
    for (int renames = 0; renames < 4; renames++) {
        struct write_fixture *fixture = killed_after(state, renames, WRITE_BACKUP);
        assert_int_equal(recover(fixture), RECOVERY_DONE);
        assert_true(holds(fixture, "etc/main.cf", "new main\n"));
        assert_true(holds(fixture, "etc/master.cf", "new master\n"));
        assert_true(holds(fixture, "etc/main.cf.postmend-backup", "old main\n"));
        assert_true(holds(fixture, "etc/master.cf.postmend-backup", "old master\n"));
        assert_string_equal(names_in(fixture, "etc"),
                            "main.cf main.cf.postmend-backup master.cf master.cf.postmend-backup ");
        remove_all("etc");
    }
}

static void an_edit_after_the_kill_is_kept_and_the_rest_is_taken_back(void **state)
{
    struct write_fixture *fixture = killed_after(state, 1, WRITE_REPLACE);
    put("etc/master.cf", "changed by hand\n");
    assert_int_equal(recover(fixture), RECOVERY_DONE);
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
    assert_true(holds(fixture, "etc/master.cf", "changed by hand\n"));
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
}

static void an_edit_of_the_new_file_is_kept_when_the_set_is_taken_back(void **state)
{
    struct write_fixture *fixture = killed_after(state, 1, WRITE_REPLACE);
    FILE *file = fopen("etc/main.cf", "a");
    assert_non_null(file);
    assert_true(fputs("added by hand\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    put("etc/master.cf", "changed by hand\n");
    assert_int_equal(recover(fixture), RECOVERY_DONE);
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
    assert_true(holds(fixture, "etc/main.cf.postmend-edit.1", "new main\nadded by hand\n"));
    assert_true(holds(fixture, "etc/master.cf", "changed by hand\n"));
}

static void the_next_set_begins_with_the_recovery(void **state)
{
    struct write_fixture *fixture = killed_after(state, 1, WRITE_REPLACE);
    begin(fixture, "etc", false);
    assert_true(str_is(write_recovered(fixture->set), "etc: an interrupted change was completed"));
    assert_true(add(fixture, "main.cf", "newest\n", WRITE_REPLACE) && commit(fixture));
    assert_true(holds(fixture, "etc/main.cf", "newest\n"));
    assert_true(holds(fixture, "etc/master.cf", "new master\n"));
}

static void several_processes_that_find_it_at_once_recover_it_once(void **state)
{
    enum { PROCESSES = 6 };
    struct write_fixture *fixture = killed_after(state, 1, WRITE_REPLACE);
    pid_t children[PROCESSES];
    int done = 0;

    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit((int)recover(fixture));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) != RECOVERY_FAILED);
        done += WEXITSTATUS(status) == RECOVERY_DONE;
    }
    assert_int_equal(done, 1);
    assert_true(holds(fixture, "etc/master.cf", "new master\n"));
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
}

static void a_set_that_another_process_is_writing_is_left_to_it(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_int_equal(recover(fixture), RECOVERY_FAILED);
    assert_error(fixture, "etc/.postmend-journal: another postmend is changing this directory; "
                          "try again later");
    assert_true(commit(fixture));
}

static void a_plan_that_leads_out_of_the_directory_is_refused(void **state)
{
    struct write_fixture *fixture = *state;
    put("outside", "theirs\n");
    assert_int_equal(mkdir("etc/.postmend-journal", 0700), 0);
    put("etc/.postmend-journal/0.new", "ours\n");
    put("etc/.postmend-journal/plan",
        "postmend plan 1\nfile 1 1 1 1 1 1 1 1 1 1 10 ../outside\nend\n");
    assert_int_equal(recover(fixture), RECOVERY_FAILED);
    assert_true(holds(fixture, "outside", "theirs\n"));
}

static void noise_is_no_plan(void **state)
{
    static const char *const plans[] = {
        "postmend plan 1\nfile\nend\n", "postmend plan 1\nfile 1 1 1 1 1 1 1 1 1 1 99 a\nend\n",
        "postmend plan 1\ndirectory 1 a", "postmend plan 1\nfile 9999999999999999999 end\n"};
    struct write_fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++) {
        assert_int_equal(mkdir("etc/.postmend-journal", 0700), 0);
        put("etc/.postmend-journal/plan", plans[i]);
        assert_int_not_equal(recover(fixture), RECOVERY_NONE);
        remove_all("etc");
    }
}

static void what_another_user_put_there_is_not_trusted(void **state)
{
    struct write_fixture *fixture = *state;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root can give a directory away\n");
        skip();
    }
    assert_int_equal(mkdir("etc/.postmend-journal", 0700), 0);
    assert_int_equal(chown("etc/.postmend-journal", 65534, 65534), 0);
    assert_int_equal(recover(fixture), RECOVERY_FAILED);
    assert_string_equal(names_in(fixture, "etc"), ".postmend-journal ");
}

static void an_incomplete_new_directory_is_removed(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(mkdir(".out.postmend-new", 0755), 0);
    put(".out.postmend-new/main.cf", "half\n");
    begin(fixture, "out", true);
    assert_true(add(fixture, "main.cf", "whole\n", WRITE_NEW) && commit(fixture));
    assert_string_equal(names_in(fixture, "."), "etc out ");
    assert_true(holds(fixture, "out/main.cf", "whole\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_directory_without_a_journal_needs_nothing),
        TEST(what_was_not_yet_to_be_committed_is_removed),
        TEST(a_kill_between_two_files_is_completed),
        TEST(at_each_rename_the_set_is_completed_with_its_backups),
        TEST(an_edit_after_the_kill_is_kept_and_the_rest_is_taken_back),
        TEST(an_edit_of_the_new_file_is_kept_when_the_set_is_taken_back),
        TEST(the_next_set_begins_with_the_recovery),
        TEST(several_processes_that_find_it_at_once_recover_it_once),
        TEST(a_set_that_another_process_is_writing_is_left_to_it),
        TEST(a_plan_that_leads_out_of_the_directory_is_refused),
        TEST(noise_is_no_plan),
        TEST(what_another_user_put_there_is_not_trusted),
        TEST(an_incomplete_new_directory_is_removed),
    };
    return cmocka_run_group_tests_name("write recovery", tests, NULL, NULL);
}
