#include "tests/unit/restriction_fixture.h"

#define DENIED "554 5.7.1 <x@elsewhere.example>: Relay access denied"
#define SERVER_ERROR "451 4.3.5 Server configuration error"

static void a_stranger_does_not_relay(void **state)
{
    assert_string_equal(sent(*state, "debian12", "", "a@b.example", "x@elsewhere.example"),
                        "454 4.7.1 <x@elsewhere.example>: Relay access denied");
    assert_string_equal(sent(*state, "debian12",
                             "smtpd_relay_restrictions = "
                             "reject_unauth_destination\n",
                             "a@b.example", "x@elsewhere.example"),
                        DENIED);
}

static void own_and_relayed_domains_are_accepted(void **state)
{
    assert_string_equal(sent(*state, "debian12", "", "a@b.example", "alice@example.org"), "ok");
    assert_string_equal(sent(*state, "debian12", "", "a@b.example", "x@relay.example"), "ok");
}

static void a_client_in_mynetworks_relays(void **state)
{
    struct restriction_fixture *fixture = fixture_of(*state, "debian12", "");

    set_client(fixture, "192.0.2.9", "pc.example.org");
    assert_string_equal(mail(fixture, "a@b.example"), "ok");
    assert_string_equal(rcpt(fixture, "x@elsewhere.example"), "ok");
}

static void who_logged_in_relays(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "smtpd_sasl_auth_enable = yes\n");

    fixture->state.sasl_username = str_of("alice");
    fixture->state.sasl_method = str_of("PLAIN");
    mail(fixture, "a@b.example");
    assert_string_equal(rcpt(fixture, "x@elsewhere.example"), "ok");
}

static void routed_addresses_do_not_relay(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12",
                   "smtpd_relay_restrictions = check_recipient_access static:OK,\n"
                   "    reject_unauth_destination\n");

    mail(fixture, "a@b.example");
    assert_string_equal(rcpt(fixture, "x@elsewhere.example"), "ok");
    assert_string_equal(rcpt(fixture, "x%elsewhere.example@relay.example"),
                        "554 5.7.1 <x%elsewhere.example@relay.example>: Relay access denied");
}

static void the_order_of_relay_and_recipient_lists_is_the_releases(void **state)
{
    static const char lists[] = "smtpd_relay_restrictions = reject_unauth_destination\n"
                                "smtpd_recipient_restrictions = reject\n";
    static const char rejected[] =
        "554 5.7.1 <x@elsewhere.example>: Recipient address rejected: Access denied";

    assert_string_equal(sent(*state, "postfix-3.2", lists, "", "x@elsewhere.example"), DENIED);
    assert_string_equal(sent(*state, "postfix-3.5", lists, "", "x@elsewhere.example"), rejected);
    assert_string_equal(sent(*state, "postfix-3.7", lists, "", "x@elsewhere.example"), rejected);
    assert_string_equal(
        sent(*state, "postfix-3.7",
             arena_cstr(*state, arena_printf(*state, "%scompatibility_level = 3.6\n", lists)), "",
             "x@elsewhere.example"),
        DENIED);
}

static void rejects_wait_for_the_recipient(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "smtpd_client_restrictions = reject\n");

    assert_string_equal(answer(fixture, STAGE_CONNECT), "ok");
    assert_string_equal(answer(fixture, STAGE_HELO), "ok");
    assert_string_equal(mail(fixture, "a@b.example"), "ok");
    assert_string_equal(rcpt(fixture, "alice@example.org"),
                        "554 5.7.1 <mail.example.net[198.51.100.1]>: Client host rejected: "
                        "Access denied");
}

static void rejects_need_not_wait(void **state)
{
    struct restriction_fixture *fixture = fixture_of(
        *state, "debian12", "smtpd_delay_reject = no\nsmtpd_helo_restrictions = defer\n");

    assert_string_equal(answer(fixture, STAGE_CONNECT), "ok");
    assert_string_equal(answer(fixture, STAGE_HELO),
                        "450 4.3.2 <mail.example.net>: Helo command rejected: Try again later");
}

