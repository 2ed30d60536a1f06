/* what a service's TLS parameters come to: asked of a handshake, not of the parameters again */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtp/tls/ciphers.h"
#include "smtp/tls/parts.h"
#include "smtp/tls/tls.h"
#include "tests/unit/unit.h"

static const char master[] = "smtp inet n - n - - smtpd\n"
                             "submission inet n - n - - smtpd\n"
                             "  -o smtpd_tls_security_level=encrypt\n"
                             "submissions inet n - n - - smtpd\n"
                             "  -o smtpd_tls_wrappermode=yes\n";

static const char with_certificate[] = "smtpd_tls_security_level = may\n"
                                       "smtpd_tls_cert_file = /etc/ssl/no/such.pem\n"
                                       "smtpd_tls_key_file = /etc/ssl/no/such.key\n";

static const struct policy *policy_text(struct arena *arena, const char *platform,
                                        const char *main_text)
{
    struct config *config = arena_alloc(arena, sizeof *config);

    config_of(config, arena, platform, main_text, master);
    return policy_open(arena, config);
}

static const char *main_with(struct arena *arena, const char *more)
{
    return arena_printf(arena, "%s%s\n", with_certificate, more).at;
}

struct handshake {
    bool good;
    struct state_tls server;
    struct str client_reason, server_reason;
    X509 *certificate; /* the server's */
};

/* shake_with - a client with these limits and ciphers meets the server over memory */
static struct handshake shake_with(struct arena *arena, const struct policy_service *service,
                                   SSL_CTX *server_context, SSL_CTX *client_context)
{
    struct handshake result = {0};
    SSL *client = SSL_new(client_context), *server = SSL_new(server_context);
    BIO *client_end, *server_end;
    int client_done = 0, server_done = 0;

    assert_int_equal(BIO_new_bio_pair(&client_end, 0, &server_end, 0), 1);
    SSL_set_bio(client, client_end, client_end);
    SSL_set_bio(server, server_end, server_end);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    for (int round = 0; round < 20 && (client_done != 1 || server_done != 1); round++) {
        client_done = SSL_do_handshake(client);
        if (client_done != 1 && SSL_get_error(client, client_done) == SSL_ERROR_SSL) {
            result.client_reason = tls_library_reason(arena);
            server_done = SSL_do_handshake(server);
            result.server_reason = tls_library_reason(arena);
            break;
        }
        server_done = SSL_do_handshake(server);
        if (server_done != 1 && SSL_get_error(server, server_done) == SSL_ERROR_SSL) {
            result.server_reason = tls_library_reason(arena);
            client_done = SSL_do_handshake(client);
            result.client_reason = tls_library_reason(arena);
            break;
        }
    }
    result.good = client_done == 1 && server_done == 1;
    if (result.good) {
        result.server = tls_describe(service, arena, server);
        result.certificate = SSL_get1_peer_certificate(client);
    }
    SSL_free(client);
    SSL_free(server);
    return result;
}

static SSL_CTX *client_of(int lowest, int highest, const char *ciphers)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_security_level(context, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, lowest), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(context, highest), 1);
    if (ciphers != NULL)
        assert_int_equal(SSL_CTX_set_cipher_list(context, ciphers), 1);
    return context;
}

static struct handshake shake(struct arena *arena, const struct policy_service *service, int lowest,
                              int highest, const char *ciphers)
{
    struct tls_server server;
    struct str error = STR_NONE;
    SSL_CTX *client = client_of(lowest, highest, ciphers);

    if (!tls_server_create(&server, arena, service, str_of("mail.example.com"), &error))
        fail_msg("%.*s", STR_ARG(error));
    struct handshake result = shake_with(arena, service, server.context, client);
    tls_server_destroy(&server);
    SSL_CTX_free(client);
    return result;
}

static bool speaks(struct arena *arena, const struct policy_service *service, int version)
{
    struct handshake result = shake(arena, service, version, version, NULL);

    X509_free(result.certificate);
    return result.good;
}

