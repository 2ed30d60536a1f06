/* livetest.yaml: what is written is read back, and what is wrong is told with its place */
#include <stdio.h>
#include <unistd.h>

#include "smtp/livetest/plan.h"
#include "tests/unit/unit.h"

static struct str file_of(struct arena *arena, struct str text)
{
    char path[] = "/tmp/postmend-plan.XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
    close(fd);
    return arena_copy(arena, str_of(path));
}

static bool read_text(struct plan *plan, struct arena *arena, struct str text, struct str *error)
{
    struct str path = file_of(arena, text);
    bool good = plan_read(plan, arena, path, error);

    unlink(path.at);
    if (!good) /* what follows the file's name */
        *error = str_slice(*error, path.len, error->len);
    return good;
}

static void refused(struct arena *arena, const char *text, const char *why)
{
    struct plan plan;
    struct str error = STR_NONE;

    assert_false(read_text(&plan, arena, str_of(text), &error));
    assert_str(error, why);
}

static void test_a_plan_that_was_written_is_read_back_the_same(void **state)
{
    static const struct str has[] = {STR("SIZE 1000"), STR("AUTH PLAIN LOGIN")};
    static const struct str ways[] = {STR("250 2.1.5"), STR("tls"), STR("nothing")};
    static const struct str assume[] = {STR("dns=ok"), STR("table:hash:/etc/aliases=none")};
    struct arena *arena = *state;
    struct plan plan = {.platform = STR("rhel10"), .hostname = STR("mail.example.com")};
    struct plan_user user = {STR("yes"), STR("p: #[]{}\"\\ ")};
    struct plan_intended intended = {STR("submission"), STR("protocol"), STR("a-rule"),
                                     STR("x: y")};
    struct plan again;
    struct buffer first, second;
    struct str error;

    plan.assume = (struct str_list){assume, 2};
    plan.users = &user;
    plan.user_count = 1;
    plan.intended = &intended;
    plan.intended_count = 1;
    for (int i = 0; i < 3; i++) {
        struct plan_session *session = plan_add_session(&plan, arena);
        session->ask = str_of("- may a stranger relay? \xC3\xA4\xE2\x80\xA8 \xC2\x85");
        session->kind = str_of("relay");
        session->service = str_of("127.0.0.1:25");
        session->port = 25;
        session->tls = (enum plan_tls)i;
        session->min_protocol = str_of(i == 1 ? "TLSv1" : "");
        session->max_protocol = str_of(i == 1 ? "TLSv1.3" : "");
        session->client = str_of(i == 2 ? "2001:db8::1" : "");
        session->client_name = session->client;
        session->user = str_of(i == 2 ? "yes" : "");
        plan_add_step(session, arena, PLAN_GREETING, str_of(""));
        struct plan_step *step = plan_add_step(session, arena, PLAN_SEND, str_of("EHLO x\t\x01"));
        *step = (struct plan_step){.action = PLAN_SEND,
                                   .text = step->text,
                                   .outcome = PLAN_REPLY,
                                   .code = 250,
                                   .enhanced = STR(""),
                                   .has = {has, 2},
                                   .lacks = {has, 1}};
        step = plan_add_step(session, arena, PLAN_AUTH, str_of("PLAIN"));
        step->outcome = PLAN_REPLY;
        step->code = 535;
        step->enhanced = str_of("5.7.8");
        step = plan_add_step(session, arena, PLAN_STARTTLS, str_of(""));
        step->outcome = PLAN_UNDETERMINED;
        step->alternatives = (struct str_list){ways, 3};
        step->reason = str_of("dns of x: ok, or not");
        step = plan_add_step(session, arena, PLAN_MESSAGE, str_of("Subject: a\n\n.\n\nb\n"));
        step->outcome = PLAN_NOTHING;
        step->received = str_of("with ESMTPSA");
        plan_add_step(session, arena, PLAN_HANDSHAKE, str_of(""))->outcome = PLAN_TLS_FAILS;
        plan_add_step(session, arena, PLAN_HANDSHAKE, str_of(""))->outcome = PLAN_TLS_GOOD;
        plan_add_step(session, arena, PLAN_GREETING, str_of(""))->outcome = PLAN_SILENCE;
    }
    buffer_init(&first, arena);
    plan_write(&first, &plan);
    if (!read_text(&again, arena, buffer_str(&first), &error))
        fail_msg("%s\n%s", arena_cstr(arena, error), arena_cstr(arena, buffer_str(&first)));
    buffer_init(&second, arena);
    plan_write(&second, &again);
    assert_str(buffer_str(&second), arena_cstr(arena, buffer_str(&first)));
    assert_int_equal(again.session_count, 3);
    assert_int_equal(again.sessions[1].step_count, plan.sessions[1].step_count);
    assert_str(again.sessions[0].ask, plan.sessions[0].ask.at);
    assert_str(again.sessions[0].steps[1].text, "EHLO x\t\x01");
    assert_str(again.sessions[2].steps[4].text, "Subject: a\n\n.\n\nb\n");
    assert_int_equal(again.sessions[0].steps[0].outcome, PLAN_ANY);
    assert_int_equal(again.sessions[0].steps[3].outcome, PLAN_UNDETERMINED);
    assert_int_equal(again.sessions[0].steps[7].outcome, PLAN_SILENCE);
    assert_str(again.users[0].password, "p: #[]{}\"\\ ");
    assert_str(again.users[0].name, "yes");
    assert_str(again.intended[0].why, "x: y");
    assert_str(again.assume.items[1], "table:hash:/etc/aliases=none");
}

