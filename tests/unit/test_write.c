/* write: what is written, what is kept, what is refused */
#include <sys/xattr.h>

#include "tests/unit/write_fixture.h"

/* --- what is written --- */

static void all_files_of_a_set_get_their_new_content(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_true(commit(fixture));
    assert_true(holds(fixture, "etc/main.cf", "new main\n"));
    assert_true(holds(fixture, "etc/master.cf", "new master\n"));
}

static void nothing_but_the_files_is_left_after_a_commit(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_true(commit(fixture));
    assert_string_equal(names_in(fixture, "etc"), "main.cf master.cf ");
}

static void nothing_changes_before_the_commit(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
}

static void a_new_file_gets_the_mode_that_is_asked_for_less_the_umask(void **state)
{
    struct write_fixture *fixture = *state;
    umask(027);
    begin(fixture, "etc", false);
    assert_true(
        write_add(fixture->set, str_of("run.sh"), str_of("x"), 0755, WRITE_NEW, &fixture->error));
    assert_true(commit(fixture));
    assert_int_equal(mode_of("etc/run.sh"), 0750);
}

static void directories_in_a_name_are_made(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "etc", false);
    assert_true(add(fixture, "a/b/access", "x OK\n", WRITE_NEW));
    assert_true(add(fixture, "a/b/relay", "y OK\n", WRITE_NEW));
    assert_true(commit(fixture));
    assert_string_equal(names_in(fixture, "etc/a/b"), "access relay ");
}

static void a_missing_root_is_made_if_wished(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "out", true);
    assert_true(add(fixture, "main.cf", "a = b\n", WRITE_NEW));
    assert_true(commit(fixture));
    assert_true(holds(fixture, "out/main.cf", "a = b\n"));
}

static void a_missing_root_is_an_error_otherwise(void **state)
{
    struct write_fixture *fixture = *state;
    assert_null(write_begin(fixture->arena, str_of("out"), false, &fixture->error));
    assert_error(fixture, "out: cannot open the directory: No such file or directory");
}

/* --- what is kept --- */

static void a_replaced_file_keeps_its_mode(void **state)
{
    struct write_fixture *fixture = *state;
    put("etc/main.cf", "old\n");
    assert_int_equal(chmod("etc/main.cf", 0664), 0);
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_REPLACE) && commit(fixture));
    assert_int_equal(mode_of("etc/main.cf"), 0664);
}

static void a_replaced_file_keeps_its_owner_and_group(void **state)
{
    struct write_fixture *fixture = *state;
    struct stat status;
    if (geteuid() != 0) {
        print_message("SKIPPED: only root can give files away\n");
        skip();
    }
    put("etc/main.cf", "old\n");
    assert_int_equal(chown("etc/main.cf", 1234, 5678), 0);
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_REPLACE) && commit(fixture));
    assert_int_equal(stat("etc/main.cf", &status), 0);
    assert_int_equal(status.st_uid, 1234);
    assert_int_equal(status.st_gid, 5678);
}

static void a_replaced_file_keeps_its_extended_attributes(void **state)
{
    struct write_fixture *fixture = *state;
    char value[16] = "";
    put("etc/main.cf", "old\n");
    if (setxattr("etc/main.cf", "user.origin", "ansible", 7, 0) != 0) {
        print_message("SKIPPED: no user attributes on this file system\n");
        skip();
    }
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_REPLACE) && commit(fixture));
    assert_int_equal(getxattr("etc/main.cf", "user.origin", value, sizeof(value)), 7);
    assert_string_equal(value, "ansible");
}

/* user::rw-, user:1234:r--, group::r--, mask::r--, other::--- as the kernel stores it */
static const unsigned char acl[] = {
    2, 0,    0,    0,    1,    0,    6,    0, 0xff, 0xff, 0xff, 0xff, 2,    0,    4,
    0, 0xd2, 4,    0,    0,    4,    0,    4, 0,    0xff, 0xff, 0xff, 0xff, 0x10, 0,
    4, 0,    0xff, 0xff, 0xff, 0xff, 0x20, 0, 0,    0,    0xff, 0xff, 0xff, 0xff,
};

static void a_replaced_file_keeps_its_acl(void **state)
{
    struct write_fixture *fixture = *state;
    unsigned char value[sizeof(acl)];
    put("etc/main.cf", "old\n");
    if (setxattr("etc/main.cf", "system.posix_acl_access", acl, sizeof(acl), 0) != 0) {
        print_message("SKIPPED: no ACLs on this file system\n");
        skip();
    }
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_REPLACE) && commit(fixture));
    assert_int_equal(getxattr("etc/main.cf", "system.posix_acl_access", value, sizeof(value)),
                     sizeof(acl));
    assert_memory_equal(value, acl, sizeof(acl));
}

