/* tls - the handshake of the client, and the reason of a failure */
#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "smtp/client/parts.h"

bool client_is_tls(const char *bytes, size_t len)
{
    /* RFC 8446, 5.1: type 21 (alert) or 22 (handshake), then a version that begins with 3 */
    return len > 0 && (bytes[0] == 21 || bytes[0] == 22) && (len < 2 || bytes[1] == 3);
}

bool client_is_reply(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < 3; i++)
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
    return len > 0;
}

/* --- the context --------------------------------------------------------------------------- */

static int find_version(struct str name)
{
    static const struct {
        const char *name;
        int version;
    } versions[] = {
        {"SSLv3", SSL3_VERSION},     {"TLSv1", TLS1_VERSION},     {"TLSv1.0", TLS1_VERSION},
        {"TLSv1.1", TLS1_1_VERSION}, {"TLSv1.2", TLS1_2_VERSION}, {"TLSv1.3", TLS1_3_VERSION},
    };

    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (str_is_nocase(name, versions[i].name))
            return versions[i].version;
    return 0;
}

/*
 * set_limits - if an old protocol is requested, the security level must be lowered, since
 * distributions set it so that old protocols do not work
 */
static bool set_limits(struct client *client)
{
    const struct client_options *options = &client->options;
    int lowest = find_version(options->min_protocol), highest = find_version(options->max_protocol);

    if ((options->min_protocol.len > 0 && lowest == 0) ||
        (options->max_protocol.len > 0 && highest == 0))
        return client_fail(client, CLIENT_NO_PROTOCOL, "%.*s is not a TLS version",
                           STR_ARG(lowest == 0 ? options->min_protocol : options->max_protocol));
    if ((lowest != 0 && lowest < TLS1_2_VERSION) || (highest != 0 && highest < TLS1_2_VERSION))
        SSL_CTX_set_security_level(client->context, 0);
    if (lowest != 0 || (highest != 0 && highest < TLS1_2_VERSION))
        SSL_CTX_set_min_proto_version(client->context, lowest);
    if (highest != 0)
        SSL_CTX_set_max_proto_version(client->context, highest);
    if (options->ciphers.len > 0 &&
        SSL_CTX_set_cipher_list(client->context, arena_cstr(client->arena, options->ciphers)) != 1)
        return client_fail(client, CLIENT_NO_CIPHER, "OpenSSL has none of the ciphers \"%.*s\"",
                           STR_ARG(options->ciphers));
    return true;
}

/* begin_tls - over two memory BIOs */
static bool begin_tls(struct client *client)
{
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    ERR_clear_error();
    client->context = SSL_CTX_new(TLS_client_method());
    if (client->context != NULL) {
        if (!set_limits(client)) {
            BIO_free(in);
            BIO_free(out);
            return false;
        }
        client_set_trust(client);
        client->ssl = SSL_new(client->context);
    }
    if (client->ssl == NULL || in == NULL || out == NULL) {
        BIO_free(in);
        BIO_free(out);
        return client_fail(client, CLIENT_HANDSHAKE, "OpenSSL: out of memory");
    }
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(client->ssl, in, out);
    SSL_set_connect_state(client->ssl);
    client_set_name(client);
    return true;
}

struct str client_hello(struct client *client)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = context != NULL ? SSL_new(context) : NULL;
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    struct str hello = STR_NONE;
    char *bytes;

    if (ssl == NULL || in == NULL || out == NULL) {
        BIO_free(in);
        BIO_free(out);
    } else {
        SSL_set_bio(ssl, in, out);
        SSL_connect(ssl);
        long len = BIO_get_mem_data(out, &bytes);
        if (len > 0)
            hello = arena_copy(client->arena, (struct str){bytes, (size_t)len});
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
    return hello;
}

/* --- TLS records ------------------------------------------------------------------------------ */

/* flush_output - sends OpenSSL's output */
static bool flush_output(struct client *client)
{
    char bytes[16 * 1024];
    int len;

    while ((len = BIO_read(SSL_get_wbio(client->ssl), bytes, sizeof bytes)) > 0)
        if (!client_write_raw(client, bytes, (size_t)len))
            return false;
    return true;
}

