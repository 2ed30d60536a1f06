#include "convert/access/access.h"

#include "tests/unit/sendmail_draft.h"

#define WITH_TABLE "FEATURE(`access_db', `hash -T<TMPF> /etc/mail/access')\n"
#define BLOCKING WITH_TABLE "FEATURE(`blocklist_recipients')\n"

/* --- one line --------------------------------------------------------------------------------- */

static void assert_error_text(struct arena *arena, const char *value, const char *expected)
{
    assert_str(access_error_text(arena, str_of(value)), expected);
}

/* as Sendmail 8.17 answered a MAIL whose sender's domain has these values */
static void error_values_answer_as_sendmail_does(void **state)
{
    struct arena *arena = *state;

    assert_error_text(arena, "ERROR:5.7.1:550 go away", "550 5.7.1 go away");
    assert_error_text(arena, "ERROR:5.7.1:go away", "553 5.3.0 go away");
    assert_error_text(arena, "ERROR:550 go away", "550 5.0.0 go away");
    assert_error_text(arena, "550 generic", "550 5.0.0 generic");
    assert_error_text(arena, "generic text", "553 5.3.0 generic text");
    assert_error_text(arena, "\"553 quoted sender\"", "553 5.0.0 quoted sender");
    assert_error_text(arena, "ERROR:4.7.1:no code", "553 5.3.0 no code");
    assert_error_text(arena, "ERROR:550 5.7.9 go away", "550 5.7.9 go away");
    assert_error_text(arena, "ERROR:nouser:550 x", "553 5.3.0 nouser:550 x");
    assert_error_text(arena, "ERROR:D.S.N:550 x", "550 5.0.0 x");
    assert_error_text(arena, "ERROR:4.7.1:451 later", "451 4.7.1 later");
}

/* --- clients ---------------------------------------------------------------------------------- */

static void clients_are_refused_by_name_first_then_by_the_longest_network(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE,
                                   "Connect:spam.example\tREJECT\n"
                                   "Connect:10\tREJECT\n"
                                   "Connect:10.1.2\tOK\n"
                                   "Connect:IPv6:2001:db8\tDISCARD\n");

    assert_string_equal(setting(draft, "smtpd_client_restrictions"),
                        "check_client_access access_client, "
                        "check_client_access cidr:access_client_address");
    assert_string_equal(entries(draft, "access_client"), "spam.example=REJECT;");
    assert_string_equal(entries(draft, "access_client_address"),
                        "2001:db8::/32=DISCARD;10.1.2.0/24=OK;10.0.0.0/8=REJECT;");
    assert_string_equal(setting(draft, "access_map_reject_code"), "550");
}

static void a_line_with_its_tag_stands_before_one_without(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE,
                                   "x.example\tREJECT\n"
                                   "Connect:x.example\tOK\n"
                                   "Connect:y.example\tREJECT\n");

    assert_string_equal(entries(draft, "access_client"), "x.example=OK;y.example=REJECT;");
    assert_string_equal(entries(draft, "access_sender"), "x.example=REJECT;");
}

static void an_ok_needs_no_table_where_no_client_is_refused(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE, "Connect:10.1\tOK\n");

    assert_string_equal(setting(draft, "smtpd_client_restrictions"), "(unset)");
    assert_string_equal(fate_of(draft, "access", "Connect:10.1"), "already");
}

static void skip_ends_the_search_only_where_access_db_says_so(void **state)
{
    const char *table = "Connect:10.1\tSKIP\nConnect:10\tREJECT\n";
    struct draft *with =
        draft_of(*state, "FEATURE(`access_db', `hash /etc/mail/access', `skip')\n", table);
    struct draft *without = draft_of(*state, WITH_TABLE, table);

    assert_string_equal(entries(with, "access_client_address"),
                        "10.1.0.0/16=DUNNO;10.0.0.0/8=REJECT;");
    assert_string_equal(entries(without, "access_client_address"),
                        "10.1.0.0/16=553 5.3.0 SKIP;10.0.0.0/8=REJECT;");
}

