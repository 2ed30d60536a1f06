/* the live test's questions, expectations and comparisons, without a socket */
#include "smtp/engine/postfix.h"
#include "smtp/livetest/livetest.h"
#include "tests/unit/unit.h"

static const char main_text[] =
    "myhostname = mail.example.com\n"
    "mydestination = example.com\n"
    "mynetworks = 127.0.0.0/8, 192.0.2.0/24\n"
    "local_recipient_maps = inline:{ postmaster=x, ann=x }\n"
    "smtpd_tls_cert_file = /etc/postfix/cert.pem\n"
    "smtpd_tls_key_file = /etc/postfix/key.pem\n"
    "smtpd_tls_security_level = may\n"
    "smtpd_tls_protocols = !SSLv2, !SSLv3, !TLSv1, !TLSv1.1\n"
    "smtpd_sasl_auth_enable = yes\n"
    "smtpd_tls_auth_only = yes\n"
    "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated,"
    " reject_unauth_destination\n";

static const char master_text[] = "smtp inet n - n - - smtpd\n"
                                  "submissions inet n - n - - smtpd\n"
                                  " -o smtpd_tls_wrappermode=yes\n";

static struct plan *plan_of(struct arena *arena, const char *more)
{
    struct config *config = arena_alloc(arena, sizeof *config);
    struct plan *plan = arena_alloc(arena, sizeof *plan);

    config_of(config, arena, "debian12", arena_printf(arena, "%s%s", main_text, more).at,
              master_text);
    livetest_make_plan(plan, arena, policy_open(arena, config), NULL);
    return plan;
}

static const struct plan_session *session_of(const struct plan *plan, const char *service,
                                             const char *ask)
{
    for (size_t i = 0; i < plan->session_count; i++)
        if (str_is(plan->sessions[i].service, service) && str_is(plan->sessions[i].ask, ask))
            return &plan->sessions[i];
    fail_msg("no session \"%s\" of %s", ask, service);
    return NULL;
}

static const struct plan_step *step_of(const struct plan_session *session, const char *text)
{
    for (size_t i = 0; i < session->step_count; i++)
        if (str_is(session->steps[i].text, text))
            return &session->steps[i];
    fail_msg("no step \"%s\"", text);
    return NULL;
}

static void expect(struct arena *arena, const struct plan *plan, const char *service,
                   const char *ask, const char *step, const char *expected)
{
    assert_str(plan_expected(step_of(session_of(plan, service, ask), step), arena), expected);
}

static void test_a_stranger_is_expected_not_to_relay_and_a_neighbour_to(void **state)
{
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, "");

    expect(arena, plan, "smtp", "a stranger may not relay", "RCPT TO:<b@example.net>", "554 5.7.1");
    expect(arena, plan, "smtp", "a client in mynetworks sends mail", "RCPT TO:<b@example.net>",
           "250 2.1.5");
    expect(arena, plan, "smtp", "an authenticated user sends mail", "RCPT TO:<b@example.net>",
           "250 2.1.5");
    assert_str(session_of(plan, "smtp", "a client in mynetworks sends mail")->client, "192.0.2.5");
}

static void test_recipients_that_are_listed_are_expected_to_be_taken(void **state)
{
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, "");
    const char *ask = "mail from a stranger to example.com";

    expect(arena, plan, "smtp", ask, "RCPT TO:<postmaster@example.com>", "250 2.1.5");
    expect(arena, plan, "smtp", ask, "RCPT TO:<no-such-user@example.com>", "550 5.1.1");
}

static void test_what_dns_decides_is_undetermined_with_both_answers(void **state)
{
    struct arena *arena = *state;
    const struct plan *plan =
        plan_of(arena, "smtpd_sender_restrictions = reject_unknown_sender_domain\n");
    const struct plan_step *step =
        step_of(session_of(plan, "smtp", "mail from <someone@example.org>"),
                "RCPT TO:<postmaster@example.com>");

    assert_int_equal(step->outcome, PLAN_UNDETERMINED);
    assert_true(str_list_has(&step->alternatives, str_of("250 2.1.5")));
    assert_true(step->alternatives.count > 1);
    assert_true(str_search(step->reason, "dns of example.org") < step->reason.len);
}

