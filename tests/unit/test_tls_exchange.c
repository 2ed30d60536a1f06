#include "smtp/tls/exchange.h"
#include "smtp/tls/tls.h"
#include "tests/unit/unit.h"

struct pair {
    SSL_CTX *context[2];
    SSL *end[2]; /* the server, the client */
};

static void certify(SSL_CTX *context)
{
    X509 *certificate;
    EVP_PKEY *key;

    assert_true(
        tls_make_certificate(TLS_KEY_EC, str_of("mail.example.com"), 1, 10, &certificate, &key));
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int accept_any(int good, X509_STORE_CTX *store)
{
    (void)good;
    (void)store;
    return 1;
}

/* shake_hands - of a server and a client in memory */
static void shake_hands(struct pair *pair, int version, const char *groups, bool client_certificate)
{
    BIO *bio[2];

    pair->context[0] = SSL_CTX_new(TLS_server_method());
    pair->context[1] = SSL_CTX_new(TLS_client_method());
    certify(pair->context[0]);
    if (client_certificate) {
        certify(pair->context[1]);
        SSL_CTX_set_verify(pair->context[0], SSL_VERIFY_PEER, accept_any);
    }
    SSL_CTX_set_max_proto_version(pair->context[0], version);
    assert_int_equal(SSL_CTX_set1_groups_list(pair->context[0], groups), 1);
    assert_int_equal(BIO_new_bio_pair(&bio[0], 0, &bio[1], 0), 1);
    for (int i = 0; i < 2; i++) {
        pair->end[i] = SSL_new(pair->context[i]);
        SSL_set_bio(pair->end[i], bio[i], bio[i]);
    }
    SSL_set_accept_state(pair->end[0]);
    SSL_set_connect_state(pair->end[1]);
    for (int i = 0; i < 20; i++)
        SSL_do_handshake(pair->end[i % 2]);
    assert_true(SSL_is_init_finished(pair->end[0]));
}

static void part(struct pair *pair)
{
    for (int i = 0; i < 2; i++) {
        SSL_free(pair->end[i]);
        SSL_CTX_free(pair->context[i]);
    }
}

static void test_key_exchange_and_signature_are_named(void **state)
{
    struct arena *arena = *state;
    struct pair pair;

    shake_hands(&pair, TLS1_3_VERSION, "X25519", false);
    struct str said = tls_exchange(arena, facts_release(str_of("3.7")), pair.end[0]);
    assert_true(str_starts(said, "\t key-exchange X25519 server-signature "));
    assert_true(str_search(said, " server-digest SHA256") < said.len);
    part(&pair);
    shake_hands(&pair, TLS1_3_VERSION, "P-256", false);
    assert_true(str_starts(tls_exchange(arena, facts_release(str_of("3.7")), pair.end[0]),
                           "\t key-exchange ECDHE (P-256) server"));
    said = tls_exchange(arena, facts_release(str_of("3.10")), pair.end[0]);
    assert_true(str_starts(said, "\t key-exchange secp256r1 server"));
    part(&pair);
}

static void test_a_clients_certificate_has_its_own_line(void **state)
{
    struct arena *arena = *state;
    struct pair pair;

    shake_hands(&pair, TLS1_3_VERSION, "X25519", true);
    struct str said = tls_exchange(arena, facts_release(str_of("3.7")), pair.end[0]);
    assert_true(str_search(said, "\n\t client-signature ") < said.len);
    part(&pair);
}

static void test_older_protocols_have_nothing_to_say(void **state)
{
    struct arena *arena = *state;
    struct pair pair;

    shake_hands(&pair, TLS1_2_VERSION, "X25519", false);
    assert_int_equal(tls_exchange(arena, facts_release(str_of("3.7")), pair.end[0]).len, 0);
    part(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_key_exchange_and_signature_are_named),
        arena_test(test_a_clients_certificate_has_its_own_line),
        arena_test(test_older_protocols_have_nothing_to_say),
    };
    return cmocka_run_group_tests_name("TLS key exchange", tests, NULL, NULL);
}
