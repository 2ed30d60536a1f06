#include "tests/unit/session_talk.h"

static const char auth[] = "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n";

static void test_auth_plain_with_and_without_a_first_response(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", auth);
    assert_says(talk(&t, "AUTH PLAIN AGJvYgB3cm9uZw=="),
                "535 5.7.8 Error: authentication failed: (reason unavailable)");
    /* "root", "bob" and his password: bob may not act as root */
    assert_says(talk(&t, "AUTH PLAIN cm9vdABib2IAc2VjcmV0"),
                "535 5.7.8 Error: authentication failed: (reason unavailable)");
    assert_says(talk(&t, "AUTH PLAIN"), "334 ");
    assert_int_equal(t.step.next, NEXT_AUTH);
    assert_says(talk(&t, "AGJvYgBzZWNyZXQ="), "235 2.7.0 Authentication successful");
    assert_str(session_state(t.session)->sasl_username, "bob");
    assert_str(session_state(t.session)->sasl_method, "PLAIN");
    assert_says(talk(&t, "AUTH PLAIN"), "503 5.5.1 Error: already authenticated");
}

/* the real smtpd 3.7.11 with Cyrus SASL 2.1.28, a sasldb with bob and root, and mech_list PLAIN
 * LOGIN */
static const struct {
    const char *response, *reply;
} cyrus_rows[] = {
    {"AGJvYgBzZWNyZXQ=", "235 2.7.0 Authentication successful"},
    {"Ym9iAGJvYgBzZWNyZXQ=", "235 2.7.0 Authentication successful"}, /* bob as bob */
    {"IGJvYgBib2IAc2VjcmV0", "235 2.7.0 Authentication successful"}, /* " bob" as bob */
    {"cm9vdABib2IAc2VjcmV0", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"YWxpY2UAYm9iAHNlY3JldA==", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"cm9vdABib2IAd3Jvbmc=", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"Qk9CAGJvYgBzZWNyZXQ=", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"AGJvYgBzZWNyZXQg", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"AGJvYgA=", "535 5.7.8 Error: authentication failed: authentication failure"},
    {"AGJvYgBzZWNyZXQA", "535 5.7.8 Error: authentication failed: bad protocol / cancel"},
    {"Ym9iAHNlY3JldA==", "535 5.7.8 Error: authentication failed: bad protocol / cancel"},
    {"AABzZWNyZXQ=", "454 4.7.0 Temporary authentication failure: generic failure"},
    {"Ym9iAABzZWNyZXQ=", "454 4.7.0 Temporary authentication failure: generic failure"},
    {"!!!", "535 5.7.8 Error: authentication failed: another step is needed in authentication"},
    {"AGJv!!!!", "535 5.7.8 Error: authentication failed: bad protocol / cancel"},
    {"YQ=", "535 5.7.8 Error: authentication failed: another step is needed in authentication"},
    {"Y===", "535 5.7.8 Error: authentication failed: bad protocol / cancel"},
    {"=", "535 5.7.8 Error: authentication failed: another step is needed in authentication"},
    {"AGJvYgBzZWNyZXQ=x", "535 5.7.8 Error: authentication failed: bad protocol / cancel"},
};

static void test_auth_plain_as_cyrus_sasl_takes_it(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    for (size_t i = 0; i < sizeof cyrus_rows / sizeof *cyrus_rows; i++) {
        talk_open(&t, arena, "debian12", "smtpd_sasl_auth_enable = yes\n");
        struct str command = arena_printf(arena, "AUTH PLAIN %s", cyrus_rows[i].response);
        assert_says(talk(&t, arena_cstr(arena, command)), cyrus_rows[i].reply);
    }
    /* a refused login is no login: the same session may try again */
    talk_open(&t, arena, "debian12", "smtpd_sasl_auth_enable = yes\n");
    talk(&t, "AUTH PLAIN cm9vdABib2IAc2VjcmV0");
    assert_says(talk(&t, "AUTH PLAIN AGJvYgBzZWNyZXQ="), "235 2.7.0 Authentication successful");
    assert_str(session_state(t.session)->sasl_username, "bob");
    /* LOGIN: names end at a NUL, and are without white space around them */
    talk_open(&t, arena, "debian12", "smtpd_sasl_auth_enable = yes\n");
    talk(&t, "AUTH LOGIN IGJvYiA=");
    assert_says(talk(&t, "c2VjcmV0"), "235 2.7.0 Authentication successful");
    talk_open(&t, arena, "debian12", "smtpd_sasl_auth_enable = yes\n");
    talk(&t, "AUTH LOGIN Ym9iAHg=");
    assert_says(talk(&t, "c2VjcmV0AA=="), "235 2.7.0 Authentication successful");
}

