/* trust - verification of the server's certificates, and their contents */
#include <arpa/inet.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/text/network.h"
#include "smtp/client/parts.h"

/* --- what to trust --------------------------------------------------------------------------- */

/* collect_error - the verification continues, to find all errors */
static int collect_error(int verified, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct client *client = SSL_get_app_data(ssl);
    struct client_problems *problems = &client->problems;

    int error = X509_STORE_CTX_get_error(store);
    bool known = verified || problems->count == CLIENT_PROBLEMS_MAX;

    for (size_t i = 0; i < problems->count && !known; i++)
        known = problems->errors[i] == error;
    if (!known)
        problems->errors[problems->count++] = error;
    return 1;
}

static bool has_entries(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    bool found = false;

    if (directory == NULL)
        return false;
    while (!found && (entry = readdir(directory)) != NULL)
        found = entry->d_name[0] != '.';
    closedir(directory);
    return found;
}

/* load_system_bundle - OpenSSL does not report if the default bundle does not exist */
static bool load_system_bundle(SSL_CTX *context)
{
    const char *file = getenv(X509_get_default_cert_file_env());
    const char *directory = getenv(X509_get_default_cert_dir_env());

    if (file == NULL)
        file = X509_get_default_cert_file();
    if (directory == NULL)
        directory = X509_get_default_cert_dir();
    return SSL_CTX_set_default_verify_paths(context) == 1 &&
           (access(file, R_OK) == 0 || has_entries(directory));
}

void client_set_trust(struct client *client)
{
    const struct client_options *options = &client->options;
    struct arena *arena = client->arena;
    const char *file = options->ca_file.len > 0 ? arena_cstr(arena, options->ca_file) : NULL;
    const char *directory =
        options->ca_directory.len > 0 ? arena_cstr(arena, options->ca_directory) : NULL;

    SSL_CTX_set_verify(client->context, SSL_VERIFY_PEER, collect_error);
    if (file == NULL && directory == NULL)
        client->no_bundle = !load_system_bundle(client->context);
    else
        client->no_bundle = SSL_CTX_load_verify_locations(client->context, file, directory) != 1 ||
                            (file == NULL && !has_entries(directory));
    ERR_clear_error();
}

void client_set_name(struct client *client)
{
    const struct client_options *options = &client->options;
    struct str name = options->name.len > 0 ? options->name : options->host;
    X509_VERIFY_PARAM *parameters = SSL_get0_param(client->ssl);
    struct network address;

    if (name.len > 2 && name.at[0] == '[' && name.at[name.len - 1] == ']')
        name = str_slice(name, 1, name.len - 1);
    if (name.len > 1 && name.at[name.len - 1] == '.')
        name.len--;
    const char *text = arena_cstr(client->arena, name);
    SSL_set_app_data(client->ssl, client);
    if (network_read_address(name, &address)) {
        X509_VERIFY_PARAM_set1_ip_asc(parameters, text); /* RFC 6066, 3: no SNI for an address */
        return;
    }
    /* RFC 6125, 6.4.3: a wildcard is the whole leftmost label */
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(parameters, text, 0);
    SSL_set_tlsext_host_name(client->ssl, text);
    ERR_clear_error();
}

/* --- the result of the verification ---------------------------------------------------------- */

static enum client_trust find_trust(int error)
{
    switch (error) {
    case X509_V_OK:
        return TRUST_GOOD;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TRUST_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: /* by another CA of the same name */
        return TRUST_UNKNOWN_ISSUER;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TRUST_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TRUST_NOT_YET_VALID;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TRUST_WRONG_NAME;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return TRUST_WEAK;
    default:
        return TRUST_OTHER;
    }
}

/* rank_trust - which of several problems is reported: the issuer, then dates, then the name */
static int rank_trust(enum client_trust trust)
{
    static const enum client_trust order[] = {
        TRUST_SELF_SIGNED, TRUST_UNKNOWN_ISSUER, TRUST_EXPIRED, TRUST_NOT_YET_VALID,
        TRUST_WRONG_NAME,  TRUST_WEAK,           TRUST_OTHER,   TRUST_GOOD,
    };
    int at = 0;

    while (order[at] != trust && order[at] != TRUST_GOOD)
        at++;
    return at;
}

