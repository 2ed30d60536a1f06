#include "tests/unit/sendmail_service.h"

static void starttls_is_offered_where_all_four_files_are_named(void **state)
{
    struct draft *draft = draft_of(*state, CERTIFICATE, NULL);

    assert_string_equal(setting(draft, "smtpd_tls_security_level"), "may");
    assert_string_equal(setting(draft, "smtpd_tls_cert_file"), "/etc/mail/tls/cert.pem");
    assert_string_equal(setting(draft, "smtpd_tls_key_file"), "/etc/mail/tls/key.pem");
    assert_string_equal(setting(draft, "smtpd_tls_CAfile"), "/etc/mail/tls/ca.pem");
    assert_string_equal(setting(draft, "smtp_tls_CApath"), "/etc/mail/tls");
    assert_string_equal(setting(draft, "smtpd_tls_ask_ccert"), "yes");
}

/* as Sendmail 8.17 answers EHLO with confCACERT or confCACERT_PATH left out */
static void without_authorities_sendmail_offers_no_starttls(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`confSERVER_CERT', `/etc/mail/cert.pem')\n"
                                   "define(`confSERVER_KEY', `/etc/mail/key.pem')\n"
                                   "define(`confCACERT', `/etc/mail/ca.pem')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_tls_security_level"), "(unset)");
    assert_string_equal(fate_of(draft, "confSERVER_CERT", NULL), "open");
}

static void a_certificate_without_its_key_is_an_open_point(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`confCLIENT_CERT', `/etc/mail/cert.pem')\n", NULL);

    assert_string_equal(setting(draft, "smtp_tls_cert_file"), "(unset)");
    assert_string_equal(fate_of(draft, "confCLIENT_CERT", NULL), "open");
}

static void names_of_other_defines_in_a_path_are_replaced(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`CERT_DIR', `MAIL_SETTINGS_DIR`'certs')\n"
                                   "define(`confCACERT', `CERT_DIR/ca.pem')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtp_tls_CAfile"), "/etc/mail/certs/ca.pem");
}

static void two_pairs_become_chain_files(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`confCLIENT_CERT', `/a/rsa.pem,/a/ec.pem')\n"
                                   "define(`confCLIENT_KEY', `/a/rsa.key,/a/ec.key')\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtp_tls_chain_files"),
                        "/a/rsa.key, /a/rsa.pem, /a/ec.key, /a/ec.pem");
    assert_string_equal(fate_of(draft, "confCLIENT_KEY", NULL), "mapped");
}

static void v_asks_no_client_for_a_certificate(void **state)
{
    struct draft *draft =
        draft_of(*state, CERTIFICATE "define(`confTLS_SRV_OPTIONS', `V')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_tls_ask_ccert"), "(unset)");
    assert_string_equal(fate_of(draft, "confTLS_SRV_OPTIONS", NULL), "already");
}

static void the_client_uses_starttls_without_being_told(void **state)
{
    struct draft *draft = draft_of(*state, "MAILER(`smtp')\n", NULL);

    assert_string_equal(setting(draft, "smtp_tls_security_level"), "may");
    assert_string_equal(setting(draft, "smtpd_tls_security_level"), "(unset)");
}

static void options_of_openssl_become_protocols_and_switches(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "define(`confSERVER_SSL_OPTIONS', `+SSL_OP_NO_SSLv3 +SSL_OP_NO_TLSv1 "
                 "+SSL_OP_NO_TLSv1_1,+SSL_OP_CIPHER_SERVER_PREFERENCE')\n"
                 "define(`confCLIENT_SSL_OPTIONS', `+SSL_OP_NO_TICKET -SSL_OP_ALL +SSL_OP_ODD')\n",
                 NULL);

    assert_string_equal(setting(draft, "smtpd_tls_protocols"), "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1");
    assert_string_equal(setting(draft, "smtpd_tls_mandatory_protocols"),
                        "!SSLv2, !SSLv3, !TLSv1, !TLSv1.1");
    assert_string_equal(setting(draft, "tls_preempt_cipherlist"), "yes");
    assert_string_equal(setting(draft, "tls_ssl_options"), "NO_TICKET");
    assert_string_equal(fate_of(draft, "confSERVER_SSL_OPTIONS", NULL), "mapped");
    assert_string_equal(fate_of(draft, "confCLIENT_SSL_OPTIONS", NULL), "open");
}

static void the_list_of_ciphers_holds_for_every_grade(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confCIPHER_LIST', `HIGH:!aNULL')\n", NULL);

    assert_string_equal(setting(draft, "tls_high_cipherlist"), "HIGH:!aNULL");
    assert_string_equal(setting(draft, "smtpd_tls_ciphers"), "high");
    assert_string_equal(setting(draft, "smtp_tls_mandatory_ciphers"), "high");
}

static void revocation_lists_are_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confCRL', `/etc/mail/crl.pem')\n", NULL);

    assert_string_equal(fate_of(draft, "confCRL", NULL), "open");
}

static void parameters_for_dh_are_kept_only_from_a_file(void **state)
{
    struct draft *draft =
        draft_of(*state, "define(`confDH_PARAMETERS', `/etc/mail/dh.pem')\n", NULL);

    assert_string_equal(setting(draft, "smtpd_tls_dh1024_param_file"), "/etc/mail/dh.pem");
    draft = draft_of(*state, "define(`confDH_PARAMETERS', `2')\n", NULL);
    assert_string_equal(setting(draft, "smtpd_tls_dh1024_param_file"), "(unset)");
    assert_string_equal(fate_of(draft, "confDH_PARAMETERS", NULL), "already");
}

static void dane_needs_dnssec(void **state)
{
    struct draft *draft = draft_of(*state, "define(`confDANE', `true')\n", NULL);

    assert_string_equal(setting(draft, "smtp_tls_security_level"), "dane");
    assert_string_equal(setting(draft, "smtp_dns_support_level"), "dnssec");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(starttls_is_offered_where_all_four_files_are_named),
        arena_test(without_authorities_sendmail_offers_no_starttls),
        arena_test(a_certificate_without_its_key_is_an_open_point),
        arena_test(names_of_other_defines_in_a_path_are_replaced),
        arena_test(two_pairs_become_chain_files),
        arena_test(v_asks_no_client_for_a_certificate),
        arena_test(the_client_uses_starttls_without_being_told),
        arena_test(options_of_openssl_become_protocols_and_switches),
        arena_test(the_list_of_ciphers_holds_for_every_grade),
        arena_test(revocation_lists_are_an_open_point),
        arena_test(parameters_for_dh_are_kept_only_from_a_file),
        arena_test(dane_needs_dnssec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
