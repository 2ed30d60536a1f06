/* the rules for lookup tables where they look into files */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "rules/engine/engine.h"

enum { FILES_MAX = 16 };

/* a directory on the disk, and what the rules say about it */
struct rules_fixture {
    struct arena *arena;
    char directory[64];
    char files[FILES_MAX][128];
    size_t file_count;
    struct config config;
    struct finding_list list;
};

static void no_memory(void)
{
    abort();
}

static int set_up(void **state)
{
    struct rules_fixture *world = calloc(1, sizeof *world);

    world->arena = arena_create(no_memory);
    strcpy(world->directory, "/tmp/test_tables.XXXXXX");
    *state = world;
    return mkdtemp(world->directory) == NULL;
}

static int tear_down(void **state)
{
    struct rules_fixture *world = *state;

    for (size_t i = 0; i < world->file_count; i++)
        unlink(world->files[i]);
    rmdir(world->directory);
    arena_destroy(world->arena);
    free(world);
    return 0;
}

static const char *path_of(struct rules_fixture *world, const char *name)
{
    char *path = world->files[world->file_count++];

    assert_true(world->file_count <= FILES_MAX);
    snprintf(path, sizeof world->files[0], "%s/%s", world->directory, name);
    return path;
}

static void put(struct rules_fixture *world, const char *name, const char *text)
{
    FILE *file = fopen(path_of(world, name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void run(struct rules_fixture *world, const char *rule, const char *platform,
                const char *from)
{
    struct str error = STR_NONE;
    struct config_input input = {.path = str_of(world->directory),
                                 .platform = facts_platform(str_of(platform))};
    struct rules_request request = {.only = rule_named(str_of(rule)),
                                    .from = from != NULL ? facts_platform(str_of(from)) : NULL};

    assert_non_null(request.only);
    assert_true(config_open(&world->config, world->arena, &input, &error));
    engine_run(&world->list, &world->config, &request);
}

/* expect - the finding at INDEX stands at LINE of the file NAME, on TEXT */
static const struct finding *expect(const struct rules_fixture *world, size_t index,
                                    const char *name, size_t line, const char *text)
{
    assert_true(index < world->list.count);
    const struct finding *finding = &world->list.items[index];
    assert_true(str_ends(finding->span.source->path, name));
    assert_int_equal(source_position(finding->span.source, finding->span.at).line, line);
    assert_string_equal(arena_cstr(world->arena, span_str(finding->span)), text);
    return finding;
}

static bool has_step(const struct rules_fixture *world, enum step_phase phase, const char *command)
{
    for (size_t i = 0; i < world->list.step_count; i++)
        if (world->list.steps[i].phase == phase && str_is(world->list.steps[i].command, command))
            return true;
    return false;
}

/* --- berkeley-db ----------------------------------------------------------------------------- */

static void the_result_of_an_access_table_names_a_table(void **state)
{
    struct rules_fixture *world = *state;
    struct str fixed, error;

    put(world, "main.cf",
        "smtpd_sender_restrictions = check_sender_access hash:/etc/postfix/sender\n"
        "default_database_type = lmdb\n");
    put(world, "sender",
        "# senders\n"
        "example.com   check_recipient_access hash:/etc/postfix/other,\r\n"
        "    check_client_access btree:/etc/postfix/clients\n"
        "example.net   REJECT see hash:tag\n");
    run(world, "berkeley-db", "rhel10", "rhel9");
    assert_int_equal(world->list.count, 3);
    expect(world, 0, "/main.cf", 1, "hash:/etc/postfix/sender");
    const struct finding *finding = expect(world, 1, "/sender", 2, "hash:/etc/postfix/other");
    expect(world, 2, "/sender", 3, "btree:/etc/postfix/clients");
    assert_true(engine_apply(world->arena, &world->list, finding->span.source, &fixed, &error));
    assert_string_equal(arena_cstr(world->arena, fixed),
                        "# senders\n"
                        "example.com   check_recipient_access lmdb:/etc/postfix/other,\r\n"
                        "    check_client_access lmdb:/etc/postfix/clients\n"
                        "example.net   REJECT see hash:tag\n");
    assert_true(has_step(world, STEP_TABLES, "postmap lmdb:/etc/postfix/sender"));
    assert_true(has_step(world, STEP_TABLES,
                         "test ! -e /etc/postfix/clients || postmap lmdb:/etc/postfix/clients"));
}

static void tables_that_name_each_other_are_read_once(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "smtpd_client_restrictions = lmdb:/etc/postfix/a, texthash:/etc/postfix/b\n");
    put(world, "a", "1.2.3.4 check_client_access hash:/etc/postfix/b\n");
    put(world, "b", "1.2.3.4 check_client_access hash:/etc/postfix/a\n");
    assert_int_equal(symlink("a", path_of(world, "c")), 0);
    run(world, "berkeley-db", "rhel10", NULL);
    assert_int_equal(world->list.count, 2);
    expect(world, 0, "/a", 1, "hash:/etc/postfix/b");
    expect(world, 1, "/b", 1, "hash:/etc/postfix/a");
}

static void a_link_out_of_the_directory_is_not_read(void **state)
{
    struct rules_fixture *world = *state;
    char outside[80];

    snprintf(outside, sizeof outside, "%s.outside", world->directory);
    FILE *file = fopen(outside, "w");
    assert_non_null(file);
    fputs("a check_client_access hash:/etc/postfix/b\n", file);
    fclose(file);
    put(world, "main.cf",
        "smtpd_client_restrictions = texthash:/etc/postfix/link, texthash:/etc/postfix/../x\n");
    assert_int_equal(symlink(outside, path_of(world, "link")), 0);
    run(world, "berkeley-db", "rhel10", NULL);
    unlink(outside);
    assert_int_equal(world->list.count, 0);
}

static void the_backup_of_a_memcache_table(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf", "postscreen_cache_map = memcache:/etc/postfix/mc\n");
    put(world, "mc",
        "memcache = inet:localhost:11211\n"
        "backup = proxy:btree:/var/lib/postfix/cache\n");
    run(world, "berkeley-db", "rhel10", NULL);
    assert_int_equal(world->list.count, 1);
    expect(world, 0, "/mc", 2, "btree:/var/lib/postfix/cache");
    assert_int_equal(world->list.items[0].edit_count, 1);
}

static void an_index_without_its_text_is_dumped_on_the_old_host(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "virtual_alias_maps = hash:/etc/postfix/virtual\n"
        "virtual_mailbox_maps = $virtual_alias_maps\n"
        "alias_maps = hash:/etc/postfix/al\n"
        "alias_database = $alias_maps\n"
        "default_database_type = lmdb\n");
    put(world, "virtual.db", "");
    put(world, "al.db", "");
    run(world, "berkeley-db", "rhel10", "rhel9");
    assert_int_equal(world->list.count, 4);
    const struct finding *finding = expect(world, 0, "/main.cf", 1, "hash:/etc/postfix/virtual");
    assert_int_equal(finding->severity, SEVERITY_ERROR);
    assert_true(has_step(world, STEP_BEFORE,
                         "postmap -s hash:/etc/postfix/virtual > /etc/postfix/virtual"));
    assert_true(has_step(world, STEP_BEFORE,
                         "postalias -s hash:/etc/postfix/al | grep -Ev "
                         "'^(@|YP_LAST_MODIFIED|YP_MASTER_NAME):' > /etc/postfix/al"));
}

static void the_shell_takes_an_odd_path_as_one_word(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf", "virtual_alias_maps = hash:/etc/postfix/it's;a\n");
    put(world, "it's;a", "a b\n");
    run(world, "berkeley-db", "rhel10", "rhel9");
    assert_true(has_step(world, STEP_TABLES, "postmap 'lmdb:/etc/postfix/it'\\''s;a'"));
}

static void a_table_of_a_type_that_stays_is_built_anew(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "alias_maps = lmdb:/etc/aliases\n"
        "alias_database = lmdb:/etc/aliases\n"
        "transport_maps = proxy:lmdb:/etc/postfix/transport\n"
        "smtp_tls_session_cache_database = lmdb:$data_directory/s\n"
        "default_database_type = lmdb\n");
    put(world, "transport", "a b\n");
    run(world, "berkeley-db", "rhel10", "rhel9");
    assert_int_equal(world->list.count, 0);
    assert_int_equal(world->list.step_count, 2);
    assert_true(has_step(world, STEP_TABLES, "postalias lmdb:/etc/aliases"));
    assert_true(has_step(world, STEP_TABLES, "postmap lmdb:/etc/postfix/transport"));
}

