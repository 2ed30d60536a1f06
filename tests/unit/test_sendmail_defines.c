#include "tests/unit/sendmail_service.h"

/* text_of - what became of the first item of that name */
static const char *text_of(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->sendmail->count; i++)
        if (str_is(draft->sendmail->items[i].name, name))
            return arena_cstr(draft->arena, draft->fates[i].text);
    return "(no item)";
}

static void a_mailers_port_is_that_of_the_hosts_that_it_reaches(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "define(`RELAY_MAILER_ARGS', `TCP $h 587')\n"
                 "define(`SMTP_MAILER_ARGS', `TCP $h 2525')\n"
                 "define(`SMART_HOST', `[a.example]')\ndefine(`MAIL_HUB', `smtp:b.example')\n",
                 NULL);

    assert_string_equal(setting(draft, "relayhost"), "[a.example]:587");
    assert_string_equal(setting(draft, "mailbox_transport"), "smtp:b.example:2525");
    assert_string_equal(setting(draft, "smtp_tcp_port"), "(unset)");
    assert_string_equal(fate_of(draft, "SMTP_MAILER_ARGS", NULL), "mapped");
}

static void the_port_of_the_common_mailer_is_that_of_all_hosts(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`ESMTP_MAILER_ARGS', `TCP $h 2525')\n"
                                   "define(`SMART_HOST', `[a.example]')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtp_tcp_port"), "2525");
    assert_string_equal(setting(draft, "relayhost"), "[a.example]:25");
    draft = draft_of(*state,
                     "define(`confSMTP_MAILER', `smtp')\n"
                     "define(`ESMTP_MAILER_ARGS', `TCP $h 2525')\n",
                     NULL);
    assert_string_equal(setting(draft, "smtp_tcp_port"), "(unset)");
}

static void a_mailer_that_knows_one_host_is_an_open_point(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`ESMTP_MAILER_ARGS', `TCP out.example 2525')\n", NULL);

    assert_string_equal(fate_of(draft, "ESMTP_MAILER_ARGS", NULL), "open");
    draft = draft_of(*state, "define(`confSMTP_MAILER', `dsmtp')\n", NULL);
    assert_string_equal(fate_of(draft, "confSMTP_MAILER", NULL), "open");
}

static void without_mime_errors_dsn_is_not_offered(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confMIME_FORMAT_ERRORS', `False')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_discard_ehlo_keywords"), "dsn");
    draft = draft_of(*state, "define(`confMIME_FORMAT_ERRORS', `True')\n", NULL);
    assert_string_equal(setting(draft, "smtpd_discard_ehlo_keywords"), "(unset)");
    assert_string_equal(fate_of(draft, "confMIME_FORMAT_ERRORS", NULL), "already");
}

static void a_sender_who_is_left_out_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confME_TOO', `False')\n", NULL);

    assert_string_equal(fate_of(draft, "confME_TOO", NULL), "open");
    draft = draft_of(*state, "define(`confME_TOO', `True')\n", NULL);
    assert_string_equal(fate_of(draft, "confME_TOO", NULL), "already");
}

static void mail_with_a_nul_is_refused_as_debian_does(void **state)
{
    struct draft *draft = draft_of(*state, "OSTYPE(`debian')\n", NULL);

    assert_string_equal(setting(draft, "message_reject_characters"), "\\0");
    draft = draft_of(*state, "OSTYPE(`debian')\ndefine(`confREJECT_NUL', `False')\n", NULL);
    assert_string_equal(setting(draft, "message_reject_characters"), "(unset)");
}

static void what_stands_behind_mailer_is_not_read(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "define(`LOCAL_MAILER_PATH', `/opt/first')\n"
                 "define(`LOCAL_MAILER_ARGS', `first $u')\n"
                 "define(`LOCAL_MAILER_FLAGS', `m')\n"
                 "MAILER(`local')\n"
                 "define(`LOCAL_MAILER_PATH', `/opt/second')\nFEATURE(`smrsh')\n"
                 "define(`RELAY_MAILER_ARGS', `TCP $h 587')\nMAILER(`smtp')\n"
                 "define(`confMAX_HOP', `9')\ndefine(`SMART_HOST', `a.example')\n",
                 NULL);

    assert_string_equal(setting(draft, "mailbox_command"), "/opt/first \"$USER\"");
    assert_string_equal(setting(draft, "local_command_shell"), "(unset)");
    assert_string_equal(setting(draft, "relayhost"), "a.example:587");
    assert_string_equal(setting(draft, "hopcount_limit"), "9");
    assert_string_equal(fate_of(draft, "smrsh", NULL), "meaningless");
    assert_string_equal(fate_of(draft, "LOCAL_MAILER_PATH", "/opt/second"), "meaningless");
}

