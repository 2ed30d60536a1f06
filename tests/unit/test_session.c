#include "tests/unit/session_talk.h"

static void test_a_message_is_taken_step_by_step(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    assert_says(talk_open(&t, arena, "debian12", ""), "220 mail.example.com ESMTP Postfix");
    assert_says(talk(&t, "HELO c.example"), "250 mail.example.com");
    assert_says(talk(&t, "MAIL FROM:<a@s.example>"), "250 2.1.0 Ok");
    assert_says(talk(&t, "RCPT TO:<b@example.com>"), "250 2.1.5 Ok");
    assert_says(talk(&t, "DATA"), "354 End data with <CR><LF>.<CR><LF>");
    assert_int_equal(t.step.next, NEXT_DATA);
    assert_says(talk_message(&t, 100, CONTENT_GOOD), "250 2.0.0 Ok: queued as 4XYZ");
    assert_int_equal(t.step.next, NEXT_COMMAND);
    assert_says(talk(&t, "QUIT"), "221 2.0.0 Bye");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_capabilities_stand_in_postfix_order(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_tls_security_level = may\nsmtpd_sasl_auth_enable = yes\n"
              "broken_sasl_auth_clients = yes\n");
    assert_says(talk(&t, "EHLO c.example"),
                "250-mail.example.com|250-PIPELINING|250-SIZE 10240000|250-VRFY|250-ETRN|"
                "250-STARTTLS|250-AUTH PLAIN LOGIN|250-AUTH=PLAIN LOGIN|250-ENHANCEDSTATUSCODES|"
                "250-8BITMIME|250-DSN|250-SMTPUTF8|250 CHUNKING");
}

static void test_capabilities_can_be_taken_away(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "message_size_limit = 0\nmailbox_size_limit = 0\nvirtual_mailbox_limit = 0\n"
              "disable_vrfy_command = yes\nsmtputf8_enable = no\n"
              "smtpd_discard_ehlo_keywords = Pipelining, dsn etrn,chunking nonsense\n");
    assert_says(talk(&t, "EHLO c.example"),
                "250-mail.example.com|250-SIZE|250-ENHANCEDSTATUSCODES|250 8BITMIME");
    assert_says(talk(&t, "BDAT 3"), "521 5.5.1 Error: command not implemented");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_releases_differ_in_what_they_know(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "postfix-3.3", "");
    assert_says(talk(&t, "BDAT 3"), "502 5.5.2 Error: command not recognized");
    assert_says(talk(&t, "HELP"), "502 5.5.2 Error: command not recognized");
    talk_open(&t, arena, "postfix-3.10", "");
    assert_says(talk(&t, "FOO"), "500 5.5.2 Error: command not recognized");
    assert_says(talk(&t, "HELP"),
                "214 2.0.0 Commands: AUTH BDAT DATA EHLO ETRN HELO HELP MAIL NOOP QUIT RCPT RSET "
                "STARTTLS VRFY XCLIENT XFORWARD");
}

static void test_a_mail_transaction_has_its_order(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_helo_required = yes\n");
    assert_says(talk(&t, "MAIL FROM:<a@s.example>"), "503 5.5.1 Error: send HELO/EHLO first");
    talk(&t, "EHLO c.example");
    assert_says(talk(&t, "RCPT TO:<b@example.com>"), "503 5.5.1 Error: need MAIL command");
    assert_says(talk(&t, "DATA"), "503 5.5.1 Error: need RCPT command");
    assert_says(talk(&t, "MAIL FROM:<a@s.example>"), "250 2.1.0 Ok");
    assert_says(talk(&t, "MAIL FROM:<a@s.example>"), "503 5.5.1 Error: nested MAIL command");
    assert_says(talk(&t, "DATA"), "554 5.5.1 Error: no valid recipients");
    assert_says(talk(&t, "RSET"), "250 2.0.0 Ok");
    assert_says(talk(&t, "RCPT TO:<b@example.com>"), "503 5.5.1 Error: need MAIL command");
}