static void test_port_465_waits_for_tls_and_25_does_not(void **state)
{
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, "");
    const struct plan_session *silent =
        session_of(plan, "submissions", "a plaintext client where TLS is expected");
    const struct plan_session *wrong = session_of(plan, "smtp", "a client that starts with TLS");

    assert_int_equal(silent->steps[0].outcome, PLAN_SILENCE);
    assert_int_equal(silent->steps[1].outcome, PLAN_NOTHING);
    assert_int_equal(wrong->steps[0].outcome, PLAN_TLS_FAILS);
}

static void test_protocols_below_the_configured_ones_are_expected_to_fail(void **state)
{
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, "");
    const struct plan_session *old =
        session_of(plan, "smtp", "a client that supports only TLSv1.1");
    const struct plan_session *good =
        session_of(plan, "smtp", "a client that supports only TLSv1.2");

    assert_int_equal(old->steps[2].action, PLAN_STARTTLS);
    assert_int_equal(old->steps[2].outcome, PLAN_TLS_FAILS);
    assert_int_equal(good->steps[2].outcome, PLAN_TLS_GOOD);
}

static void test_auth_is_expected_behind_tls_alone(void **state)
{
    struct arena *arena = *state;
    const struct plan_session *session =
        session_of(plan_of(arena, ""), "smtp", "what EHLO offers after STARTTLS");

    assert_true(str_list_has(&session->steps[1].lacks, str_of("AUTH")));
    assert_true(str_list_has(&session->steps[3].has, str_of("AUTH PLAIN LOGIN")));
    assert_true(str_list_has(&session->steps[3].lacks, str_of("STARTTLS")));
}

static void test_a_plan_asks_another_configuration_the_same(void **state)
{
    struct arena *arena = *state;
    struct plan *plan = plan_of(arena, "");
    struct config config;

    config_of(&config, arena, "debian12",
              arena_printf(arena, "%smessage_size_limit = 500\n", main_text).at,
              "smtp inet n - n - - smtpd\n");
    livetest_expect(plan, arena, policy_open(arena, &config), NULL);
    expect(arena, plan, "smtp", "message sizes", "MAIL FROM:<> SIZE=1000", "552 5.3.4");
    const struct plan_session *gone = session_of(plan, "submissions", "message sizes");
    assert_int_equal(gone->steps[0].outcome, PLAN_ANY);
}

/* --- comparing ----------------------------------------------------------------------- */

static enum livetest_verdict compare(struct arena *arena, const struct plan_step *step,
                                     struct reply reply, const char *difference)
{
    struct livetest_answer answer = {
        .asked = true, .reply = reply, .detail = STR(""), .received = STR("")};
    struct str said;
    enum livetest_verdict verdict = livetest_compare(arena, step, &answer, &said);

    assert_str(said, difference);
    return verdict;
}

static void test_code_and_enhanced_code_decide(void **state)
{
    struct arena *arena = *state;
    struct plan_step step = {.outcome = PLAN_REPLY, .code = 250, .enhanced = STR("2.1.0")};

    assert_int_equal(compare(arena, &step, reply_of(250, str_of("2.1.0 Ok")), ""), LIVETEST_SAME);
    assert_int_equal(
        compare(arena, &step, reply_of(250, str_of("2.1.5 Ok")), "250 2.1.5 instead of 250 2.1.0"),
        LIVETEST_DIFFERS);
    assert_int_equal(compare(arena, &step, reply_of(250, str_of("Ok")), "250 instead of 250 2.1.0"),
                     LIVETEST_DIFFERS);
}