static void keys_that_sendmail_never_finds_mean_nothing(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE,
                                   "10.0.0.0/8\tREJECT\n"
                                   ".x.example\tREJECT\n"
                                   "@y.example\tREJECT\n"
                                   "10.1.\tREJECT\n");

    assert_string_equal(fate_of(draft, "access", "10.0.0.0/8"), "meaningless");
    assert_string_equal(fate_of(draft, "access", ".x.example"), "meaningless");
    assert_string_equal(fate_of(draft, "access", "@y.example"), "meaningless");
    assert_string_equal(fate_of(draft, "access", "10.1."), "meaningless");
    assert_string_equal(setting(draft, "smtpd_client_restrictions"), "(unset)");
}

static void quarantine_holds_with_its_reason(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE, "From:x.example\tQUARANTINE:look at it\n");

    assert_string_equal(entries(draft, "access_sender"), "x.example=HOLD look at it;");
}

static void the_reject_message_is_the_text_of_each_reject(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confREJECT_MSG', `550 Not you')\n" WITH_TABLE,
                                   "From:x.example\tREJECT\n");

    assert_string_equal(entries(draft, "access_sender"), "x.example=550 5.0.0 Not you;");
    assert_string_equal(setting(draft, "access_map_reject_code"), "(unset)");
}

/* --- senders and recipients ------------------------------------------------------------------- */

static void an_ok_for_a_sender_comes_before_the_check_of_its_domain(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE, "From:x.example\tOK\n");

    assert_string_equal(setting(draft, "smtpd_sender_restrictions"),
                        "check_sender_access access_sender, reject_non_fqdn_sender, "
                        "reject_unknown_sender_domain");
    assert_string_equal(setting(draft, "unknown_address_reject_code"), "553");
}

static void senders_are_checked_without_a_table_too_unless_features_say_no(void **state)
{
    struct draft *plain = draft_of(*state, "VERSIONID(`x')\n", NULL);
    struct draft *lax = draft_of(
        *state, "FEATURE(`accept_unqualified_senders')\nFEATURE(`accept_unresolvable_domains')\n",
        NULL);

    assert_string_equal(setting(plain, "smtpd_sender_restrictions"),
                        "reject_non_fqdn_sender, reject_unknown_sender_domain");
    assert_string_equal(setting(lax, "smtpd_sender_restrictions"), "(unset)");
    assert_string_equal(fate_of(lax, "accept_unresolvable_domains", NULL), "already");
}

static void users_are_asked_for_before_domains(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE, "From:boss@\tOK\nFrom:x.example\tREJECT\n");

    assert_string_equal(setting(draft, "smtpd_sender_restrictions"),
                        "check_sender_access access_sender, check_sender_access "
                        "access_sender_domain, reject_non_fqdn_sender, "
                        "reject_unknown_sender_domain");
    assert_string_equal(entries(draft, "access_sender"), "boss@=OK;");
    assert_string_equal(entries(draft, "access_sender_domain"), "x.example=REJECT;");
}

static void recipients_are_refused_only_with_blocklist_recipients(void **state)
{
    const char *table = "To:a@x.example\tREJECT\n";
    struct draft *with = draft_of(*state, BLOCKING, table);
    struct draft *without = draft_of(*state, WITH_TABLE, table);

    assert_string_equal(setting(with, "smtpd_recipient_restrictions"),
                        "check_recipient_access access_recipient");
    assert_string_equal(entries(with, "access_recipient"),
                        "a@x.example=550 5.2.1 Mailbox disabled for this recipient;");
    assert_string_equal(setting(without, "smtpd_recipient_restrictions"), "(unset)");
    assert_string_equal(fate_of(without, "access", "To:a@x.example"), "meaningless");
}

static void blocklist_recipients_in_front_of_the_table_has_no_effect(void **state)
{
    struct draft *draft = draft_of(*state, "FEATURE(`blocklist_recipients')\n" WITH_TABLE,
                                   "To:a@x.example\tREJECT\n");

    assert_string_equal(setting(draft, "smtpd_recipient_restrictions"), "(unset)");
    assert_string_equal(fate_of(draft, "blocklist_recipients", NULL), "meaningless");
}

static void a_user_is_refused_in_the_hosts_own_domains_only(void **state)
{
    struct draft *draft =
        draft_of(*state, BLOCKING "LOCAL_DOMAIN(`own.example')\n", "To:friend@\tREJECT\n");

    assert_string_equal(entries(draft, "access_recipient"),
                        "friend@own.example=550 5.2.1 Mailbox disabled for this recipient;");
    assert_non_null(strstr(setting(draft, "smtpd_recipient_restrictions"),
                           "{friend@$myhostname = 550 5.2.1 Mailbox disabled"));
}

