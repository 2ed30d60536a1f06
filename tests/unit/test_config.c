/* what a configuration means: values, where they come from, and which names count */
#include <errno.h>

#include "parser/postfix/names.h"
#include "parser/tables/ref.h"
#include "parser/text/token.h"
#include "tests/unit/unit.h"

static const char master[] = "smtp inet n - n - - smtpd\n"
                             "  -o syslog_name=$service_name/$process_name\n"
                             "  -o smtpd_relay_restrictions=$mine\n"
                             "slow unix - - n - - smtp\n";

static struct str value(struct config *config, const struct service *service, const char *name)
{
    return config_value_named(config, service, str_of(name), NULL, NULL);
}

static void test_a_value_comes_from_the_service_then_main_cf_then_the_release(void **state)
{
    struct arena *arena = *state;
    struct config config;

    config_of(&config, arena, "postfix-3.8", "mine = reject\nsyslog_name = main\n", master);
    const struct service *smtp = config.master_cf.services[0];
    const struct service *slow = config.master_cf.services[1];
    assert_str(value(&config, smtp, "syslog_name"), "smtp/smtpd");
    assert_str(value(&config, slow, "syslog_name"), "main");
    assert_str(value(&config, smtp, "smtpd_relay_restrictions"), "reject");
    assert_int_equal(config_find(&config, smtp, PARAM_SYSLOG_NAME).origin, ORIGIN_OVERRIDE);
    assert_int_equal(config_find(&config, slow, PARAM_SYSLOG_NAME).origin, ORIGIN_MAIN_CF);
    assert_int_equal(config_find(&config, slow, PARAM_BIFF).origin, ORIGIN_RELEASE);
    assert_int_equal(config_find_named(&config, slow, str_of("no_such")).origin, ORIGIN_NONE);
}

static void test_a_platform_s_build_has_its_own_defaults(void **state)
{
    struct arena *arena = *state;
    struct config config;

    config_of(&config, arena, "debian12", "", NULL);
    assert_int_equal(config_find(&config, NULL, PARAM_DAEMON_DIRECTORY).origin, ORIGIN_PLATFORM);
    assert_str(value(&config, NULL, "daemon_directory"), "/usr/lib/postfix/sbin");
}

static void test_service_names_make_parameters(void **state)
{
    struct arena *arena = *state;
    struct config config;

    config_of(&config, arena, "postfix-3.8",
              "slow_destination_rate_delay = 1s\nfast_destination_rate_delay = 1s\n", master);
    assert_int_equal(config_name_class(&config, NULL, str_of("slow_destination_rate_delay")),
                     NAME_SERVICE);
    assert_int_equal(config_name_class(&config, NULL, str_of("fast_destination_rate_delay")),
                     NAME_UNKNOWN);
    assert_str(value(&config, NULL, "slow_destination_concurrency_limit"), "20");
}

static void test_users_names_count_when_something_reads_them(void **state)
{
    static const struct {
        const char *name;
        enum name_class class;
    } cases[] = {
        {"mine", NAME_USER},                 /* an -o refers to it */
        {"own", NAME_USER},                  /* main.cf refers to it */
        {"strict", NAME_USER},               /* a restriction class */
        {"accounts_server_host", NAME_USER}, /* a setting of ldap:accounts */
        {"accounts_no_such", NAME_UNKNOWN},
        {"virtual_maps", NAME_LEGACY}, /* read through a default */
        {"unread", NAME_UNKNOWN},
        {"process_id", NAME_READ_ONLY},
        {"myhostname", NAME_BUILTIN},
    };
    struct arena *arena = *state;
    struct config config;

    config_of(&config, arena, "postfix-3.8",
              "mine = a\nown = b\nmydomain = ${own?$own}\nunread = c\nstrict = reject\n"
              "smtpd_restriction_classes = strict\naccounts_server_host = x\n"
              "accounts_no_such = y\nvirtual_alias_maps = proxy:ldap:accounts, {hash:/x}\n"
              "virtual_maps = hash:/y\nprocess_id = 3\n",
              master);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(config_name_class(&config, NULL, str_of(cases[i].name)), cases[i].class);
}

static void test_references_without_a_meaning_are_known(void **state)
{
    struct arena *arena = *state;
    struct config config;
    size_t undefined = 0;

    config_of(&config, arena, "postfix-3.8", "mydomain = $nothing $myorigin ${mine}\n", master);
    for (size_t i = 0; i < config.names->count; i++)
        if (config.names->references[i].undefined) {
            undefined++;
            assert_true(str_is(config.names->references[i].name, "nothing") ||
                        str_is(config.names->references[i].name, "mine"));
        }
    assert_int_equal(undefined, 3);
}