static void test_capabilities_are_compared_by_their_words(void **state)
{
    static const struct str has[] = {STR("AUTH PLAIN LOGIN"), STR("SIZE 1000")};
    static const struct str lacks[] = {STR("STARTTLS")};
    struct arena *arena = *state;
    struct plan_step step = {.action = PLAN_SEND,
                             .text = STR("EHLO x"),
                             .outcome = PLAN_REPLY,
                             .code = 250,
                             .enhanced = STR(""),
                             .has = {has, 2},
                             .lacks = {lacks, 1}};
    struct reply reply = {250, STR(""), STR("mail\nAUTH LOGIN PLAIN\nSIZE 1000")};

    assert_int_equal(compare(arena, &step, reply, ""), LIVETEST_SAME);
    reply.text = str_of("mail\nAUTH PLAIN\nSIZE 1000");
    assert_int_equal(compare(arena, &step, reply, "EHLO does not offer AUTH PLAIN LOGIN"),
                     LIVETEST_DIFFERS);
    reply.text = str_of("mail\nAUTH LOGIN PLAIN\nSIZE 1000\nSTARTTLS");
    assert_int_equal(compare(arena, &step, reply, "EHLO offers STARTTLS"), LIVETEST_DIFFERS);
    reply.text = str_of("STARTTLS\nAUTH LOGIN PLAIN\nSIZE 1000"); /* the first line is a name */
    assert_int_equal(compare(arena, &step, reply, ""), LIVETEST_SAME);
}

static void test_one_of_several_possible_answers_is_no_difference(void **state)
{
    static const struct str ways[] = {STR("250 2.1.5"), STR("nothing")};
    struct arena *arena = *state;
    struct plan_step step = {
        .outcome = PLAN_UNDETERMINED, .alternatives = {ways, 2}, .reason = STR("dns")};

    assert_int_equal(compare(arena, &step, reply_of(250, str_of("2.1.5 Ok")), ""),
                     LIVETEST_POSSIBLE);
    assert_int_equal(compare(arena, &step, reply_of(450, str_of("4.1.2 No")),
                             "not one of the possible answers, which depend on dns"),
                     LIVETEST_DIFFERS);
    assert_int_equal(compare(arena, &step, (struct reply){.code = 0}, ""), LIVETEST_POSSIBLE);
}

static void test_received_lines_are_compared_without_what_changes(void **state)
{
    struct arena *arena = *state;
    static const char first[] =
        "Received: from a (b [1.2.3.4])\n\t(using TLSv1.3 with cipher X (256/256 bits))\n\t"
        "(No client certificate requested)\n\tby m (Postfix) with ESMTPS id 4C3B253601A\n\t"
        "for <a@b>; Sun, 22 Nov 2026 06:17:25 +0000 (UTC)";

    assert_str(livetest_normalize_received(arena, str_of(first)),
               "Received: from a (b [1.2.3.4]) (using TLS) (No client certificate requested) "
               "by m (Postfix) with ESMTPS for <a@b>");
    assert_str(livetest_normalize_received(arena, str_of("Received: (using TLSv1.3 (")),
               "Received: (using TLSv1.3 (");
}

/* --- the password server of the private Postfix --------------------------------------- */

static void said(struct arena *arena, struct postfix_auth *auth, const char *line,
                 const char *expected)
{
    struct users users = {0};
    struct buffer out;

    users_add(&users, arena, str_of("livetest"), str_of("secret"));
    buffer_init(&out, arena);
    assert_true(postfix_auth_line(auth, &users, str_of(line), &out));
    assert_str(buffer_str(&out), expected);
}

static void test_the_password_server_speaks_dovecots_protocol(void **state)
{
    struct arena *arena = *state;
    struct postfix_auth auth = {0};
    struct buffer out;

    said(arena, &auth, "AUTH\t1\tPLAIN\tservice=smtp\tnologin\tresp=AGxpdmV0ZXN0AHNlY3JldA==",
         "OK\t1\tuser=livetest\n");
    said(arena, &auth, "AUTH\t2\tPLAIN\tresp=AGxpdmV0ZXN0AHdyb25n", "FAIL\t2\n");
    said(arena, &auth, "AUTH\t3\tPLAIN\tresp=!!!!", "FAIL\t3\n");
    said(arena, &auth, "AUTH\t3\tPLAIN\tresp=cm9vdABsaXZldGVzdABzZWNyZXQ=", "FAIL\t3\n");
    said(arena, &auth, "AUTH\t3\tPLAIN\tresp=bGl2ZXRlc3QAbGl2ZXRlc3QAc2VjcmV0",
         "OK\t3\tuser=livetest\n");
    said(arena, &auth, "AUTH\t4\tLOGIN", "CONT\t4\tVXNlcm5hbWU6\n");
    said(arena, &auth, "CONT\t4\tbGl2ZXRlc3Q=", "CONT\t4\tUGFzc3dvcmQ6\n");
    said(arena, &auth, "CONT\t4\tc2VjcmV0", "OK\t4\tuser=livetest\n");
    said(arena, &auth, "AUTH\t5\tCRAM-MD5", "FAIL\t5\n");
    said(arena, &auth, "CPID\t77", "");
    buffer_init(&out, arena);
    assert_false(postfix_auth_line(&auth, NULL, str_of("VERSION\t2\t0"), &out));
}

