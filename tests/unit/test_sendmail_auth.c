#include "tests/unit/sendmail_service.h"

/* with_table - the draft of MC with a table beside it; with its access table where that is one */
static struct draft *with_table(struct arena *arena, const char *mc, const char *name,
                                const char *text)
{
    const struct sendmail_file files[] = {{"sendmail.mc", mc}, {name, text}};
    struct sendmail *sendmail = arena_alloc(arena, sizeof *sendmail);
    struct draft *draft = arena_alloc(arena, sizeof *draft);

    sendmail_files(sendmail, arena, files, 2);
    draft_init(draft, arena, sendmail, facts_platform(str_of("debian13")));
    convert_sendmail(draft);
    return draft;
}

static void trusted_mechanisms_give_the_right_to_relay(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "TRUST_AUTH_MECH(`EXTERNAL LOGIN PLAIN')\n"
                                   "define(`confAUTH_MECHANISMS', `EXTERNAL LOGIN PLAIN')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_auth_enable"), "yes");
    assert_string_equal(setting(draft, "smtpd_sasl_mechanism_filter"), "LOGIN, PLAIN");
    assert_non_null(
        strstr(setting(draft, "smtpd_relay_restrictions"), "permit_sasl_authenticated"));
    assert_string_equal(fate_of(draft, "TRUST_AUTH_MECH", NULL), "mapped");
}

static void a_mechanism_that_is_offered_and_not_trusted_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "TRUST_AUTH_MECH(`CRAM-MD5')\n"
                                   "define(`confAUTH_MECHANISMS', `PLAIN CRAM-MD5')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_mechanism_filter"), "CRAM-MD5");
    assert_string_equal(fate_of(draft, "TRUST_AUTH_MECH", NULL), "open");
}

static void mechanisms_that_are_trusted_but_not_offered_give_no_right(void **state)
{
    struct draft *draft = draft_of(*state, "TRUST_AUTH_MECH(`LOGIN PLAIN')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_mechanism_filter"),
                        "GSSAPI, KERBEROS_V4, DIGEST-MD5, CRAM-MD5");
    assert_string_equal(fate_of(draft, "TRUST_AUTH_MECH", NULL), "open");
}

static void an_old_postfix_leaves_the_mechanisms_to_the_library(void **state)
{
    struct draft *draft = draft_for(
        *state, "rhel9", "TRUST_AUTH_MECH(`PLAIN')\ndefine(`confAUTH_MECHANISMS', `PLAIN')\n");

    assert_string_equal(setting(draft, "smtpd_sasl_mechanism_filter"), "(unset)");
    assert_string_equal(fate_of(draft, "confAUTH_MECHANISMS", NULL), "open");
}

static void without_a_word_about_auth_none_is_offered(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confAUTH_OPTIONS', `A')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_auth_enable"), "(unset)");
    assert_string_equal(fate_of(draft, "confAUTH_OPTIONS", NULL), "already");
}

static void passwords_in_the_clear_wait_for_tls_by_p(void **state)
{
    struct draft *draft = draft_of(*state, TRUST "define(`confAUTH_OPTIONS', `A p y')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_security_options"), "noanonymous, noplaintext");
    assert_string_equal(setting(draft, "smtpd_sasl_tls_security_options"), "noanonymous");
    assert_string_equal(setting(draft, "smtpd_tls_auth_only"), "(unset)");
}

/* smtpd(8) does not start a session in which no mechanism is left */
static void where_only_such_mechanisms_are_left_auth_waits_as_a_whole(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "TRUST_AUTH_MECH(`PLAIN')\n"
                                   "define(`confAUTH_MECHANISMS', `PLAIN LOGIN')\n"
                                   "define(`confAUTH_OPTIONS', `p')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_tls_auth_only"), "yes");
    assert_string_equal(setting(draft, "smtpd_sasl_security_options"), "noanonymous");
}

static void of_letters_without_a_blank_sendmail_reads_the_first(void **state)
{
    struct draft *draft = draft_of(*state, TRUST "define(`confAUTH_OPTIONS', `Ap')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_security_options"), "(unset)");
    assert_non_null(strstr(fate_text(draft, "confAUTH_OPTIONS", 0), "first letter"));
}

