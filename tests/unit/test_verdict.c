/* verdicts, from the answers that a server with these files gives, without a socket */
#include "smtp/verdict/expectation.h"
#include "tests/unit/unit.h"

static const char main_text[] =
    "myhostname = mail.example.com\n"
    "mydestination = example.com, example.org\n"
    "mynetworks = 127.0.0.0/8, 192.0.2.0/24\n"
    "local_recipient_maps = inline:{ postmaster=x, abuse=x, ann=x }\n"
    "smtpd_tls_cert_file = /etc/postfix/cert.pem\n"
    "smtpd_tls_security_level = may\n"
    "smtpd_sasl_auth_enable = yes\n"
    "smtpd_tls_auth_only = yes\n"
    "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated,"
    " reject_unauth_destination\n";

static const char master_text[] = "smtp inet n - n - - smtpd\n"
                                  "submission inet n - n - - smtpd\n"
                                  " -o smtpd_tls_security_level=encrypt\n"
                                  "submissions inet n - n - - smtpd\n"
                                  " -o smtpd_tls_wrappermode=yes\n"
                                  "cleanup unix n - n - 0 cleanup\n"
                                  "rewrite unix - - n - - trivial-rewrite\n"
                                  "tlsmgr unix - - n 1000? 1 tlsmgr\n"
                                  "anvil unix - - n - 1 anvil\n";

/* --- a server that answers as its files promise -------------------------------------- */

/* print_reply - "250 2.1.0" and the capabilities, as a reply */
static struct reply print_reply(struct arena *arena, const struct plan_step *step, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    buffer_add_cstr(&out, "mail.example.com");
    for (size_t i = 0; i < step->has.count; i++)
        buffer_printf(&out, "\n%.*s", STR_ARG(step->has.items[i]));
    return (struct reply){.code = str_atoi(str_slice(text, 0, 3)),
                          .enhanced = str_slice(text, 4, text.len),
                          .text = buffer_str(&out)};
}

static struct livetest_answer answer_of(struct arena *arena, const struct plan_step *step)
{
    struct livetest_answer answer = {.asked = true, .detail = STR(""), .received = STR("")};
    struct str text = step->outcome == PLAN_UNDETERMINED && step->alternatives.count > 0
                          ? step->alternatives.items[0]
                          : plan_expected(step, arena);

    answer.tls = str_is(text, "tls");
    if (str_is(text, "silence"))
        answer.failure = CLIENT_TIMEOUT;
    else if (str_is(text, "nothing") || text.len == 0)
        answer.asked = false;
    else if (!answer.tls && !str_is(text, "no tls"))
        answer.reply = print_reply(arena, step, text);
    return answer;
}

struct trial {
    struct plan plan;
    struct livetest_answer **answers;
    struct verdict_list verdicts;
};

/* judge - a server with these files, of which EXTRA are more verdicts */
static struct trial *judge(struct arena *arena, const char *more_main, const char *master,
                           const struct verdict *extra, size_t extra_count)
{
    struct trial *test = arena_alloc(arena, sizeof *test);
    struct config *config = arena_alloc(arena, sizeof *config);

    config_of(config, arena, "debian12", arena_printf(arena, "%s%s", main_text, more_main).at,
              master);
    const struct policy *policy = policy_open(arena, config);
    livetest_make_plan(&test->plan, arena, policy, NULL);
    test->answers =
        arena_alloc(arena, (test->plan.session_count + 1) * sizeof(struct livetest_answer *));
    for (size_t i = 0; i < test->plan.session_count; i++) {
        const struct plan_session *session = &test->plan.sessions[i];
        test->answers[i] =
            arena_alloc(arena, (session->step_count + 1) * sizeof(struct livetest_answer));
        for (size_t k = 0; k < session->step_count; k++)
            test->answers[i][k] = answer_of(arena, &session->steps[k]);
    }
    const struct verdict_input input = {.policy = policy,
                                        .plan = &test->plan,
                                        .answers = test->answers,
                                        .notices = extra,
                                        .notice_count = extra_count};
    verdict_judge(&test->verdicts, arena, &input);
    return test;
}