static void test_auth_login_and_giving_up(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", auth);
    assert_says(talk(&t, "AUTH LOGIN"), "334 VXNlcm5hbWU6");
    assert_says(talk(&t, "*"), "501 5.7.0 Authentication aborted");
    assert_int_equal(t.step.next, NEXT_COMMAND);
    assert_says(talk(&t, "AUTH LOGIN Ym9i"), "334 UGFzc3dvcmQ6");
    assert_says(
        talk(&t, "!"),
        "535 5.7.8 Error: authentication failed: Invalid base64 data in continued response");
    assert_says(talk(&t, "AUTH LOGIN Ym9i"), "334 UGFzc3dvcmQ6");
    assert_says(talk(&t, "c2VjcmV0"), "235 2.7.0 Authentication successful");
}

static void test_auth_is_not_there_where_it_is_not_offered(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "");
    assert_says(talk(&t, "AUTH PLAIN"), "503 5.5.1 Error: authentication not enabled");
    talk_open(&t, arena, "debian12",
              "smtpd_sasl_auth_enable = yes\nsmtpd_tls_auth_only = yes\n"
              "smtpd_tls_security_level = may\n");
    assert_null(strstr(talk(&t, "EHLO c.example"), "AUTH"));
    assert_says(talk(&t, "AUTH PLAIN"), "503 5.5.1 Error: authentication not enabled");
    talk(&t, "STARTTLS");
    talk_tls(&t);
    assert_non_null(strstr(talk(&t, "EHLO c.example"), "250-AUTH PLAIN LOGIN"));
}

static void test_security_options_take_the_plain_mechanisms_away(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    assert_string_equal(talk_open(&t, arena, "debian12",
                                  "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\n"
                                  "smtpd_sasl_security_options = noanonymous, noplaintext\n"
                                  "smtpd_sasl_tls_security_options = noanonymous\n"),
                        "");
    assert_int_equal(t.step.next, NEXT_CLOSE);
    talk_open(&t, arena, "debian12",
              "smtpd_sasl_auth_enable = yes\nsmtpd_tls_security_level = may\n"
              "smtpd_tls_auth_only = yes\n"
              "smtpd_sasl_security_options = noanonymous, noplaintext\n"
              "smtpd_sasl_tls_security_options = noanonymous\n");
    assert_null(strstr(talk(&t, "EHLO c.example"), "AUTH"));
    talk(&t, "STARTTLS");
    talk_tls(&t);
    assert_non_null(strstr(talk(&t, "EHLO c.example"), "AUTH PLAIN LOGIN"));
}

static void test_logins_that_cannot_work_end_the_session(void **state)
{
    static const char *const settings[] = {
        ("smtpd_sasl_type = dovecot\n"
         "smtpd_sasl_tls_security_options = noanonymous, noplaintext\n"),
        "smtpd_sasl_security_options = noanonymus\n",
        "smtpd_sasl_type = dovecot\nsmtpd_sasl_mechanism_filter = gssapi\n",
        "smtpd_sasl_path = \"private/auth\"\n",
        "smtpd_sasl_type = dovecot\nsmtpd_sasl_path = inet:127.0.0.1\n",
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct talk t;
        talk_open(&t, arena, "debian12",
                  arena_printf(arena,
                               "smtpd_sasl_auth_enable = yes\nsmtpd_tls_auth_only = yes\n"
                               "smtpd_tls_security_level = may\n%s",
                               settings[i])
                      .at);
        assert_null(strstr(talk(&t, "EHLO c.example"), "AUTH"));
        talk(&t, "STARTTLS");
        talk_tls(&t);
        assert_string_equal(talk(&t, "EHLO c.example"), "");
        assert_int_equal(t.step.next, NEXT_CLOSE);
    }
}

