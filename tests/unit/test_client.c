/* the client against servers of every kind: each failure is told apart from the others */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "smtp/client/client.h"
#include "smtp/tls/tls.h"
#include "tests/unit/smtp_stub.h"

/* --- certificates ------------------------------------------------------------------------------
 */

/* a CA, and the file that trusts it */
struct authority {
    X509 *certificate;
    EVP_PKEY *key;
    char file[64];
};

static void authority_begin(struct authority *authority, const char *name)
{
    assert_true(tls_make_certificate(TLS_KEY_EC, str_of(name), 400, 800, &authority->certificate,
                                     &authority->key));
    X509 *ca = authority->certificate;
    X509_EXTENSION_free(X509_delete_ext(ca, X509_get_ext_by_NID(ca, NID_basic_constraints, -1)));
    X509_EXTENSION_free(X509_delete_ext(ca, X509_get_ext_by_NID(ca, NID_ext_key_usage, -1)));
    X509_EXTENSION *is_ca =
        X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    assert_int_equal(X509_add_ext(ca, is_ca, -1), 1);
    X509_EXTENSION_free(is_ca);
    assert_true(X509_sign(ca, authority->key, EVP_sha256()) > 0);
    snprintf(authority->file, sizeof authority->file, "/tmp/postmend-ca.XXXXXX");
    int made = mkstemp(authority->file);
    assert_true(made >= 0);
    FILE *out = fdopen(made, "w");
    assert_int_equal(PEM_write_X509(out, ca), 1);
    assert_int_equal(fclose(out), 0);
}

static void authority_end(struct authority *authority)
{
    unlink(authority->file);
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
}

