/*
 * client_parts - private to smtp/client
 *
 * The socket is non-blocking, used with poll(2) and a deadline.  TLS uses memory BIOs, so that
 * input can be inspected before OpenSSL reads it, and writing never raises SIGPIPE.
 */
#ifndef SMTP_CLIENT_PARTS_H
#define SMTP_CLIENT_PARTS_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "smtp/client/client.h"

enum {
    CLIENT_IN_SIZE = 16 * 1024,
    CLIENT_LINE_MAX = 8 * 1024,    /* of a reply; 512 in RFC 5321 */
    CLIENT_REPLY_MAX = 256 * 1024, /* bytes of all lines of one reply */
    CLIENT_LINES_MAX = 256,
    CLIENT_PROBLEMS_MAX = 128, /* OpenSSL has fewer X509_V_ERR_... */
};

/* the errors that OpenSSL found in the server's certificates */
struct client_problems {
    int errors[CLIENT_PROBLEMS_MAX]; /* X509_V_ERR_..., in the order of their detection, each once
                                      */
    size_t count;
};

struct client {
    struct arena *arena;
    struct client_options options;
    enum client_tls tls;
    int timeout_ms;
    int socket;       /* -1: none */
    int64_t deadline; /* of the current step, in milliseconds of the monotonic clock */

    enum client_failure failure;
    struct str detail;
    bool ended; /* the connection cannot be used any more */

    SSL_CTX *context;
    SSL *ssl;     /* NULL until TLS begins */
    bool secured; /* the handshake is done */
    bool no_bundle;
    struct client_problems problems;
    struct client_report report;

    char in[CLIENT_IN_SIZE]; /* input, decrypted if TLS is used */
    size_t in_at, in_len;
    struct reply greeting;
    struct str capabilities; /* the text of the last reply to EHLO; STR_NONE: none */
    struct str doing;        /* for messages: "the greeting", "the reply to EHLO" */
};

/* --- client_socket.c ---------------------------------------------------------------------- */

void client_step(struct client *client, struct str doing); /* begins a step */
int client_time_left(const struct client *client);         /* milliseconds, at least 0 */
/* keeps the failure and ends the connection; always false */
bool client_fail(struct client *client, enum client_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* keeps the first failure; the session continues */
bool client_note(struct client *client, enum client_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* a connected non-blocking socket; -1 with *WHY */
int client_connect(struct client *client, struct str *why);
/* another one to the same address, before the deadline; -1: failed */
int client_connect_again(struct client *client);
/* 1: readable (or writable); 0: timeout; SOCKET2 may be -1; *WHICH is 0 or 1 */
int client_wait(struct client *client, int socket, short events, int socket2, int until_ms,
                int *which);
bool client_write_raw(struct client *client, const void *bytes, size_t len);
/* waits for input; 0: a failure */
size_t client_read_raw(struct client *client, void *bytes, size_t size);

/* --- client_tls.c ------------------------------------------------------------------------- */

/* does the input look like a TLS record, an alert or a handshake? */
bool client_is_tls(const char *bytes, size_t len);
bool client_is_reply(const char *bytes, size_t len); /* three digits */
/* a TLS ClientHello, for a server that may wait for it */
struct str client_hello(struct client *client);
bool client_handshake(struct client *client);
bool client_write_tls(struct client *client, const void *bytes, size_t len);
size_t client_read_tls(struct client *client, void *bytes, size_t size);

/* --- client_trust.c ----------------------------------------------------------------------- */

/* sets the CA bundle of the context, and the expected name of the connection */
void client_set_trust(struct client *client);
void client_set_name(struct client *client);
void client_fill_report(struct client *client);
/* what the certificate says of itself, whoever made it */
struct client_certificate client_describe_certificate(struct arena *arena, X509 *certificate);

#endif
