/* certificate - the configured certificates and keys, and temporary ones */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include "parser/value/value.h"
#include "smtp/tls/parts.h"

enum {
    DAY = 24 * 60 * 60,
    PEM_BLOCKS_MAX = 1000, /* of a chain file: more than any real chain has; Postfix reads all */
    COMMON_NAME_MAX = 64,  /* RFC 5280, ub-common-name */
    RSA_BITS = 2048,
};

struct str tls_library_reason(struct arena *arena)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);

    ERR_clear_error();
    return arena_copy(arena, str_of(reason != NULL ? reason : "unknown reason"));
}

/* --- which files may be read ------------------------------------------------------------ */

struct str tls_path(const struct policy_service *service, struct str path, struct str *why)
{
    const struct config *config = service->policy->config;
    struct arena *arena = service->policy->arena;
    struct str found;

    if (!config_owns_file(config, path, &found)) {
        *why = arena_printf(arena, "%.*s is not in the directory that was opened", STR_ARG(path));
        return STR_NONE;
    }
    if (access(found.at, R_OK) != 0) {
        struct str problem = source_problem(arena, errno);
        *why = arena_printf(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(problem));
        return STR_NONE;
    }
    return found;
}

/* --- the configured certificates --------------------------------------------------------- */

/* refuse_password - smtpd cannot use a key with a password; OpenSSL must not ask for it */
static int refuse_password(char *buffer, int size, int writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)data;
    return -1;
}

static enum tls_loaded set_unusable(struct arena *arena, const char *what, struct str file,
                                    struct str *error)
{
    struct str reason = tls_library_reason(arena);

    *error = arena_printf(arena, "%.*s: %s: %.*s", STR_ARG(file), what, STR_ARG(reason));
    return TLS_UNUSABLE;
}

/* load_pair - smtpd_tls_cert_file with smtpd_tls_key_file, or the DSA or ECDSA parameters */
static enum tls_loaded load_pair(SSL_CTX *context, const struct policy_service *service,
                                 struct str certificate, struct str key, struct str *error)
{
    struct arena *arena = service->policy->arena;
    struct str certificate_path = tls_path(service, certificate, error);

    if (certificate_path.at == NULL)
        return TLS_ABSENT;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, certificate_path.at) != 1)
        return set_unusable(arena, "no certificate can be read", certificate, error);
    struct str key_path = tls_path(service, key, error);
    if (key_path.at == NULL)
        return TLS_ABSENT;
    if (SSL_CTX_use_PrivateKey_file(context, key_path.at, SSL_FILETYPE_PEM) != 1)
        return set_unusable(arena, "no private key can be read", key, error);
    if (SSL_CTX_check_private_key(context) != 1)
        return set_unusable(arena, "the key does not match the certificate", key, error);
    return TLS_LOADED;
}

/* what was read from smtpd_tls_chain_files, but not yet added to the context */
struct pending {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) * chain;
    bool too_many; /* PEM_BLOCKS_MAX was reached */
};

static void clear_pending(struct pending *pending)
{
    EVP_PKEY_free(pending->key);
    X509_free(pending->certificate);
    sk_X509_pop_free(pending->chain, X509_free);
    *pending = (struct pending){.too_many = pending->too_many};
}

/* flush_pending - adds the key and its chain to the context */
static bool flush_pending(struct pending *pending, SSL_CTX *context)
{
    bool good = true;

    if (pending->key != NULL)
        good = pending->certificate != NULL &&
               SSL_CTX_use_cert_and_key(context, pending->certificate, pending->key, pending->chain,
                                        1) == 1;
    clear_pending(pending);
    return good;
}

static bool take_key(struct pending *pending, SSL_CTX *context, const unsigned char *data, long len)
{
    if (!flush_pending(pending, context))
        return false;
    pending->key = d2i_AutoPrivateKey(NULL, &data, len);
    return pending->key != NULL;
}

static bool take_certificate(struct pending *pending, const unsigned char *data, long len)
{
    X509 *certificate = pending->key != NULL ? d2i_X509(NULL, &data, len) : NULL;

    if (certificate == NULL)
        return false; /* postconf(5): each key must be before its certificate */
    if (pending->certificate == NULL) {
        pending->certificate = certificate;
        return true;
    }
    if (pending->chain == NULL)
        pending->chain = sk_X509_new_null();
    if (pending->chain != NULL && sk_X509_push(pending->chain, certificate) > 0)
        return true;
    X509_free(certificate);
    return false;
}

