#include "tests/unit/sendmail_service.h"

static void without_options_sendmail_listens_on_25_and_587_without_etrn(void **state)
{
    struct draft *draft = draft_of(*state, "MAILER(`smtp')\n", NULL);

    assert_string_equal(services(draft), "smtp submission ");
    assert_string_equal(override(draft, "smtp", "smtpd_discard_ehlo_keywords"), "(none)");
    assert_string_equal(override(draft, "submission", "smtpd_discard_ehlo_keywords"), "etrn");
    assert_string_equal(override(draft, "submission", "smtpd_etrn_restrictions"), "reject");
    assert_string_equal(override(draft, "submission", "smtpd_sasl_auth_enable"), "(none)");
    assert_string_equal(setting(draft, "inet_interfaces"), "(unset)");
}

static void without_the_default_msa_only_what_is_asked_for_listens(void **state)
{
    struct draft *draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Name=MTA')\n", NULL);

    assert_string_equal(services(draft), "smtp ");
    assert_string_equal(fate_of(draft, "no_default_msa", NULL), "mapped");
    assert_string_equal(fate_of(draft, "DAEMON_OPTIONS", NULL), "mapped");
}

static void smtps_becomes_submissions_with_wrapper_mode(void **state)
{
    struct draft *draft =
        draft_for(*state, "rhel10",
                  NO_MSA CERTIFICATE "DAEMON_OPTIONS(`Name=MTA')\n"
                                     "DAEMON_OPTIONS(`Port=smtps, Name=TLSMTA, M=s')\n");

    assert_string_equal(services(draft), "smtp submissions ");
    assert_string_equal(override(draft, "submissions", "smtpd_tls_wrappermode"), "yes");
    assert_string_equal(override(draft, "submissions", "syslog_name"), "postfix/submissions");
}

static void smtps_without_a_certificate_is_written_but_does_not_run(void **state)
{
    struct draft *draft = draft_of(
        *state, NO_MSA "DAEMON_OPTIONS(`Name=MTA')\nDAEMON_OPTIONS(`Port=465, M=s')\n", NULL);

    assert_string_equal(services(draft), "smtp ");
    assert_string_equal(fate_nth(draft, "DAEMON_OPTIONS", 1), "open");
}

static void a_submission_service_with_m_ea_wants_tls_and_auth(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 NO_MSA CERTIFICATE TRUST "DAEMON_OPTIONS(`Name=MTA')\n"
                                          "DAEMON_OPTIONS(`Port=submission, Name=MSA, M=Ea')\n",
                 NULL);

    assert_string_equal(override(draft, "submission", "smtpd_tls_security_level"), "encrypt");
    assert_string_equal(override(draft, "submission", "smtpd_sasl_auth_enable"), "yes");
    assert_string_equal(override(draft, "submission", "smtpd_relay_restrictions"),
                        "permit_sasl_authenticated, reject");
    assert_string_equal(override(draft, "submission", "smtpd_etrn_restrictions"), "reject");
    assert_string_equal(fate_nth(draft, "DAEMON_OPTIONS", 1), "mapped");
}

static void auth_is_required_without_a_right_to_relay_where_no_mechanism_is_trusted(void **state)
{
    struct draft *draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Port=587, M=Ea')\n", NULL);

    assert_string_equal(override(draft, "submission", "smtpd_client_restrictions"),
                        "permit_sasl_authenticated, reject");
    assert_string_equal(override(draft, "submission", "smtpd_relay_restrictions"), "(none)");
    assert_string_equal(override(draft, "submission", "smtpd_tls_security_level"), "(none)");
}

static void loopback_alone_becomes_inet_interfaces(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 NO_MSA "DAEMON_OPTIONS(`Port=smtp,Addr=127.0.0.1, Name=MTA')\n"
                        "DAEMON_OPTIONS(`Family=inet6, Port=smtp, Addr=::1, Name=MTA6')\n",
                 NULL);

    assert_string_equal(setting(draft, "inet_interfaces"), "loopback-only");
    assert_string_equal(setting(draft, "inet_protocols"), "all");
    assert_string_equal(services(draft), "smtp ");
}

static void one_address_among_others_becomes_a_service_of_its_own(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "DAEMON_OPTIONS(`Port=smtp,Addr=127.0.0.1, Name=MTA')\n"
                                   "DAEMON_OPTIONS(`Port=26,Family=inet6,Addr=2001:db8::1')\n",
                                   NULL);

    assert_string_equal(setting(draft, "inet_interfaces"), "(unset)");
    assert_string_equal(services(draft), "127.0.0.1:smtp [2001:db8::1]:26 submission ");
}

static void both_families_on_one_port_are_one_service(void **state)
{
    struct draft *draft = draft_of(*state,
                                   NO_MSA "DAEMON_OPTIONS(`Name=MTA-v4, Family=inet')\n"
                                          "DAEMON_OPTIONS(`Name=MTA-v6, Family=inet6, M=O')\n",
                                   NULL);

    assert_string_equal(setting(draft, "inet_protocols"), "all");
    assert_string_equal(services(draft), "smtp ");
}

static void a_family_that_every_line_names_is_the_only_protocol(void **state)
{
    struct draft *draft =
        draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Name=MTA, Family=inet')\n", NULL);

    assert_string_equal(setting(draft, "inet_protocols"), "ipv4");
    draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Name=MTA')\n", NULL);
    assert_string_equal(setting(draft, "inet_protocols"), "(unset)");
}