/* --- missing-table --------------------------------------------------------------------------- */

static void settings_and_tables_that_are_not_there(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "virtual_alias_maps = proxy:mysql:/etc/postfix/alias.cf,\n"
        "    lmdb:/etc/postfix/virtual pcre:/etc/postfix/there\n"
        "proxy_read_maps = $virtual_alias_maps\n"
        "header_checks = regexp:/etc/postfix/header_checks\n"
        "alias_maps = lmdb:/etc/aliases\n"
        "relay_domains = ldap:/etc/elsewhere.cf lmdb:/etc/postfix/relays\n");
    put(world, "there", "/a/ b\n");
    put(world, "relays.lmdb", "");
    run(world, "missing-table", "rhel10", NULL);
    assert_int_equal(world->list.count, 3);
    expect(world, 0, "/main.cf", 1, "mysql:/etc/postfix/alias.cf");
    expect(world, 1, "/main.cf", 2, "lmdb:/etc/postfix/virtual");
    expect(world, 2, "/main.cf", 4, "regexp:/etc/postfix/header_checks");
}

static void a_setting_that_no_client_reads(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "virtual_alias_maps = mysql:/etc/postfix/alias.cf\n"
        "virtual_mailbox_maps = mysql:/etc/postfix/alias.cf\n");
    put(world, "alias.cf",
        "hosts = localhost\n"
        "pasword = secret\n"
        "query = SELECT a FROM b WHERE c='%s'\n");
    run(world, "missing-table", "rhel10", NULL);
    assert_int_equal(world->list.count, 1);
    const struct finding *finding = expect(world, 0, "/alias.cf", 2, "pasword");
    assert_int_equal(finding->severity, SEVERITY_WARNING);
    assert_int_equal(str_search(finding->message, "secret"), finding->message.len);
}