static bool take_block(struct pending *pending, SSL_CTX *context, const char *name,
                       const unsigned char *data, long len)
{
    struct str kind = str_of(name);

    if (str_ends(kind, "PARAMETERS"))
        return true;
    if (str_ends(kind, "PRIVATE KEY"))
        return take_key(pending, context, data, len);
    return str_ends(kind, "CERTIFICATE") && take_certificate(pending, data, len);
}

static bool take_file(struct pending *pending, SSL_CTX *context, const char *path)
{
    BIO *in = BIO_new_file(path, "r");
    char *name, *header;
    unsigned char *data;
    long len;
    bool good = in != NULL;
    int blocks = 0;

    while (good && PEM_read_bio(in, &name, &header, &data, &len) == 1) {
        pending->too_many = ++blocks > PEM_BLOCKS_MAX;
        good = !pending->too_many && header[0] == '\0' &&
               take_block(pending, context, name, data, len);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    if (good)
        ERR_clear_error(); /* the read at the end of the file failed */
    BIO_free(in);
    return good && blocks > 0;
}

/* next_file - of a list of files */
static bool next_file(struct str list, size_t *at, struct str *file)
{
    size_t from = str_span(list, *at, ", \t\r\n");

    *at = str_span_not(list, from, ", \t\r\n");
    *file = str_slice(list, from, *at);
    return file->len > 0;
}

/* load_chain_files - a key may be at the end of one file, and its certificates in the next */
static enum tls_loaded load_chain_files(SSL_CTX *context, const struct policy_service *service,
                                        struct str list, struct str *first, struct str *error)
{
    struct arena *arena = service->policy->arena;
    struct pending pending = {0};
    enum tls_loaded loaded = TLS_LOADED;
    struct str word;

    for (size_t at = 0; loaded == TLS_LOADED && next_file(list, &at, &word);) {
        struct str path = tls_path(service, word, error);
        if (first->len == 0)
            *first = word;
        if (path.at == NULL) {
            loaded = TLS_ABSENT;
        } else if (!take_file(&pending, context, path.at)) {
            loaded =
                set_unusable(arena, "not a private key followed by its certificates", word, error);
            if (pending.too_many) {
                loaded = TLS_ABSENT;
                *error = arena_printf(arena, "%.*s: not read: more than %d PEM blocks",
                                      STR_ARG(word), PEM_BLOCKS_MAX);
            }
        }
    }
    if (loaded == TLS_LOADED && !flush_pending(&pending, context))
        loaded = set_unusable(arena, "the key does not match the certificate", *first, error);
    clear_pending(&pending);
    return loaded;
}

bool tls_paths_valid(const struct policy_service *service, struct str *error)
{
    static const enum parameter_number numbers[] = {
        PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_CERT_FILE,  PARAM_SMTPD_TLS_KEY_FILE,
        PARAM_SMTPD_TLS_ECCERT_FILE, PARAM_SMTPD_TLS_ECKEY_FILE,
    };
    struct value_fault fault;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct str value = policy_str(service, numbers[i]);
        if (value.at == NULL || value_valid(service->policy->arena, service->policy->config,
                                            facts_parameter_at(numbers[i]), value, &fault))
            continue;
        *error = arena_printf(service->policy->arena, "%.*s: %.*s %.*s",
                              STR_ARG(parameter_name(numbers[i])), STR_ARG(fault.part),
                              STR_ARG(fault.what));
        return false;
    }
    return true;
}

static enum tls_loaded load_certificates(SSL_CTX *context, const struct policy_service *service,
                                         struct str *certificate, struct str *error)
{
    static const enum parameter_number pairs[][2] = {
        {PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_KEY_FILE},
        {PARAM_SMTPD_TLS_DCERT_FILE, PARAM_SMTPD_TLS_DKEY_FILE},
        {PARAM_SMTPD_TLS_ECCERT_FILE, PARAM_SMTPD_TLS_ECKEY_FILE},
    };
    struct str chains = policy_str(service, PARAM_SMTPD_TLS_CHAIN_FILES);

    SSL_CTX_set_default_passwd_cb(context, refuse_password);
    *certificate = str_of("");
    if (!tls_paths_valid(service, error))
        return TLS_UNUSABLE;
    if (chains.len > 0)
        return load_chain_files(context, service, chains, certificate, error);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct str file = policy_str(service, pairs[i][0]);
        if (file.len == 0 || (i == 0 && str_is_nocase(file, "none")))
            continue;
        enum tls_loaded loaded =
            load_pair(context, service, file, policy_str(service, pairs[i][1]), error);
        if (loaded != TLS_LOADED)
            return loaded;
        if (certificate->len == 0)
            *certificate = file;
    }
    return TLS_LOADED;
}