static void test_parameters_of_mail_and_rcpt_are_looked_at(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "message_size_limit = 1000\n");
    talk(&t, "EHLO c.example");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> SIZE=x"), "501 5.5.4 Bad message size syntax");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> RET=x"), "501 5.5.4 Bad RET parameter syntax");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> ENVID=+0"),
                "501 5.5.4 Bad ENVID parameter syntax");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> FOO=1"), "555 5.5.4 Unsupported option: FOO=1");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> SIZE=1001"),
                "552 5.3.4 Message size exceeds fixed limit");
    assert_says(talk(&t, "MAIL FROM:<a@s.example> SIZE=9 BODY=8BITMIME RET=HDRS ENVID=a SMTPUTF8"),
                "250 2.1.0 Ok");
    assert_says(talk(&t, "RCPT TO:<b@example.com> NOTIFY=NEVER,DELAY"),
                "501 5.5.4 Error: Bad NOTIFY parameter syntax");
    assert_says(talk(&t, "RCPT TO:<b@example.com> ORCPT=rfc822"),
                "501 5.5.4 Error: Bad ORCPT parameter syntax");
    assert_says(talk(&t, "RCPT TO:<b@example.com> NOTIFY=DELAY ORCPT=rfc822;a+20b"),
                "250 2.1.5 Ok");
}

