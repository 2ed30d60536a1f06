#include "parser/value/pattern.h"
#include "tests/unit/restriction_fixture.h"

#define ALICE "alice@example.org"

/* what a sender table with ENTRIES, "{key = result}, ...", answers */
static const char *by_sender(struct arena *arena, const char *entries, const char *sender)
{
    const char *more = arena_cstr(
        arena, arena_printf(arena,
                            "recipient_delimiter = +\n"
                            "smtpd_sender_restrictions = check_sender_access inline:{%s}\n",
                            entries));

    return sent(arena, "debian12", more, sender, ALICE);
}

static const char *by_client(struct arena *arena, const char *entries, const char *address,
                             const char *name)
{
    const char *more = arena_cstr(
        arena, arena_printf(arena, "smtpd_client_restrictions = check_client_access inline:{%s}\n",
                            entries));
    struct restriction_fixture *fixture = fixture_of(arena, "debian12", more);

    set_client(fixture, address, name);
    mail(fixture, "");
    return rcpt(fixture, ALICE);
}

static bool is_denied(const char *said)
{
    return strncmp(said, "554 5.7.1 ", 10) == 0;
}

static void an_address_is_asked_with_all_its_parts(void **state)
{
    assert_true(is_denied(by_sender(*state, "{a+x@b.example = REJECT}", "a+x@b.example")));
    assert_true(is_denied(by_sender(*state, "{a@b.example = REJECT}", "a+x@b.example")));
    assert_true(is_denied(by_sender(*state, "{b.example = REJECT}", "a+x@b.example")));
    assert_true(is_denied(by_sender(*state, "{b.example = REJECT}", "a@deep.b.example")));
    assert_true(is_denied(by_sender(*state, "{example = REJECT}", "a@b.example")));
    assert_true(is_denied(by_sender(*state, "{a+x@ = REJECT}", "a+x@b.example")));
    assert_true(is_denied(by_sender(*state, "{a@ = REJECT}", "a+x@b.example")));
    assert_string_equal(by_sender(*state, "{@b.example = REJECT}", "a@b.example"), "ok");
    assert_string_equal(by_sender(*state, "{.b.example = REJECT}", "a@c.b.example"), "ok");
}

static void the_longest_key_answers_first(void **state)
{
    assert_string_equal(
        by_sender(*state, "{a@b.example = OK}, {b.example = REJECT}", "a@b.example"), "ok");
    assert_true(is_denied(
        by_sender(*state, "{b.example = REJECT}, {a@ = OK}, {example = OK}", "a@b.example")));
}

static void dots_stand_for_subdomains_where_parents_do_not_match(void **state)
{
    static const char more[] =
        "parent_domain_matches_subdomains =\n"
        "smtpd_sender_restrictions = check_sender_access inline:{.b.example=REJECT}\n";

    assert_true(is_denied(sent(*state, "debian12", more, "x@c.b.example", ALICE)));
    assert_string_equal(sent(*state, "debian12", more, "x@b.example", ALICE), "ok");
}

static void the_empty_sender_has_a_key_of_its_own(void **state)
{
    assert_string_equal(by_sender(*state, "{<> = REJECT}", ""),
                        "554 5.7.1 <>: Sender address rejected: Access denied");
}

static void clients_are_asked_by_name_and_networks(void **state)
{
    assert_true(is_denied(
        by_client(*state, "{192.0.2 = OK}, {198.51.100 = REJECT}", "198.51.100.1", "a.example")));
    assert_true(is_denied(by_client(*state, "{198 = REJECT}", "198.51.100.1", "a.example")));
    assert_true(
        is_denied(by_client(*state, "{a.example = REJECT}", "198.51.100.1", "m.a.example")));
    assert_string_equal(by_client(*state, "{51.100.1 = REJECT}", "198.51.100.1", "a.example"),
                        "ok");
    assert_true(is_denied(by_client(*state, "{2001:db8 = REJECT}", "2001:db8::1", "a.example")));
}