static void a_replaced_file_gets_no_acl_from_its_directory(void **state)
{
    struct write_fixture *fixture = *state;
    put("etc/main.cf", "old\n");
    if (setxattr("etc", "system.posix_acl_default", acl, sizeof(acl), 0) != 0) {
        print_message("SKIPPED: no ACLs on this file system\n");
        skip();
    }
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_REPLACE) && commit(fixture));
    assert_int_equal(getxattr("etc/main.cf", "system.posix_acl_access", NULL, 0), -1);
}

/* --- backups --- */

static void a_backup_holds_the_old_content(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    assert_true(commit(fixture));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup", "old main\n"));
}

static void a_backup_that_exists_is_not_overwritten(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    put("etc/main.cf.postmend-backup", "oldest\n");
    assert_true(commit(fixture));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup", "oldest\n"));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup.2", "old main\n"));
}

static void a_backup_has_no_more_names_than_the_bound(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    char name[64];

    put("etc/main.cf.postmend-backup", "first\n");
    for (int i = 2; i < 1000; i++) {
        snprintf(name, sizeof name, "etc/main.cf.postmend-backup.%d", i);
        put(name, "older\n");
    }
    assert_false(commit(fixture));
    assert_true(str_search(fixture->error, "main.cf: cannot make a backup: there are 999 already; "
                                           "remove some") < fixture->error.len);
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup", "first\n"));
}

static void the_backup_of_a_file_in_a_directory_is_named_from_the_root(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(mkdir("etc/maps", 0755), 0);
    put("etc/maps/access", "old\n");
    begin(fixture, "etc", false);
    assert_true(add(fixture, "maps/access", "new\n", WRITE_BACKUP) && commit(fixture));
    assert_true(str_is(write_backup_name(fixture->set, 0), "maps/access.postmend-backup"));
}

static void a_file_that_is_new_has_no_backup(void **state)
{
    struct write_fixture *fixture = *state;
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_BACKUP) && commit(fixture));
    assert_null(write_backup_name(fixture->set, 0).at);
}

static void a_replacement_without_backup_has_no_backup_name(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_true(commit(fixture));
    assert_null(write_backup_name(fixture->set, 0).at);
}

static void without_hard_links_a_backup_is_a_copy_with_the_mode_of_the_old_file(void **state)
{
    struct write_fixture *fixture = *state;
    put("etc/main.cf", "old\n");
    assert_int_equal(chmod("etc/main.cf", 0640), 0);
    kernel.no_links = true;
    begin(fixture, "etc", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_BACKUP) && commit(fixture));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup", "old\n"));
    assert_int_equal(mode_of("etc/main.cf.postmend-backup"), 0640);
}

static void without_hard_links_a_backup_that_exists_is_not_overwritten_either(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_BACKUP);
    put("etc/main.cf.postmend-backup", "oldest\n");
    kernel.no_links = true;
    assert_true(commit(fixture));
    assert_true(holds(fixture, "etc/main.cf.postmend-backup", "oldest\n"));
}

/* --- what is refused --- */

static void an_existing_file_is_not_overwritten_as_new(void **state)
{
    struct write_fixture *fixture = *state;
    put("etc/main.cf", "old\n");
    begin(fixture, "etc", false);
    assert_false(add(fixture, "main.cf", "new\n", WRITE_NEW));
    assert_error(fixture, "etc/main.cf: is not overwritten: File exists");
}

static void a_target_that_is_a_symbolic_link_is_refused(void **state)
{
    struct write_fixture *fixture = *state;
    put("outside", "theirs\n");
    assert_int_equal(symlink("../outside", "etc/main.cf"), 0);
    begin(fixture, "etc", false);
    assert_false(add(fixture, "main.cf", "ours\n", WRITE_REPLACE));
    assert_error(fixture, "etc/main.cf: cannot be replaced: Too many levels of symbolic links");
}

static void a_dangling_symbolic_link_is_refused(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(symlink("../outside", "etc/main.cf"), 0);
    begin(fixture, "etc", false);
    assert_false(add(fixture, "main.cf", "ours\n", WRITE_NEW));
}