static void users_that_do_not_fit_into_a_value_are_an_open_point(void **state)
{
    struct buffer access;

    buffer_init(&access, *state);
    for (int i = 0; i < 300; i++)
        buffer_printf(&access, "To:friend%d@\tREJECT\n", i);
    struct draft *draft = draft_of(*state, BLOCKING "LOCAL_DOMAIN(`own.example')\n",
                                   arena_cstr(*state, buffer_str(&access)));

    assert_string_equal(fate_of(draft, "access", "To:friend1@"), "mapped");
    bool open = false;
    for (size_t i = 0; i < draft->sendmail->count; i++)
        open = open || draft->fates[i].fate == FATE_OPEN;
    assert_true(open);
}

/* --- delayed checks --------------------------------------------------------------------------- */

static void with_delay_checks_an_ok_for_the_sender_spares_the_client(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE "FEATURE(`delay_checks')\nFEATURE(`dnsbl', `bl.example')\n",
                 "From:good.example\tOK\nConnect:10\tREJECT\n");

    assert_string_equal(setting(draft, "smtpd_client_restrictions"), "(unset)");
    assert_string_equal(setting(draft, "smtpd_sender_restrictions"),
                        "check_sender_access access_sender, reject_non_fqdn_sender, "
                        "reject_unknown_sender_domain, check_client_access "
                        "cidr:access_client_address, reject_rbl_client bl.example");
}

static void a_friend_of_spam_is_spared_all_checks(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`delay_checks', `friend')\n",
                                   "Spam:abuse@x.example\tFRIEND\n");

    assert_string_equal(setting(draft, "smtpd_sender_restrictions"),
                        "check_recipient_access access_spam, reject_non_fqdn_sender, "
                        "reject_unknown_sender_domain");
    assert_string_equal(entries(draft, "access_spam"), "abuse@x.example=OK;");
}

static void only_a_hater_of_spam_gets_the_checks(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`delay_checks', `hater')\n",
                                   "Spam:me@x.example\tHATER\n");

    assert_string_equal(setting(draft, "smtpd_sender_restrictions"),
                        "check_recipient_access access_spam, permit");
    assert_string_equal(entries(draft, "access_spam"), "me@x.example=spam_hater_checks;");
    assert_string_equal(setting(draft, "smtpd_restriction_classes"), "spam_hater_checks");
    assert_string_equal(setting(draft, "spam_hater_checks"),
                        "reject_non_fqdn_sender, reject_unknown_sender_domain");
}

static void bad_helo_names_are_refused_only_where_checks_are_delayed(void **state)
{
    const char *mc = WITH_TABLE "FEATURE(`block_bad_helo')\nLOCAL_DOMAIN(`own.example')\n";
    struct draft *at_once = draft_of(*state, mc, "From:good.example\tOK\n");
    struct draft *delayed =
        draft_of(*state, arena_printf(*state, "%sFEATURE(`delay_checks')\n", mc).at,
                 "From:good.example\tOK\nConnect:10\tRELAY\n");

    assert_string_equal(setting(at_once, "smtpd_helo_restrictions"), "(unset)");
    assert_string_equal(fate_of(at_once, "block_bad_helo", NULL), "meaningless");
    assert_string_equal(setting(delayed, "smtpd_helo_restrictions"),
                        "check_sender_access access_sender, check_client_access "
                        "cidr:access_helo_client, check_helo_access pcre:access_helo, "
                        "reject_non_fqdn_helo_hostname");
    /* networks of the access table are not those of class R */
    assert_string_equal(entries(delayed, "access_helo_client"), "127.0.0.0/8=OK;::1=OK;");
    assert_string_equal(entries(delayed, "access_helo"),
                        "/^own\\.example$/=550 5.7.1 bogus HELO name used;");
}

/* --- relaying --------------------------------------------------------------------------------- */

static void networks_that_may_relay_are_mynetworks_less_their_exceptions(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE,
                                   "Connect:192.168\tRELAY\n"
                                   "Connect:192.168.7\tREJECT\n"
                                   "Connect:IPv6:2001:db8\tRELAY\n"
                                   "Connect:127.0.0.1\tRELAY\n");

    assert_string_equal(setting(draft, "mynetworks"),
                        "127.0.0.0/8, [::1]/128, [2001:db8::]/32, !192.168.7.0/24, "
                        "192.168.0.0/16");
}