static void postmaster_is_always_let_through(void **state)
{
    assert_string_equal(
        sent(*state, "debian12", "smtpd_client_restrictions = reject\n", "", "postmaster"), "ok");
}

static void warn_if_reject_only_warns(void **state)
{
    static const char lists[] = "smtpd_recipient_restrictions = warn_if_reject reject,\n"
                                "    warn_if_reject reject_non_fqdn_sender, permit\n";

    assert_string_equal(sent(*state, "debian12", lists, "nodomain", "alice@example.org"), "ok");
}

static void defer_if_permit_waits_for_the_decision(void **state)
{
    static const char lists[] = "smtpd_helo_restrictions = defer_if_permit\n"
                                "smtpd_relay_restrictions = reject_unauth_destination\n";

    assert_string_equal(sent(*state, "debian12", lists, "", "x@elsewhere.example"), DENIED);
    assert_string_equal(sent(*state, "debian12", lists, "", "alice@example.org"),
                        "450 4.7.0 <mail.example.net>: Helo command rejected: "
                        "defer_if_permit requested");
}

static void defer_if_reject_softens_a_reject(void **state)
{
    assert_string_equal(sent(*state, "debian12",
                             "smtpd_recipient_restrictions = defer_if_reject, reject\n", "",
                             "alice@example.org"),
                        "450 4.7.0 <alice@example.org>: Recipient address rejected: "
                        "defer_if_reject requested");
}

static void classes_are_lists(void **state)
{
    static const char lists[] = "smtpd_restriction_classes = outer, inner\n"
                                "outer = permit_mynetworks, inner\ninner = reject\n"
                                "smtpd_sender_restrictions = outer\n";

    assert_string_equal(sent(*state, "debian12", lists, "a@b.example", "alice@example.org"),
                        "554 5.7.1 <a@b.example>: Sender address rejected: Access denied");
}

static void a_class_in_itself_ends(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12",
                   "smtpd_restriction_classes = a, b\na = b b\nb = a a\n"
                   "smtpd_data_restrictions = a\n");

    fixture->state.sender = str_of("");
    fixture->state.recipient_count = 1;
    assert_string_equal(answer(fixture, STAGE_DATA), "421 4.3.0 Service unavailable: smtpd exits");
}

static void what_smtpd_does_not_know_is_a_server_error(void **state)
{
    static const char *const lists[] = {
        "smtpd_sender_restrictions = no_such_thing\n",
        "smtpd_sender_restrictions = check_sender_access\n",
        "smtpd_sender_restrictions = check_sender_access /etc/postfix/access\n",
        "smtpd_client_restrictions = check_policy_service nothing\n",
        "smtpd_helo_restrictions = sleep long\n",
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        assert_string_equal(sent(*state, "debian12", lists[i], "a@b.example", "alice@example.org"),
                            SERVER_ERROR);
}

static void restrictions_that_a_release_gave_up_are_errors(void **state)
{
    static const char lists[] = "smtpd_helo_restrictions = permit_naked_ip_address, reject\n";

    assert_string_equal(sent(*state, "debian12", lists, "", "alice@example.org"),
                        "554 5.7.1 <mail.example.net>: Helo command rejected: Access denied");
    assert_string_equal(sent(*state, "debian13", lists, "", "alice@example.org"), SERVER_ERROR);
}

static void a_list_that_stops_nobody_does_not_start(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12",
                   "smtpd_relay_restrictions =\n"
                   "smtpd_recipient_restrictions = permit_mynetworks\n");
    struct restriction_fixture *good = fixture_of(*state, "debian12", "");

    assert_true(str_starts(restriction_start_error(fixture->service),
                           "in parameter smtpd_relay_restrictions or"));
    assert_int_equal(restriction_check(&fixture->state, STAGE_CONNECT).code, 421);
    assert_int_equal(restriction_start_error(good->service).len, 0);
}

