/* master.cf as master(8) and postconf(1) read it */
#include "tests/unit/unit.h"

static const struct service *only(struct arena *arena, struct master_cf *master_cf,
                                  const char *text)
{
    master_cf_parse(master_cf, arena, source_text(arena, text));
    assert_int_equal(master_cf->count, 1);
    return master_cf->services[0];
}

static const char *arguments(struct arena *arena, const struct service *service)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < service->argument_count; i++)
        buffer_printf(&out, "[%.*s]", STR_ARG(service->arguments[i].text));
    return arena_cstr(arena, buffer_str(&out));
}

static void test_a_service_has_eight_fields_and_overrides(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf,
             "smtp inet n - n 60? 1 smtpd\n  -o a=b\n# comment\n  -oc=d -o { e = f g }\n");

    assert_str(service->fields[MASTER_WAKEUP], "60?");
    assert_str(service->command, "smtpd");
    assert_string_equal(arguments(arena, service), "[-o][a=b][-o][c=d][-o][e=f g]");
    assert_str(service_override_named(service, str_of("e"))->value, "f g");
    assert_str(service_override_named(service, str_of("c"))->place, "-oc=d");
    assert_null(service_override_named(service, str_of("x")));
}

static void test_the_last_override_of_a_name_holds(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf, "smtp inet n - n - - smtpd -o a=1 -o a=2\n");

    assert_str(service_override_named(service, str_of("a"))->value, "2");
}

static void test_letters_before_an_o_are_options_of_their_own(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf, "smtp inet n - n - - smtpd -v -vvo a=b -D\n");

    assert_string_equal(arguments(arena, service), "[-v][-vv][-o][a=b][-D]");
}

static void test_arguments_of_pipe_lose_their_braces(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf,
             "x unix - n n - - pipe -o a=b user=v argv=/bin/x { two words } -o c=d\n");

    assert_string_equal(arguments(arena, service),
                        "[-o][a=b][user=v][argv=/bin/x][two words][-o][c=d]");
    assert_null(service_override_named(service, str_of("c")));
}

/* measured: smtpd of 3.5, 3.7, 3.10 and 3.11 answers with the banner that each line gives it */
static void test_daemons_read_options_as_getopt_does(void **state)
{
    static const struct {
        const char *arguments, *value, *place;
    } cases[] = {
        {"-o b=1", "1", "-o b=1"},
        {"{ -o b=1 }", "1", "{ -o b=1 }"},
        {"{-ob=1}", "1", "{-ob=1}"},
        {"{-o b = 1 2}", "1 2", "{-o b = 1 2}"},
        {"-v {-vo b=1}", "1", "{-vo b=1}"},
        {"-vo b=1", "1", "o b=1"},
        {"{-o} { b = 1 }", "1", "{-o} { b = 1 }"},
        {"{ -o b=2 } { -o b=1 } -v", "1", "{ -o b=1 }"},
        {"-o b=2 {-o b=1}", "1", "{-o b=1}"},
        {"-n foo -i1 -o b=1", "1", "-o b=1"},
        {"-n -o -o b=1", "1", "-o b=1"},
        {"-o{b=1}", NULL, NULL},
        {"-vo{b=1}", NULL, NULL},
        {"{-o {b=1}}", NULL, NULL},
        {"foo -o b=1", NULL, NULL},
        {"-- {-o b=1}", NULL, NULL},
        {"{--} {-o b=1}", NULL, NULL},
        {"{} {-o b=1}", NULL, NULL},
        {"{ {-o b=1} }", NULL, NULL},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct master_cf master_cf;
        struct str line = arena_printf(arena, "smtp inet n - n - - smtpd %s\n", cases[i].arguments);
        const struct service *service = only(arena, &master_cf, line.at);
        const struct master_override *found = service_override_named(service, str_of("b"));
        assert_int_equal(master_cf.problems.count, 0);
        if (cases[i].value == NULL) {
            assert_null(found);
            continue;
        }
        assert_str(found->value, cases[i].value);
        assert_str(found->place, cases[i].place);
        assert_null(service->operand.at);
    }
}

static void test_the_operand_is_the_first_word_that_is_no_option(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;

    assert_str(only(arena, &master_cf, "a inet n - n - - smtpd -o b=1 { c d } e\n")->operand,
               "c d");
    assert_str(only(arena, &master_cf, "a inet n - n - - smtpd -- -o b=1\n")->operand, "-o");
    assert_str(only(arena, &master_cf, "a inet n - n - - smtpd {-o b=1} -\n")->operand, "-");
    assert_null(only(arena, &master_cf, "a inet n - n - - smtpd -o b=1 --\n")->operand.at);
}

static void test_postconf_takes_an_option_in_braces_for_an_argument(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf, "smtp inet n - n - - smtpd -o{a=1} -obo=2 { -o c=3 } -o d=4\n");

    assert_string_equal(arguments(arena, service), "[-o][a=1][-o][b][-o][=2][-o c=3][-o][d=4]");
    assert_str(service_override_named(service, str_of("{a"))->value, "1}");
    assert_str(service_override_named(service, str_of("bo"))->value, "2");
    assert_str(service_override_named(service, str_of("c"))->value, "3");
    assert_str(service_override_named(service, str_of("d"))->value, "4");
    master_cf_read_as_postconf(&master_cf, arena);
    assert_str(service_override_named(service, str_of("a"))->value, "1");
    assert_int_equal(service->override_count, 1);
}