static void set_trust(struct client *client)
{
    struct client_report *report = &client->report;
    struct buffer detail;
    const int *errors = client->problems.errors;

    buffer_init(&detail, client->arena);
    report->trust = TRUST_GOOD;
    for (size_t i = 0; i < client->problems.count; i++) {
        buffer_printf(&detail, "%s%s", detail.len > 0 ? "; " : "",
                      X509_verify_cert_error_string(errors[i]));
        if (rank_trust(find_trust(errors[i])) < rank_trust(report->trust))
            report->trust = find_trust(errors[i]);
    }
    if (report->chain_count == 0) {
        report->trust = TRUST_OTHER;
        buffer_add_cstr(&detail, "the server has no certificate");
    } else if (client->no_bundle) {
        report->trust = TRUST_NO_BUNDLE;
        buffer_init(&detail, client->arena);
        buffer_printf(&detail, "the CA certificates cannot be read%s%.*s",
                      client->options.ca_file.len > 0 ? " from " : "",
                      STR_ARG(client->options.ca_file));
    }
    report->trust_detail = buffer_str(&detail);
}

/* --- the contents of a certificate ----------------------------------------------------------- */

static struct str read_bio(struct arena *arena, BIO *out)
{
    char *bytes;
    long len = BIO_get_mem_data(out, &bytes);
    struct str text = len > 0 ? arena_copy(arena, (struct str){bytes, (size_t)len}) : str_of("");

    BIO_free(out);
    return text;
}

static struct str print_name(struct arena *arena, X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());

    if (out == NULL)
        return str_of("");
    /* control characters are escaped */
    X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    return read_bio(arena, out);
}

static struct str print_date(struct arena *arena, const ASN1_TIME *time)
{
    struct tm when;

    if (ASN1_TIME_to_tm(time, &when) != 1)
        return str_of("");
    return arena_printf(arena, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1,
                        when.tm_mday);
}

static void add_address(struct buffer *names, const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN];
    int len = ASN1_STRING_length(address);

    if (inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text,
                  sizeof text) != NULL)
        buffer_printf(names, "%s%s", names->len > 0 ? "," : "", text);
}

/* add_name - a DNS name, with "?" for invalid characters */
static void add_name(struct buffer *names, const ASN1_STRING *name)
{
    const unsigned char *at = ASN1_STRING_get0_data(name);
    int len = ASN1_STRING_length(name);

    if (names->len > 0)
        buffer_add_char(names, ',');
    for (int i = 0; i < len; i++)
        buffer_add_char(names, at[i] > ' ' && at[i] < 127 && at[i] != ',' ? (char)at[i] : '?');
}

static struct str print_alternative_names(struct arena *arena, X509 *certificate)
{
    GENERAL_NAMES *list = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    struct buffer names;

    buffer_init(&names, arena);
    for (int i = 0; i < sk_GENERAL_NAME_num(list); i++) {
        int kind;
        const void *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list, i), &kind);
        if (kind == GEN_DNS)
            add_name(&names, value);
        else if (kind == GEN_IPADD &&
                 (ASN1_STRING_length(value) == 4 || ASN1_STRING_length(value) == 16))
            add_address(&names, value);
    }
    GENERAL_NAMES_free(list);
    return buffer_str(&names);
}

static struct str print_sha256(struct arena *arena, X509 *certificate)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct buffer text;

    buffer_init(&text, arena);
    if (X509_digest(certificate, EVP_sha256(), bytes, &len) == 1)
        for (unsigned i = 0; i < len; i++)
            buffer_printf(&text, "%s%02X", i > 0 ? ":" : "", bytes[i]);
    return buffer_str(&text);
}

struct client_certificate client_describe_certificate(struct arena *arena, X509 *certificate)
{
    return (struct client_certificate){
        .subject = print_name(arena, X509_get_subject_name(certificate)),
        .issuer = print_name(arena, X509_get_issuer_name(certificate)),
        .names = print_alternative_names(arena, certificate),
        .not_before = print_date(arena, X509_get0_notBefore(certificate)),
        .not_after = print_date(arena, X509_get0_notAfter(certificate)),
        .sha256 = print_sha256(arena, certificate),
    };
}

void client_fill_report(struct client *client)
{
    struct arena *arena = client->arena;
    struct client_report *report = &client->report;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(client->ssl);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(client->ssl);
    int count = chain != NULL ? sk_X509_num(chain) : 0;

    report->protocol = str_of(SSL_get_version(client->ssl));
    report->cipher = str_of(SSL_CIPHER_get_name(cipher));
    report->bits = SSL_CIPHER_get_bits(cipher, NULL);
    report->chain = arena_alloc(arena, (size_t)(count + 1) * sizeof *report->chain);
    report->chain_count = (size_t)count;
    for (int i = 0; i < count; i++)
        report->chain[i] = client_describe_certificate(arena, sk_X509_value(chain, i));
    set_trust(client);
    ERR_clear_error();
}