static void test_bytes_that_are_no_utf8_do_not_spoil_the_file(void **state)
{
    struct arena *arena = *state;
    struct plan plan = {.platform = STR("x\xff\xed\xa0\x80\xf5")};
    struct plan again;
    struct buffer out;
    struct str error;

    buffer_init(&out, arena);
    plan_write(&out, &plan);
    assert_true(read_text(&again, arena, buffer_str(&out), &error));
    assert_true(str_starts(again.platform, "x\xEF\xBF\xBD"));
}

static void test_what_is_wrong_is_told_with_its_place(void **state)
{
    struct arena *arena = *state;
    static const char head[] = "postmend plan: 1\nsessions:\n  - ask: a\n    kind: b\n"
                               "    service: smtp\n    steps:\n";

    refused(arena, "postmend plan: 2\n", ": line 1, column 16: unknown version (expected 1)");
    refused(arena, "postmend plan: 1\nfoo: 1\n", ": line 2, column 1: unknown key \"foo\"");
    refused(arena, arena_printf(arena, "%s      - {send: a, expect: 99}\n", head).at,
            ": line 7, column 27: expected a code (250), a code with an enhanced code (250 2.1.0), "
            "tls, no tls, silence or nothing");
    refused(arena, arena_printf(arena, "%s      - {send: \"a\\nb\"}\n", head).at,
            ": line 7, column 16: a command must not contain a line end");
    refused(arena, arena_printf(arena, "%s      - {send: a, auth: PLAIN}\n", head).at,
            ": line 7, column 9: a step must have one of do, send, auth and message");
    refused(arena, arena_printf(arena, "%s      - {do: dance}\n", head).at,
            ": line 7, column 14: expected greeting, starttls or handshake");
    refused(arena, arena_printf(arena, "%s      - {send: a, one-of: [maybe]}\n", head).at,
            ": line 7, column 27: \"maybe\" is not a valid expectation");
    refused(arena, arena_printf(arena, "%s      - {send: a}\n    user: nobody\n", head).at,
            ": line 8, column 11: \"nobody\" is not a user of the plan");
    refused(arena, arena_printf(arena, "%s      - {send: a}\n    port: 65536\n", head).at,
            ": line 8, column 11: not a valid port number");
    refused(arena, arena_printf(arena, "%s      - {send: a}\n    tls: maybe\n", head).at,
            ": line 8, column 10: expected none, starttls or implicit");
}

static void test_a_session_has_no_more_steps_than_the_bound(void **state)
{
    struct arena *arena = *state;
    struct buffer out;

    buffer_init(&out, arena);
    buffer_add_cstr(&out, "postmend plan: 1\nsessions:\n  - ask: a\n    kind: b\n"
                          "    service: smtp\n    steps:\n");
    for (int i = 0; i <= PLAN_MAX_STEPS; i++)
        buffer_add_cstr(&out, "      - {send: NOOP}\n");
    refused(arena, arena_cstr(arena, buffer_str(&out)), ": line 7, column 7: more than 100 steps");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_plan_that_was_written_is_read_back_the_same),
        arena_test(test_bytes_that_are_no_utf8_do_not_spoil_the_file),
        arena_test(test_what_is_wrong_is_told_with_its_place),
        arena_test(test_a_session_has_no_more_steps_than_the_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
