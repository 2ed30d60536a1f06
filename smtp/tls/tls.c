#include "smtp/tls/tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <string.h>

#include "smtp/tls/ciphers.h"
#include "smtp/tls/parts.h"

/* OpenSSL's session id context, as in Postfix */
static const unsigned char session_context[] = "Postfix/TLS";

/* --- the context ----------------------------------------------------------------------- */

/* accept_unverified - a client certificate that cannot be verified does not end the handshake */
static int accept_unverified(int verified, X509_STORE_CTX *store)
{
    (void)verified;
    (void)store;
    return 1;
}

static bool check_digest(const struct policy_service *service, struct arena *arena,
                         struct str *error)
{
    struct str digest = policy_str(service, PARAM_SMTPD_TLS_FINGERPRINT_DIGEST);

    if (digest.len == 0 || EVP_get_digestbyname(arena_cstr(arena, digest)) != NULL)
        return true;
    *error = arena_printf(arena,
                          "smtpd_tls_fingerprint_digest = %.*s: OpenSSL does not have this digest",
                          STR_ARG(digest));
    return false;
}

/*
 * set_verification - of client certificates.  The security level is that of tls_server.c: 0, since
 * in opportunistic TLS weak encryption is better than none, and 1 if a client certificate is
 * required.
 */
static bool set_verification(SSL_CTX *context, const struct policy_service *service,
                             struct str *error)
{
    bool required =
        policy_flag(service, PARAM_SMTPD_TLS_REQ_CCERT) && tls_level_of(service) == TLS_ENCRYPT;
    long depth = policy_number(service, PARAM_SMTPD_TLS_CCERT_VERIFYDEPTH);

    SSL_CTX_set_security_level(context, required ? 1 : 0);
    SSL_CTX_set_verify_depth(context, depth >= 0 && depth < INT_MAX ? (int)depth + 1 : 10);
    SSL_CTX_set_verify(context,
                       tls_asks_client(service) ? SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE
                                                : SSL_VERIFY_NONE,
                       accept_unverified);
    return tls_load_authorities(context, service, error);
}

/* set_sessions - one ticket for each session, as in smtpd, instead of the two of OpenSSL */
static void set_sessions(SSL_CTX *context, const struct policy_service *service)
{
    bool tickets = policy_number(service, PARAM_SMTPD_TLS_SESSION_CACHE_TIMEOUT) > 0 &&
                   policy_str(service, PARAM_TLS_SESSION_TICKET_CIPHER).len > 0;

    SSL_CTX_set_session_id_context(context, session_context, sizeof session_context);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (tickets)
        SSL_CTX_set_num_tickets(context, 1);
    else
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
}

/* --- the certificate ------------------------------------------------------------------- */

static struct str find_subject(struct arena *arena, X509 *certificate)
{
    char *text = NULL;
    struct str subject = STR_NONE;
    BIO *out = BIO_new(BIO_s_mem());

    if (out == NULL || certificate == NULL)
        goto done;
    X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
    long len = BIO_get_mem_data(out, &text);
    if (len > 0)
        subject = arena_copy(arena, (struct str){text, (size_t)len});
done:
    BIO_free(out);
    return subject;
}

static bool use_certificate(SSL_CTX *context, enum tls_key_type type, struct str hostname)
{
    X509 *certificate = NULL;
    EVP_PKEY *key = NULL;
    bool good = tls_make_certificate(type, hostname, 1, 30, &certificate, &key) &&
                SSL_CTX_use_certificate(context, certificate) == 1 &&
                SSL_CTX_use_PrivateKey(context, key) == 1;

    X509_free(certificate);
    EVP_PKEY_free(key);
    return good;
}

/* takes_ecdsa - is there a cipher of TLSv1.2 and earlier for such a certificate? */
static bool takes_ecdsa(const SSL_CTX *context)
{
    STACK_OF(SSL_CIPHER) *ciphers = SSL_CTX_get_ciphers(context);

    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++)
        if (SSL_CIPHER_get_auth_nid(sk_SSL_CIPHER_value(ciphers, i)) == NID_auth_ecdsa)
            return true;
    return false;
}

/* use_temporary_certificate - ECDSA, and where the ciphers exclude that RSA too, whose keys take a
   second to make */
static bool use_temporary_certificate(struct tls_server *server, struct arena *arena,
                                      struct str hostname, struct str why, struct str *error)
{
    if (!use_certificate(server->context, TLS_KEY_EC, hostname) ||
        (!takes_ecdsa(server->context) &&
         !use_certificate(server->context, TLS_KEY_RSA, hostname))) {
        struct str reason = tls_library_reason(arena);
        *error = arena_printf(arena, "cannot create a certificate for %.*s: %.*s",
                              STR_ARG(hostname), STR_ARG(reason));
        return false;
    }
    server->made = true;
    server->certificate =
        arena_printf(arena, "temporary, for %.*s: %.*s", STR_ARG(hostname), STR_ARG(why));
    return true;
}

/* set_certificate - a temporary one for HOSTNAME if the configured one is not available */
static bool set_certificate(struct tls_server *server, struct arena *arena,
                            const struct policy_service *service, struct str hostname,
                            struct str *error)
{
    struct str why = STR_NONE;

    if (!tls_names_certificate(service)) {
        server->certificate = str_of("none (smtpd_tls_cert_file = none)");
        return true;
    }
    switch (tls_load_certificates(server->context, service, &server->certificate, &why)) {
    case TLS_LOADED:
        break;
    case TLS_ABSENT:
        if (hostname.at != NULL && !use_temporary_certificate(server, arena, hostname, why, error))
            return false;
        break;
    case TLS_UNUSABLE:
        *error = why;
        return false;
    }
    server->subject = find_subject(arena, SSL_CTX_get0_certificate(server->context));
    return true;
}