static void test_recipients_are_counted(void **state)
{
    struct arena *arena = *state;
    struct talk t;
    const struct str *recipients;

    talk_open(&t, arena, "debian12",
              "smtpd_recipient_limit = 2\nsmtpd_recipient_overshoot_limit = 1\n"
              "smtpd_hard_error_limit = 1\n");
    talk(&t, "EHLO c.example");
    talk(&t, "MAIL FROM:<a@s.example>");
    talk(&t, "RCPT TO:<b1@example.com>");
    talk(&t, "RCPT TO:<b2@example.com>");
    assert_int_equal(session_recipients(t.session, &recipients), 2);
    assert_str(recipients[1], "b2@example.com");
    assert_says(talk(&t, "RCPT TO:<b3@example.com>"), "452 4.5.3 Error: too many recipients");
    assert_says(talk(&t, "RCPT TO:<b4@example.com>"),
                "452 4.5.3 Error: too many recipients|"
                "421 4.7.0 mail.example.com Error: too many errors");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_starttls_forgets_what_was_said_before(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_tls_security_level = encrypt\nsmtpd_sasl_auth_enable = yes\n");
    talk(&t, "EHLO c.example");
    assert_says(talk(&t, "MAIL FROM:<a@s.example>"),
                "530 5.7.0 Must issue a STARTTLS command first");
    assert_says(talk(&t, "NOOP"), "250 2.0.0 Ok");
    assert_says(talk(&t, "STARTTLS"), "220 2.0.0 Ready to start TLS");
    assert_int_equal(t.step.next, NEXT_TLS);
    talk_tls(&t);
    assert_null(session_state(t.session)->helo.at);
    assert_says(talk(&t, "EHLO c.example"),
                "250-mail.example.com|250-PIPELINING|250-SIZE 10240000|250-VRFY|250-ETRN|"
                "250-AUTH PLAIN LOGIN|250-ENHANCEDSTATUSCODES|250-8BITMIME|250-DSN|250-SMTPUTF8|"
                "250 CHUNKING");
    assert_says(talk(&t, "STARTTLS"), "554 5.5.1 Error: TLS already active");
}

static void test_starttls_without_a_certificate_is_offered_and_fails(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_tls_security_level = may\n");
    t.options.can_tls = false;
    assert_non_null(strstr(talk(&t, "EHLO c.example"), "250-STARTTLS"));
    assert_says(talk(&t, "STARTTLS"), "454 4.7.0 TLS not available due to local problem");
    talk_open(&t, arena, "debian12", "");
    assert_says(talk(&t, "STARTTLS"), "502 5.5.1 Error: command not implemented");
}

static void test_wrapper_mode_greets_behind_the_handshake(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    assert_says(talk_open(&t, arena, "debian12", "smtpd_tls_wrappermode = yes\n"), "");
    assert_int_equal(t.step.next, NEXT_TLS);
    talk_tls(&t);
    t.step = session_greeting(t.session);
    assert_says(talk_reply(&t), "220 mail.example.com ESMTP Postfix");
}

static void test_a_required_certificate_is_missed(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_tls_security_level = encrypt\nsmtpd_tls_req_ccert = yes\n");
    talk(&t, "STARTTLS");
    talk_tls(&t);
    assert_says(talk(&t, "EHLO c.example"),
                "421 4.7.1 mail.example.com Error: No client certificate presented");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_errors_have_a_soft_and_a_hard_limit(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_soft_error_limit = 1\nsmtpd_hard_error_limit = 3\n"
              "smtpd_error_sleep_time = 2\n");
    talk(&t, "FOO");
    assert_int_equal(t.step.delay, 0);
    talk(&t, "FOO");
    assert_int_equal(t.step.delay, 2);
    assert_says(talk(&t, "FOO"), "500 5.5.2 Error: command not recognized|"
                                 "421 4.7.0 mail.example.com Error: too many errors");
    assert_says(talk(&t, "NOOP"), "");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_junk_commands_become_errors(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_junk_command_limit = 1\nsmtpd_hard_error_limit = 1\n");
    talk(&t, "NOOP");
    assert_says(talk(&t, "NOOP"), "250 2.0.0 Ok");
    assert_says(talk(&t, "NOOP"), "250 2.0.0 Ok|421 4.7.0 mail.example.com Error: too many errors");
}

static void test_other_protocols_are_shown_the_door(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_forbidden_commands = CONNECT\n");
    assert_says(talk(&t, "Host: x"), "221 2.7.0 Error: I can break rules, too. Goodbye.");
    assert_int_equal(t.step.next, NEXT_CLOSE);
    talk_open(&t, arena, "debian12", "smtpd_forbidden_commands = CONNECT\n");
    assert_says(talk(&t, "connect x"), "221 2.7.0 Error: I can break rules, too. Goodbye.");
}

static void test_talking_out_of_turn_ends_the_session(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian13", "");
    session_input(t.session, true);
    t.step = session_line(t.session, str_of("HELO c.example"), false);
    assert_says(talk_reply(&t), "554 5.5.0 Error: SMTP protocol synchronization");
    assert_int_equal(t.step.next, NEXT_CLOSE);
    talk_open(&t, arena, "debian13", "smtpd_forbid_unauth_pipelining = no\n");
    session_input(t.session, true);
    t.step = session_line(t.session, str_of("HELO c.example"), false);
    assert_says(talk_reply(&t), "250 mail.example.com");
    assert_true(session_state(t.session)->pipelined);
}

static void test_announced_pipelining_is_allowed(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian13", "");
    talk(&t, "EHLO c.example");
    session_input(t.session, true);
    t.step = session_line(t.session, str_of("MAIL FROM:<a@s.example>"), false);
    assert_says(talk_reply(&t), "250 2.1.0 Ok");
}

static void test_a_bare_line_feed_is_refused_where_it_is_forbidden(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian13", "smtpd_forbid_bare_newline = reject\n");
    assert_says(talk_raw(&t, str_of("NOOP"), true),
                "550 5.5.2 mail.example.com Error: bare <LF> received");
    assert_int_equal(t.step.next, NEXT_CLOSE);
    talk_open(&t, arena, "debian13", "");
    assert_int_equal(session_limits(t.session).bare_newline, BARE_NEWLINE_NORMALIZE);
    assert_says(talk_raw(&t, str_of("NOOP"), true), "250 2.0.0 Ok");
    talk_open(&t, arena, "debian12", "");
    assert_int_equal(session_limits(t.session).bare_newline, BARE_NEWLINE_ACCEPT);
}

static void test_what_is_no_utf8_is_refused(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtputf8_enable = yes\n");
    assert_says(talk(&t, "NOOP \xff"), "500 5.5.2 Error: bad UTF-8 syntax");
    assert_says(talk(&t, "NOOP \xed\xa0\x80"), "500 5.5.2 Error: bad UTF-8 syntax");
    assert_says(talk(&t, "NOOP \xc3\xbc"), "250 2.0.0 Ok");
    talk_open(&t, arena, "debian12", "smtputf8_enable = no\n");
    assert_says(talk(&t, "NOOP \xff"), "250 2.0.0 Ok");
}

static void test_long_lines_and_zero_bytes_are_cut(void **state)
{
    struct arena *arena = *state;
    struct talk t;
    const struct str command = STR("RSET");
    char line[4096];

    memset(line, ' ', sizeof line);
    memcpy(line, command.at, command.len);
    line[sizeof line - 1] = 'x';
    talk_open(&t, arena, "debian12", "");
    assert_says(talk_raw(&t, (struct str){line, sizeof line}, false), "250 2.0.0 Ok");
    assert_says(talk_raw(&t, (struct str){"RSET\0 x", 7}, false), "250 2.0.0 Ok");
    assert_says(talk_raw(&t, (struct str){"RSET x", 6}, false), "501 5.5.4 Syntax: RSET");
}

static void test_a_slow_client_is_told(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_timeout = 7s\n");
    assert_int_equal(session_limits(t.session).timeout, 7);
    t.step = session_timeout(t.session);
    assert_says(talk_reply(&t), "421 4.4.2 mail.example.com Error: timeout exceeded");
    assert_int_equal(t.step.next, NEXT_CLOSE);
}

static void test_a_client_refused_at_the_greeting_may_only_quit(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    assert_says(talk_open(&t, arena, "debian12",
                          "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject\n"),
                "554 5.7.1 <client.example[192.0.2.7]>: Client host rejected: Access denied");
    assert_says(talk(&t, "EHLO c.example"),
                "503 5.7.0 Error: access denied for client.example[192.0.2.7]");
    assert_says(talk(&t, "QUIT"), "221 2.0.0 Bye");
}

static void a_table_that_fails_for_cleanup_refuses_the_message(void **state)
{
    struct talk with;

    talk_open(&with, *state, "debian12", "sender_bcc_maps = fail:x\n");
    talk(&with, "EHLO client.example");
    talk(&with, "MAIL FROM:<ann@example.org>");
    talk(&with, "RCPT TO:<bob@example.com>");
    talk(&with, "DATA");
    assert_says(talk_message(&with, 100, CONTENT_GOOD), "451 4.3.0 Error: queue file write error");
    talk_open(&with, *state, "debian12",
              "sender_bcc_maps = fail:x\nreceive_override_options = no_address_mappings\n");
    talk(&with, "EHLO client.example");
    talk(&with, "MAIL FROM:<ann@example.org>");
    talk(&with, "RCPT TO:<bob@example.com>");
    talk(&with, "DATA");
    assert_says(talk_message(&with, 100, CONTENT_GOOD), "250 2.0.0 Ok: queued as 4XYZ");
}

static void ehlo_fails_with_the_list_that_auth_depends_on(void **state)
{
    struct talk with;

    talk_open(&with, *state, "debian12",
              "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_security_options =\n"
              "smtpd_sasl_exceptions_networks = fail:x\n");
    assert_says(talk(&with, "EHLO client.example"),
                "421 4.3.0 mail.example.com Server local data error");
    assert_int_equal(with.step.next, NEXT_CLOSE);
}

static void ehlo_fails_with_the_lists_and_tables_that_capabilities_depend_on(void **state)
{
    static const char *const fails[] = {
        "smtpd_authorized_xclient_hosts = 192.168.1.1/24\n",
        "smtpd_authorized_xforward_hosts = fail:x\n",
        "smtpd_authorized_verp_clients = 192.168.1.1/24\n",
        "smtpd_discard_ehlo_keyword_address_maps = fail:x\n",
    };
    struct talk with;

    for (size_t i = 0; i < sizeof fails / sizeof *fails; i++) {
        talk_open(&with, *state, "debian12", fails[i]);
        assert_says(talk(&with, "EHLO client.example"),
                    "421 4.3.0 mail.example.com Server local data error");
        assert_int_equal(with.step.next, NEXT_CLOSE);
    }
    talk_open(&with, *state, "debian12",
              "smtpd_authorized_xforward_hosts = fail:x\n"
              "smtpd_discard_ehlo_keywords = xforward\n");
    assert_true(str_starts(str_of(talk(&with, "EHLO client.example")), "250"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_message_is_taken_step_by_step),
        arena_test(test_capabilities_stand_in_postfix_order),
        arena_test(test_capabilities_can_be_taken_away),
        arena_test(test_releases_differ_in_what_they_know),
        arena_test(test_a_mail_transaction_has_its_order),
        arena_test(test_parameters_of_mail_and_rcpt_are_looked_at),
        arena_test(test_recipients_are_counted),
        arena_test(test_starttls_forgets_what_was_said_before),
        arena_test(test_starttls_without_a_certificate_is_offered_and_fails),
        arena_test(test_wrapper_mode_greets_behind_the_handshake),
        arena_test(test_a_required_certificate_is_missed),
        arena_test(test_errors_have_a_soft_and_a_hard_limit),
        arena_test(test_junk_commands_become_errors),
        arena_test(test_other_protocols_are_shown_the_door),
        arena_test(test_talking_out_of_turn_ends_the_session),
        arena_test(test_announced_pipelining_is_allowed),
        arena_test(test_a_bare_line_feed_is_refused_where_it_is_forbidden),
        arena_test(test_what_is_no_utf8_is_refused),
        arena_test(test_long_lines_and_zero_bytes_are_cut),
        arena_test(test_a_slow_client_is_told),
        arena_test(test_a_client_refused_at_the_greeting_may_only_quit),
        arena_test(a_table_that_fails_for_cleanup_refuses_the_message),
        arena_test(ehlo_fails_with_the_list_that_auth_depends_on),
        arena_test(ehlo_fails_with_the_lists_and_tables_that_capabilities_depend_on),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