static void test_ports_come_from_numbers_names_and_behind_hosts(void **state)
{
    static const struct {
        const char *name, *host;
        int port;
    } cases[] = {{"smtp", "", 25},
                 {"submissions", "", 465},
                 {"127.0.0.1:10025", "127.0.0.1", 10025},
                 {"[::1]:smtps", "::1", 465},
                 {"unheard-of", "", 0}};
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct master_cf master_cf;
        struct str line = arena_printf(arena, "%s inet n - n - - smtpd\n", cases[i].name);
        const struct service *service = only(arena, &master_cf, line.at);
        assert_int_equal(service_port(service), cases[i].port);
        assert_str(service->host, cases[i].host);
    }
}

static void test_what_master_refuses_is_fatal_and_says_why(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"smtp inet n - n - -\n", "bad field count"},
        {"smtp tcp n - n - - smtpd\n", "invalid type field \"tcp\""},
        {"smtp inet no - n - - smtpd\n", "invalid private field \"no\""},
        {"smtp inet n - n x - smtpd\n", "invalid wakeup field \"x\""},
        {"smtp inet n - n - 1k smtpd\n", "invalid process_limit field \"1k\""},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct master_cf master_cf;
        master_cf_parse(&master_cf, arena, source_text(arena, cases[i].text));
        assert_int_equal(master_cf.count, 0);
        assert_int_equal(master_cf.problems.count, 1);
        assert_true(master_cf.problems.items[0].fatal);
        assert_str(master_cf.problems.items[0].message, cases[i].message);
    }
}

static void test_a_socket_that_master_cannot_create_is_fatal_and_leaves_the_service(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"smtp inet y - n - - smtpd\n", "an inet service cannot be private"},
        {"smtp inet - - n - - smtpd\n", "an inet service cannot be private"},
        {"a/b unix - n n - - pipe\n",
         "master(8) cannot create the socket \"a/b\": its directory does not exist"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct master_cf master_cf;
        assert_null(only(arena, &master_cf, cases[i].text)->problem);
        assert_int_equal(master_cf.problems.count, 1);
        assert_true(master_cf.problems.items[0].fatal);
        assert_str(master_cf.problems.items[0].message, cases[i].message);
    }
}

static void test_faults_of_arguments_leave_the_service(void **state)
{
    static const struct {
        const char *arguments, *message;
        bool one_service; /* master(8) starts, the program of this service does not */
    } cases[] = {
        {"-o", "-o without name=value", true},
        {"-o name", "missing '=' after attribute name", true},
        {"-o { a = b", "missing '}'", false},
        {"{ -o { a = b } }", "missing '=' after attribute name", true},
        {"{-o}", "-o without name=value", true},
        {"{ a }b", "syntax error after '}'", false},
        {"-x", "invalid option \"-x\"", true},
        {"--o a=b", "invalid option \"--o\"", true},
        {"-vDn", "-n without a value", true},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct master_cf master_cf;
        struct str line = arena_printf(arena, "smtp inet n - n - - smtpd %s\n", cases[i].arguments);
        only(arena, &master_cf, line.at);
        assert_int_equal(master_cf.problems.count, 1);
        assert_str(master_cf.problems.items[0].message, cases[i].message);
        assert_true(master_cf.problems.items[0].fatal);
        assert_int_equal(master_cf.problems.items[0].one_service, cases[i].one_service);
        assert_int_equal(master_cf.services[0]->problem != NULL, cases[i].one_service);
    }
}

static void test_an_indented_first_line_and_a_nul_are_problems(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    static const char text[] = " -o a=b\nsmtp inet n - n - - smtpd\0 -o a=b\n";

    master_cf_parse(&master_cf, arena,
                    source_of(arena, str_of("master.cf"),
                              arena_copy(arena, (struct str){text, sizeof text - 1})));
    assert_int_equal(master_cf.count, 1);
    assert_null(master_cf.services[0]->overrides);
    assert_int_equal(master_cf.problems.count, 2);
}

static void test_the_daemon_is_the_last_part_of_the_command(void **state)
{
    struct arena *arena = *state;
    struct master_cf master_cf;
    const struct service *service =
        only(arena, &master_cf, "x inet n - n - - /usr/libexec/postfix/smtpd\n");

    assert_true(service_runs(service, "smtpd"));
    assert_false(service_runs(service, "smtp"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_service_has_eight_fields_and_overrides),
        arena_test(test_the_last_override_of_a_name_holds),
        arena_test(test_letters_before_an_o_are_options_of_their_own),
        arena_test(test_arguments_of_pipe_lose_their_braces),
        arena_test(test_daemons_read_options_as_getopt_does),
        arena_test(test_the_operand_is_the_first_word_that_is_no_option),
        arena_test(test_postconf_takes_an_option_in_braces_for_an_argument),
        arena_test(test_ports_come_from_numbers_names_and_behind_hosts),
        arena_test(test_what_master_refuses_is_fatal_and_says_why),
        arena_test(test_a_socket_that_master_cannot_create_is_fatal_and_leaves_the_service),
        arena_test(test_faults_of_arguments_leave_the_service),
        arena_test(test_an_indented_first_line_and_a_nul_are_problems),
        arena_test(test_the_daemon_is_the_last_part_of_the_command),
    };
    return cmocka_run_group_tests_name("master.cf", tests, NULL, NULL);
}