static void a_file_that_is_too_large_to_be_read(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf", "transport_maps = lmdb:/etc/postfix/transport\n");
    put(world, "transport", "");
    assert_int_equal(truncate(world->files[world->file_count - 1], 257L * 1024 * 1024), 0);
    run(world, "missing-table", "rhel10", NULL);
    assert_int_equal(world->list.count, 1);
    const struct finding *finding = expect(world, 0, "/main.cf", 1, "lmdb:/etc/postfix/transport");
    assert_true(str_is(finding->message,
                       "this table was not checked: /etc/postfix/transport is larger than 256 MB"));
}

static void the_lines_of_a_file_of_patterns_have_a_bound_that_speaks(void **state)
{
    struct rules_fixture *world = *state;
    struct buffer text;

    buffer_init(&text, world->arena);
    for (int i = 0; i < 25; i++)
        buffer_printf(&text, "192.0.2.%d/24\n", i + 1);
    put(world, "main.cf", "mynetworks = /etc/postfix/networks\n");
    put(world, "networks", arena_cstr(world->arena, buffer_str(&text)));
    run(world, "pattern-file", "rhel10", NULL);
    assert_true(world->list.count > 20);
    assert_true(str_is(world->list.items[20].message,
                       "the rest of /etc/postfix/networks was not checked: 20 lines are wrong"));
}

/* put_faults - an access table of COUNT lines that Postfix skips */
static void put_faults(struct rules_fixture *world, int count)
{
    struct buffer text;

    buffer_init(&text, world->arena);
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "host%d OK\n", i);
    put(world, "main.cf", "smtpd_client_restrictions = check_client_access cidr:/etc/postfix/c\n");
    put(world, "c", arena_cstr(world->arena, buffer_str(&text)));
    run(world, "skipped-line", "rhel10", NULL);
}

static void lines_that_are_skipped_are_counted_beyond_the_bound(void **state)
{
    static const char more[] = "; so it is with 5 more lines";
    struct rules_fixture *world = *state;

    put_faults(world, 20);
    assert_int_equal(world->list.count, 20);
    assert_false(str_ends(world->list.items[19].message, " more lines"));
    put_faults(world, 25);
    assert_int_equal(world->list.count, 20);
    assert_true(str_ends(world->list.items[19].message, more));
}

/* --- unusable-table, client-settings, bounce-template ------------------------------------------
 */

static void a_text_is_not_what_postmap_makes(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "virtual_alias_maps = hash:/etc/postfix/text, btree:/etc/postfix/hash,\n"
        "  lmdb:/etc/postfix/empty, cdb:/etc/postfix/short, hash:/etc/postfix/good\n");
    put(world, "text.db", "sales@example.com bob\n");
    put(world, "hash.db", "............\x61\x15\x06 ....");
    put(world, "empty.lmdb", "");
    put(world, "short.cdb", "sales@example.com bob\n");
    put(world, "good.db", "............\x61\x15\x06");
    assert_int_equal(truncate(world->files[world->file_count - 1], 64), 0); /* put() takes no NUL */
    run(world, "unusable-table", "debian12", NULL);
    assert_int_equal(world->list.count, 4);
    expect(world, 0, "/main.cf", 1, "hash:/etc/postfix/text");
    expect(world, 1, "/main.cf", 1, "btree:/etc/postfix/hash");
    expect(world, 2, "/main.cf", 2, "lmdb:/etc/postfix/empty");
    expect(world, 3, "/main.cf", 2, "cdb:/etc/postfix/short");
}