static const struct verdict *find(const struct trial *test, enum verdict_state state,
                                  const char *text)
{
    for (size_t i = 0; i < test->verdicts.count; i++)
        if (test->verdicts.items[i].state == state && str_is(test->verdicts.items[i].text, text))
            return &test->verdicts.items[i];
    for (size_t i = 0; i < test->verdicts.count; i++)
        print_message("%s: %.*s\n", verdict_state_name(test->verdicts.items[i].state),
                      STR_ARG(test->verdicts.items[i].text));
    fail_msg("no verdict \"%s\"", text);
    return NULL;
}

static size_t line_of(const struct verdict *verdict)
{
    return source_position(verdict->place.source, verdict->place.at).line;
}

/* --- tests --------------------------------------------------------------------------------- */

static void test_a_sound_server_has_no_failure(void **state)
{
    const struct trial *test = judge(*state, "", master_text, NULL, 0);

    assert_int_equal(verdict_count(&test->verdicts, VERDICT_FAIL), 0);
    find(test, VERDICT_OK, "clients are greeted on ports 25, 587 and 465");
    find(test, VERDICT_OK, "mail for example.com and example.org is accepted on port 25");
    find(test, VERDICT_OK, "bounces (MAIL FROM:<>) are accepted on port 25");
    find(test, VERDICT_OK, "unknown addresses are refused on port 25");
    find(test, VERDICT_OK, "a user who logs in can send on ports 25, 587 and 465");
    find(test, VERDICT_OK, "strangers cannot relay on ports 25, 587 and 465");
    find(test, VERDICT_OK, "port 465 speaks TLS from the start (SSL/TLS)");
    find(test, VERDICT_UNKNOWN, "whether the certificate is valid: it is not among the files");
}

/* what is appended to main.cf, and the failure */
static const struct {
    const char *main_cf;
    enum verdict_state state;
    const char *text;
} faults[] = {
    {"smtpd_recipient_restrictions = check_sender_access inline:{ <>=REJECT }\n", VERDICT_FAIL,
     "a bounce (MAIL FROM:<>) to example.com and example.org is not accepted: port 25 answers "
     "554 5.7.1"},
    {"smtpd_recipient_restrictions = check_recipient_access inline:{ example.org=REJECT }\n",
     VERDICT_FAIL, "mail for example.org is not accepted: port 25 answers 554 5.7.1"},
    {"smtpd_client_restrictions = check_client_access cidr:{ {2001:db8::/32 REJECT} }\n",
     VERDICT_FAIL, "mail from IPv6 clients is not accepted: port 25 answers 554 5.7.1"},
    {"smtpd_recipient_limit = 1\n", VERDICT_FAIL,
     "a second recipient is not accepted: port 25 answers 452 4.5.3"},
    {"message_size_limit = 10240\n", VERDICT_FAIL,
     "messages of no more than 10 KB are accepted on ports 25, 587 and 465"},
    {"smtpd_relay_restrictions = check_client_access static:OK, reject_unauth_destination\n",
     VERDICT_FAIL, "strangers can relay: an open relay on ports 25, 587 and 465"},
    {"smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n", VERDICT_FAIL,
     "no user can send: ports 25, 587 and 465 answer 554 5.7.1 to every user"},
    {"smtpd_sasl_auth_enable = no\n", VERDICT_WARN,
     "no user can log in on ports 587 and 465: only clients in mynetworks can send"},
    {"smtpd_tls_auth_only = no\n", VERDICT_WARN, "passwords are accepted unencrypted on port 25"},
    {"smtpd_helo_restrictions = reject_non_fqdn_helo_hostname\nsmtpd_helo_required = yes\n",
     VERDICT_FAIL, "Outlook and msmtp cannot send: ports 587 and 465 answer 504 5.5.2 to its EHLO"},
    {"smtpd_client_restrictions = check_client_access fail:all\n", VERDICT_FAIL,
     "no user can send: ports 25, 587 and 465 answer 451 4.3.5 (cannot open fail:all) to every "
     "user"},
    {"mynetworks = fail:all\n", VERDICT_FAIL,
     "no user can send: ports 25, 587 and 465 answer 451 4.3.0 (cannot open fail:all) to every "
     "user"},
    {"local_recipient_maps =\n", VERDICT_WARN,
     "every address at example.com and example.org is accepted on port 25: unknown ones bounce "
     "to forged senders"},
};

static void test_each_fault_has_its_verdict(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        find(judge(*state, faults[i].main_cf, master_text, NULL, 0), faults[i].state,
             faults[i].text);
}