static void test_no_transaction_hides_the_ways_of_another(void **state)
{
    static const char more[] =
        "smtpd_recipient_restrictions = check_client_access mysql:/etc/a.cf,"
        " check_sender_access mysql:/etc/b.cf, check_recipient_access mysql:/etc/c.cf\n";
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, more);
    const struct plan_session *session =
        session_of(plan, "smtp", "mail from a stranger to example.com");
    size_t undetermined = 0;

    for (size_t i = 0; i < session->step_count; i++) {
        const struct plan_step *step = &session->steps[i];
        if (str_starts(step->text, "RCPT"))
            undetermined += step->outcome == PLAN_UNDETERMINED;
        if (str_is(step->text, "RSET"))
            assert_str(plan_expected(step, arena), "250 2.0.0");
    }
    assert_int_equal(undetermined, 5);
}

static bool has_all(const struct str_list *list, const struct str_list *other)
{
    for (size_t i = 0; i < other->count; i++)
        if (!str_list_has(list, other->items[i]))
            return false;
    return true;
}

/* with a low limit of errors each transaction is walked together with the others */
static void test_transactions_end_alone_as_they_end_together(void **state)
{
    static const char unknown[] = "smtpd_sender_restrictions = reject_unknown_sender_domain\n"
                                  "smtpd_recipient_restrictions = reject_unknown_recipient_domain\n"
                                  "local_recipient_maps = mysql:/etc/postfix/users.cf\n";
    struct arena *arena = *state;
    const struct plan *alone =
        plan_of(arena, arena_printf(arena, "%ssmtpd_hard_error_limit = 1000\n", unknown).at);
    const struct plan *together =
        plan_of(arena, arena_printf(arena, "%ssmtpd_hard_error_limit = 9\n", unknown).at);
    size_t undetermined = 0;

    assert_int_equal(alone->session_count, together->session_count);
    for (size_t i = 0; i < alone->session_count; i++) {
        const struct plan_session *a = &alone->sessions[i], *b = &together->sessions[i];
        if (a->step_count < 9 || !str_is(a->kind, "recipient"))
            continue;
        for (size_t k = 0; k < a->step_count; k++) {
            undetermined += a->steps[k].outcome == PLAN_UNDETERMINED;
            assert_int_equal(a->steps[k].outcome, b->steps[k].outcome);
            assert_int_equal(a->steps[k].code, b->steps[k].code);
            assert_true(has_all(&a->steps[k].alternatives, &b->steps[k].alternatives) &&
                        has_all(&b->steps[k].alternatives, &a->steps[k].alternatives));
        }
    }
    assert_true(undetermined > 0);
}

/* --- bounds ------------------------------------------------------------------------------ */

static void test_any_answer_is_possible_where_not_every_outcome_is_tried(void **state)
{
    static const char more[] = "smtpd_recipient_restrictions =\n"
                               "  warn_if_reject reject_unknown_client_hostname,\n"
                               "  warn_if_reject reject_unknown_helo_hostname,\n"
                               "  warn_if_reject reject_unknown_sender_domain,\n"
                               "  warn_if_reject reject_unknown_recipient_domain,\n"
                               "  warn_if_reject check_sender_access mysql:/a,\n"
                               "  warn_if_reject check_client_access mysql:/b,\n"
                               "  warn_if_reject check_helo_access mysql:/c,\n"
                               "  warn_if_reject check_recipient_access mysql:/d,\n"
                               "  warn_if_reject check_recipient_access mysql:/e\n";
    struct arena *arena = *state;
    const struct plan *plan = plan_of(arena, more);
    const struct plan_step *step =
        step_of(session_of(plan, "smtp", "the host itself sends mail"), "DATA");
    struct livetest_answer answer = {.asked = true, .reply = {.code = 599}};
    struct str difference;

    assert_int_equal(step->outcome, PLAN_UNDETERMINED);
    assert_int_equal(step->alternatives.count, 0);
    assert_str(step->reason, "not decided: more than 256 combinations of answers");
    assert_int_equal(livetest_compare(arena, step, &answer, &difference), LIVETEST_POSSIBLE);
}

