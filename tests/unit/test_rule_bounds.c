/* A bound of a rule that is reached never reads as "nothing found" */
#include "rules/engine/engine.h"
#include "tests/unit/sendmail_text.h"

/* run_rule - the findings of one rule alone */
static const struct finding_list *run_rule(struct arena *arena, const char *rule,
                                           const char *main_text)
{
    struct finding_list *list = arena_alloc(arena, sizeof *list);
    struct config *config = arena_alloc(arena, sizeof *config);
    struct rules_request request = {.only = rule_named(str_of(rule))};

    config_of(config, arena, "debian12", main_text, "smtp inet n - y - - smtpd\n");
    engine_run(list, config, &request);
    return list;
}

/* with_senders - a sender list of COUNT domains that relays for nobody, and then LAST */
static const char *with_senders(struct arena *arena, int count, const char *list, const char *last)
{
    struct buffer text;

    buffer_init(&text, arena);
    buffer_printf(&text, "mynetworks = 127.0.0.0/8\n%s check_sender_access inline:{", list);
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "d%d.example=OK, ", i);
    buffer_printf(&text, "%s}\n  reject_unauth_destination\n", last);
    return arena_cstr(arena, buffer_str(&text));
}

static void an_open_relay_is_found_whatever_its_place_in_a_table(void **state)
{
    static const char list[] = "smtpd_relay_restrictions = check_client_access "
                               "cidr:{{203.0.113.1 REJECT}},\n ";
    struct arena *arena = *state;
    const struct finding_list *found =
        run_rule(arena, "open-relay", with_senders(arena, 3000, list, "last.example=OK"));

    assert_int_equal(found->count, 1);
    assert_int_equal(found->items[0].severity, SEVERITY_ERROR);
}

static void more_sessions_than_are_tried_are_said(void **state)
{
    struct arena *arena = *state;
    const struct finding_list *found =
        run_rule(arena, "open-relay",
                 with_senders(arena, 60000, "smtpd_sender_restrictions =", "z.example=OK"));

    assert_int_equal(found->count, 1);
    assert_true(str_starts(found->items[0].message, "not decided whether smtp relays"));
    assert_true(str_search(found->items[0].message, "more than 100000 sessions") <
                found->items[0].message.len);
}

static void a_session_with_more_outcomes_than_are_tried_is_said(void **state)
{
    struct arena *arena = *state;
    static const char text[] =
        "smtpd_relay_restrictions = warn_if_reject reject_unknown_sender_domain,\n"
        "  warn_if_reject reject_unknown_recipient_domain,\n"
        "  warn_if_reject reject_unknown_helo_hostname,\n"
        "  warn_if_reject check_sender_mx_access inline:{x=OK},\n"
        "  warn_if_reject check_helo_ns_access inline:{x=OK},\n"
        "  warn_if_reject check_helo_mx_access inline:{x=OK},\n"
        "  warn_if_reject check_sender_ns_access inline:{x=OK},\n"
        "  warn_if_reject check_recipient_mx_access inline:{x=OK},\n"
        "  warn_if_reject check_recipient_ns_access inline:{x=OK},\n"
        "  warn_if_reject check_client_mx_access inline:{x=OK},\n"
        "  reject_unauth_destination\n";
    const struct finding_list *found = run_rule(arena, "open-relay", text);

    assert_int_equal(found->count, 1);
    assert_str(found->items[0].message,
               "not decided whether smtp relays mail for strangers: in one session, more than 256 "
               "combinations of answers would have to be tried");
}

static void a_table_behind_more_references_than_are_followed_is_reported(void **state)
{
    struct arena *arena = *state;
    struct finding_list list;
    struct rules_request request = {.only = rule_named(str_of("berkeley-db"))};
    struct config config;
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < 12; i++)
        buffer_printf(&text, "a%d = $a%d\n", i, i + 1);
    buffer_add_cstr(&text, "a12 = $address_verify_map\nvirtual_alias_maps = $a0\n");
    config_of(&config, arena, "rhel10", arena_cstr(arena, buffer_str(&text)), NULL);
    engine_run(&list, &config, &request);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].edit_count, 0);
    assert_str(span_str(list.items[0].span), "$a0");
}

static void a_value_that_is_not_expanded_is_not_decided(void **state)
{
    struct arena *arena = *state;
    struct buffer text;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "a = ");
    for (int i = 0; i < 1000; i++)
        buffer_add_cstr(&text, "$myhostname ");
    buffer_add_cstr(&text, "\nmydestination = ");
    for (int i = 0; i < 200; i++)
        buffer_add_cstr(&text, "$a ");
    buffer_add_cstr(&text, "\n");
    const struct finding_list *found =
        run_rule(arena, "syntax", arena_cstr(arena, buffer_str(&text)));

    assert_int_equal(found->count, 1);
    assert_int_equal(found->items[0].severity, SEVERITY_WARNING);
    assert_str(found->items[0].message, "not decided whether Postfix can use this value: the "
                                        "expansion has more than 100000 references");
}

/* run_sendmail_rule - the findings of one rule about sendmail.mc alone */
static const struct finding_list *run_sendmail_rule(struct arena *arena, const char *rule,
                                                    const char *text)
{
    struct finding_list *list = arena_alloc(arena, sizeof *list);
    struct config *config = arena_alloc(arena, sizeof *config);
    struct sendmail *sendmail = arena_alloc(arena, sizeof *sendmail);
    struct rules_request request = {.only = rule_named(str_of(rule))};

    config_of(config, arena, "debian12", "", NULL);
    sendmail_text(sendmail, arena, text);
    engine_run_sendmail(list, config, sendmail, &request);
    return list;
}