static void test_port_465_without_wrapper_mode_fails_at_its_line(void **state)
{
    const struct trial *test = judge(*state, "",
                                     "smtp inet n - n - - smtpd\n"
                                     "smtps inet n - n - - smtpd\n"
                                     "cleanup unix n - n - 0 cleanup\n"
                                     "rewrite unix - - n - - trivial-rewrite\n"
                                     "tlsmgr unix - - n 1000? 1 tlsmgr\n"
                                     "anvil unix - - n - 1 anvil\n",
                                     NULL, 0);
    const struct verdict *verdict = find(
        test, VERDICT_FAIL, "port 465 does not speak TLS: mail programs set to \"SSL/TLS\" fail");

    assert_int_equal(line_of(verdict), 2);
}

static void test_a_service_that_does_not_start_fails(void **state)
{
    const struct trial *test = judge(*state, "smtpd_helo_required = true\n", master_text, NULL, 0);

    assert_true(verdict_count(&test->verdicts, VERDICT_FAIL) > 0);
    assert_int_equal(verdict_count(&test->verdicts, VERDICT_OK), 0);
}

static void test_what_nobody_asked_is_not_ok(void **state)
{
    struct arena *arena = *state;
    struct trial *test = judge(arena, "", master_text, NULL, 0);
    struct verdict_input input = {.plan = &test->plan, .answers = test->answers};

    for (size_t i = 0; i < test->plan.session_count; i++)
        for (size_t k = 0; k < test->plan.sessions[i].step_count; k++)
            test->answers[i][k] = (struct livetest_answer){.detail = STR("no connection")};
    verdict_judge(&test->verdicts, arena, &input);
    assert_int_equal(verdict_count(&test->verdicts, VERDICT_OK), 0);
    find(test, VERDICT_UNKNOWN, "whether ports 25, 587 and 465 answer: no connection");
}

static void test_notices_are_verdicts_once(void **state)
{
    static const struct verdict notices[] = {
        {.kind = "lint", .state = VERDICT_FAIL, .text = STR("a finding")},
        {.kind = "route", .state = VERDICT_UNKNOWN, .text = STR("where mail goes")}};
    struct arena *arena = *state;
    const struct trial *test = judge(arena, "", master_text, notices, 2);

    assert_int_equal(verdict_count(&test->verdicts, VERDICT_FAIL), 1);
    assert_str(test->verdicts.items[test->verdicts.count - 1].text, "where mail goes");
}

/* --- expectations ----------------------------------------------------------------------------- */

static void read(struct arena *arena, const char *text, struct expectation_list *list,
                 const char *problem)
{
    struct yaml_reader reader;

    yaml_reader_init(&reader, arena);
    const struct yaml_value *value = yaml_load(&reader, str_of(text));
    if (value != NULL)
        expectation_read(list, &reader, yaml_get(value, "expect"));
    assert_str(reader.failed ? yaml_problem(&reader) : str_of(""), problem);
}

static void test_expectations_are_read_or_refused(void **state)
{
    struct expectation_list list = {0};
    struct arena *arena = *state;

    read(arena, "expect:\n  - {port: 25, to: a@b.example, expect: refused}\n", &list, "");
    assert_int_equal(list.count, 1);
    assert_true(list.items != NULL &&
                str_is(list.items[0].ask, "mail from <> to <a@b.example> on port 25 is refused"));
    read(arena, "expect:\n  - {port: 25, too: a@b.example, expect: refused}\n", &list,
         "line 2, column 16: unknown key \"too\"");
    read(arena, "expect:\n  - {port: 25, to: a@b.example, expect: maybe}\n", &list,
         "line 2, column 41: expected accepted or refused");
    read(arena, "expect:\n  - {port: 70000, to: a@b.example, expect: refused}\n", &list,
         "line 2, column 12: a port is a number from 1 to 65535");
    read(arena, "expect:\n  - {port: 25, to: \"a> b\", expect: refused}\n", &list,
         "line 2, column 20: not an address");
    read(arena, "expect: all\n", &list, "line 1, column 9: expected a list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_sound_server_has_no_failure),
        arena_test(test_each_fault_has_its_verdict),
        arena_test(test_port_465_without_wrapper_mode_fails_at_its_line),
        arena_test(test_a_service_that_does_not_start_fails),
        arena_test(test_what_nobody_asked_is_not_ok),
        arena_test(test_notices_are_verdicts_once),
        arena_test(test_expectations_are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