static void a_query_needs_a_key_and_no_other_percent_sign(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "virtual_alias_maps = mysql:/etc/postfix/like.cf, mysql:/etc/postfix/fixed.cf,\n"
        "  pgsql:/etc/postfix/good.cf, sqlite:/etc/postfix/none.cf\n");
    put(world, "like.cf", "query = SELECT a FROM b WHERE c LIKE '%s%'\n");
    put(world, "fixed.cf", "query = SELECT a FROM b\n");
    put(world, "good.cf", "query = SELECT a FROM b WHERE c LIKE '%%%u@%d'\nresult_format = %s\n");
    put(world, "none.cf", "dbpath = /var/lib/mail.sqlite\ntable = b\n");
    run(world, "client-settings", "debian12", NULL);
    assert_int_equal(world->list.count, 3);
    assert_int_equal(expect(world, 0, "/fixed.cf", 1, "SELECT a FROM b")->severity,
                     SEVERITY_WARNING);
    expect(world, 1, "/like.cf", 1, "SELECT a FROM b WHERE c LIKE '%s%'");
    assert_int_equal(expect(world, 2, "/none.cf", 1, "")->severity, SEVERITY_ERROR);
}

static void texts_of_bounces_that_bounce_cannot_use(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf", "bounce_template_file = /etc/postfix/bounce.cf\n");
    put(world, "bounce.cf",
        "# texts\n"
        "failure_template = <<EOF\nCharset: utf-8\nSubject: failed\n\nf\303\274r $myhostname, "
        "$maximal_queue_lifetime_days, $nosuchname\nEOF\n"
        "delay_template = <<END\nReply-To: bob\n\ntext\nEND\n"
        "success_template = <<END\nSubject: done\nEND\n"
        "verify_template = <<END\nSubject: done\n\n\303\274 5 $.\nEND\n"
        "bounce_template = <<END\n\ntext\nEND\n"
        "failure_template = <<END # the end\n\ntext\nEND\n");
    run(world, "bounce-template", "debian12", NULL);
    assert_int_equal(world->list.count, 6);
    assert_int_equal(expect(world, 0, "/bounce.cf", 6, "$nosuchname")->severity, SEVERITY_ERROR);
    assert_int_equal(expect(world, 1, "/bounce.cf", 9, "Reply-To")->severity, SEVERITY_WARNING);
    expect(world, 2, "/bounce.cf", 13, "success_template");
    expect(world, 3, "/bounce.cf", 16, "verify_template");
    expect(world, 4, "/bounce.cf", 21, "bounce_template");
    assert_int_equal(expect(world, 5, "/bounce.cf", 25, "END # the end")->severity, SEVERITY_ERROR);
}

static void a_file_of_texts_that_was_not_copied(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf", "bounce_template_file = /etc/postfix/bounce.cf\n");
    run(world, "bounce-template", "debian12", NULL);
    assert_int_equal(world->list.count, 1);
    assert_int_equal(expect(world, 0, "/main.cf", 1, "/etc/postfix/bounce.cf")->severity,
                     SEVERITY_ADVICE);
}

/* --- map-package ----------------------------------------------------------------------------- */

static void a_package_for_a_type_in_an_access_table(void **state)
{
    struct rules_fixture *world = *state;

    put(world, "main.cf",
        "smtpd_sender_restrictions = check_sender_access lmdb:/etc/postfix/sender\n");
    put(world, "sender", "example.com check_client_access pcre:/etc/postfix/clients\n");
    run(world, "map-package", "rhel10", "rhel9");
    assert_int_equal(world->list.count, 1);
    expect(world, 0, "/sender", 1, "pcre:/etc/postfix/clients");
    assert_true(has_step(world, STEP_PACKAGES, "dnf install -y postfix-pcre"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_result_of_an_access_table_names_a_table),
        TEST(tables_that_name_each_other_are_read_once),
        TEST(a_link_out_of_the_directory_is_not_read),
        TEST(the_backup_of_a_memcache_table),
        TEST(an_index_without_its_text_is_dumped_on_the_old_host),
        TEST(the_shell_takes_an_odd_path_as_one_word),
        TEST(a_table_of_a_type_that_stays_is_built_anew),
        TEST(settings_and_tables_that_are_not_there),
        TEST(a_setting_that_no_client_reads),
        TEST(a_file_that_is_too_large_to_be_read),
        TEST(the_lines_of_a_file_of_patterns_have_a_bound_that_speaks),
        TEST(a_text_is_not_what_postmap_makes),
        TEST(a_query_needs_a_key_and_no_other_percent_sign),
        TEST(texts_of_bounces_that_bounce_cannot_use),
        TEST(a_file_of_texts_that_was_not_copied),
        TEST(lines_that_are_skipped_are_counted_beyond_the_bound),
        TEST(a_package_for_a_type_in_an_access_table),
    };
    return cmocka_run_group_tests_name("rules/tables", tests, NULL, NULL);
}
