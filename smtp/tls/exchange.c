#include "smtp/tls/exchange.h"

#include <openssl/evp.h>
#include <openssl/objects.h>

/* find_curve_name - "P-256", or OpenSSL's name if NIST has none */
static const char *find_curve_name(const EVP_PKEY *key, char *name, size_t size)
{
    size_t len;

    if (EVP_PKEY_get_group_name(key, name, size, &len) != 1)
        return "";
    const char *nist = EC_curve_nid2nist(OBJ_sn2nid(name));
    return nist != NULL ? nist : name;
}

/* add_group - the name of the TLS group, the only one that a key encapsulation such as
   X25519MLKEM768 has */
static void add_group(struct buffer *out, SSL *connection)
{
    int number = (int)SSL_get_negotiated_group(connection);
    const char *group = SSL_group_to_name(connection, number);

    if (group != NULL)
        buffer_printf(out, "\t key-exchange %s", group);
}

static void add_exchange(struct buffer *out, const struct release *release, SSL *connection)
{
    EVP_PKEY *key = NULL;
    char curve[80];

    if (release_has(release, FEATURE_TLS_GROUP_NAMES) ||
        SSL_get_peer_tmp_key(connection, &key) != 1 || key == NULL) {
        add_group(out, connection);
        return;
    }
    buffer_add_cstr(out, "\t key-exchange ");
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_DH:
        buffer_printf(out, "DHE (%d bits)", EVP_PKEY_get_bits(key));
        break;
    case EVP_PKEY_EC:
        buffer_printf(out, "ECDHE (%s)", find_curve_name(key, curve, sizeof curve));
        break;
    default: {
        const char *name = EVP_PKEY_get0_type_name(key);
        buffer_add_cstr(out, name != NULL ? name : "unknown");
        break;
    }
    }
    EVP_PKEY_free(key);
}

/* add_signature - WHO is "server" or "client" */
static void add_signature(struct buffer *out, const char *who, const EVP_PKEY *key, int digest)
{
    char curve[80];

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: /* the only RSA signature in TLS 1.3 */
        buffer_printf(out, " %s-signature RSA-PSS (%d bits)", who, EVP_PKEY_get_bits(key));
        break;
    case EVP_PKEY_EC:
        buffer_printf(out, " %s-signature ECDSA (%s)", who,
                      find_curve_name(key, curve, sizeof curve));
        break;
    default: {
        const char *name = EVP_PKEY_get0_type_name(key);
        buffer_printf(out, " %s-signature %s", who, name != NULL ? name : "unknown");
        break;
    }
    }
    if (digest != NID_undef)
        buffer_printf(out, " %s-digest %s", who, OBJ_nid2sn(digest));
}

struct str tls_exchange(struct arena *arena, const struct release *release, SSL *connection)
{
    const EVP_PKEY *key = SSL_get_privatekey(connection);
    X509 *certificate;
    struct buffer out;
    int digest = NID_undef;

    buffer_init(&out, arena);
    if (SSL_version(connection) < TLS1_3_VERSION || !release_has(release, FEATURE_TLS13_DETAILS))
        return buffer_str(&out);
    add_exchange(&out, release, connection);
    if (SSL_session_reused(connection) || key == NULL)
        return buffer_str(&out);
    if (out.len == 0)
        buffer_add_char(&out, '\t');
    SSL_get_signature_nid(connection, &digest);
    add_signature(&out, "server", key, digest);
    certificate = SSL_get0_peer_certificate(connection);
    if (certificate != NULL) {
        digest = NID_undef;
        SSL_get_peer_signature_nid(connection, &digest);
        buffer_add_cstr(&out, "\n\t");
        add_signature(&out, "client", X509_get0_pubkey(certificate), digest);
    }
    return buffer_str(&out);
}