static void names_that_may_relay_are_a_table_of_the_relay_restrictions(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE, "Connect:x.example\tRELAY\nConnect:not.x.example\tOK\n");

    assert_string_equal(setting(draft, "smtpd_relay_restrictions"),
                        "permit_mynetworks, check_client_access "
                        "access_relay_client, reject_unauth_destination");
    assert_string_equal(entries(draft, "access_relay_client"), "x.example=OK;not.x.example=DUNNO;");
}

static void with_relay_hosts_only_a_name_stands_for_itself(void **state)
{
    struct draft *draft = draft_of(*state, "FEATURE(`relay_hosts_only')\n" WITH_TABLE,
                                   "Connect:x.example\tRELAY\nTo:y.example\tRELAY\n");

    assert_string_equal(entries(draft, "access_relay_client"), "/^x\\.example$/=OK;");
    assert_string_equal(setting(draft, "relay_domains"), "pcre:access_relay_domains");
    assert_string_equal(entries(draft, "access_relay_domains"), "/^y\\.example$/=OK;");
}

static void a_virtual_domain_is_no_relay_domain_but_what_is_below_it_is(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE "FEATURE(`virtusertable')\nVIRTUSER_DOMAIN(`v.example')\n",
                 "v.example\tRELAY\nTo:not.v.example\tREJECT\n");

    /* class R stands before the table */
    assert_string_equal(setting(draft, "relay_domains"),
                        "regexp:relay_below_virtual, !not.v.example");
    assert_string_equal(entries(draft, "relay_below_virtual"), "/.\\.v\\.example$/=OK;");
}

static void what_is_below_a_name_of_this_host_is_relayed_too(void **state)
{
    const char *mc = WITH_TABLE "LOCAL_DOMAIN(`own.example')\n";
    struct draft *draft = draft_of(*state, mc, "To:own.example\tRELAY\n");
    struct draft *hosts =
        draft_of(*state, "FEATURE(`relay_hosts_only')\n" WITH_TABLE "LOCAL_DOMAIN(`own.example')\n",
                 "To:own.example\tRELAY\n");

    assert_string_equal(setting(draft, "relay_domains"), "own.example");
    assert_string_equal(setting(hosts, "relay_domains"), "(unset)");
}

static void with_lookupdotdomain_relay_clients_are_named_with_what_is_below_them(void **state)
{
    struct draft *draft = draft_of(
        *state, "RELAY_DOMAIN(`r.example')\n" WITH_TABLE "FEATURE(`lookupdotdomain')\n", "");

    assert_string_equal(entries(draft, "relay_clients"), "r.example=OK;.r.example=OK;");
}

/* as Sendmail 8.17 answers: "553 5.3.0 <evil@x.example>... SKIP" */
static void skip_for_a_senders_address_is_words(void **state)
{
    struct draft *draft =
        draft_of(*state, "FEATURE(`access_db', `', `skip')\n",
                 "From:evil@x.example\tSKIP\nFrom:evil@\tSKIP\nFrom:y.example\tSKIP\n");

    assert_string_equal(entries(draft, "access_sender"),
                        "evil@x.example=553 5.3.0 SKIP;evil@=553 5.3.0 SKIP;");
    assert_string_equal(entries(draft, "access_sender_domain"), "y.example=DUNNO;");
}

static void by_its_pointer_a_client_is_refused_and_not_permitted(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`use_client_ptr')\n",
                                   "Connect:x.example\tREJECT\nConnect:ok.x.example\tOK\n");

    assert_string_equal(setting(draft, "smtpd_client_restrictions"),
                        "check_reverse_client_hostname_access access_client, "
                        "check_client_access access_client_verified");
    assert_string_equal(entries(draft, "access_client"), "x.example=REJECT;ok.x.example=DUNNO;");
    assert_string_equal(entries(draft, "access_client_verified"), "ok.x.example=OK;");
}

static void without_a_name_a_client_is_refused_and_with_a_forged_one_put_off(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`require_rdns')\n", "");

    assert_string_equal(setting(draft, "unknown_client_reject_code"), "550");
    assert_string_equal(entries(draft, "access_unknown_client"), "unknown=forged_client;");
    assert_string_equal(setting(draft, "forged_client"),
                        "check_reverse_client_hostname_access pcre:access_forged_client");
    assert_string_equal(entries(draft, "access_forged_client"),
                        "!/^(unknown|[0-9.]+|.*:.*)$/=451 4.1.8 Possibly forged hostname;");
}