/* what happens to MAIL and RCPT with the services of MASTER */
static void assert_receives(struct arena *arena, const char *settings, const char *master,
                            enum session_next at_mail, enum session_next at_rcpt)
{
    struct talk t = {.arena = arena};
    struct str text = arena_printf(arena,
                                   "compatibility_level = 3.6\nmyhostname = mail.example.com\n"
                                   "mydestination = example.com\nlocal_recipient_maps =\n"
                                   "mynetworks = 192.0.2.0/24\n%s",
                                   settings);

    config_of(&t.config, arena, "debian12", arena_cstr(arena, text), master);
    talk_begin(&t);
    t.step = session_greeting(t.session);
    talk(&t, "EHLO c.example");
    talk(&t, "MAIL FROM:<a@b.example>");
    assert_int_equal(t.step.next, at_mail);
    if (at_mail != NEXT_COMMAND)
        return;
    talk(&t, "RCPT TO:<bob@example.com>");
    assert_int_equal(t.step.next, at_rcpt);
    assert_int_equal(t.step.reply.code, at_rcpt == NEXT_COMMAND ? 250 : 0);
}

static void test_services_that_do_not_start_do_not_answer(void **state)
{
    static const char master[] = "smtp inet n - n - - smtpd\n"
                                 "cleanup unix n - n - 0 cleanup\n"
                                 "rewrite unix - - n - - trivial-rewrite\n";

    assert_receives(*state, "", master, NEXT_COMMAND, NEXT_COMMAND);
    assert_receives(*state, "hopcount_limit = 0\n", master, NEXT_COMMAND, NEXT_SILENCE);
    assert_receives(*state, "append_dot_mydomain = false\n", master, NEXT_SILENCE, NEXT_SILENCE);
    assert_receives(*state, "smtputf8_autodetect_classes = sendmial\n", master, NEXT_COMMAND,
                    NEXT_CLOSE);
    assert_receives(*state, "smtpd_proxy_filter = smtp://127.0.0.1:10025\n", master, NEXT_COMMAND,
                    NEXT_CLOSE);
}

static void test_a_milter_that_does_not_work(void **state)
{
    static const struct {
        const char *platform, *settings, *greeting, *ehlo, *mail;
    } cases[] = {
        {"debian12", "smtpd_milters = tcp:127.0.0.1:5000\n", "220", "250-STARTTLS",
         "451 4.3.5 Server configuration problem - try again later"},
        {"debian12", "smtpd_milters = { inet:127.0.0.1:5000, protocol=7 }\n", "220", "250-STARTTLS",
         "451 4.3.5 Server configuration problem - try again later"},
        {"debian13", "smtpd_milters = tcp:127.0.0.1:5000\n",
         "421 mail.example.com Service unavailable - try again later", "", ""},
        {"debian12", "smtpd_milters = inet:localhost.\nmilter_default_action = reject\n",
         "554 mail.example.com ESMTP not accepting connections", "250 ENHANCEDSTATUSCODES",
         "550 5.5.0 Service unavailable"},
        {"debian12", "smtpd_milters = tcp:127.0.0.1:5000\nmilter_default_action = accept\n", "220",
         "250-STARTTLS", "250 2.1.0 Ok"},
        {"debian12", "smtpd_milters = inet:127.0.0.1:5000\n", "220", "250-STARTTLS",
         "250 2.1.0 Ok"},
        {"debian12", "smtpd_milters = tcp:127.0.0.1:5000\nreceive_override_options = no_milters\n",
         "220", "250-STARTTLS", "250 2.1.0 Ok"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct talk t;
        const char *settings =
            arena_printf(arena, "smtpd_tls_security_level = may\n%s", cases[i].settings).at;
        assert_true(strstr(talk_open(&t, arena, cases[i].platform, settings), cases[i].greeting) !=
                    NULL);
        assert_non_null(strstr(talk(&t, "EHLO c.example"), cases[i].ehlo));
        assert_says(talk(&t, "MAIL FROM:<a@b.example>"), cases[i].mail);
    }
}

static void test_the_filter_is_for_what_ehlo_tells(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_sasl_auth_enable = yes\n"
              "smtpd_sasl_mechanism_filter = !login, static:all\n");
    assert_non_null(strstr(talk(&t, "EHLO c.example"), "250-AUTH PLAIN|"));
    assert_says(talk(&t, "AUTH LOGIN"), "334 VXNlcm5hbWU6");
}