/* context_of - a server's, for NAME, signed by AUTHORITY or, where that is NULL, by itself */
static SSL_CTX *context_of(const struct authority *authority, const char *name, int from_days,
                           int days)
{
    X509 *certificate;
    EVP_PKEY *key;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    assert_true(
        tls_make_certificate(TLS_KEY_EC, str_of(name), from_days, days, &certificate, &key));
    if (authority != NULL) {
        X509_set_issuer_name(certificate, X509_get_subject_name(authority->certificate));
        assert_true(X509_sign(certificate, authority->key, EVP_sha256()) > 0);
    }
    SSL_CTX_set_security_level(context, 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static SSL_CTX *any_context(void)
{
    return context_of(NULL, "mail.example.com", 1, 10);
}

/* --- what the client says ------------------------------------------------------------------------
 */

static struct client_options options_of(const struct stub *stub)
{
    return (struct client_options){.host = str_of("127.0.0.1"),
                                   .port = stub->port,
                                   .name = str_of("mail.example.com"),
                                   .timeout_ms = 20000};
}

/* meet - opens, and with STARTTLS goes on to the handshake */
static struct client *meet(struct arena *arena, const struct client_options *options,
                           enum client_tls tls)
{
    struct client *client = client_open(arena, options, tls);

    if (tls == CLIENT_STARTTLS) {
        client_command(client, str_of("EHLO client.example.com"));
        client_starttls(client);
    }
    return client;
}

static void check_failure(struct arena *arena, enum kind kind, SSL_CTX *context,
                          enum client_tls tls, enum client_failure expected, const char *detail)
{
    struct stub stub;

    stub_start(&stub, kind, context);
    struct client_options options = options_of(&stub);
    /* silence must be told soon; what needs patience gets two seconds of it */
    options.timeout_ms = kind == SILENT ? 1500 : 4000;
    struct client *client = meet(arena, &options, tls);
    if (client_failure(client) != expected ||
        str_search(client_detail(client), detail) == client_detail(client).len)
        fail_msg("server of kind %d: failure %d instead of %d: %.*s", kind, client_failure(client),
                 expected, STR_ARG(client_detail(client)));
    assert_true(client_advice(expected, tls, 465).len > 0);
    client_close(client);
    stub_stop(&stub);
}

static void test_each_way_in_which_a_server_fails_is_told_apart(void **state)
{
    static const struct {
        enum kind kind;
        bool context;
        enum client_tls tls;
        enum client_failure failure;
        const char *detail;
    } cases[] = {
        {SMTP, false, CLIENT_IMPLICIT, CLIENT_PLAIN_NOT_TLS, "220 mail.example.com ESMTP"},
        {WRAPPED, true, CLIENT_PLAIN, CLIENT_TLS_NOT_PLAIN, "answers a TLS ClientHello"},
        {WRAPPED, true, CLIENT_STARTTLS, CLIENT_TLS_NOT_PLAIN, "answers a TLS ClientHello"},
        {ALERT, false, CLIENT_PLAIN, CLIENT_TLS_NOT_PLAIN, "TLS instead of"},
        {SILENT, false, CLIENT_PLAIN, CLIENT_TIMEOUT,
         "within 1.5 seconds, while waiting for the greeting"},
        {SILENT, false, CLIENT_IMPLICIT, CLIENT_TIMEOUT, "while waiting for the TLS handshake"},
        {CLOSES, false, CLIENT_PLAIN, CLIENT_CLOSED, "waiting for the greeting"},
        {CLOSES, false, CLIENT_IMPLICIT, CLIENT_CLOSED, "waiting for the TLS handshake"},
        {SSH, false, CLIENT_PLAIN, CLIENT_NOT_SMTP, "SSH-2.0-OpenSSH_9.2"},
        {SSH, false, CLIENT_IMPLICIT, CLIENT_NOT_SMTP, "neither TLS nor SMTP"},
        {HTTP, false, CLIENT_PLAIN, CLIENT_NOT_SMTP, "HTTP/1.1 400 Bad Request"},
        {SMTP, false, CLIENT_STARTTLS, CLIENT_NO_STARTTLS, "does not offer STARTTLS"},
        {REFUSES, false, CLIENT_STARTTLS, CLIENT_STARTTLS_REFUSED, "454 4.7.0 TLS not available"},
        {INJECTS, false, CLIENT_STARTTLS, CLIENT_INJECTED, "250 2.0.0 injected"},
        {INJECTS_LATER, false, CLIENT_STARTTLS, CLIENT_INJECTED, "250 2.0.0 injected"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_failure(arena, cases[i].kind, cases[i].context ? any_context() : NULL, cases[i].tls,
                      cases[i].failure, cases[i].detail);
}

static void test_a_server_that_is_only_slow_is_waited_for(void **state)
{
    struct arena *arena = *state;
    struct stub stub;

    stub_start(&stub, SLOW, any_context());
    struct client_options options = options_of(&stub);
    options.timeout_ms = 4000;
    struct client *client = meet(arena, &options, CLIENT_STARTTLS);
    assert_int_equal(client_failure(client), CLIENT_GOOD);
    assert_int_equal(client_greeting(client).code, 220);
    client_close(client);
    stub_stop(&stub);
}

static void test_a_port_without_a_listener_and_a_host_without_an_address(void **state)
{
    struct arena *arena = *state;
    struct stub nobody = {0};

    close(listen_on_loopback(&nobody.port));
    struct client_options options = options_of(&nobody);
    struct client *client = client_open(arena, &options, CLIENT_PLAIN);
    assert_int_equal(client_failure(client), CLIENT_NO_CONNECTION);
    assert_true(str_ends(client_detail(client), "Connection refused"));
    assert_int_equal(client_command(client, str_of("NOOP")).code, 0);
    client_close(client);
    options.host = str_of("no-such-host.invalid");
    client = client_open(arena, &options, CLIENT_PLAIN);
    assert_int_equal(client_failure(client), CLIENT_NO_CONNECTION);
    client_close(client);
}

static void test_no_protocol_and_no_cipher_in_common(void **state)
{
    struct arena *arena = *state;
    struct stub stub;
    SSL_CTX *context = any_context();

    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256");
    stub_start(&stub, WRAPPED, context);
    struct client_options options = options_of(&stub);
    options.min_protocol = str_of("TLSv1.3");
    struct client *client = meet(arena, &options, CLIENT_IMPLICIT);
    assert_int_equal(client_failure(client), CLIENT_NO_PROTOCOL);
    client_close(client);
    options = options_of(&stub);
    options.max_protocol = str_of("TLSv1.1");
    client = meet(arena, &options, CLIENT_IMPLICIT);
    assert_int_equal(client_failure(client), CLIENT_NO_PROTOCOL);
    client_close(client);
    options = options_of(&stub);
    options.ciphers = str_of("ECDHE-ECDSA-AES256-GCM-SHA384");
    client = meet(arena, &options, CLIENT_IMPLICIT);
    assert_int_equal(client_failure(client), CLIENT_NO_CIPHER);
    client_close(client);
    options.ciphers = str_of("NO-SUCH-CIPHER");
    client = meet(arena, &options, CLIENT_IMPLICIT);
    assert_int_equal(client_failure(client), CLIENT_NO_CIPHER);
    client_close(client);
    stub_stop(&stub);
}

static void test_asked_for_an_old_protocol_the_client_speaks_it(void **state)
{
    struct arena *arena = *state;
    struct stub stub;
    SSL_CTX *context = any_context();

    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
    stub_start(&stub, WRAPPED, context);
    struct client_options options = options_of(&stub);
    options.max_protocol = str_of("TLSv1");
    struct client *client = meet(arena, &options, CLIENT_IMPLICIT);
    assert_int_equal(client_failure(client), CLIENT_GOOD);
    assert_str(client_report(client)->protocol, "TLSv1");
    client_close(client);
    stub_stop(&stub);
}

/* --- trust -------------------------------------------------------------------------------------
 */

static void check_trust(struct arena *arena, SSL_CTX *context, const char *ca_file,
                        const char *name, enum client_trust expected)
{
    struct stub stub;

    stub_start(&stub, WRAPPED, context);
    struct client_options options = options_of(&stub);
    options.ca_file = str_of(ca_file);
    options.name = str_of(name);
    struct client *client = meet(arena, &options, CLIENT_IMPLICIT);
    const struct client_report *report = client_report(client);
    assert_int_equal(client_failure(client), CLIENT_GOOD);
    if (report->trust != expected)
        fail_msg("trust %d instead of %d for %s: %.*s", report->trust, expected, name,
                 STR_ARG(report->trust_detail));
    assert_int_equal(report->trust_detail.len > 0, expected != TRUST_GOOD);
    assert_int_equal(client_trust_advice(expected).len > 0, expected != TRUST_GOOD);
    assert_int_equal(report->chain_count, 1);
    client_close(client);
    stub_stop(&stub);
}

static void test_certificates_are_judged(void **state)
{
    struct arena *arena = *state;
    struct authority ours, other, namesake;
    const char *name = "mail.example.com";

    authority_begin(&ours, "Our CA");
    authority_begin(&other, "Other CA");
    authority_begin(&namesake, "Our CA");
    check_trust(arena, context_of(&ours, name, 1, 10), ours.file, name, TRUST_GOOD);
    check_trust(arena, context_of(&ours, name, 1, 10), ours.file, "MAIL.Example.com.", TRUST_GOOD);
    check_trust(arena, context_of(&ours, name, 20, 10), ours.file, name, TRUST_EXPIRED);
    check_trust(arena, context_of(&ours, name, -5, 10), ours.file, name, TRUST_NOT_YET_VALID);
    check_trust(arena, context_of(&ours, name, 1, 10), ours.file, "smtp.example.com",
                TRUST_WRONG_NAME);
    check_trust(arena, context_of(&ours, name, 1, 10), other.file, name, TRUST_UNKNOWN_ISSUER);
    check_trust(arena, context_of(&ours, name, 1, 10), namesake.file, name, TRUST_UNKNOWN_ISSUER);
    check_trust(arena, context_of(NULL, name, 1, 10), ours.file, name, TRUST_SELF_SIGNED);
    check_trust(arena, context_of(&ours, name, 1, 10), "/nonexistent/ca.pem", name,
                TRUST_NO_BUNDLE);
    authority_end(&ours);
    authority_end(&other);
    authority_end(&namesake);
}

static void test_names_follow_the_rules_of_wildcards_and_addresses(void **state)
{
    static const struct {
        const char *certificate, *name;
        enum client_trust trust;
    } cases[] = {
        {"*.example.com", "mail.example.com", TRUST_GOOD},
        {"*.example.com", "example.com", TRUST_WRONG_NAME},
        {"*.example.com", "a.mail.example.com", TRUST_WRONG_NAME},
        {"m*.example.com", "mail.example.com", TRUST_WRONG_NAME},
        {"192.0.2.1", "192.0.2.1", TRUST_GOOD},
        {"192.0.2.1", "[192.0.2.1]", TRUST_GOOD},
        {"192.0.2.1", "192.0.2.2", TRUST_WRONG_NAME},
        {"2001:db8::1", "2001:DB8:0::1", TRUST_GOOD},
        {"mail.example.com", "192.0.2.1", TRUST_WRONG_NAME},
    };
    struct arena *arena = *state;
    struct authority ours;

    authority_begin(&ours, "Our CA");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_trust(arena, context_of(&ours, cases[i].certificate, 1, 10), ours.file, cases[i].name,
                    cases[i].trust);
    authority_end(&ours);
}

static void test_the_report_has_what_stands_in_the_certificate(void **state)
{
    struct arena *arena = *state;
    struct stub stub;
    char today[16];
    time_t now = time(NULL);
    struct tm when;

    strftime(today, sizeof today, "%Y-%m-%d", gmtime_r(&now, &when));
    stub_start(&stub, WRAPPED, context_of(NULL, "mail.example.com", 0, 10));
    struct client_options options = options_of(&stub);
    struct client *client = meet(arena, &options, CLIENT_IMPLICIT);
    const struct client_report *report = client_report(client);
    assert_int_equal(report->chain_count, 1);
    assert_str(report->chain[0].subject, "CN=mail.example.com");
    assert_str(report->chain[0].issuer, "CN=mail.example.com");
    assert_str(report->chain[0].names, "mail.example.com");
    assert_str(report->chain[0].not_before, today);
    assert_int_equal(report->chain[0].not_after.len, 10);
    assert_int_equal(report->chain[0].sha256.len, 32 * 3 - 1);
    assert_str(report->protocol, "TLSv1.3");
    assert_int_equal(report->bits, 256);
    client_close(client);
    stub_stop(&stub);
}

/* --- a session -------------------------------------------------------------------------------- */

static void test_a_message_goes_through_with_its_dots(void **state)
{
    struct arena *arena = *state;
    struct stub stub;
    struct buffer big;

    stub_start(&stub, SMTP, any_context());
    struct client_options options = options_of(&stub);
    struct client *client = meet(arena, &options, CLIENT_STARTTLS);
    assert_int_equal(client_command(client, str_of("EHLO again")).code, 250);
    assert_int_equal(client_auth(client, str_of("PLAIN"), str_of("user"), str_of("secret")).code,
                     235);
    assert_int_equal(client_auth(client, str_of("login"), str_of("user"), str_of("secret")).code,
                     235);
    assert_int_equal(client_auth(client, str_of("PLAIN"), str_of("user"), str_of("wrong")).code,
                     502);
    assert_int_equal(client_command(client, str_of("DATA")).code, 354);
    struct reply reply =
        client_message(client, str_of("Subject: x\r\n\n.a\r\n..b\n.\n.c without an end"));
    assert_int_equal(reply.code, 250);
    assert_str(reply.enhanced, "2.0.0");
    assert_str(reply.text, "6 lines, 4 dots");
    buffer_init(&big, arena);
    for (int i = 0; i < 20000; i++)
        buffer_add_cstr(&big, ".123456789\n");
    assert_int_equal(client_command(client, str_of("DATA")).code, 354);
    assert_str(client_message(client, buffer_str(&big)).text, "20000 lines, 20000 dots");
    assert_int_equal(client_failure(client), CLIENT_GOOD);
    client_close(client);
    stub_stop(&stub);
}

static void test_no_password_goes_over_a_connection_in_the_clear(void **state)
{
    struct arena *arena = *state;
    struct stub stub;

    stub_start(&stub, SMTP, NULL);
    struct client_options options = options_of(&stub);
    struct client *client = client_open(arena, &options, CLIENT_PLAIN);
    struct reply reply = client_auth(client, str_of("PLAIN"), str_of("user"), str_of("secret"));
    assert_int_equal(reply.code, 0);
    assert_int_equal(client_failure(client), CLIENT_NO_AUTH);
    /* the session itself goes on */
    assert_int_equal(client_command(client, str_of("NOOP")).code, 502);
    client_close(client);
    options.plaintext_auth = true;
    client = client_open(arena, &options, CLIENT_PLAIN);
    reply = client_auth(client, str_of("PLAIN"), str_of("user"), str_of("secret"));
    assert_int_equal(reply.code, 235);
    client_command(client, str_of("EHLO x"));
    reply = client_auth(client, str_of("PLAIN"), str_of("user"), str_of("secret"));
    assert_int_equal(reply.code, 0);
    assert_str(client_detail(client), "EHLO does not offer AUTH PLAIN");
    client_close(client);
    stub_stop(&stub);
}

static void test_a_reply_without_an_end_ends_the_session(void **state)
{
    struct arena *arena = *state;
    struct stub stub;

    stub_start(&stub, SMTP, NULL);
    struct client_options options = options_of(&stub);
    struct client *client = client_open(arena, &options, CLIENT_PLAIN);
    assert_int_equal(client_command(client, str_of("ENDLESS")).code, 0);
    assert_int_equal(client_failure(client), CLIENT_NOT_SMTP);
    assert_str(client_detail(client), "the reply to ENDLESS has more than 256 lines or 256 KB");
    client_close(client);
    client = client_open(arena, &options, CLIENT_PLAIN);
    assert_int_equal(client_command(client, str_of("WIDE")).code, 0);
    assert_str(client_detail(client), "the reply to WIDE has a line of more than 8192 bytes");
    client_close(client);
    stub_stop(&stub);
}

static void test_the_advice_depends_on_the_port(void **state)
{
    struct arena *arena = *state;

    assert_str(client_advice(CLIENT_PLAIN_NOT_TLS, CLIENT_IMPLICIT, 465),
               "smtpd_tls_wrappermode = yes is missing for the service on port 465: add "
               "\"-o smtpd_tls_wrappermode=yes\" below it in master.cf");
    assert_true(str_starts(client_advice(CLIENT_TLS_NOT_PLAIN, CLIENT_STARTTLS, 587),
                           "smtpd_tls_wrappermode = yes is set for this service"));
    assert_str(client_advice(CLIENT_GOOD, CLIENT_PLAIN, 25), "");
    assert_str(client_trust_advice(TRUST_GOOD), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_each_way_in_which_a_server_fails_is_told_apart),
        arena_test(test_a_server_that_is_only_slow_is_waited_for),
        arena_test(test_a_port_without_a_listener_and_a_host_without_an_address),
        arena_test(test_no_protocol_and_no_cipher_in_common),
        arena_test(test_asked_for_an_old_protocol_the_client_speaks_it),
        arena_test(test_certificates_are_judged),
        arena_test(test_names_follow_the_rules_of_wildcards_and_addresses),
        arena_test(test_the_report_has_what_stands_in_the_certificate),
        arena_test(test_a_message_goes_through_with_its_dots),
        arena_test(test_no_password_goes_over_a_connection_in_the_clear),
        arena_test(test_a_reply_without_an_end_ends_the_session),
        arena_test(test_the_advice_depends_on_the_port),
    };

    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
