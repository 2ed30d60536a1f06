/*
 * client_parts - what the files of the client share
 *
 * Bytes go through a socket that does not block, with poll(2) and a deadline.  TLS runs over
 * memory: so every byte that comes can be looked at before OpenSSL has it, and no write raises
 * SIGPIPE.
 */
#ifndef SMTP_CLIENT_PARTS_H
#define SMTP_CLIENT_PARTS_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "smtp/client/client.h"

enum {
    CLIENT_IN_SIZE = 16 * 1024,
    CLIENT_LINE_MAX = 8 * 1024,    /* of a reply; RFC 5321 has 512 */
    CLIENT_REPLY_MAX = 256 * 1024, /* bytes of all lines of one reply */
    CLIENT_LINES_MAX = 256,
};

/* what was wrong with the server's certificate, gathered while OpenSSL looked at it */
struct client_problems {
    int errors[16]; /* X509_V_ERR_..., in the order in which they came */
    size_t count;
};

struct client {
    struct arena *arena;
    struct client_options options;
    enum client_tls tls;
    int timeout_ms;
    int socket;       /* -1: none */
    int64_t deadline; /* of this step, in milliseconds of the monotonic clock */

    enum client_failure failure;
    struct str detail;
    bool ended; /* nothing can be sent any more */

    SSL_CTX *context;
    SSL *ssl;     /* NULL until TLS begins */
    bool secured; /* the handshake is done */
    bool no_bundle;
    struct client_problems problems;
    struct client_report report;

    char in[CLIENT_IN_SIZE]; /* bytes that came, in the clear or out of TLS */
    size_t in_at, in_len;
    struct reply greeting;
    struct str capabilities; /* the text of the last reply to EHLO; STR_NONE before it */
    struct str doing;        /* for messages: "the greeting", "the reply to EHLO" */
};

/* --- client_socket.c ---------------------------------------------------------------------- */

void client_step(struct client *client, struct str doing); /* a new deadline */
int client_time_left(const struct client *client);         /* milliseconds, at least 0 */
/* keeps the first failure and ends the connection; always false */
bool client_fail(struct client *client, enum client_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* the same, where the session can go on */
bool client_note(struct client *client, enum client_failure failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* a socket that is connected and does not block; -1 with *WHY */
int client_connect(struct client *client, struct str *why);
/* one more to the same address, within this step's time; -1 where that fails */
int client_connect_again(struct client *client);
/* 1: readable (or writable); 0: the time is over; SOCKET2 may be -1, *WHICH is 0 or 1 */
int client_wait(struct client *client, int socket, short events, int socket2, int until_ms,
                int *which);
bool client_write_raw(struct client *client, const void *bytes, size_t len);
/* what is there, waiting for it; 0 after a failure */
size_t client_read_raw(struct client *client, void *bytes, size_t size);

/* --- client_tls.c ------------------------------------------------------------------------- */

/* does what came look like a record of TLS: an alert or a handshake? */
bool client_is_tls(const char *bytes, size_t len);
bool client_is_reply(const char *bytes, size_t len); /* three digits */
/* the bytes of a hello, for a server that may be waiting for it */
struct str client_hello(struct client *client);
bool client_handshake(struct client *client);
bool client_write_tls(struct client *client, const void *bytes, size_t len);
size_t client_read_tls(struct client *client, void *bytes, size_t size);

/* --- client_trust.c ----------------------------------------------------------------------- */

/* the CA bundle and the name go into the context and the connection */
void client_set_trust(struct client *client);
void client_set_name(struct client *client);
void client_fill_report(struct client *client);

#endif