static void test_the_machine_gives_name_and_networks_or_nothing(void **state)
{
    struct arena *arena = *state;
    struct config config;
    int flags;
    struct host host = {.hostname = str_of("mail.example.com"),
                        .interfaces = str_of("127.0.0.1, 192.0.2.5/24, ::1, 2001:db8::5/64")};

    config_of(&config, arena, "postfix-3.8", "myorigin = $mydomain\n", NULL);
    assert_str(config_value(&config, NULL, PARAM_MYORIGIN, &flags, NULL), "$mydomain");
    assert_true(flags & EXPAND_HAS_UNDETERMINED);
    config_reinterpret(&config, config.platform, host);
    assert_str(value(&config, NULL, "myorigin"), "example.com");
    assert_str(value(&config, NULL, "mynetworks"),
               "127.0.0.0/8 192.0.2.0/24 [::1]/128 [2001:db8::]/64");

    config_of(&config, arena, "postfix-3.8",
              "mynetworks_style = host\ninet_interfaces = 192.0.2.5\ninet_protocols = ipv4\n",
              NULL);
    config_reinterpret(&config, config.platform, host);
    assert_str(value(&config, NULL, "mynetworks"), "192.0.2.5/32");
    config_of(&config, arena, "postfix-3.8",
              "mynetworks_style = class\ninet_interfaces = localhost, 192.0.2.5\n"
              "inet_protocols = ipv4\n",
              NULL);
    config_reinterpret(&config, config.platform, host);
    assert_str(value(&config, NULL, "mynetworks"), "127.0.0.0/8 192.0.2.0/24");
}

static void test_defaults_of_the_machine_that_refer_to_themselves_end(void **state)
{
    struct arena *arena = *state;
    struct config config;
    struct host host = {.hostname = str_of("mail"), .interfaces = str_of("192.0.2.5")};

    config_of(&config, arena, "postfix-3.8", "mydomain = $myhostname\n", NULL);
    config_reinterpret(&config, config.platform, host);
    assert_int_equal(value(&config, NULL, "myhostname").len > 0, 1);
    config_of(&config, arena, "postfix-3.8", "mynetworks_style = $mynetworks\n", NULL);
    config_reinterpret(&config, config.platform, host);
    assert_null(config_find(&config, NULL, PARAM_MYNETWORKS).value.at);
}

static void test_yes_and_no_are_read_in_any_case(void **state)
{
    struct arena *arena = *state;
    struct config config;

    config_of(&config, arena, "postfix-3.8",
              "biff = YES\nsmtpd_helo_required = no\nsoft_bounce = maybe\n", NULL);
    assert_int_equal(config_flag(&config, NULL, PARAM_BIFF), 1);
    assert_int_equal(config_flag(&config, NULL, PARAM_SMTPD_HELO_REQUIRED), 0);
    assert_int_equal(config_flag(&config, NULL, PARAM_SOFT_BOUNCE), -1);
}

static void test_files_of_etc_postfix_are_looked_for_where_the_copy_is(void **state)
{
    struct arena *arena = *state;
    struct config config;
    bool inside;

    config_of(&config, arena, "rhel10", "", NULL);
    assert_str(config_file(&config, str_of("/etc/postfix/virtual"), &inside),
               "/nonexistent/virtual");
    assert_true(inside);
    assert_str(config_file(&config, str_of("/etc/aliases"), &inside), "/etc/aliases");
    assert_false(inside);
}

static void test_a_file_belongs_to_the_configuration_below_its_directory_alone(void **state)
{
    struct arena *arena = *state;
    struct config config;
    struct str file;

    config_of(&config, arena, "rhel10", "", NULL);
    assert_true(config_owns_file(&config, str_of("/etc/postfix/virtual"), &file));
    assert_str(file, "/nonexistent/virtual");
    assert_true(config_owns_file(&config, str_of("/nonexistent/virtual"), &file));
    assert_false(config_owns_file(&config, str_of("/etc/aliases"), &file));
    assert_false(config_owns_file(&config, str_of("/etc/postfix/../shadow"), &file));
    assert_false(config_owns_file(&config, str_of("/etc/postfix/.."), &file));
    config.directory = config.platform->config_directory;
    assert_true(config_owns_file(&config, str_of("/etc/aliases"), &file));
}