static void two_daemons_on_one_port_are_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state,
                                   NO_MSA "DAEMON_OPTIONS(`Port=25, Name=A')\n"
                                          "DAEMON_OPTIONS(`Port=smtp, Name=B')\n",
                                   NULL);

    assert_string_equal(fate_nth(draft, "DAEMON_OPTIONS", 0), "mapped");
    assert_string_equal(fate_nth(draft, "DAEMON_OPTIONS", 1), "open");
}

static void a_port_that_nobody_knows_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Port=mysmtp, Name=A')\n", NULL);

    assert_string_equal(fate_of(draft, "DAEMON_OPTIONS", NULL), "open");
    assert_string_equal(services(draft), "");
}

static void modifiers_switch_tls_and_auth_off_for_one_service(void **state)
{
    struct draft *draft = draft_of(*state,
                                   NO_MSA CERTIFICATE TRUST "DAEMON_OPTIONS(`Name=MTA')\n"
                                                            "DAEMON_OPTIONS(`Port=2525, M=SA')\n",
                                   NULL);

    assert_string_equal(override(draft, "2525", "smtpd_tls_security_level"), "none");
    assert_string_equal(override(draft, "2525", "smtpd_sasl_auth_enable"), "no");
}

static void a_bound_address_becomes_smtp_bind_address_where_it_is_the_only_one(void **state)
{
    struct draft *draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Addr=192.0.2.1, M=b')\n", NULL);

    assert_string_equal(setting(draft, "smtp_bind_address"), "192.0.2.1");
    draft = draft_of(*state, "DAEMON_OPTIONS(`Addr=192.0.2.1, M=b')\n", NULL);
    assert_string_equal(setting(draft, "smtp_bind_address"), "(unset)");
    assert_string_equal(fate_of(draft, "DAEMON_OPTIONS", NULL), "open");
}

static void children_become_the_process_limit(void **state)
{
    struct draft *draft =
        draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Name=MTA, children=12')\n", NULL);

    assert_true(str_is(draft->services[0]->fields[4], "12"));
}

static void the_client_options_say_where_mail_leaves(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "CLIENT_OPTIONS(`Family=inet, Addr=192.0.2.9, M=S')\n"
                                   "CLIENT_OPTIONS(`Family=inet6, Addr=2001:db8::9')\n"
                                   "CLIENT_OPTIONS(`Port=1025')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtp_bind_address"), "192.0.2.9");
    assert_string_equal(setting(draft, "smtp_bind_address6"), "2001:db8::9");
    assert_string_equal(setting(draft, "smtp_tls_security_level"), "none");
    assert_string_equal(fate_nth(draft, "CLIENT_OPTIONS", 2), "open");
}

static void a_sendmail_cf_has_the_daemons_that_it_names(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "V10/Berkeley\n"
                                   "O DaemonPortOptions=Name=MTA\n"
                                   "O DaemonPortOptions=Port=587, Name=MSA, M=E\n",
                                   NULL);

    assert_string_equal(services(draft), "smtp submission ");
    assert_string_equal(override(draft, "submission", "smtpd_etrn_restrictions"), "reject");
}

static void addresses_must_be_full_where_a_daemon_says_so(void **state)
{
    struct draft *draft = draft_of(*state,
                                   NO_MSA "define(`_REQUIRE_QUAL_RCPT_', `1')\n"
                                          "DAEMON_OPTIONS(`Name=MTA, M=r')\n",
                                   NULL);

    assert_non_null(strstr(override(draft, "smtp", "smtpd_recipient_restrictions"),
                           "permit_mynetworks, reject_non_fqdn_recipient"));
    draft = draft_of(*state, NO_MSA "DAEMON_OPTIONS(`Name=MTA, M=r')\n", NULL);
    assert_string_equal(override(draft, "smtp", "smtpd_recipient_restrictions"), "(none)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(without_options_sendmail_listens_on_25_and_587_without_etrn),
        arena_test(without_the_default_msa_only_what_is_asked_for_listens),
        arena_test(smtps_becomes_submissions_with_wrapper_mode),
        arena_test(smtps_without_a_certificate_is_written_but_does_not_run),
        arena_test(a_submission_service_with_m_ea_wants_tls_and_auth),
        arena_test(auth_is_required_without_a_right_to_relay_where_no_mechanism_is_trusted),
        arena_test(loopback_alone_becomes_inet_interfaces),
        arena_test(one_address_among_others_becomes_a_service_of_its_own),
        arena_test(both_families_on_one_port_are_one_service),
        arena_test(a_family_that_every_line_names_is_the_only_protocol),
        arena_test(two_daemons_on_one_port_are_an_open_point),
        arena_test(a_port_that_nobody_knows_is_an_open_point),
        arena_test(modifiers_switch_tls_and_auth_off_for_one_service),
        arena_test(a_bound_address_becomes_smtp_bind_address_where_it_is_the_only_one),
        arena_test(children_become_the_process_limit),
        arena_test(the_client_options_say_where_mail_leaves),
        arena_test(a_sendmail_cf_has_the_daemons_that_it_names),
        arena_test(addresses_must_be_full_where_a_daemon_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
