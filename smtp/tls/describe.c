/* describe - the properties of a TLS session: tls_server.c, tls_verify.c, tls_fprint.c */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "smtp/tls/parts.h"

/* print_hex - "AB:CD:..." */
static struct str print_hex(struct arena *arena, const unsigned char *bytes, unsigned len)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (unsigned i = 0; i < len; i++)
        buffer_printf(&text, "%s%02X", i > 0 ? ":" : "", bytes[i]);
    return buffer_str(&text);
}

static struct str print_key_fingerprint(struct arena *arena, X509 *certificate,
                                        const EVP_MD *digest)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned char *der = NULL;
    unsigned len = 0;
    struct str text = STR_NONE;
    int der_len = i2d_PUBKEY(X509_get0_pubkey(certificate), &der);

    if (der_len > 0 && EVP_Digest(der, (size_t)der_len, bytes, &len, digest, NULL) == 1)
        text = print_hex(arena, bytes, len);
    OPENSSL_free(der);
    return text;
}

/* find_name_entry - the last entry of the kind in NAME, in UTF-8; may be empty */
static struct str find_name_entry(struct arena *arena, X509_NAME *name, int kind)
{
    int at = -1, last = -1;
    unsigned char *text = NULL;
    struct str part = str_of("");

    while ((at = X509_NAME_get_index_by_NID(name, kind, at)) >= 0)
        last = at;
    if (last < 0)
        return part;
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (len > 0)
        part = arena_copy(arena, (struct str){(const char *)text, (size_t)len});
    OPENSSL_free(text);
    return part;
}

static void describe_client(const struct policy_service *service, struct arena *arena,
                            X509 *certificate, struct state_tls *tls)
{
    struct str name = policy_str(service, PARAM_SMTPD_TLS_FINGERPRINT_DIGEST);
    const EVP_MD *digest = EVP_get_digestbyname(arena_cstr(arena, name));
    X509_NAME *issuer = X509_get_issuer_name(certificate);
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    tls->has_certificate = true;
    tls->subject_cn = find_name_entry(arena, X509_get_subject_name(certificate), NID_commonName);
    /* the organisation of an issuer without a common name */
    tls->issuer_cn = find_name_entry(arena, issuer, NID_commonName);
    if (tls->issuer_cn.len == 0)
        tls->issuer_cn = find_name_entry(arena, issuer, NID_organizationName);
    if (digest == NULL)
        return;
    if (X509_digest(certificate, digest, bytes, &len) == 1)
        tls->fingerprint = print_hex(arena, bytes, len);
    tls->key_fingerprint = print_key_fingerprint(arena, certificate, digest);
}

struct state_tls tls_describe(const struct policy_service *service, struct arena *arena,
                              SSL *connection)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(connection);
    struct state_tls tls = {
        .active = true,
        .protocol = str_of(SSL_get_version(connection)),
        .cipher = str_of(SSL_CIPHER_get_name(cipher)),
        .fingerprint = str_of(""),
        .key_fingerprint = str_of(""),
        .subject_cn = str_of(""),
        .issuer_cn = str_of(""),
    };
    X509 *certificate = SSL_get1_peer_certificate(connection);

    tls.bits = SSL_CIPHER_get_bits(cipher, &tls.algorithm_bits);
    if (certificate != NULL) {
        describe_client(service, arena, certificate, &tls);
        tls.certificate_trusted = SSL_get_verify_result(connection) == X509_V_OK;
        X509_free(certificate);
    }
    ERR_clear_error();
    return tls;
}