static void results_say_what_the_client_hears(void **state)
{
    static const struct {
        const char *result, *said;
    } rows[] = {
        {"OK", "ok"},
        {"RELAY whatever", "ok"},
        {"20240101", "ok"},
        {"DUNNO", "ok"},
        {"WARN look", "ok"},
        {"HOLD", "ok"},
        {"DISCARD", "ok"},
        {"FILTER smtp:[127.0.0.1]", "ok"},
        {"REDIRECT a@b.example", "ok"},
        {"PREPEND X-A: b", "ok"},
        {"BCC a@b.example", "ok"},
        {"reject go away", "554 5.7.1 <a@b.example>: Sender address rejected: go away"},
        {"REJECT 5.1.2 where", "554 5.1.8 <a@b.example>: Sender address rejected: where"},
        {"550 no", "550 5.7.1 <a@b.example>: Sender address rejected: no"},
        {"450 5.2.3 full", "450 4.2.3 <a@b.example>: Sender address rejected: full"},
        {"DEFER", "450 4.7.1 <a@b.example>: Sender address rejected: Access denied"},
        {"DEFER_IF_PERMIT later", "450 4.7.1 <a@b.example>: Sender address rejected: later"},
        {"600 what", "451 4.3.5 Server configuration error"},
        {"550", "ok"},
        {"hash:/etc/postfix/x", "451 4.3.5 Server configuration error"},
        {"nonsense", "451 4.3.5 Server configuration error"},
        {"permit_mynetworks reject",
         "554 5.7.1 <a@b.example>: Sender address rejected: Access denied"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(
            by_sender(arena,
                      arena_cstr(arena, arena_printf(arena, "{a@b.example = %s}", rows[i].result)),
                      "a@b.example"),
            rows[i].said);
}

static void info_came_with_a_release(void **state)
{
    static const char more[] = "smtpd_relay_restrictions = reject_unauth_destination\n"
                               "smtpd_sender_restrictions = check_sender_access static:INFO\n";

    assert_string_equal(sent(*state, "postfix-3.0", more, "a@b.example", ALICE), "ok");
    assert_string_equal(sent(*state, "postfix-2.11", more, "a@b.example", ALICE),
                        "451 4.3.5 Server configuration error");
}

static void discard_ends_all_checks_of_the_transaction(void **state)
{
    struct restriction_fixture *fixture = fixture_of(
        *state, "debian12",
        "smtpd_sender_restrictions = check_sender_access inline:{a@b.example=DISCARD}\n");

    mail(fixture, "a@b.example");
    assert_string_equal(rcpt(fixture, "x@elsewhere.example"), "ok");
    assert_true(str_starts(fixture->state.discard_or_hold, "DISCARD"));
    restriction_reset(&fixture->state);
    mail(fixture, "c@b.example");
    assert_string_equal(rcpt(fixture, "x@elsewhere.example"),
                        "454 4.7.1 <x@elsewhere.example>: Relay access denied");
}

static void an_ok_for_a_reverse_name_is_an_error(void **state)
{
    assert_string_equal(sent(*state, "debian12",
                             "smtpd_client_restrictions =\n"
                             "    check_reverse_client_hostname_access static:OK\n",
                             "", ALICE),
                        "451 4.3.5 Server configuration error");
}

static void a_table_that_fails_answers_451(void **state)
{
    assert_string_equal(sent(*state, "debian12",
                             "smtpd_client_restrictions = check_client_access fail:x\n", "", ALICE),
                        "451 4.3.5 <mail.example.net[198.51.100.1]>: Client host rejected: "
                        "Server configuration error");
}

/* every answer of the world to one question */
static void outcomes(struct arena *arena, const char *more, const char *const *said, size_t count)
{
    struct restriction_fixture *fixture = fixture_of(arena, "debian12", more);
    size_t seen = 0;

    do {
        set_client(fixture, "198.51.100.1", "mail.example.net");
        mail(fixture, "a@b.example");
        const char *wanted = seen < count ? said[seen] : "no more";
        assert_string_equal(rcpt(fixture, ALICE), wanted);
        seen++;
    } while (world_next(&fixture->world));
    assert_int_equal(seen, count);
}

static void dns_is_asked_of_the_world(void **state)
{
    static const char *const said[] = {
        "ok",
        "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found",
        "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found",
        ("550 5.7.27 <a@b.example>: Sender address rejected: Domain b.example does not accept "
         "mail (nullMX)"),
    };

    outcomes(*state, "smtpd_sender_restrictions = reject_unknown_sender_domain\n", said, 4);
}

static void lists_in_dns_are_asked_of_the_world(void **state)
{
    static const char *const said[] = {
        "ok",
        "554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zone.example",
        "ok",
    };

    outcomes(*state, "smtpd_client_restrictions = reject_rbl_client zone.example=127.0.0.2\n", said,
             3);
}

static void a_text_of_a_list_that_cannot_be_read_may_fail(void **state)
{
    static const char *const said[] = {
        "ok",
        "554 5.7.1 Service unavailable; Client host [198.51.100.1] blocked using zone.example",
        "451 4.3.5 Server configuration error",
        "ok",
    };

    outcomes(*state,
             "smtpd_client_restrictions = reject_rbl_client zone.example\n"
             "rbl_reply_maps = texthash:/etc/postfix/gone\n",
             said, 4);
}

static void policy_servers_are_asked_of_the_world(void **state)
{
    static const char *const said[] = {
        "ok",
        "ok",
        "554 5.7.1 <" ALICE ">: Recipient address rejected: Access denied",
        "450 4.7.1 <" ALICE ">: Recipient address rejected: Service unavailable",
        "451 4.3.5 <" ALICE ">: Recipient address rejected: Server configuration problem",
    };

    outcomes(*state, "smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023\n",
             said, 5);
}

static void databases_are_asked_of_the_world(void **state)
{
    static const char *const said[] = {
        "ok",
        "ok",
        "554 5.7.1 <a@b.example>: Sender address rejected: Access denied",
        "451 4.3.5 <a@b.example>: Sender address rejected: Server configuration error",
    };

    outcomes(*state, "smtpd_sender_restrictions = check_sender_access mysql:/etc/postfix/x.cf\n",
             said, 4);
}

static void a_table_of_rewrite_clients_that_cannot_be_read_may_fail(void **state)
{
    static const char *const lists[] = {"mysql:/etc/postfix/x.cf",
                                        "check_address_map texthash:/etc/postfix/gone"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str more = arena_printf(*state, "local_header_rewrite_clients = %s\n", lists[i]);
        struct restriction_fixture *fixture = fixture_of(*state, "debian12", more.at);
        static const char *const said[] = {"ok", "ok", "451 4.3.0 Temporary lookup error"};
        for (size_t k = 0; k < sizeof said / sizeof *said; k++) {
            assert_string_equal(mail(fixture, "a@b.example"), said[k]);
            assert_int_equal(world_next(&fixture->world), k + 1 < sizeof said / sizeof *said);
        }
    }
}

static void smtpd_exits_at_a_pattern_that_it_cannot_read(void **state)
{
    static const char *const wrong[] = {
        "127.0.0.256", "127.0.0.[2..", "127.0.0.[4..2]", "127.0.0", "127.0.0.2.3", "[127.0.0.2", "",
        "a.b.c.d"};
    static const char *const right[] = {"127.0.0.002", "[127.0.0.2]", "127.0.[0;2..4].[1]"};
    static const char *const said[] = {"421 4.3.0 Service unavailable: smtpd exits"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_non_null(address_pattern_fault(str_of(wrong[i])));
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_null(address_pattern_fault(str_of(right[i])));
    outcomes(*state, "smtpd_client_restrictions = reject_rbl_client zone.example=127.0.0.256\n",
             said, 1);
}

static void smtpd_exits_in_a_class_that_contains_itself(void **state)
{
    static const char *const said[] = {"421 4.3.0 Service unavailable: smtpd exits"};

    outcomes(*state,
             "smtpd_restriction_classes = a b\n"
             "a = permit_mynetworks, b\n"
             "b = a\n"
             "smtpd_sender_restrictions = a\n",
             said, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(an_address_is_asked_with_all_its_parts),
        arena_test(the_longest_key_answers_first),
        arena_test(dots_stand_for_subdomains_where_parents_do_not_match),
        arena_test(the_empty_sender_has_a_key_of_its_own),
        arena_test(clients_are_asked_by_name_and_networks),
        arena_test(results_say_what_the_client_hears),
        arena_test(info_came_with_a_release),
        arena_test(discard_ends_all_checks_of_the_transaction),
        arena_test(an_ok_for_a_reverse_name_is_an_error),
        arena_test(a_table_that_fails_answers_451),
        arena_test(dns_is_asked_of_the_world),
        arena_test(lists_in_dns_are_asked_of_the_world),
        arena_test(a_text_of_a_list_that_cannot_be_read_may_fail),
        arena_test(policy_servers_are_asked_of_the_world),
        arena_test(databases_are_asked_of_the_world),
        arena_test(a_table_of_rewrite_clients_that_cannot_be_read_may_fail),
        arena_test(smtpd_exits_at_a_pattern_that_it_cannot_read),
        arena_test(smtpd_exits_in_a_class_that_contains_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