static void test_every_possible_answer_is_an_alternative(void **state)
{
    static const char more[] = "smtpd_recipient_restrictions =\n"
                               "  reject_unknown_client_hostname,\n"
                               "  reject_unknown_helo_hostname,\n"
                               "  reject_unknown_sender_domain,\n"
                               "  reject_rbl_client a.example,\n"
                               "  reject_rhsbl_sender b.example,\n"
                               "  reject_unverified_recipient,\n"
                               "  check_sender_access mysql:/a\n"
                               "unknown_client_reject_code = 541\n"
                               "unknown_hostname_reject_code = 542\n"
                               "unknown_address_reject_code = 543\n"
                               "maps_rbl_reject_code = 545\n"
                               "access_map_reject_code = 546\n"
                               "unverified_recipient_reject_code = 547\n";
    const struct plan *plan = plan_of(*state, more);
    size_t most = 0;

    for (size_t i = 0; i < plan->session_count; i++)
        for (size_t k = 0; k < plan->sessions[i].step_count; k++) {
            size_t count = plan->sessions[i].steps[k].alternatives.count;
            most = count > most ? count : most;
        }
    assert_true(most > 8);
}

static void test_a_plan_says_what_it_does_not_try(void **state)
{
    static const char more[] =
        "mydestination = a.example, b.example, c.example, d.example, e.example, f.example,"
        " g.example, h.example, i.example, j.example, k.example, l.example, m.example, n.example,"
        " o.example, p.example, q.example, r.example, s.example, t.example, u.example\n"
        "virtual_alias_maps = inline:{ a@v.example=x, b@v.example=x, c@v.example=x }\n"
        "smtpd_client_restrictions = check_client_access inline:{ 192.0.2.9=OK, 192.0.2.8=OK }\n"
        "smtpd_helo_restrictions = check_helo_access inline:{ a=OK, b=REJECT }\n"
        "smtpd_sender_restrictions = check_sender_access inline:{ a=OK, b=REJECT, c=DUNNO,\n"
        "   d=HOLD, e=DISCARD }\n";
    struct arena *arena = *state;

    assert_int_equal(plan_left_out(plan_of(arena, ""), arena).len, 0);
    assert_str(
        plan_left_out(plan_of(arena, more), arena),
        "only some entries are tried, at most 4 of an access table, 20 domains and 2 recipients "
        "of another list, of mydestination, relay_domains, "
        "inline:{ a@v.example=x, b@v.example=x, c@v.example=x } and 2 more");
}

static void test_a_plan_says_that_its_samples_are_full(void **state)
{
    struct arena *arena = *state;
    struct buffer text;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "virtual_alias_maps =");
    for (int i = 0; i < 7; i++)
        buffer_printf(&text, " inline:{ a%d@v.example=x, b%d@v.example=x }", i, i);
    buffer_add_char(&text, '\n');
    struct str left_out =
        plan_left_out(plan_of(arena, arena_cstr(arena, buffer_str(&text))), arena);
    assert_true(str_ends(left_out, "of inline:{ a6@v.example=x, b6@v.example=x }"));
}