static void a_directory_that_is_a_symbolic_link_is_refused(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(mkdir("outside", 0755), 0);
    assert_int_equal(symlink("../outside", "etc/maps"), 0);
    begin(fixture, "etc", false);
    assert_false(add(fixture, "maps/access", "ours\n", WRITE_NEW));
    assert_error(fixture, "etc/maps: cannot open the directory: Too many levels of symbolic links");
}

static void a_root_that_is_a_symbolic_link_is_followed(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(symlink("etc", "postfix"), 0);
    begin(fixture, "postfix", false);
    assert_true(add(fixture, "main.cf", "new\n", WRITE_NEW) && commit(fixture));
    assert_true(holds(fixture, "etc/main.cf", "new\n"));
}

static void a_target_that_became_a_symbolic_link_is_refused(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_int_equal(rename("etc/master.cf", "elsewhere"), 0);
    assert_int_equal(symlink("../elsewhere", "etc/master.cf"), 0);
    assert_false(commit(fixture));
    assert_true(holds(fixture, "elsewhere", "old master\n"));
    assert_true(holds(fixture, "etc/main.cf", "old main\n"));
}

static void names_that_lead_elsewhere_are_refused(void **state)
{
    static const struct str names[] = {
        STR("../main.cf"), STR("a/../../main.cf"),
        STR("/main.cf"),   STR(".."),
        STR("."),          STR(""),
        STR("a//b"),       STR("a/"),
        STR("./main.cf"),  STR("a\0b"),
    };
    struct write_fixture *fixture = *state;
    begin(fixture, "etc", false);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_false(
            write_add(fixture->set, names[i], str_of("x"), 0644, WRITE_REPLACE, &fixture->error));
}

static void one_name_cannot_be_added_twice(void **state)
{
    struct write_fixture *fixture = two_files(state, WRITE_REPLACE);
    assert_false(add(fixture, "main.cf", "again\n", WRITE_REPLACE));
}

static void a_target_that_is_a_directory_is_refused(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(mkdir("etc/main.cf", 0755), 0);
    begin(fixture, "etc", false);
    assert_false(add(fixture, "main.cf", "new\n", WRITE_REPLACE));
    assert_error(fixture, "etc/main.cf: cannot be replaced: Is a directory");
}

static void a_target_that_is_a_fifo_is_refused_and_not_waited_for(void **state)
{
    struct write_fixture *fixture = *state;
    assert_int_equal(mkfifo("etc/main.cf", 0600), 0);
    begin(fixture, "etc", false);
    alarm(10);
    assert_false(add(fixture, "main.cf", "new\n", WRITE_REPLACE));
    alarm(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_files_of_a_set_get_their_new_content),
        TEST(nothing_but_the_files_is_left_after_a_commit),
        TEST(nothing_changes_before_the_commit),
        TEST(a_new_file_gets_the_mode_that_is_asked_for_less_the_umask),
        TEST(directories_in_a_name_are_made),
        TEST(a_missing_root_is_made_if_wished),
        TEST(a_missing_root_is_an_error_otherwise),
        TEST(a_replaced_file_keeps_its_mode),
        TEST(a_replaced_file_keeps_its_owner_and_group),
        TEST(a_replaced_file_keeps_its_extended_attributes),
        TEST(a_replaced_file_keeps_its_acl),
        TEST(a_replaced_file_gets_no_acl_from_its_directory),
        TEST(a_backup_holds_the_old_content),
        TEST(a_backup_that_exists_is_not_overwritten),
        TEST(a_backup_has_no_more_names_than_the_bound),
        TEST(the_backup_of_a_file_in_a_directory_is_named_from_the_root),
        TEST(a_file_that_is_new_has_no_backup),
        TEST(a_replacement_without_backup_has_no_backup_name),
        TEST(without_hard_links_a_backup_is_a_copy_with_the_mode_of_the_old_file),
        TEST(without_hard_links_a_backup_that_exists_is_not_overwritten_either),
        TEST(an_existing_file_is_not_overwritten_as_new),
        TEST(a_target_that_is_a_symbolic_link_is_refused),
        TEST(a_dangling_symbolic_link_is_refused),
        TEST(a_directory_that_is_a_symbolic_link_is_refused),
        TEST(a_root_that_is_a_symbolic_link_is_followed),
        TEST(a_target_that_became_a_symbolic_link_is_refused),
        TEST(names_that_lead_elsewhere_are_refused),
        TEST(one_name_cannot_be_added_twice),
        TEST(a_target_that_is_a_directory_is_refused),
        TEST(a_target_that_is_a_fifo_is_refused_and_not_waited_for),
    };
    return cmocka_run_group_tests_name("write", tests, NULL, NULL);
}