static void domains_that_are_relayed_to_are_relay_domains_less_their_exceptions(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE, "To:x.example\tRELAY\nTo:not.x.example\tREJECT\n");

    assert_string_equal(setting(draft, "relay_domains"), "!not.x.example, x.example");
}

static void nobody_relays_by_the_senders_address(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE "FEATURE(`relay_mail_from')\n", "From:a@x.example\tRELAY\n");

    assert_string_equal(fate_of(draft, "relay_mail_from", NULL), "open");
    assert_string_equal(fate_of(draft, "access", "From:a@x.example"), "open");
    assert_null(strstr(setting(draft, "smtpd_relay_restrictions"), "check_sender_access"));
}

static void with_lookupdotdomain_a_domain_and_what_is_below_it_differ(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE "FEATURE(`lookupdotdomain')\n",
                 "From:.x.example\tREJECT\nFrom:x.example\tOK\nFrom:y.example\tREJECT\n");

    assert_string_equal(entries(draft, "access_sender"),
                        ".x.example=REJECT;x.example=OK;y.example=REJECT;.y.example=REJECT;");
    assert_string_equal(setting(draft, "parent_domain_matches_subdomains"),
                        "debug_peer_list, fast_flush_domains, mynetworks, "
                        "permit_mx_backup_networks, qmqpd_authorized_clients, relay_domains");
}

/* --- TLS and other tags ----------------------------------------------------------------------- */

static void tls_lines_become_policies_and_say_where_they_may_differ(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE,
                                   "TLS_Rcpt:x.example\tENCR:112\n"
                                   "TLS_Srv:mx.y.example\tVERIFY\n"
                                   "TLS_Clt:z.example\tENCR:112\n"
                                   "Srv_Features:10.9\tS A\n");

    assert_string_equal(entries(draft, "access_tls_policy"),
                        "x.example=encrypt ciphers=high;.x.example=encrypt ciphers=high;"
                        "mx.y.example=verify;.mx.y.example=verify;");
    assert_string_equal(fate_of(draft, "access", "TLS_Rcpt:x.example"), "mapped");
    assert_string_equal(fate_of(draft, "access", "TLS_Srv:mx.y.example"), "open");
    assert_string_equal(entries(draft, "access_tls_client"), "z.example=reject_plaintext_session;");
    assert_string_equal(entries(draft, "access_ehlo"), "10.9.0.0/16=starttls, auth;");
}

static void a_tag_that_nobody_knows_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE, "Foo:bar\t1\n");

    assert_string_equal(fate_of(draft, "access", "Foo:bar"), "open");
}

/* --- limits ----------------------------------------------------------------------------------- */

static void limits_are_those_of_the_lines_without_a_name(void **state)
{
    struct draft *draft = draft_of(*state,
                                   WITH_TABLE "FEATURE(`conncontrol')\nFEATURE(`ratecontrol')\n"
                                              "define(`confCONNECTION_RATE_WINDOW_SIZE', `10m')\n",
                                   "ClientRate:\t10\nClientConn:\t5\n"
                                   "ClientRate:10.1\t0\nClientConn:10.1\t0\n"
                                   "ClientConn:10.2\t50\n");

    assert_string_equal(setting(draft, "smtpd_client_connection_rate_limit"), "10");
    assert_string_equal(setting(draft, "smtpd_client_connection_count_limit"), "5");
    assert_string_equal(setting(draft, "smtpd_client_event_limit_exceptions"), "10.1.0.0/16");
    assert_string_equal(setting(draft, "anvil_rate_time_unit"), "10m");
    assert_string_equal(fate_of(draft, "access", "ClientConn:10.2"), "open");
}