static void quotes_of_every_argument_are_checked(void **state)
{
    const struct finding_list *found = run_sendmail_rule(
        *state, "sendmail-quotes",
        "divert(-1)\ndivert(0)dnl\nFEATURE(`a',`b',`c',`d',`e',`f',`g',`h',`i',`j',`k',`l',`m',`n',"
        "`o',`p',`q','r')dnl\n");

    assert_int_equal(found->count, 1);
    assert_int_equal(found->items[0].span.len, sizeof "'r'" - 1);
}

static void unknown_names_beyond_the_bound_are_said(void **state)
{
    struct arena *arena = *state;
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < 1001; i++)
        buffer_printf(&text, "define(`our_macro_%d', `x')dnl\n", i);
    buffer_add_cstr(&text, "define(`our_macro_last', `x')dnl\n");
    const struct finding_list *found =
        run_sendmail_rule(arena, "sendmail-unknown", arena_cstr(arena, buffer_str(&text)));
    assert_int_equal(found->count, 1);
    assert_str(found->items[0].message, "not decided from here on which names are misspelled: more "
                                        "than 1000 are unknown");
}

static void text_beyond_the_bound_is_said_not_to_be_checked(void **state)
{
    struct arena *arena = *state;
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < 5001; i++)
        buffer_add_cstr(&text, "# a comment\n");
    buffer_add_cstr(&text, "This is our mail server\n");
    const struct finding_list *found =
        run_sendmail_rule(arena, "sendmail-text", arena_cstr(arena, buffer_str(&text)));
    assert_int_equal(found->count, 1);
    assert_str(found->items[0].message,
               "not checked from here on: there are more than 5000 lines of text");
}

/* --- limits of Postfix and of RFCs, and of what is shown ---------------------------------- */

/* times - TEXT so many times */
static const char *times(struct arena *arena, int count, const char *text)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (int i = 0; i < count; i++)
        buffer_add_cstr(&out, text);
    return arena_cstr(arena, buffer_str(&out));
}

static bool is_said(const struct finding_list *found, const char *what)
{
    for (size_t i = 0; i < found->count; i++)
        if (str_search(found->items[i].message, what) < found->items[i].message.len)
            return true;
    return false;
}

/* assert_edge - RULE says WHAT of the second text, and not of the first */
static void assert_edge(struct arena *arena, const char *rule, struct str inside, struct str beyond,
                        const char *what)
{
    if (is_said(run_rule(arena, rule, arena_cstr(arena, inside)), what))
        fail_msg("said too early: %s", what);
    if (!is_said(run_rule(arena, rule, arena_cstr(arena, beyond)), what))
        fail_msg("not said: %s", what);
}

static void a_host_name_is_as_long_as_rfc_1035_permits(void **state)
{
    struct arena *arena = *state;
    const char *labels = times(arena, 50, "abcd."); /* 250 letters */

    assert_edge(arena, "bad-value",
                arena_printf(arena, "myhostname = %s.example.com\n", times(arena, 63, "a")),
                arena_printf(arena, "myhostname = %s.example.com\n", times(arena, 64, "a")),
                "has a label of more than 63 characters");
    assert_edge(arena, "bad-value", arena_printf(arena, "myhostname = %sabcde\n", labels),
                arena_printf(arena, "myhostname = %sabcdef\n", labels),
                "is longer than 255 characters");
}

static void ports_and_octets_end_where_they_do_in_postfix(void **state)
{
    struct arena *arena = *state;

    assert_edge(arena, "bad-value", str_of("relayhost = [mail.example.com]:65535\n"),
                str_of("relayhost = [mail.example.com]:65536\n"), "has a port that does not exist");
    assert_edge(arena, "bad-value", str_of("mynetworks = 192.0.2.255\n"),
                str_of("mynetworks = 192.0.2.256\n"), "192.0.2.256");
}

static void a_long_value_is_shown_in_part(void **state)
{
    struct arena *arena = *state;
    const char *most = times(arena, 60, "x");
    struct str cut = arena_printf(arena, "\"%s...\"", most);

    assert_edge(arena, "bad-value", arena_printf(arena, "smtpd_helo_required = %s\n", most),
                arena_printf(arena, "smtpd_helo_required = %sx\n", most), cut.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(an_open_relay_is_found_whatever_its_place_in_a_table),
        arena_test(more_sessions_than_are_tried_are_said),
        arena_test(a_session_with_more_outcomes_than_are_tried_is_said),
        arena_test(a_table_behind_more_references_than_are_followed_is_reported),
        arena_test(a_value_that_is_not_expanded_is_not_decided),
        arena_test(quotes_of_every_argument_are_checked),
        arena_test(unknown_names_beyond_the_bound_are_said),
        arena_test(text_beyond_the_bound_is_said_not_to_be_checked),
        arena_test(a_host_name_is_as_long_as_rfc_1035_permits),
        arena_test(ports_and_octets_end_where_they_do_in_postfix),
        arena_test(a_long_value_is_shown_in_part),
    };

    return cmocka_run_group_tests_name("rule bounds", tests, NULL, NULL);
}