static void test_files_in_memory_are_all_that_the_directory_has(void **state)
{
    struct arena *arena = *state;
    struct str error;
    const struct source *files[] = {
        source_of(arena, str_of("main.cf"), str_of("")),
        source_of(arena, str_of("maps/virtual"), str_of("a@example.com b\n"))};
    struct config_input input = {.path = STR("/usr/"),
                                 .main_source = files[0],
                                 .files = files,
                                 .file_count = 2,
                                 .platform = facts_platform(str_of("rhel10"))};
    struct config config;
    struct str file;

    assert_true(config_open(&config, arena, &input, &error));
    assert_true(config_owns_file(&config, str_of("/etc/postfix/maps/virtual"), &file));
    assert_ptr_equal(config_read(&config, arena, file), files[1]);
    errno = 0;
    assert_null(config_read(&config, arena, str_of("/usr/bin/env"))); /* it is on the disk */
    assert_int_equal(errno, ENOENT);
    assert_non_null(config_read(&config, arena, str_of("/proc/self/status")));
}

static void collect(void *context, const struct table_ref *ref)
{
    struct buffer *out = context;

    buffer_printf(out, "%.*s(%.*s) ", STR_ARG(ref->type_text),
                  ref->inside ? (int)ref->inside->type_text.len : 1,
                  ref->inside ? ref->inside->type_text.at : "-");
}

static void test_tables_are_found_wherever_they_stand(void **state)
{
    struct arena *arena = *state;
    struct buffer out;

    buffer_init(&out, arena);
    table_refs(str_of("!hash:/a, proxy:btree:/b pipemap:{lmdb:/c, pcre:/d} inline:{hash:x=y} "
                      "check_x {cidr:/e} smtp:[h]:25 tcp:host:1"),
               collect, &out);
    assert_str(buffer_str(&out), "hash(-) proxy(-) btree(proxy) pipemap(-) lmdb(pipemap) "
                                 "pcre(pipemap) inline(-) cidr(-) tcp(-) ");
}

static void what_master_listens_at_says_whether_a_service_is_local(void **state)
{
    static const struct {
        const char *interfaces, *service;
        bool local;
    } cases[] = {
        {"all", "smtp inet n - n - - smtpd\n", false},
        {"", "smtp inet n - n - - smtpd\n", false},
        {"loopback-only", "smtp inet n - n - - smtpd\n", true},
        {"localhost, [::1]", "smtp inet n - n - - smtpd\n", true},
        {"127.0.0.1, 192.0.2.1", "smtp inet n - n - - smtpd\n", false},
        {"all", "127.0.0.1:smtp inet n - n - - smtpd\n", true},
        {"all", "[::1]:smtp inet n - n - - smtpd\n", true},
        {"all", "localhost:smtp inet n - n - - smtpd\n", true},
        {"loopback-only", "192.0.2.1:smtp inet n - n - - smtpd\n", false},
        {"all", "smtp inet n - n - - smtpd -o inet_interfaces=loopback-only\n", false},
        {"loopback-only", "smtp inet n - n - - smtpd -o inet_interfaces=all\n", true},
    };
    struct arena *arena = *state;
    struct config config;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str text = arena_printf(arena, "inet_interfaces = %s\n", cases[i].interfaces);
        config_of(&config, arena, "postfix-3.11", text.at, cases[i].service);
        if (config_is_local(&config, config.master_cf.services[0]) != cases[i].local)
            fail_msg("%s%s", text.at, cases[i].service);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_value_comes_from_the_service_then_main_cf_then_the_release),
        arena_test(test_a_platform_s_build_has_its_own_defaults),
        arena_test(test_service_names_make_parameters),
        arena_test(test_users_names_count_when_something_reads_them),
        arena_test(test_references_without_a_meaning_are_known),
        arena_test(test_the_machine_gives_name_and_networks_or_nothing),
        arena_test(test_defaults_of_the_machine_that_refer_to_themselves_end),
        arena_test(test_yes_and_no_are_read_in_any_case),
        arena_test(test_files_of_etc_postfix_are_looked_for_where_the_copy_is),
        arena_test(test_a_file_belongs_to_the_configuration_below_its_directory_alone),
        arena_test(test_files_in_memory_are_all_that_the_directory_has),
        arena_test(test_tables_are_found_wherever_they_stand),
        arena_test(what_master_listens_at_says_whether_a_service_is_local),
    };
    return cmocka_run_group_tests_name("configuration", tests, NULL, NULL);
}