static void a_client_that_is_free_of_both_limits_may_have_others_within_that_are_not(void **state)
{
    struct draft *draft =
        draft_of(*state, WITH_TABLE "FEATURE(`ratecontrol')\nFEATURE(`conncontrol')\n",
                 "ClientRate:\t10\nClientConn:\t5\n"
                 "ClientRate:10\t0\nClientConn:10\t0\n"
                 "ClientRate:10.1\t10\nClientConn:10.1\t5\n"
                 "ClientRate:10.2\t7\nClientConn:IPv6:2001:db8\t0\n");

    assert_string_equal(setting(draft, "smtpd_client_event_limit_exceptions"),
                        "!10.1.0.0/16, !10.2.0.0/16, 10.0.0.0/8");
    assert_string_equal(fate_of(draft, "access", "ClientRate:10.1"), "mapped");
    assert_string_equal(fate_of(draft, "access", "ClientRate:10.2"), "open");
    /* free of one of them alone */
    assert_string_equal(fate_of(draft, "access", "ClientConn:IPv6:2001:db8"), "open");
}

/* "postscreen 1 smtpd_service_name=x;": command, process limit and overrides of a service */
static const char *service_text(const struct draft *draft, const char *name, const char *type)
{
    struct buffer out;

    for (size_t i = 0; i < draft->service_count; i++) {
        const struct draft_service *service = draft->services[i];
        if (!str_is(service->name, name) || !str_is(service->type, type))
            continue;
        buffer_init(&out, draft->arena);
        buffer_printf(&out, "%.*s %.*s", STR_ARG(service->command), STR_ARG(service->fields[4]));
        for (size_t j = 0; j < service->override_count; j++)
            buffer_printf(&out, " %.*s=%.*s", STR_ARG(service->overrides[j].name),
                          STR_ARG(service->overrides[j].value));
        return arena_cstr(draft->arena, buffer_str(&out));
    }
    return "(no service)";
}

static void with_a_pause_postscreen_stands_before_each_daemon_that_greets(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "define(`confMAX_DAEMON_CHILDREN', `40')\n"
                 "DAEMON_OPTIONS(`Port=smtp')\nDAEMON_OPTIONS(`Port=smtps, M=s')\n"
                 "FEATURE(`greet_pause', `5001')\n",
                 NULL);

    assert_string_equal(fate_of(draft, "greet_pause", NULL), "mapped");
    assert_string_equal(setting(draft, "postscreen_greet_wait"), "6s");
    assert_string_equal(setting(draft, "postscreen_greet_action"), "drop");
    assert_string_equal(setting(draft, "postscreen_access_list"), "");
    assert_string_equal(service_text(draft, "smtp", "inet"), "postscreen 1");
    assert_string_equal(service_text(draft, "smtpd", "pass"), "smtpd 40");
    assert_string_equal(service_text(draft, "submission", "inet"),
                        "postscreen 1 syslog_name=postfix/submission "
                        "smtpd_service_name=smtpd-submission");
    assert_string_equal(service_text(draft, "smtpd-submission", "pass"),
                        "smtpd - syslog_name=postfix/submission smtpd_discard_ehlo_keywords=etrn "
                        "smtpd_etrn_restrictions=reject");
    assert_non_null(strstr(service_text(draft, "submissions", "inet"), "smtpd - "));
}

static void addresses_need_not_wait_where_the_table_says_so_but_names_are_open(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`greet_pause', `5000')\n",
                                   "GreetPause:10\t0\nGreetPause:10.1\t1000\n"
                                   "GreetPause:10.1.2\t9000\nGreetPause:localhost\t0\n"
                                   "GreetPause:slow.example\t0\n");

    assert_string_equal(entries(draft, "greet_pause"),
                        "10.1.2.0/24=dunno;10.1.0.0/16=dunno;10.0.0.0/8=permit;"
                        "127.0.0.1=permit;::1=permit;");
    assert_string_equal(setting(draft, "postscreen_greet_wait"), "5s");
    assert_string_equal(fate_of(draft, "access", "GreetPause:10"), "mapped");
    assert_string_equal(fate_of(draft, "access", "GreetPause:10.1"), "mapped");
    assert_string_equal(fate_of(draft, "access", "GreetPause:10.1.2"), "open");
    assert_string_equal(fate_of(draft, "access", "GreetPause:localhost"), "mapped");
    assert_string_equal(fate_of(draft, "access", "GreetPause:slow.example"), "open");
}