enum tls_loaded tls_load_certificates(SSL_CTX *context, const struct policy_service *service,
                                      struct str *certificate, struct str *error)
{
    enum tls_loaded loaded = load_certificates(context, service, certificate, error);

    ERR_clear_error(); /* OpenSSL may complain of what it takes, and sessions would take it for
                          theirs */
    return loaded;
}

bool tls_load_authorities(SSL_CTX *context, const struct policy_service *service, struct str *error)
{
    struct str file = policy_str(service, PARAM_SMTPD_TLS_CAFILE);
    struct str directory = policy_str(service, PARAM_SMTPD_TLS_CAPATH);
    struct str why = STR_NONE;

    /* if the bundle of another machine is not available, no certificate is trusted */
    struct str file_path = file.len > 0 ? tls_path(service, file, &why) : STR_NONE;
    struct str directory_path = directory.len > 0 ? tls_path(service, directory, &why) : STR_NONE;
    if (file_path.at == NULL && directory_path.at == NULL)
        return true;
    if (SSL_CTX_load_verify_locations(context, file_path.at, directory_path.at) != 1) {
        set_unusable(service->policy->arena, "no CA certificate can be read",
                     file_path.at != NULL ? file : directory, error);
        return false;
    }
    if (policy_flag(service, PARAM_TLS_APPEND_DEFAULT_CA))
        SSL_CTX_set_default_verify_paths(context);
    if (tls_asks_client(service) && file_path.at != NULL)
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file_path.at));
    ERR_clear_error();
    return true;
}

/* is_readable - is the file named, and can it be read here? */
static bool is_readable(const struct policy_service *service, struct str file)
{
    struct str why;

    return file.len > 0 && tls_path(service, file, &why).at != NULL;
}

bool tls_reads_files(const struct policy_service *service)
{
    static const enum parameter_number files[] = {
        PARAM_SMTPD_TLS_CAFILE,     PARAM_SMTPD_TLS_CAPATH,      PARAM_SMTPD_TLS_CERT_FILE,
        PARAM_SMTPD_TLS_DCERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE,
    };
    struct str chain = policy_str(service, PARAM_SMTPD_TLS_CHAIN_FILES), file;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (is_readable(service, policy_str(service, files[i])))
            return true;
    for (size_t at = 0; next_file(chain, &at, &file);)
        if (is_readable(service, file))
            return true;
    return false;
}

/* --- temporary certificates --------------------------------------------------------------- */

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool good = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

/* add_alternative_name - as a DNS name or an IP address; NAME is not parsed by OpenSSL */
static bool add_alternative_name(X509 *certificate, const char *name)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    GENERAL_NAME *entry = GENERAL_NAME_new();
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    bool good = false;

    if (names == NULL || entry == NULL)
        goto done;
    if (address != NULL) {
        GENERAL_NAME_set0_value(entry, GEN_IPADD, address);
        address = NULL;
    } else {
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        if (text == NULL || ASN1_STRING_set(text, name, -1) != 1) {
            ASN1_IA5STRING_free(text);
            goto done;
        }
        GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    }
    if (sk_GENERAL_NAME_push(names, entry) <= 0)
        goto done;
    entry = NULL;
    good = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
done:
    ASN1_OCTET_STRING_free(address);
    GENERAL_NAME_free(entry);
    GENERAL_NAMES_free(names);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char bytes[8];
    uint64_t number = 0;

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        number = number << 8 | bytes[i];
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number >> 1) == 1;
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key, const char *name, int from_days,
                             int days)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    size_t len = strlen(name);

    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -(long)from_days * DAY) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), (long)(days - from_days) * DAY) !=
               NULL &&
           X509_NAME_add_entry_by_NID(
               subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)name,
               (int)(len < COMMON_NAME_MAX ? len : COMMON_NAME_MAX), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           X509_set_pubkey(certificate, key) == 1 && add_alternative_name(certificate, name) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

bool tls_make_certificate(enum tls_key_type type, struct str name, int from_days, int days,
                          X509 **certificate, EVP_PKEY **key)
{
    char text[256];

    *certificate = NULL;
    *key = NULL;
    if (name.len == 0 || name.len >= sizeof text || memchr(name.at, '\0', name.len) != NULL)
        return false;
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    *key = type == TLS_KEY_RSA ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
    *certificate = X509_new();
    if (*key != NULL && *certificate != NULL &&
        fill_certificate(*certificate, *key, text, from_days, days))
        return true;
    X509_free(*certificate);
    EVP_PKEY_free(*key);
    *certificate = NULL;
    *key = NULL;
    return false;
}