static const char *chunk(struct talk *t, long size, enum content_problem problem)
{
    t->step = session_end_of_chunk(t->session, size, problem, str_of("4XYZ"));
    return talk_reply(t);
}

static void test_chunks_make_a_message(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "");
    talk(&t, "EHLO c.example");
    talk(&t, "MAIL FROM:<a@s.example>");
    talk(&t, "RCPT TO:<b@example.com>");
    assert_says(talk(&t, "BDAT 10"), "");
    assert_int_equal(t.step.next, NEXT_CHUNK);
    assert_int_equal(t.step.chunk_size, 10);
    assert_true(session_chunk_is_kept(t.session));
    assert_says(chunk(&t, 10, CONTENT_GOOD), "250 2.0.0 Ok: 10 bytes");
    assert_says(talk(&t, "DATA"), "503 5.5.1 Error: DATA after BDAT");
    talk(&t, "BDAT 5 LAST");
    assert_true(session_chunk_is_last(t.session));
    assert_says(chunk(&t, 15, CONTENT_GOOD), "250 2.0.0 Ok: 15 bytes queued as 4XYZ");
    assert_null(session_state(t.session)->sender.at);
}

static void test_chunks_that_cannot_be_used_are_still_read(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "message_size_limit = 20\n");
    talk(&t, "EHLO c.example");
    talk(&t, "MAIL FROM:<a@s.example>");
    talk(&t, "BDAT 3");
    assert_int_equal(t.step.next, NEXT_CHUNK);
    assert_false(session_chunk_is_kept(t.session));
    assert_says(chunk(&t, 0, CONTENT_GOOD), "554 5.5.1 Error: no valid recipients");
    talk(&t, "BDAT 3");
    assert_says(chunk(&t, 0, CONTENT_GOOD), "551 5.0.0 Discarded 3 bytes after earlier error");
    talk(&t, "RSET");
    talk(&t, "MAIL FROM:<a@s.example>");
    talk(&t, "RCPT TO:<b@example.com>");
    talk(&t, "BDAT 21 LAST");
    assert_says(chunk(&t, 0, CONTENT_GOOD), "552 5.3.4 Chunk exceeds message size limit");
    assert_says(talk(&t, "BDAT"), "521 5.5.4 Syntax: BDAT count [LAST]");
}

static void test_what_is_wrong_with_a_message_is_told(void **state)
{
    static const struct {
        enum content_problem problem;
        const char *says;
    } cases[] = {
        {CONTENT_TOO_LARGE, "552 5.3.4 Error: message file too big"},
        {CONTENT_BARE_NEWLINE, "550 5.5.2 mail.example.com Error: bare <LF> received"},
        {CONTENT_NOT_STORED, "451 4.3.0 Error: queue file write error"},
    };
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "");
    talk(&t, "EHLO c.example");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        talk(&t, "MAIL FROM:<a@s.example>");
        talk(&t, "RCPT TO:<b@example.com>");
        talk(&t, "DATA");
        assert_says(talk_message(&t, 10, cases[i].problem), cases[i].says);
    }
}

static void test_a_reject_at_the_end_leaves_the_transaction_in_older_releases(void **state)
{
    static const char settings[] = "smtpd_end_of_data_restrictions = reject\n";
    static const char *const platforms[] = {"debian12", "debian13"};
    static const char *const next[] = {"503 5.5.1 Error: nested MAIL command", "250 2.1.0 Ok"};
    struct arena *arena = *state;
    struct talk t;

    for (size_t i = 0; i < 2; i++) {
        talk_open(&t, arena, platforms[i], settings);
        talk(&t, "EHLO c.example");
        talk(&t, "MAIL FROM:<a@s.example>");
        talk(&t, "RCPT TO:<b@example.com>");
        talk(&t, "DATA");
        assert_int_equal(strncmp(talk_message(&t, 10, CONTENT_GOOD), "554 5.7.1 ", 10), 0);
        assert_says(talk(&t, "MAIL FROM:<a@s.example>"), next[i]);
    }
}