static void a_size_beyond_the_limit_is_refused(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "message_size_limit = 1000\n");

    fixture->state.message_size = 1001;
    assert_string_equal(mail(fixture, ""), "552 5.3.4 Message size exceeds fixed limit");
    fixture->state.message_size = 1000;
    assert_string_equal(mail(fixture, ""), "ok");
}

static void soft_bounce_makes_every_reject_temporary(void **state)
{
    assert_string_equal(sent(*state, "debian12",
                             "soft_bounce = yes\n"
                             "smtpd_relay_restrictions = reject_unauth_destination\n",
                             "", "x@elsewhere.example"),
                        "454 4.7.1 <x@elsewhere.example>: Relay access denied");
}

static void replies_hold_no_control_characters(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "smtpd_helo_restrictions = reject\n");

    fixture->state.helo = str_of("a\rb\nc");
    mail(fixture, "");
    assert_string_equal(rcpt(fixture, "alice@example.org"),
                        "554 5.7.1 <a b c>: Helo command rejected: Access denied");
}

static void long_replies_are_cut(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "smtpd_helo_restrictions = reject\n");
    char *name = arena_alloc(*state, 2001);

    memset(name, 'a', 2000);
    fixture->state.helo = str_of(name);
    mail(fixture, "");
    assert_int_equal(strlen(rcpt(fixture, "alice@example.org")), 510);
}

static void the_trace_names_each_restriction_with_its_place(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12",
                   "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n");
    struct arena *arena = *state;

    mail(fixture, "");
    rcpt(fixture, "x@elsewhere.example");
    assert_int_equal(fixture->trace.count, 2);
    const struct trace_step *first = &fixture->trace.steps[0], *second = first + 1;
    assert_str(first->restriction, "permit_mynetworks");
    assert_str(first->said, "dunno");
    assert_str(first->why, "198.51.100.1 is not in mynetworks (192.0.2.0/24)");
    assert_false(first->decided);
    assert_str(span_str(second->span), "reject_unauth_destination");
    assert_str(second->said, "reject: " DENIED);
    assert_true(second->decided);
    assert_string_equal(second->list, "smtpd_relay_restrictions");
}

static void the_trace_finds_words_behind_references(void **state)
{
    struct restriction_fixture *fixture = fixture_of(*state, "debian12",
                                                     "mine = permit_mynetworks, reject\n"
                                                     "smtpd_client_restrictions = $mine\n");
    struct arena *arena = *state;

    mail(fixture, "");
    rcpt(fixture, "alice@example.org");
    assert_true(fixture->trace.count >= 2);
    assert_str(span_str(fixture->trace.steps[1].span), "reject");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_stranger_does_not_relay),
        arena_test(own_and_relayed_domains_are_accepted),
        arena_test(a_client_in_mynetworks_relays),
        arena_test(who_logged_in_relays),
        arena_test(routed_addresses_do_not_relay),
        arena_test(the_order_of_relay_and_recipient_lists_is_the_releases),
        arena_test(rejects_wait_for_the_recipient),
        arena_test(rejects_need_not_wait),
        arena_test(postmaster_is_always_let_through),
        arena_test(warn_if_reject_only_warns),
        arena_test(defer_if_permit_waits_for_the_decision),
        arena_test(defer_if_reject_softens_a_reject),
        arena_test(classes_are_lists),
        arena_test(a_class_in_itself_ends),
        arena_test(what_smtpd_does_not_know_is_a_server_error),
        arena_test(restrictions_that_a_release_gave_up_are_errors),
        arena_test(a_list_that_stops_nobody_does_not_start),
        arena_test(a_size_beyond_the_limit_is_refused),
        arena_test(soft_bounce_makes_every_reject_temporary),
        arena_test(replies_hold_no_control_characters),
        arena_test(long_replies_are_cut),
        arena_test(the_trace_names_each_restriction_with_its_place),
        arena_test(the_trace_finds_words_behind_references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