static void test_a_plan_says_that_its_domains_are_full(void **state)
{
    static const char *const lists[] = {"mydestination", "virtual_alias_domains",
                                        "virtual_mailbox_domains", "relay_domains"};
    struct arena *arena = *state;
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < 4; i++) {
        buffer_printf(&text, "%s =", lists[i]);
        for (int k = 0; k < 16; k++)
            buffer_printf(&text, " d%d.%d.example", k, i);
        buffer_add_char(&text, '\n');
    }
    struct str left_out =
        plan_left_out(plan_of(arena, arena_cstr(arena, buffer_str(&text))), arena);
    assert_true(str_ends(left_out, "of relay_domains"));
}

static void test_a_plan_names_the_services_for_which_it_has_no_room(void **state)
{
    struct arena *arena = *state;
    struct config *config = arena_alloc(arena, sizeof *config);
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    struct buffer master;

    buffer_init(&master, arena);
    for (int i = 0; i < 120; i++)
        buffer_printf(&master, "%d inet n - n - - smtpd\n", 10000 + i);
    config_of(config, arena, "debian12", main_text, arena_cstr(arena, buffer_str(&master)));
    livetest_make_plan(plan, arena, policy_open(arena, config), NULL);
    assert_true(plan->left_out.count > 0);
    assert_true(str_list_has(&plan->left_out, str_of("10119")));
    assert_true(str_starts(plan_left_out(plan, arena),
                           "not tested, as there are more than 2000 sessions: "));
}

/* --- a server that runs already ------------------------------------------------------------ */

static bool sends(struct arena *arena, enum plan_action action, const char *text)
{
    struct plan_session session = {.client = STR("198.51.100.7"), .user = STR("")};

    plan_add_step(&session, arena, PLAN_GREETING, str_of(""));
    plan_add_step(&session, arena, action, str_of(text));
    return plan_is_harmless(&session);
}

static void test_a_running_server_gets_no_message_and_no_login(void **state)
{
    static const char *const never[] = {
        "AUTH PLAIN AGEAYg==", "auth login", " AUTH PLAIN",      "\tAUTH PLAIN",
        "BDAT 3 LAST",         "bdat 3",     "NOOP\nAUTH PLAIN", "NOOP\rBDAT 3",
        "NOOP\r\nDATA",        "BURL x",     "XEXCH50 2 2",      "X-EXPS LOGIN",
        "XCLIENT NAME=x",      "TURN",       "Subject: x",
    };
    static const char *const may[] = {"EHLO x", "mail from:<>",   "RCPT TO:<a@b>", "DATA", "FOO",
                                      "",       "GET / HTTP/1.1", "VRFY x",        "\t"};
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        assert_false(sends(arena, PLAN_SEND, never[i]));
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        assert_true(sends(arena, PLAN_SEND, may[i]));
    assert_false(sends(arena, PLAN_AUTH, "PLAIN"));
    assert_false(sends(arena, PLAN_MESSAGE, "Subject: x\n\nx\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_stranger_is_expected_not_to_relay_and_a_neighbour_to),
        arena_test(test_recipients_that_are_listed_are_expected_to_be_taken),
        arena_test(test_what_dns_decides_is_undetermined_with_both_answers),
        arena_test(test_port_465_waits_for_tls_and_25_does_not),
        arena_test(test_protocols_below_the_configured_ones_are_expected_to_fail),
        arena_test(test_auth_is_expected_behind_tls_alone),
        arena_test(test_a_plan_asks_another_configuration_the_same),
        arena_test(test_code_and_enhanced_code_decide),
        arena_test(test_capabilities_are_compared_by_their_words),
        arena_test(test_one_of_several_possible_answers_is_no_difference),
        arena_test(test_received_lines_are_compared_without_what_changes),
        arena_test(test_the_password_server_speaks_dovecots_protocol),
        arena_test(test_no_transaction_hides_the_ways_of_another),
        arena_test(test_transactions_end_alone_as_they_end_together),
        arena_test(test_any_answer_is_possible_where_not_every_outcome_is_tried),
        arena_test(test_every_possible_answer_is_an_alternative),
        arena_test(test_a_plan_says_what_it_does_not_try),
        arena_test(test_a_plan_says_that_its_samples_are_full),
        arena_test(test_a_plan_says_that_its_domains_are_full),
        arena_test(test_a_plan_names_the_services_for_which_it_has_no_room),
        arena_test(test_a_running_server_gets_no_message_and_no_login),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
