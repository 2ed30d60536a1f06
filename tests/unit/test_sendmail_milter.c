#include "tests/unit/sendmail_service.h"

static void filters_are_asked_in_the_order_of_their_lines(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "INPUT_MAIL_FILTER(`one', `S=inet:8892@127.0.0.1')\n"
                                   "INPUT_MAIL_FILTER(`two', `S=local:/run/two.sock')\n"
                                   "INPUT_MAIL_FILTER(`three', `S=inet6:99@::1')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_milters"),
                        "inet:127.0.0.1:8892, unix:/run/two.sock, inet:[::1]:99");
    assert_string_equal(setting(draft, "milter_default_action"), "accept");
    assert_string_equal(setting(draft, "non_smtpd_milters"), "$smtpd_milters");
    assert_string_equal(fate_nth(draft, "INPUT_MAIL_FILTER", 2), "mapped");
}

static void a_define_behind_them_chooses_and_orders_the_filters(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "INPUT_MAIL_FILTER(`one', `S=inet:1@localhost')\n"
                                   "MAIL_FILTER(`two', `S=inet:2@localhost')\n"
                                   "INPUT_MAIL_FILTER(`three', `S=inet:3@localhost')\n"
                                   "define(`confINPUT_MAIL_FILTERS', `two, one')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_milters"), "inet:localhost:2, inet:localhost:1");
    assert_string_equal(fate_nth(draft, "INPUT_MAIL_FILTER", 1), "meaningless");
    assert_string_equal(fate_of(draft, "confINPUT_MAIL_FILTERS", NULL), "mapped");
}

static void one_action_of_all_is_the_default_action(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "INPUT_MAIL_FILTER(`one', `S=inet:1@localhost, F=T')\n"
                                   "INPUT_MAIL_FILTER(`two', `S=inet:2@localhost, F=4')\n",
                                   NULL);

    assert_string_equal(setting(draft, "milter_default_action"), "tempfail");
    assert_string_equal(setting(draft, "smtpd_milters"), "inet:localhost:1, inet:localhost:2");
}

static void actions_and_times_of_one_filter_stand_in_braces(void **state)
{
    static const char MC[] =
        "INPUT_MAIL_FILTER(`one', `S=inet:1@localhost, F=R, T=C:2m;S:1s;R:20s;E:5m')\n"
        "INPUT_MAIL_FILTER(`two', `S=inet:2@localhost')\n";
    struct draft *draft = draft_of(*state, MC, NULL);

    assert_string_equal(setting(draft, "smtpd_milters"),
                        "{ inet:localhost:1, default_action=reject, connect_timeout=2m, "
                        "command_timeout=20s, content_timeout=5m }, "
                        "{ inet:localhost:2, default_action=accept }");
    draft = draft_for(*state, "postfix-2.11", MC);
    assert_string_equal(setting(draft, "smtpd_milters"), "inet:localhost:1, inet:localhost:2");
    assert_string_equal(fate_nth(draft, "INPUT_MAIL_FILTER", 0), "open");
}

static void a_name_without_a_filter_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confINPUT_MAIL_FILTERS', `none')\n", NULL);

    assert_string_equal(fate_of(draft, "confINPUT_MAIL_FILTERS", NULL), "open");
    assert_string_equal(setting(draft, "smtpd_milters"), "(unset)");
}

static void a_daemon_may_have_filters_of_its_own(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 NO_MSA "INPUT_MAIL_FILTER(`one', `S=inet:1@localhost')\n"
                        "MAIL_FILTER(`two', `S=inet:2@localhost')\n"
                        "DAEMON_OPTIONS(`Name=MTA')\n"
                        "DAEMON_OPTIONS(`Port=587, Name=MSA, InputMailFilters=two;one')\n"
                        "DAEMON_OPTIONS(`Port=2525, Name=NONE, I=')\n",
                 NULL);

    assert_string_equal(override(draft, "smtp", "smtpd_milters"), "(none)");
    assert_string_equal(override(draft, "smtp", "milter_macro_daemon_name"), "MTA");
    assert_string_equal(override(draft, "submission", "smtpd_milters"),
                        "inet:localhost:2, inet:localhost:1");
    assert_string_equal(override(draft, "2525", "smtpd_milters"), "");
    assert_string_equal(fate_of(draft, "MAIL_FILTER", NULL), "mapped");
}

static void lists_of_macros_are_carried_over(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`confMILTER_MACROS_CONNECT', `j, _, {daemon_name}')\n", NULL);

    assert_string_equal(setting(draft, "milter_connect_macros"), "j _ {daemon_name}");
}

static void a_sendmail_cf_has_its_filters_in_x_lines(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "V10/Berkeley\n"
                                   "O InputMailFilters=one\n"
                                   "Xone, S=unix:/run/one.sock, F=T\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_milters"), "unix:/run/one.sock");
    assert_string_equal(setting(draft, "milter_default_action"), "tempfail");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(filters_are_asked_in_the_order_of_their_lines),
        arena_test(a_define_behind_them_chooses_and_orders_the_filters),
        arena_test(one_action_of_all_is_the_default_action),
        arena_test(actions_and_times_of_one_filter_stand_in_braces),
        arena_test(a_name_without_a_filter_is_an_open_point),
        arena_test(a_daemon_may_have_filters_of_its_own),
        arena_test(lists_of_macros_are_carried_over),
        arena_test(a_sendmail_cf_has_its_filters_in_x_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