static void what_a_filter_cannot_be_told_is_said(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "INPUT_MAIL_FILTER(`a', `S=inet:8891@127.0.0.1')\n"
                                   "define(`confMILTER_MACROS_ENVFROM', `i, {mail_addr}')\n",
                                   NULL);

    assert_string_equal(setting(draft, "milter_mail_macros"), "i {mail_addr}");
    assert_string_equal(text_of(draft, "confMILTER_MACROS_ENVFROM"),
                        "milter_mail_macros = i {mail_addr}; Postfix does not support i there");
}

/* chain - LINE, whose value is A0, and COUNT defines from A0 to the last one, whose value is 1000
 */
static struct draft *chain(struct arena *arena, const char *line, int count)
{
    struct buffer text;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, line);
    for (int i = 0; i + 1 < count; i++)
        buffer_printf(&text, "define(`A%d', `A%d')\n", i, i + 1);
    buffer_printf(&text, "define(`A%d', `1000')\n", count - 1);
    return draft_of(arena, arena_cstr(arena, buffer_str(&text)), NULL);
}

static void defines_that_refer_to_too_many_others_are_an_open_point(void **state)
{
    static const char size[] = "define(`confMAX_MESSAGE_SIZE', `A0')\n";
    struct draft *few = chain(*state, size, 8), *many = chain(*state, size, 9);

    assert_string_equal(setting(few, "message_size_limit"), "1000");
    assert_string_equal(fate_of(few, "confMAX_MESSAGE_SIZE", NULL), "mapped");
    assert_string_equal(fate_of(many, "confMAX_MESSAGE_SIZE", NULL), "open");
}

static void a_list_that_refers_to_too_many_defines_is_an_open_point(void **state)
{
    static const char macros[] = "define(`confMILTER_MACROS_ENVFROM', `i, A0')\n";
    struct draft *few = chain(*state, macros, 7), *many = chain(*state, macros, 9);

    assert_string_equal(fate_of(few, "confMILTER_MACROS_ENVFROM", NULL), "mapped");
    assert_string_equal(fate_of(many, "confMILTER_MACROS_ENVFROM", NULL), "open");
}

static void a_value_that_grows_without_end_is_an_open_point(void **state)
{
    struct buffer text;

    buffer_init(&text, *state);
    buffer_add_cstr(&text, "define(`confMILTER_MACROS_ENVFROM', `i, A0')\ndefine(`A4', `x')\n");
    for (int i = 0; i < 4; i++) {
        buffer_printf(&text, "define(`A%d', `x", i);
        for (int k = 0; k < 20; k++)
            buffer_printf(&text, ", A%d", i + 1);
        buffer_add_cstr(&text, "')\n");
    }
    struct draft *draft = draft_of(*state, arena_cstr(*state, buffer_str(&text)), NULL);
    assert_string_equal(fate_of(draft, "confMILTER_MACROS_ENVFROM", NULL), "open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_mailers_port_is_that_of_the_hosts_that_it_reaches),
        arena_test(the_port_of_the_common_mailer_is_that_of_all_hosts),
        arena_test(a_mailer_that_knows_one_host_is_an_open_point),
        arena_test(without_mime_errors_dsn_is_not_offered),
        arena_test(a_sender_who_is_left_out_is_an_open_point),
        arena_test(mail_with_a_nul_is_refused_as_debian_does),
        arena_test(what_stands_behind_mailer_is_not_read),
        arena_test(what_a_filter_cannot_be_told_is_said),
        arena_test(defines_that_refer_to_too_many_others_are_an_open_point),
        arena_test(a_list_that_refers_to_too_many_defines_is_an_open_point),
        arena_test(a_value_that_grows_without_end_is_an_open_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