static void test_xclient_makes_another_client(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "smtpd_authorized_xclient_hosts = 192.0.2.7\n");
    assert_non_null(strstr(talk(&t, "EHLO c.example"),
                           "250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR "
                           "DESTPORT|"));
    assert_says(talk(&t, "XCLIENT PORT=x"), "501 5.5.4 Bad PORT syntax: x");
    assert_says(talk(&t, "XCLIENT NAME=o.example ADDR=198.51.100.9 LOGIN=eve"),
                "220 mail.example.com ESMTP Postfix");
    assert_str(session_state(t.session)->client_name, "o.example");
    assert_str(session_state(t.session)->client_address, "198.51.100.9");
    assert_str(session_state(t.session)->sasl_username, "eve");
    assert_null(session_state(t.session)->helo.at);
    assert_says(talk(&t, "XCLIENT NAME=x.example"), "550 5.7.0 Error: insufficient authorization");
}

static void test_vrfy_and_etrn(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "fast_flush_domains = flush.example\n");
    assert_says(talk(&t, "VRFY"), "501 5.5.4 Syntax: VRFY address [SMTPUTF8]");
    assert_says(talk(&t, "VRFY <a@example.com>"), "252 2.0.0 <a@example.com>");
    assert_says(talk(&t, "ETRN"), "500 Syntax: ETRN domain");
    assert_says(talk(&t, "ETRN a..b"), "501 Error: invalid parameter syntax");
    assert_says(talk(&t, "ETRN @flush.example"), "250 Queuing started");
    assert_says(talk(&t, "ETRN other.example"), "459 <other.example>: service unavailable");
    talk_open(&t, arena, "debian12", "disable_vrfy_command = yes\n");
    assert_says(talk(&t, "VRFY a"), "502 5.5.1 VRFY command is disabled");
}

static void test_rejects_have_a_footer(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_reject_footer = \\c. Call us\\nfrom $client_address at $server_name\n");
    assert_says(talk(&t, "FOO"), "500-5.5.2 Error: command not recognized. Call us|"
                                 "500 5.5.2 from 192.0.2.7 at mail.example.com");
    assert_says(talk(&t, "NOOP"), "250 2.0.0 Ok");
}

static void test_soft_bounce_makes_rejects_temporary(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12", "soft_bounce = yes\n");
    assert_says(talk(&t, "FOO"), "400 4.5.2 Error: command not recognized");
}

static void test_a_command_filter_changes_what_the_client_said(void **state)
{
    struct arena *arena = *state;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_command_filter = inline:{ping=NOOP}\n"
              "smtpd_noop_commands = expn\n");
    assert_says(talk(&t, " PING"), "250 2.0.0 Ok");
    assert_says(talk(&t, "EXPN x"), "250 2.0.0 Ok");
    assert_says(talk(&t, "TURN x"), "500 5.5.2 Error: command not recognized");
}

/* the replies to EHLO where the table that SETTINGS name cannot be read: it works, it fails */
static void assert_may_fail(struct arena *arena, const char *settings)
{
    struct talk t;

    talk_open(&t, arena, "debian12", settings);
    assert_non_null(strstr(talk(&t, "EHLO c.example"), "250-mail.example.com"));
    assert_true(world_next(&t.world));
    session_greeting(t.session);
    assert_says(talk(&t, "EHLO c.example"), "421 4.3.0 mail.example.com Server local data error");
    assert_false(world_next(&t.world));
}

static void test_tables_that_cannot_be_read_may_fail(void **state)
{
    assert_may_fail(*state, "smtpd_command_filter = mysql:/etc/postfix/x.cf\n");
    assert_may_fail(*state, "smtpd_command_filter = pcre:/etc/postfix/gone\n");
    assert_may_fail(*state,
                    "smtpd_discard_ehlo_keyword_address_maps = texthash:/etc/postfix/gone\n");
}