static void without_a_usual_pause_only_those_wait_whom_the_table_names(void **state)
{
    struct draft *draft = draft_of(*state, WITH_TABLE "FEATURE(`greet_pause')\n",
                                   "GreetPause:10.1\t2000\nGreetPause:10\t1000\n");
    struct draft *nobody =
        draft_of(*state, WITH_TABLE "FEATURE(`greet_pause')\n", "GreetPause:10.1\t0\n");

    assert_string_equal(setting(draft, "postscreen_greet_wait"), "2s");
    assert_string_equal(entries(draft, "greet_pause"),
                        "10.1.0.0/16=dunno;10.0.0.0/8=dunno;0.0.0.0/0=permit;::/0=permit;");
    assert_string_equal(setting(nobody, "postscreen_greet_wait"), "(unset)");
    assert_string_equal(fate_of(nobody, "greet_pause", NULL), "already");
    assert_string_equal(service_text(nobody, "smtp", "inet"), "smtpd -");
}

static void a_pause_in_front_of_the_table_asks_none_of_its_lines(void **state)
{
    struct draft *draft =
        draft_of(*state, "FEATURE(`greet_pause', `1000')\n" WITH_TABLE, "GreetPause:10.1\t0\n");

    assert_string_equal(entries(draft, "greet_pause"), "(no table)");
    assert_string_equal(fate_of(draft, "access", "GreetPause:10.1"), "meaningless");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(error_values_answer_as_sendmail_does),
        arena_test(clients_are_refused_by_name_first_then_by_the_longest_network),
        arena_test(a_line_with_its_tag_stands_before_one_without),
        arena_test(an_ok_needs_no_table_where_no_client_is_refused),
        arena_test(skip_ends_the_search_only_where_access_db_says_so),
        arena_test(keys_that_sendmail_never_finds_mean_nothing),
        arena_test(quarantine_holds_with_its_reason),
        arena_test(the_reject_message_is_the_text_of_each_reject),
        arena_test(an_ok_for_a_sender_comes_before_the_check_of_its_domain),
        arena_test(senders_are_checked_without_a_table_too_unless_features_say_no),
        arena_test(users_are_asked_for_before_domains),
        arena_test(recipients_are_refused_only_with_blocklist_recipients),
        arena_test(blocklist_recipients_in_front_of_the_table_has_no_effect),
        arena_test(a_user_is_refused_in_the_hosts_own_domains_only),
        arena_test(users_that_do_not_fit_into_a_value_are_an_open_point),
        arena_test(with_delay_checks_an_ok_for_the_sender_spares_the_client),
        arena_test(a_friend_of_spam_is_spared_all_checks),
        arena_test(only_a_hater_of_spam_gets_the_checks),
        arena_test(bad_helo_names_are_refused_only_where_checks_are_delayed),
        arena_test(networks_that_may_relay_are_mynetworks_less_their_exceptions),
        arena_test(names_that_may_relay_are_a_table_of_the_relay_restrictions),
        arena_test(with_relay_hosts_only_a_name_stands_for_itself),
        arena_test(a_virtual_domain_is_no_relay_domain_but_what_is_below_it_is),
        arena_test(what_is_below_a_name_of_this_host_is_relayed_too),
        arena_test(with_lookupdotdomain_relay_clients_are_named_with_what_is_below_them),
        arena_test(skip_for_a_senders_address_is_words),
        arena_test(by_its_pointer_a_client_is_refused_and_not_permitted),
        arena_test(without_a_name_a_client_is_refused_and_with_a_forged_one_put_off),
        arena_test(domains_that_are_relayed_to_are_relay_domains_less_their_exceptions),
        arena_test(nobody_relays_by_the_senders_address),
        arena_test(with_lookupdotdomain_a_domain_and_what_is_below_it_differ),
        arena_test(tls_lines_become_policies_and_say_where_they_may_differ),
        arena_test(a_tag_that_nobody_knows_is_an_open_point),
        arena_test(limits_are_those_of_the_lines_without_a_name),
        arena_test(a_client_that_is_free_of_both_limits_may_have_others_within_that_are_not),
        arena_test(with_a_pause_postscreen_stands_before_each_daemon_that_greets),
        arena_test(addresses_need_not_wait_where_the_table_says_so_but_names_are_open),
        arena_test(without_a_usual_pause_only_those_wait_whom_the_table_names),
        arena_test(a_pause_in_front_of_the_table_asks_none_of_its_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
