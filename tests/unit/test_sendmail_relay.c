#include "convert/delivery/relay.h"

#include "tests/unit/sendmail_draft.h"

/* --- relayhost -------------------------------------------------------------------------------- */

static const char *relayhost_of(struct arena *arena, const char *mc)
{
    return setting(draft_of(arena, mc, NULL), "relayhost");
}

static void a_smart_host_becomes_the_relayhost(void **state)
{
    assert_string_equal(relayhost_of(*state, "define(`SMART_HOST', `mail.example')\n"),
                        "mail.example");
    assert_string_equal(relayhost_of(*state, "define(`SMART_HOST', `[mail.example]')\n"),
                        "[mail.example]");
    assert_string_equal(relayhost_of(*state, "define(`SMART_HOST', `esmtp:[10.0.0.1]')\n"),
                        "[10.0.0.1]");
    assert_string_equal(relayhost_of(*state, "define(`SMART_HOST', `relay:mail.example.')\n"),
                        "mail.example");
}

static void its_port_is_that_of_the_mailer_that_reaches_it(void **state)
{
    assert_string_equal(relayhost_of(*state, "define(`RELAY_MAILER_ARGS', `TCP $h 587')\n"
                                             "define(`SMART_HOST', `[mail.example]')\n"),
                        "[mail.example]:587");
    assert_string_equal(relayhost_of(*state, "define(`RELAY_MAILER_ARGS', `TCP $h 587')\n"
                                             "define(`SMART_HOST', `smtp:[mail.example]')\n"),
                        "[mail.example]");
}

static void the_second_smart_host_is_the_fallback(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`SMART_HOST', `relay:a.example:b.example')\n", NULL);

    assert_string_equal(setting(draft, "relayhost"), "a.example");
    assert_string_equal(setting(draft, "smtp_fallback_relay"), "b.example");
}

static void a_smart_host_by_another_mailer_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, "define(`SMART_HOST', `uucp-dom:far')\n", NULL);

    assert_string_equal(setting(draft, "relayhost"), "(unset)");
    assert_string_equal(fate_of(draft, "SMART_HOST", NULL), "open");
}

/* --- local mail that goes elsewhere ----------------------------------------------------------- */

static void the_hub_takes_local_mail_behind_the_aliases(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`MAIL_HUB', `hub.example')\nFEATURE(`stickyhost')\n", NULL);

    assert_string_equal(setting(draft, "mailbox_transport"), "smtp:hub.example");
    assert_string_equal(setting(draft, "local_recipient_maps"), "");
    assert_string_equal(fate_of(draft, "MAIL_HUB", NULL), "mapped");
}

static void local_users_stay_in_spite_of_the_hub(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`MAIL_HUB', `[hub.example]')\nLOCAL_USER(`root admin')\n", NULL);

    assert_string_equal(setting(draft, "mailbox_transport"), "(unset)");
    assert_string_equal(setting(draft, "mailbox_transport_maps"), "pcre:mail_hub_mailboxes");
    assert_string_equal(entries(draft, "mail_hub_mailboxes"),
                        "!/^(root|admin)$/=smtp:[hub.example];");
    /* brackets around a name: Sendmail makes that the domain of the recipients */
    assert_string_equal(fate_of(draft, "MAIL_HUB", NULL), "open");
}

static void unknown_users_go_where_luser_relay_says(void **state)
{
    struct draft *renamed = draft_of(*state, "define(`LUSER_RELAY', `relay:l.example')\n", NULL);
    struct draft *kept = draft_of(
        *state, "define(`LUSER_RELAY', `l.example')\nFEATURE(`preserve_luser_host')\n", NULL);
    struct draft *local = draft_of(*state, "define(`LUSER_RELAY', `local:boss')\n", NULL);
    struct draft *numbered = draft_of(*state, "define(`LUSER_RELAY', `smtp:[10.0.0.1]')\n", NULL);

    assert_string_equal(setting(renamed, "luser_relay"), "$user@l.example");
    assert_string_equal(setting(kept, "luser_relay"), "$user@l.example");
    assert_string_equal(setting(kept, "transport_maps"), "(unset)");
    assert_string_equal(fate_of(kept, "preserve_luser_host", NULL), "meaningless");
    assert_string_equal(setting(numbered, "luser_relay"), "$user@[10.0.0.1]");
    assert_string_equal(entries(numbered, "transport_hub"), "[10.0.0.1]=smtp:[10.0.0.1];");
    assert_string_equal(setting(local, "luser_relay"), "boss");
    assert_string_equal(setting(local, "local_recipient_maps"), "");
}

static void bare_names_alone_to_another_host_are_an_open_point(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`LOCAL_RELAY', `l.example')\nFEATURE(`stickyhost')\n", NULL);
    struct draft *hub = draft_of(
        *state, "define(`LOCAL_RELAY', `l.example')\ndefine(`MAIL_HUB', `h.example')\n", NULL);

    assert_string_equal(fate_of(draft, "LOCAL_RELAY", NULL), "open");
    assert_string_equal(setting(draft, "mailbox_transport"), "(unset)");
    assert_string_equal(fate_of(hub, "LOCAL_RELAY", NULL), "meaningless");
    assert_string_equal(setting(hub, "mailbox_transport"), "smtp:h.example");
}