static void the_realm_becomes_the_local_domain(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confAUTH_REALM', `mail')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_sasl_local_domain"), "mail");
}

static void authinfo_becomes_a_secret_table_of_passwords(void **state)
{
    struct draft *draft =
        with_table(*state, "FEATURE(`authinfo', `hash /etc/mail/authinfo')\n", "authinfo",
                   "AuthInfo:smtp.example.com\t\"U:root\" \"I:me@example.com\" \"P:se cret\"\n"
                   "AuthInfo:192.0.2.1 \"U:you\" \"P=cGFzcw==\" \"M:PLAIN\"\n");

    assert_string_equal(entries(draft, "sasl_passwd"),
                        "smtp.example.com=me@example.com:se cret;192.0.2.1=you:pass;");
    assert_true(draft->tables[0]->secret);
    assert_string_equal(setting(draft, "smtp_sasl_auth_enable"), "yes");
    assert_string_equal(setting(draft, "smtp_sasl_security_options"), "noanonymous");
    assert_string_equal(setting(draft, "smtp_sasl_password_maps"), "sasl_passwd");
    assert_string_equal(setting(draft, "smtp_sasl_mechanism_filter"), "PLAIN");
}

static void the_entry_for_all_hosts_is_a_pattern(void **state)
{
    struct draft *draft =
        with_table(*state, "FEATURE(`authinfo')\n", "authinfo", "AuthInfo:\t\"I:me\" \"P:a$b\"\n");

    assert_string_equal(entries(draft, "sasl_passwd_patterns"), "/./=me:a$$b;");
    assert_string_equal(setting(draft, "smtp_sasl_password_maps"), "pcre:sasl_passwd_patterns");
}

static void a_domain_of_the_access_table_holds_for_the_hosts_below_it(void **state)
{
    struct draft *draft = with_table(*state, "FEATURE(`access_db')\n", "access",
                                     "AuthInfo:example.com\t\"I:me\" \"P:pw\"\n");

    assert_string_equal(entries(draft, "sasl_passwd"), "example.com=me:pw;");
    assert_string_equal(entries(draft, "sasl_passwd_patterns"), "/\\.example\\.com$/=me:pw;");
}

static void a_line_without_a_password_is_an_open_point(void **state)
{
    struct draft *draft = with_table(*state, "FEATURE(`authinfo')\n", "authinfo",
                                     "AuthInfo:a.example \"I:me\"\n"
                                     "AuthInfo:b.example \"I:me\" \"P=%%%\"\n");

    assert_string_equal(fate_of(draft, "authinfo", "AuthInfo:a.example"), "open");
    assert_string_equal(fate_of(draft, "authinfo", "AuthInfo:b.example"), "open");
    assert_string_equal(setting(draft, "smtp_sasl_password_maps"), "(unset)");
}

static void no_fate_tells_a_password(void **state)
{
    struct draft *draft = with_table(*state, "FEATURE(`authinfo')\n", "authinfo",
                                     "AuthInfo:a.example \"I:me\" \"P:hunter2\" \"R:x\"\n"
                                     "AuthInfo:b.example \"P:hunter2\"\n");

    for (size_t i = 0; i < draft->sendmail->count; i++)
        assert_true(str_search(draft->fates[i].text, "hunter2") == draft->fates[i].text.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(trusted_mechanisms_give_the_right_to_relay),
        arena_test(a_mechanism_that_is_offered_and_not_trusted_is_an_open_point),
        arena_test(mechanisms_that_are_trusted_but_not_offered_give_no_right),
        arena_test(an_old_postfix_leaves_the_mechanisms_to_the_library),
        arena_test(without_a_word_about_auth_none_is_offered),
        arena_test(passwords_in_the_clear_wait_for_tls_by_p),
        arena_test(where_only_such_mechanisms_are_left_auth_waits_as_a_whole),
        arena_test(of_letters_without_a_blank_sendmail_reads_the_first),
        arena_test(the_realm_becomes_the_local_domain),
        arena_test(authinfo_becomes_a_secret_table_of_passwords),
        arena_test(the_entry_for_all_hosts_is_a_pattern),
        arena_test(a_domain_of_the_access_table_holds_for_the_hosts_below_it),
        arena_test(a_line_without_a_password_is_an_open_point),
        arena_test(no_fate_tells_a_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