/* fill_input - passes input to OpenSSL; FIRST: checks that it is TLS */
static bool fill_input(struct client *client, bool first)
{
    char bytes[16 * 1024];
    size_t len = client_read_raw(client, bytes, sizeof bytes);

    if (len == 0)
        return false;
    if (first && !client_is_tls(bytes, len)) {
        struct str line = str_slice((struct str){bytes, len}, 0,
                                    str_span_not((struct str){bytes, len}, 0, "\r\n"));
        line = str_slice(line, 0, 200);
        if (!client_is_reply(bytes, len))
            return client_fail(client, CLIENT_NOT_SMTP,
                               "the answer to the TLS ClientHello is neither TLS nor SMTP");
        if (client->tls == CLIENT_IMPLICIT)
            return client_fail(client, CLIENT_PLAIN_NOT_TLS, "plaintext in answer to TLS: %.*s",
                               STR_ARG(line));
        return client_fail(client, CLIENT_INJECTED,
                           "plaintext between STARTTLS and the handshake: %.*s", STR_ARG(line));
    }
    BIO_write(SSL_get_rbio(client->ssl), bytes, (int)len);
    return true;
}

/* --- the handshake ---------------------------------------------------------------------------- */

static enum client_failure find_failure(int reason)
{
    switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_TLSV1_ALERT_INAPPROPRIATE_FALLBACK:
        return CLIENT_NO_PROTOCOL;
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: /* from servers without a common cipher */
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
        return CLIENT_NO_CIPHER;
    default:
        return CLIENT_HANDSHAKE;
    }
}

static bool fail_handshake(struct client *client)
{
    unsigned long code = ERR_peek_error();
    const char *reason = ERR_reason_error_string(code);
    enum client_failure failure = find_failure(ERR_GET_REASON(code));

    flush_output(client); /* the alert */
    ERR_clear_error();
    return client_fail(client, failure, "TLS handshake: %s",
                       reason != NULL ? reason : "unknown reason");
}

bool client_handshake(struct client *client)
{
    bool first = true;

    client_step(client, str_of("the TLS handshake"));
    if (!begin_tls(client))
        return false;
    for (;;) {
        ERR_clear_error();
        int done = SSL_do_handshake(client->ssl);
        if (done == 1)
            break;
        if (SSL_get_error(client->ssl, done) != SSL_ERROR_WANT_READ)
            return fail_handshake(client);
        if (!flush_output(client) || !fill_input(client, first))
            return false;
        first = false;
    }
    if (!flush_output(client))
        return false;
    client->secured = true;
    client_fill_report(client);
    return true;
}

/* --- data ------------------------------------------------------------------------------------- */

bool client_write_tls(struct client *client, const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len > 0) {
        int part = len > 16 * 1024 ? 16 * 1024 : (int)len;
        ERR_clear_error();
        if (SSL_write(client->ssl, from, part) != part)
            return client_fail(client, CLIENT_HANDSHAKE, "TLS failed while sending");
        if (!flush_output(client))
            return false;
        from += part;
        len -= (size_t)part;
    }
    return true;
}

size_t client_read_tls(struct client *client, void *bytes, size_t size)
{
    for (;;) {
        ERR_clear_error();
        int got = SSL_read(client->ssl, bytes, (int)size);
        if (got > 0)
            return (size_t)got;
        switch (SSL_get_error(client->ssl, got)) {
        case SSL_ERROR_WANT_READ:
            if (!flush_output(client) || !fill_input(client, false))
                return 0;
            break;
        case SSL_ERROR_ZERO_RETURN:
            client_fail(client, CLIENT_CLOSED, "the server ended TLS while waiting for %.*s",
                        STR_ARG(client->doing));
            return 0;
        default:
            /* in TLS 1.3, the alert of a server that rejects the client comes later */
            fail_handshake(client);
            return 0;
        }
    }
}