static void test_received_says_how_the_message_came(void **state)
{
    struct arena *arena = *state;
    struct talk t;
    struct str date = str_of("Sun, 22 Nov 2026 06:00:00 +0000 (UTC)");

    talk_open(&t, arena, "debian12",
              "smtpd_tls_security_level = may\nsmtpd_tls_received_header = yes\n"
              "smtpd_sasl_auth_enable = yes\nsmtpd_sasl_authenticated_header = yes\n");
    talk(&t, "STARTTLS");
    talk_tls(&t);
    talk(&t, "EHLO c.example");
    talk(&t, "AUTH PLAIN AGJvYgBzZWNyZXQ=");
    talk(&t, "MAIL FROM:<a@s.example>");
    talk(&t, "RCPT TO:<\"b c\"@example.com>");
    assert_str(session_received(t.session, arena, str_of("4XYZ"), date),
               "Received: from c.example (client.example [192.0.2.7])\n"
               "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
               "\t(No client certificate requested)\n"
               "\t(Authenticated sender: bob)\n"
               "\tby mail.example.com (Postfix) with ESMTPSA id 4XYZ\n"
               "\tfor <\"b c\"@example.com>; Sun, 22 Nov 2026 06:00:00 +0000 (UTC)\n");
    session_tls_exchange(t.session, str_of("\t key-exchange X25519"));
    assert_non_null(strstr(arena_cstr(arena, session_received(t.session, arena, date, date)),
                           "(256/256 bits)\n\t key-exchange X25519)\n\t(No client"));
    talk(&t, "RCPT TO:<d@example.com>");
    struct str two = session_received(t.session, arena, str_of("4XYZ"), date);
    assert_true(str_ends(two, " id 4XYZ;\n\tSun, 22 Nov 2026 06:00:00 +0000 (UTC)\n"));
}

static void test_commands_use_the_same_memory_again(void **state)
{
    static const char *const lines[] = {
        "NOOP", "EHLO c.example", "AUTH PLAIN AGJvYgB3cm9uZw==", "VRFY", "HELO x", "ETRN -",
        "RSET"};
    struct arena *arena = *state;
    size_t held = 0;
    struct talk t;

    talk_open(&t, arena, "debian12",
              "smtpd_hard_error_limit = 1000000\nsmtpd_sasl_auth_enable = yes\n");
    for (size_t i = 0; i < 70000; i++) {
        if (i == 700)
            held = arena_held(arena);
        session_line(t.session, str_of(lines[i % 7]), false);
    }
    assert_true(arena_held(arena) <= held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_auth_plain_with_and_without_a_first_response),
        arena_test(test_auth_plain_as_cyrus_sasl_takes_it),
        arena_test(test_auth_login_and_giving_up),
        arena_test(test_auth_is_not_there_where_it_is_not_offered),
        arena_test(test_security_options_take_the_plain_mechanisms_away),
        arena_test(test_logins_that_cannot_work_end_the_session),
        arena_test(test_a_milter_that_does_not_work),
        arena_test(test_services_that_do_not_start_do_not_answer),
        arena_test(test_the_filter_is_for_what_ehlo_tells),
        arena_test(test_chunks_make_a_message),
        arena_test(test_chunks_that_cannot_be_used_are_still_read),
        arena_test(test_what_is_wrong_with_a_message_is_told),
        arena_test(test_a_reject_at_the_end_leaves_the_transaction_in_older_releases),
        arena_test(test_xclient_makes_another_client),
        arena_test(test_vrfy_and_etrn),
        arena_test(test_rejects_have_a_footer),
        arena_test(test_soft_bounce_makes_rejects_temporary),
        arena_test(test_a_command_filter_changes_what_the_client_said),
        arena_test(test_tables_that_cannot_be_read_may_fail),
        arena_test(test_received_says_how_the_message_came),
        arena_test(test_commands_use_the_same_memory_again),
    };
    return cmocka_run_group_tests_name("session's extensions", tests, NULL, NULL);
}