static enum parameter_number find_certificate(const struct policy_service *service)
{
    return policy_str(service, PARAM_SMTPD_TLS_CHAIN_FILES).len > 0 ? PARAM_SMTPD_TLS_CHAIN_FILES
                                                                    : PARAM_SMTPD_TLS_CERT_FILE;
}

/* set_up - the context, from parameter to parameter; server->cause is that of the last one */
static bool set_up(struct tls_server *server, struct arena *arena,
                   const struct policy_service *service, struct str hostname, struct str *error)
{
    server->cause = PARAM_SMTPD_TLS_FINGERPRINT_DIGEST;
    if (!check_digest(service, arena, error))
        return false;
    server->cause = PARAM_SMTPD_TLS_CAFILE;
    if (!set_verification(server->context, service, error))
        return false;
    server->cause = tls_protocols_parameter(service);
    if (!tls_set_protocols(server->context, service, error))
        return false;
    server->cause = tls_grade_parameter(service);
    if (!tls_set_ciphers(server->context, service, error))
        return false;
    server->cause = find_certificate(service);
    return set_certificate(server, arena, service, hostname, error);
}

/* create_server - without a temporary certificate if HOSTNAME is STR_NONE */
static bool create_server(struct tls_server *server, struct arena *arena,
                          const struct policy_service *service, struct str hostname,
                          struct str *error)
{
    *server = (struct tls_server){0};
    if (!tls_offered(service)) {
        *error = str_of(tls_level_of(service) == TLS_UNDECIDED
                            ? "smtpd_tls_security_level has an invalid value"
                        : tls_level_of(service) == TLS_NONE
                            ? "TLS is off: smtpd_tls_security_level"
                            : "no certificate is configured: smtpd_tls_chain_files or "
                              "smtpd_tls_cert_file");
        return false;
    }
    ERR_clear_error();
    server->context = SSL_CTX_new(TLS_server_method());
    if (server->context == NULL) {
        *error = tls_library_reason(arena);
        return false;
    }
    tls_set_options(server->context, service);
    tls_set_groups(server->context, service);
    set_sessions(server->context, service);
    if (set_up(server, arena, service, hostname, error))
        return true;
    tls_server_destroy(server);
    return false;
}

bool tls_server_create(struct tls_server *server, struct arena *arena,
                       const struct policy_service *service, struct str hostname, struct str *error)
{
    return create_server(server, arena, service, hostname.at == NULL ? str_of("") : hostname,
                         error);
}

/* add_need - of the file that PARAMETER names, unless it can be read here */
static size_t add_need(struct str *needs, size_t count, struct arena *arena,
                       const struct policy_service *service, enum parameter_number parameter)
{
    struct str file = policy_str(service, parameter), why;

    if (file.len == 0 || str_is_nocase(file, "none") || tls_path(service, file, &why).at != NULL)
        return count;
    needs[count] = arena_printf(arena, "a usable %.*s = %.*s", STR_ARG(parameter_name(parameter)),
                                STR_ARG(file));
    return count + 1;
}

static struct str_list list_needs(struct arena *arena, const struct policy_service *service)
{
    static const enum parameter_number pairs[] = {
        PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE, PARAM_SMTPD_TLS_DCERT_FILE};
    struct str *needs = arena_alloc(arena, 4 * sizeof *needs);
    size_t count = 0;

    if (policy_str(service, PARAM_SMTPD_TLS_CHAIN_FILES).len > 0)
        count = add_need(needs, count, arena, service, PARAM_SMTPD_TLS_CHAIN_FILES);
    else
        for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
            count = add_need(needs, count, arena, service, pairs[i]);
    count = add_need(needs, count, arena, service, PARAM_SMTPD_TLS_CAFILE);
    return (struct str_list){needs, count};
}

bool tls_server_works(struct arena *arena, const struct policy_service *service,
                      struct str_list *needs)
{
    struct tls_server server;
    struct str error;

    *needs = (struct str_list){NULL, 0};
    if (!create_server(&server, arena, service, STR_NONE, &error))
        return false;
    tls_server_destroy(&server);
    *needs = list_needs(arena, service);
    return true;
}

/* texts_work - what set_up() says if there are no files to read, without a context */
static bool texts_work(struct tls_ciphers *ciphers, struct arena *arena,
                       const struct policy_service *service, enum parameter_number *cause,
                       struct str *error)
{
    struct tls_protocols protocols;

    *cause = PARAM_SMTPD_TLS_FINGERPRINT_DIGEST;
    if (!check_digest(service, arena, error))
        return false;
    *cause = tls_protocols_parameter(service);
    if (!tls_read_protocols(&protocols, service, error))
        return false;
    *cause = tls_grade_parameter(service);
    if (!tls_ciphers_work(ciphers, service, error))
        return false;
    *cause = find_certificate(service);
    return tls_paths_valid(service, error);
}

bool tls_server_fails(struct tls_ciphers *ciphers, struct arena *arena,
                      const struct policy_service *service, enum parameter_number *cause,
                      struct str *error)
{
    struct tls_server server;

    if (tls_offered(service) && !tls_reads_files(service))
        return !texts_work(ciphers, arena, service, cause, error);
    bool works = create_server(&server, arena, service, STR_NONE, error);
    *cause = server.cause;
    if (works)
        tls_server_destroy(&server);
    return !works;
}

void tls_server_destroy(struct tls_server *server)
{
    SSL_CTX_free(server->context);
    server->context = NULL;
}
