/*
 * postfix_certificate - certificates of the private Postfix
 *
 * As in the reference server (tls.h): the configured certificate if it is among the files,
 * otherwise a temporary one; the CAs that are among the files, otherwise none.
 */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "smtp/engine/postfix.h"
#include "smtp/tls/parts.h"

/* print_pem - the key, then the certificate, as smtpd_tls_chain_files requires */
static struct str print_pem(struct arena *arena, X509 *certificate, EVP_PKEY *key)
{
    BIO *out = BIO_new(BIO_s_mem());
    struct str text = STR_NONE;
    char *bytes;

    if (out != NULL && PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_X509(out, certificate) == 1) {
        long len = BIO_get_mem_data(out, &bytes);
        text = arena_copy(arena, (struct str){bytes, (size_t)len});
    }
    BIO_free(out);
    return text;
}

static bool write_certificate(const struct postfix *postfix, enum tls_key_type type,
                              const char *below)
{
    struct str hostname = policy_str(postfix->request->policy->all, PARAM_MYHOSTNAME);
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    bool good = false;

    if (tls_make_certificate(type, hostname.len > 0 ? hostname : str_of("localhost"), 1, 30,
                             &certificate, &key)) {
        struct str text = print_pem(postfix->arena, certificate, key);
        good = text.at != NULL && postfix_write_file(postfix, below, text, 0600);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return good;
}

/* lacks_certificate - a certificate is configured, but not among the files */
static bool lacks_certificate(const struct policy_service *service)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    struct str name, error;

    if (context == NULL || !tls_names_certificate(service)) {
        SSL_CTX_free(context);
        return false;
    }
    enum tls_loaded loaded = tls_load_certificates(context, service, &name, &error);
    SSL_CTX_free(context);
    ERR_clear_error();
    return loaded == TLS_ABSENT;
}

static void unset_missing(struct buffer *out, const struct policy_service *service,
                          enum parameter_number name)
{
    struct str value = policy_str(service, name);
    struct str why;

    if (value.len > 0 && tls_path(service, value, &why).at == NULL)
        buffer_printf(out, " -o %.*s=", STR_ARG(parameter_name(name)));
}

struct str postfix_certificate(const struct postfix *postfix, const struct policy_service *service)
{
    /* of both types, since the ciphers may exclude those of one */
    static const char rsa[] = "/config/livetest-rsa.pem";
    static const char ec[] = "/config/livetest-ecdsa.pem";
    static const enum parameter_number others[] = {
        PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_DCERT_FILE, PARAM_SMTPD_TLS_DKEY_FILE};
    struct buffer out;

    buffer_init(&out, postfix->arena);
    unset_missing(&out, service, PARAM_SMTPD_TLS_CAFILE);
    unset_missing(&out, service, PARAM_SMTPD_TLS_CAPATH);
    if (lacks_certificate(service) && write_certificate(postfix, TLS_KEY_RSA, rsa) &&
        write_certificate(postfix, TLS_KEY_EC, ec)) {
        struct str path = postfix_inside(postfix, rsa);
        struct str other = postfix_inside(postfix, ec);
        buffer_printf(&out,
                      " -o smtpd_tls_cert_file=%.*s -o smtpd_tls_key_file=%.*s"
                      " -o smtpd_tls_eccert_file=%.*s -o smtpd_tls_eckey_file=%.*s",
                      STR_ARG(path), STR_ARG(path), STR_ARG(other), STR_ARG(other));
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (policy_has(service, others[i]))
                buffer_printf(&out, " -o %.*s=", STR_ARG(parameter_name(others[i])));
    }
    return buffer_str(&out);
}