/* spoken - the versions that the service on PORT takes: "1.0 1.1 1.2 1.3" */
static const char *spoken(struct arena *arena, const char *platform, const char *more, int port)
{
    static const struct {
        int version;
        const char *name;
    } versions[] = {{TLS1_VERSION, "1.0"},
                    {TLS1_1_VERSION, "1.1"},
                    {TLS1_2_VERSION, "1.2"},
                    {TLS1_3_VERSION, "1.3"}};
    const struct policy *policy = policy_text(arena, platform, main_with(arena, more));
    struct buffer text;

    buffer_init(&text, arena);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (speaks(arena, policy_service_at_port(policy, port), versions[i].version))
            buffer_printf(&text, "%s%s", text.len > 0 ? " " : "", versions[i].name);
    return arena_cstr(arena, buffer_str(&text));
}

static void test_protocol_lists_have_all_of_their_syntaxes(void **state)
{
    static const struct {
        const char *text;
        bool bounds, good;
        int lowest, highest;
        unsigned excluded; /* SSLv2 aside */
    } cases[] = {
        {"", true, true, 0, 0, 0},
        {"!SSLv2, !SSLv3", true, true, 0, 0, 1u << VERSION_SSL_3},
        {"!sslv2:!sslv3 !TLSV1", true, true, 0, 0, 1u << VERSION_SSL_3 | 1u << VERSION_TLS_1},
        {">=TLSv1.2", true, true, TLS1_2_VERSION, 0, 0},
        {">=tlsv1, <=TLSv1.2", true, true, TLS1_VERSION, TLS1_2_VERSION, 0},
        {">=0303", true, true, TLS1_2_VERSION, 0, 0},
        {">=0x0303", true, true, TLS1_2_VERSION, 0, 0},
        {">=None", true, true, 0, 0, 0},
        {">=TLSv1.2", false, false, 0, 0, 0},
        {">=TLSv9", true, false, 0, 0, 0},
        {"0x0303", true, false, 0, 0, 0},
        {"TLSv1.2", true, true, 0, 0,
         1u << VERSION_SSL_3 | 1u << VERSION_TLS_1 | 1u << VERSION_TLS_1_1 | 1u << VERSION_TLS_1_3},
        {"SSLv2", true, true, 0, 0,
         1u << VERSION_SSL_3 | 1u << VERSION_TLS_1 | 1u << VERSION_TLS_1_1 | 1u << VERSION_TLS_1_2 |
             1u << VERSION_TLS_1_3},
        {"TLSv1.4", true, false, 0, 0, 0},
        {"!", true, false, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_protocols protocols;
        struct str word;
        bool good = tls_protocols_read(str_of(cases[i].text), cases[i].bounds, &protocols, &word);
        if (good != cases[i].good)
            fail_msg("\"%s\" is %s", cases[i].text, good ? "taken" : "refused");
        if (!good)
            continue;
        if (protocols.lowest != cases[i].lowest || protocols.highest != cases[i].highest ||
            (protocols.excluded & ~(1u << VERSION_SSL_2)) != cases[i].excluded)
            fail_msg("\"%s\" is read wrongly", cases[i].text);
    }
}

static void test_the_level_chooses_which_protocols_count(void **state)
{
    struct arena *arena = *state;
    const char *text = "smtpd_tls_protocols = !SSLv3\n"
                       "smtpd_tls_mandatory_protocols = >=TLSv1.2";

    assert_string_equal(spoken(arena, "postfix-3.7", text, 25), "1.0 1.1 1.2 1.3");
    assert_string_equal(spoken(arena, "postfix-3.7", text, 587), "1.2 1.3");
    assert_string_equal(spoken(arena, "postfix-3.7", text, 465), "1.2 1.3");
    assert_string_equal(
        spoken(arena, "postfix-3.5", "smtpd_tls_protocols = !TLSv1 !TLSv1.1 !TLSv1.3", 25), "1.2");
    assert_string_equal(spoken(arena, "postfix-3.11", "smtpd_tls_protocols = <=TLSv1.1", 25),
                        "1.0 1.1");
}

static void test_defaults_of_old_and_new_releases_differ(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(spoken(arena, "postfix-3.4", "", 25), "1.0 1.1 1.2 1.3");
    assert_string_equal(spoken(arena, "postfix-3.11", "", 587), "1.0 1.1 1.2 1.3"); /* >=TLSv1 */
    assert_string_equal(
        spoken(arena, "postfix-3.11", "smtpd_tls_mandatory_protocols = >=TLSv1.2", 587), "1.2 1.3");
}

static void test_settings_that_smtpd_cannot_use_are_told(void **state)
{
    static const struct {
        const char *platform, *text, *error;
    } cases[] = {
        {"postfix-3.5", "smtpd_tls_protocols = >=TLSv1.2",
         "smtpd_tls_protocols = >=TLSv1.2: invalid TLS protocol list"},
        {"postfix-3.8", "smtpd_tls_ciphers = strongest",
         "smtpd_tls_ciphers = strongest: invalid cipher grade"},
        {"postfix-3.8", "smtpd_tls_exclude_ciphers = !RC4",
         "smtpd_tls_exclude_ciphers: a cipher to exclude must not begin with one of !+-@"},
        {"postfix-3.8", "smtpd_tls_fingerprint_digest = rot13",
         "smtpd_tls_fingerprint_digest = rot13: OpenSSL does not have this digest"},
        {"postfix-3.8", "smtpd_tls_security_level = dane",
         "smtpd_tls_security_level has an invalid value"},
        {"postfix-3.8", "smtpd_tls_security_level = none", "TLS is off: smtpd_tls_security_level"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct policy *policy =
            policy_text(arena, cases[i].platform, main_with(arena, cases[i].text));
        struct tls_server server;
        struct str error = STR_NONE;
        assert_false(tls_server_create(&server, arena, policy_service_at_port(policy, 25),
                                       str_of("mail.example.com"), &error));
        assert_null(server.context);
        assert_str(error, cases[i].error);
    }
}

static void test_ciphers_follow_grade_and_exclusions(void **state)
{
    struct arena *arena = *state;
    const struct policy *policy = policy_text(
        arena, "postfix-3.8",
        main_with(arena, "smtpd_tls_exclude_ciphers = AES128, AES256-GCM\n"
                         "smtpd_tls_ciphers = medium\n"
                         "tls_medium_cipherlist = ECDHE-ECDSA-AES128-GCM-SHA256:"
                         "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305\n"));
    const struct policy_service *service = policy_service_at_port(policy, 25);

    struct handshake all = shake(arena, service, TLS1_2_VERSION, TLS1_2_VERSION, NULL);
    assert_true(all.good);
    assert_str(all.server.protocol, "TLSv1.2");
    assert_true(str_is(all.server.cipher, "ECDHE-ECDSA-CHACHA20-POLY1305") ||
                str_is(all.server.cipher, "ECDHE-ECDSA-AES256-GCM-SHA384"));
    assert_int_equal(all.server.bits, 256);
    X509_free(all.certificate);
    struct handshake none =
        shake(arena, service, TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256");
    assert_false(none.good);
    assert_str(none.server_reason, "no shared cipher");
}

static void test_low_grades_have_their_own_lists_only_in_old_releases(void **state)
{
    struct arena *arena = *state;
    const char *text = "smtpd_tls_ciphers = low\ntls_low_cipherlist = ECDHE-ECDSA-AES128-SHA\n"
                       "tls_medium_cipherlist = ECDHE-ECDSA-AES256-SHA";
    const struct policy *old = policy_text(arena, "postfix-3.7", main_with(arena, text));
    const struct policy *new = policy_text(arena, "postfix-3.8", main_with(arena, text));

    struct handshake low =
        shake(arena, policy_service_at_port(old, 25), TLS1_2_VERSION, TLS1_2_VERSION, NULL);
    struct handshake medium =
        shake(arena, policy_service_at_port(new, 25), TLS1_2_VERSION, TLS1_2_VERSION, NULL);
    assert_str(low.server.cipher, "ECDHE-ECDSA-AES128-SHA");
    assert_str(medium.server.cipher, "ECDHE-ECDSA-AES256-SHA");
    X509_free(low.certificate);
    X509_free(medium.certificate);
}

static void test_tls_is_offered_by_level_and_certificate(void **state)
{
    static const struct {
        const char *main_text;
        bool at_25, at_587, at_465;
    } cases[] = {
        {"", false, false, false},
        {"smtpd_tls_cert_file = /a\n", false, true, true},
        {"smtpd_tls_chain_files = /a\nsmtpd_tls_security_level = may\n", true, true, true},
        {"smtpd_tls_eccert_file = /a\nsmtpd_use_tls = yes\n", true, true, true},
        {"smtpd_tls_cert_file = none\nsmtpd_enforce_tls = yes\n", true, true, true},
        {"smtpd_tls_cert_file = none\nsmtpd_tls_ask_ccert = yes\nsmtpd_use_tls = yes\n", false,
         false, false},
        {"smtpd_tls_cert_file = /a\nsmtpd_tls_security_level = none\nsmtpd_use_tls = yes\n", false,
         true, true},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct policy *policy = policy_text(arena, "postfix-3.7", cases[i].main_text);
        if (tls_offered(policy_service_at_port(policy, 25)) != cases[i].at_25 ||
            tls_offered(policy_service_at_port(policy, 587)) != cases[i].at_587 ||
            tls_offered(policy_service_at_port(policy, 465)) != cases[i].at_465)
            fail_msg("case %zu: \"%s\"", i, cases[i].main_text);
    }
}

static void test_a_certificate_that_is_elsewhere_is_made_and_named_so(void **state)
{
    struct arena *arena = *state;
    const struct policy *policy = policy_text(arena, "debian12", main_with(arena, ""));
    struct tls_server server;
    struct str error = STR_NONE;

    assert_true(tls_server_create(&server, arena, policy_service_at_port(policy, 465),
                                  str_of("mail.example.com"), &error));
    assert_true(server.made);
    assert_str(server.certificate,
               "temporary, for mail.example.com: /etc/ssl/no/such.pem is not in the "
               "directory that was opened");
    assert_str(server.subject, "CN=mail.example.com");
    X509 *certificate = SSL_CTX_get0_certificate(server.context);
    assert_int_equal(X509_check_host(certificate, "mail.example.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "other.example.com", 0, 0, NULL), 0);
    tls_server_destroy(&server);
}

static void test_without_a_certificate_ciphers_are_anonymous(void **state)
{
    struct arena *arena = *state;
    const struct policy *policy = policy_text(arena, "postfix-3.8",
                                              "smtpd_tls_security_level = may\n"
                                              "smtpd_tls_cert_file = none\n");
    struct handshake result =
        shake(arena, policy_service_at_port(policy, 25), TLS1_2_VERSION, TLS1_2_VERSION, "aNULL");

    assert_true(result.good);
    assert_null(result.certificate);
    assert_true(str_starts(result.server.cipher, "AECDH-") ||
                str_starts(result.server.cipher, "ADH-"));
}

/* --- files in the directory that was opened --------------------------------------------- */

struct files {
    char directory[64];
    struct config config;
};

static const char *file_in(struct arena *arena, const struct files *files, const char *name)
{
    return arena_printf(arena, "%s/%s", files->directory, name).at;
}

static void files_begin(struct files *files)
{
    snprintf(files->directory, sizeof files->directory, "/tmp/postmend-tls.XXXXXX");
    assert_non_null(mkdtemp(files->directory));
}

static void files_end(struct arena *arena, const struct files *files)
{
    static const char *const names[] = {"main.cf", "master.cf", "a.pem",     "a.key",
                                        "b.pem",   "b.key",     "chain.pem", "ca.pem"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(file_in(arena, files, names[i]));
    assert_int_equal(rmdir(files->directory), 0);
}

static void write_text(struct arena *arena, const struct files *files, const char *name,
                       const char *text)
{
    FILE *out = fopen(file_in(arena, files, name), "w");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

/* write_certificate - NAME.pem and NAME.key; and both in one file if CHAIN is given */
static void write_certificate(struct arena *arena, const struct files *files, const char *name,
                              const char *host, const char *chain)
{
    X509 *certificate;
    EVP_PKEY *key;

    assert_true(tls_make_certificate(TLS_KEY_EC, str_of(host), 1, 10, &certificate, &key));
    FILE *out = fopen(file_in(arena, files, arena_printf(arena, "%s.pem", name).at), "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_X509(out, certificate), 1);
    fclose(out);
    out = fopen(file_in(arena, files, arena_printf(arena, "%s.key", name).at), "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(out);
    if (chain != NULL) {
        out = fopen(file_in(arena, files, chain), "w");
        assert_non_null(out);
        assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
        assert_int_equal(PEM_write_X509(out, certificate), 1);
        fclose(out);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static const struct policy *policy_files(struct arena *arena, struct files *files,
                                         const char *main_text)
{
    struct str error = STR_NONE;

    write_text(arena, files, "main.cf", main_text);
    write_text(arena, files, "master.cf", master);
    struct config_input input = {.path = str_of(files->directory),
                                 .platform = facts_platform(str_of("debian12"))};
    assert_true(config_open(&files->config, arena, &input, &error));
    return policy_open(arena, &files->config);
}

/* server_says - the certificate's subject, or the error */
static struct str server_says(struct arena *arena, const struct policy *policy)
{
    struct tls_server server;
    struct str text = STR_NONE;

    if (tls_server_create(&server, arena, policy_service_at_port(policy, 25),
                          str_of("made.example.com"), &text))
        text = server.subject;
    tls_server_destroy(&server);
    return text;
}

static void test_a_configured_certificate_is_used(void **state)
{
    static const char *const texts[] = {
        "smtpd_tls_cert_file = /etc/postfix/a.pem\nsmtpd_tls_key_file = /etc/postfix/a.key\n",
        "smtpd_tls_chain_files = /etc/postfix/chain.pem\n",
        "smtpd_tls_chain_files = /etc/postfix/a.key, /etc/postfix/a.pem\n",
        ("smtpd_tls_eccert_file = ${config_directory}/a.pem\n"
         "smtpd_tls_eckey_file = ${config_directory}/a.key\n"),
        "smtpd_tls_cert_file = /etc/postfix/chain.pem\n",
    };
    struct arena *arena = *state;
    struct files files;

    files_begin(&files);
    write_certificate(arena, &files, "a", "configured.example.com", "chain.pem");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct policy *policy = policy_files(
            arena, &files, arena_printf(arena, "smtpd_tls_security_level = may\n%s", texts[i]).at);
        assert_str(server_says(arena, policy), "CN=configured.example.com");
    }
    files_end(arena, &files);
}

static void test_a_certificate_that_smtpd_could_not_use_either_is_an_error(void **state)
{
    struct arena *arena = *state;
    struct files files;

    files_begin(&files);
    write_certificate(arena, &files, "a", "a.example.com", NULL);
    write_certificate(arena, &files, "b", "b.example.com", NULL);
    assert_str(server_says(arena, policy_files(arena, &files,
                                               "smtpd_tls_security_level = may\n"
                                               "smtpd_tls_cert_file = /etc/postfix/a.pem\n"
                                               "smtpd_tls_key_file = /etc/postfix/b.key\n")),
               "/etc/postfix/b.key: no private key can be read: key values mismatch");
    assert_str(server_says(arena, policy_files(arena, &files,
                                               "smtpd_tls_security_level = may\n"
                                               "smtpd_tls_chain_files = /etc/postfix/a.pem\n")),
               "/etc/postfix/a.pem: not a private key followed by its certificates: "
               "unknown reason");
    /* withheld, as in most copies: the one that is made stands in for it */
    assert_str(
        server_says(arena, policy_files(arena, &files,
                                        "smtpd_tls_security_level = may\n"
                                        "smtpd_tls_cert_file = /etc/postfix/a.pem\n"
                                        "smtpd_tls_key_file = /etc/postfix/private/a.key\n")),
        "CN=made.example.com");
    files_end(arena, &files);
}

static void test_a_chain_file_with_too_many_blocks_is_not_read(void **state)
{
    static const char block[] =
        "-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n";
    struct arena *arena = *state;
    struct files files;
    struct buffer text;

    files_begin(&files);
    buffer_init(&text, arena);
    for (int i = 0; i < 1001; i++)
        buffer_add_cstr(&text, block);
    write_text(arena, &files, "chain.pem", arena_cstr(arena, buffer_str(&text)));
    const struct policy *policy = policy_files(arena, &files,
                                               "smtpd_tls_security_level = may\n"
                                               "smtpd_tls_chain_files = /etc/postfix/chain.pem\n");
    /* unlike one that cannot be used: the certificate that is made stands in for it */
    assert_str(server_says(arena, policy), "CN=made.example.com");
    files_end(arena, &files);
}

static void test_a_client_s_certificate_is_described(void **state)
{
    struct arena *arena = *state;
    struct files files;
    struct tls_server server;
    struct str error = STR_NONE;
    X509 *certificate;
    EVP_PKEY *key;

    files_begin(&files);
    assert_true(
        tls_make_certificate(TLS_KEY_EC, str_of("client.example.com"), 1, 10, &certificate, &key));
    FILE *out = fopen(file_in(arena, &files, "ca.pem"), "w");
    assert_non_null(out);
    PEM_write_X509(out, certificate);
    fclose(out);
    const struct policy *policy =
        policy_files(arena, &files,
                     main_with(arena, "smtpd_tls_ask_ccert = yes\n"
                                      "smtpd_tls_fingerprint_digest = sha1\n"
                                      "smtpd_tls_CAfile = /etc/postfix/ca.pem\n"));
    const struct policy_service *service = policy_service_at_port(policy, 25);
    assert_true(tls_server_create(&server, arena, service, str_of("x.example.com"), &error));
    SSL_CTX *client = client_of(TLS1_3_VERSION, TLS1_3_VERSION, NULL);
    SSL_CTX_use_certificate(client, certificate);
    SSL_CTX_use_PrivateKey(client, key);
    struct handshake result = shake_with(arena, service, server.context, client);
    assert_true(result.good);
    assert_true(result.server.has_certificate);
    assert_true(result.server.certificate_trusted);
    assert_str(result.server.subject_cn, "client.example.com");
    assert_str(result.server.issuer_cn, "client.example.com");
    assert_int_equal(result.server.fingerprint.len, 20 * 3 - 1);
    assert_int_equal(result.server.key_fingerprint.len, 20 * 3 - 1);
    assert_false(str_eq(result.server.fingerprint, result.server.key_fingerprint));
    X509_free(result.certificate);
    SSL_CTX_free(client);
    tls_server_destroy(&server);
    X509_free(certificate);
    EVP_PKEY_free(key);
    files_end(arena, &files);
}

static void test_a_made_certificate_has_the_dates_and_the_name_asked_for(void **state)
{
    X509 *certificate;
    EVP_PKEY *key;

    (void)state;
    assert_true(tls_make_certificate(TLS_KEY_EC, str_of("192.0.2.7"), 10, 5, &certificate, &key));
    assert_int_equal(X509_check_ip_asc(certificate, "192.0.2.7", 0), 1);
    assert_int_equal(X509_cmp_current_time(X509_get0_notAfter(certificate)), -1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    assert_false(tls_make_certificate(TLS_KEY_EC, str_of(""), 1, 1, &certificate, &key));
    assert_false(
        tls_make_certificate(TLS_KEY_EC, (struct str){"a\0b", 3}, 1, 1, &certificate, &key));
}

static void a_made_certificate_has_a_long_name_as_an_alternative_alone(void **state)
{
    static const char name[] = "a-host-with-a-name-that-is-longer-than-a-common-name-may-be."
                               "mail.example.com";
    char common[256];
    X509 *certificate;
    EVP_PKEY *key;

    (void)state;
    assert_true(tls_make_certificate(TLS_KEY_EC, str_of(name), 1, 1, &certificate, &key));
    assert_int_equal(
        X509_check_host(certificate, name, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL), 1);
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, common,
                              sizeof common);
    assert_int_equal(strlen(common), 64);
    assert_memory_equal(common, name, 64);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* --- what lint asks ---------------------------------------------------------------------- */

static void lint_says_without_a_context_what_a_context_says(void **state)
{
    static const char *const settings[] = {
        "",
        "smtpd_tls_fingerprint_digest = md55",
        "smtpd_tls_protocols = TLSv9",
        "smtpd_tls_ciphers = medum",
        "smtpd_tls_ciphers = null",
        "tls_medium_cipherlist = NONSENSE",
        "tls_high_cipherlist = NONSENSE",
        "smtpd_tls_exclude_ciphers = !RC4",
        "smtpd_tls_exclude_ciphers = ALL",
        "smtpd_tls_mandatory_exclude_ciphers = ALL",
        "smtpd_tls_key_file = /",
        "smtpd_tls_security_level = none",
    };
    struct arena *arena = *state;
    struct tls_ciphers *ciphers = tls_ciphers_create(arena);
    size_t failures = 0;

    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        const struct policy *policy =
            policy_text(arena, "postfix-3.11", main_with(arena, settings[i]));
        for (size_t k = 0; k < policy->count; k++) {
            struct tls_server server;
            struct str expected = STR_NONE, error = STR_NONE;
            enum parameter_number cause;
            bool works = tls_server_create(&server, arena, &policy->services[k],
                                           str_of("x.example.com"), &expected);
            bool fails = tls_server_fails(ciphers, arena, &policy->services[k], &cause, &error);
            assert_int_equal(fails, !works);
            assert_int_equal(cause, server.cause);
            if (works)
                tls_server_destroy(&server);
            else
                assert_str(error, arena_cstr(arena, expected));
            failures += fails;
        }
    }
    assert_int_equal(failures, 17);
}

/* asks_list - does OpenSSL have ciphers of LIST, with NUMBER words after it that it does not know?
 */
static bool asks_list(struct arena *arena, struct tls_ciphers *ciphers, const char *list,
                      int number)
{
    struct buffer text;
    struct str error;

    buffer_init(&text, arena);
    buffer_printf(&text, "tls_medium_cipherlist = %s", list);
    for (int i = 0; i < number; i++)
        buffer_printf(&text, ":UNKNOWN%d", i);
    const struct policy *policy =
        policy_text(arena, "postfix-3.11", main_with(arena, arena_cstr(arena, buffer_str(&text))));
    return tls_ciphers_work(ciphers, &policy->services[0], &error);
}

static void more_lists_of_ciphers_than_are_kept_get_the_same_answers(void **state)
{
    struct arena *arena = *state;
    struct tls_ciphers *ciphers = tls_ciphers_create(arena);

    for (int round = 0; round < 2; round++)
        for (int number = 0; number < 100; number++) {
            assert_true(asks_list(arena, ciphers, "HIGH", number));
            assert_false(asks_list(arena, ciphers, "NONSENSE", number));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_protocol_lists_have_all_of_their_syntaxes),
        arena_test(test_the_level_chooses_which_protocols_count),
        arena_test(test_defaults_of_old_and_new_releases_differ),
        arena_test(test_settings_that_smtpd_cannot_use_are_told),
        arena_test(test_ciphers_follow_grade_and_exclusions),
        arena_test(test_low_grades_have_their_own_lists_only_in_old_releases),
        arena_test(test_tls_is_offered_by_level_and_certificate),
        arena_test(test_a_certificate_that_is_elsewhere_is_made_and_named_so),
        arena_test(test_without_a_certificate_ciphers_are_anonymous),
        arena_test(test_a_configured_certificate_is_used),
        arena_test(test_a_certificate_that_smtpd_could_not_use_either_is_an_error),
        arena_test(test_a_chain_file_with_too_many_blocks_is_not_read),
        arena_test(test_a_client_s_certificate_is_described),
        arena_test(test_a_made_certificate_has_the_dates_and_the_name_asked_for),
        arena_test(a_made_certificate_has_a_long_name_as_an_alternative_alone),
        arena_test(lint_says_without_a_context_what_a_context_says),
        arena_test(more_lists_of_ciphers_than_are_kept_get_the_same_answers),
    };

    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