/* --- null clients ----------------------------------------------------------------------------- */

static void a_null_client_keeps_nothing(void **state)
{
    struct draft *draft = draft_of(*state, "FEATURE(`nullclient', `[hub.example]')\n", NULL);

    assert_string_equal(setting(draft, "relayhost"), "[hub.example]");
    assert_string_equal(setting(draft, "mydestination"), "");
    assert_string_equal(setting(draft, "myorigin"), "hub.example");
}

static void submit_cf_to_this_host_is_what_postdrop_does(void **state)
{
    struct draft *draft = draft_of(*state, "FEATURE(`msp', `[127.0.0.1]')\n", NULL);

    assert_string_equal(fate_of(draft, "msp", NULL), "already");
    assert_string_equal(setting(draft, "relayhost"), "(unset)");
}

static void submit_cf_to_another_host_is_a_relayhost(void **state)
{
    assert_string_equal(relayhost_of(*state, "FEATURE(`msp', `[hub.example]', `MSA')\n"),
                        "[hub.example]:587");
}

/* --- lists in the DNS ------------------------------------------------------------------------- */

static void lists_are_asked_in_the_order_of_the_file(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "FEATURE(`dnsbl', `b.example')\n"
                                   "FEATURE(`dnsbl', `a.example', "
                                   "`\"550 5.7.9 No \" $&{client_addr} \" today\"')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_client_restrictions"),
                        "reject_rbl_client b.example, reject_rbl_client a.example");
    assert_string_equal(entries(draft, "rbl_reply"),
                        "a.example=550 5.7.9 No $client_address today;");
    assert_string_equal(setting(draft, "maps_rbl_reject_code"), "550");
}

static void the_answers_of_enhdnsbl_that_count_are_patterns(void **state)
{
    struct draft *draft = draft_of(
        *state, "FEATURE(`enhdnsbl', `b.example', , , `127.0.0.2.', `127.0.0.$-.')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_client_restrictions"),
                        "reject_rbl_client b.example=127.0.0.2, "
                        "reject_rbl_client b.example=127.0.0.[0..255]");
}

static void what_a_list_cannot_do_in_postfix_is_an_open_point(void **state)
{
    struct draft *held = draft_of(*state, "FEATURE(`dnsbl', `b.example', `quarantine')\n", NULL);
    struct draft *tried = draft_of(*state, "FEATURE(`dnsbl', `b.example', , `t')\n", NULL);
    struct draft *early = draft_of(*state, "FEATURE(`rhsbl', `b.example')\n", NULL);

    assert_string_equal(fate_of(held, "dnsbl", NULL), "open");
    assert_string_equal(setting(held, "smtpd_client_restrictions"), "(unset)");
    assert_string_equal(fate_of(tried, "dnsbl", NULL), "open");
    assert_string_equal(fate_of(early, "rhsbl", NULL), "open");
}

/* --- privacy ---------------------------------------------------------------------------------- */

static void goaway_is_less_than_all_privacy_flags(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`confPRIVACY_FLAGS', `goaway,restrictqrun')\n", NULL);

    assert_string_equal(setting(draft, "disable_vrfy_command"), "yes");
    assert_string_equal(setting(draft, "smtpd_helo_required"), "yes");
    assert_string_equal(setting(draft, "authorized_flush_users"), "root");
    assert_string_equal(setting(draft, "authorized_mailq_users"), "(unset)");
    assert_string_equal(setting(draft, "smtpd_etrn_restrictions"), "(unset)");
    assert_string_equal(fate_of(draft, "confPRIVACY_FLAGS", NULL), "mapped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_smart_host_becomes_the_relayhost),
        arena_test(its_port_is_that_of_the_mailer_that_reaches_it),
        arena_test(the_second_smart_host_is_the_fallback),
        arena_test(a_smart_host_by_another_mailer_is_an_open_point),
        arena_test(the_hub_takes_local_mail_behind_the_aliases),
        arena_test(local_users_stay_in_spite_of_the_hub),
        arena_test(unknown_users_go_where_luser_relay_says),
        arena_test(bare_names_alone_to_another_host_are_an_open_point),
        arena_test(a_null_client_keeps_nothing),
        arena_test(submit_cf_to_this_host_is_what_postdrop_does),
        arena_test(submit_cf_to_another_host_is_a_relayhost),
        arena_test(lists_are_asked_in_the_order_of_the_file),
        arena_test(the_answers_of_enhdnsbl_that_count_are_patterns),
        arena_test(what_a_list_cannot_do_in_postfix_is_an_open_point),
        arena_test(goaway_is_less_than_all_privacy_flags),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
