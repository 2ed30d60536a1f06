/*
 * client - asks any SMTP server, and says what went wrong in words that lead to a setting
 *
 * A blocking client with a deadline for each step.  It records every reply, and of TLS the
 * protocol, the cipher, and the chain with its verification.  It never sends a password without
 * being told that it may go over a connection in the clear.
 */
#ifndef SMTP_CLIENT_CLIENT_H
#define SMTP_CLIENT_CLIENT_H

#include "facts/facts.h"
#include "smtp/service/reply.h"

enum client_tls {
    CLIENT_PLAIN,
    CLIENT_STARTTLS,
    CLIENT_IMPLICIT, /* TLS from the first byte, as on port 465 */
};

/* what administrators meet; the first two decide what the other end is */
enum client_failure {
    CLIENT_GOOD,
    CLIENT_NO_CONNECTION, /* refused, unreachable, no such host */
    CLIENT_TIMEOUT, /* nothing came: often a TLS server waiting for our hello, or a firewall */
    CLIENT_CLOSED,  /* the other end hung up */
    CLIENT_PLAIN_NOT_TLS, /* we began TLS and a greeting in plain text came: wrapper mode is off */
    CLIENT_TLS_NOT_PLAIN, /* we waited for a greeting and the server waits for TLS, or sent TLS
                             bytes: wrapper mode is on */
    CLIENT_NOT_SMTP,      /* something else speaks there */
    CLIENT_NO_STARTTLS,   /* EHLO does not offer it */
    CLIENT_STARTTLS_REFUSED, /* offered and refused: 454 TLS not available */
    CLIENT_NO_PROTOCOL,      /* no TLS version in common */
    CLIENT_NO_CIPHER,        /* no cipher in common */
    CLIENT_HANDSHAKE,        /* TLS failed otherwise; the library's reason is in detail */
    CLIENT_NO_AUTH,          /* AUTH or the mechanism is not offered */
    CLIENT_INJECTED,         /* replies came in the clear between STARTTLS and the handshake */
};

enum client_trust {
    TRUST_GOOD,
    TRUST_WRONG_NAME,
    TRUST_EXPIRED,
    TRUST_NOT_YET_VALID,
    TRUST_UNKNOWN_ISSUER, /* the bundle lacks the CA, or the server does not send the chain */
    TRUST_SELF_SIGNED,
    TRUST_WEAK,      /* key or digest too weak */
    TRUST_NO_BUNDLE, /* the CA bundle could not be read: not verified */
    TRUST_OTHER,
};

struct client_certificate {
    struct str subject, issuer;
    struct str names;                 /* subjectAltName, by commas */
    struct str not_before, not_after; /* 2026-11-22 */
    struct str sha256;
};

struct client_report {
    struct str protocol, cipher; /* empty without TLS */
    int bits;
    struct client_certificate *chain; /* as sent, the server's own first */
    size_t chain_count;
    enum client_trust trust;
    struct str trust_detail; /* the library's words */
};

struct client_options {
    struct str host; /* name or address */
    int port;
    struct str name;    /* expected in the certificate, and for SNI; empty: host */
    struct str ca_file; /* empty: the system's */
    struct str ca_directory;
    int timeout_ms;                        /* for each step; 0: 10,000 */
    struct str min_protocol, max_protocol; /* "TLSv1.2"; empty: the library's */
    struct str ciphers;                    /* OpenSSL's list up to TLS 1.2; empty: the library's */
    bool password_in_clear;                /* client_auth() may be used without TLS */
};

struct client;

/* connects, and with CLIENT_IMPLICIT shakes hands; then reads the greeting.  NULL never: a failure
   is kept in the client, and everything after it is without effect.  Only CLIENT_NO_STARTTLS,
   CLIENT_STARTTLS_REFUSED and CLIENT_NO_AUTH leave a session that goes on */
struct client *client_open(struct arena *arena, const struct client_options *options,
                           enum client_tls tls);
struct reply client_greeting(const struct client *client);
/* sends LINE with CR LF (no line end in it) and reads the reply; code 0 after a failure */
struct reply client_command(struct client *client, struct str line);
/* raw bytes as they are, and a reply without having sent anything: for hostile tests */
bool client_send(struct client *client, struct str bytes);
struct reply client_reply(struct client *client);
/* STARTTLS and the handshake; the reply to STARTTLS.  Not sent where the last EHLO did not offer
   it */
struct reply client_starttls(struct client *client);
/* AUTH PLAIN or LOGIN, whichever MECHANISM says; the last reply.  Not sent where the last EHLO did
   not offer it, nor without TLS unless password_in_clear allows it */
struct reply client_auth(struct client *client, struct str mechanism, struct str user,
                         struct str password);
/* the message with dots doubled and line ends made CR LF, then the dot; the reply to it */
struct reply client_message(struct client *client, struct str message);
void client_close(struct client *client); /* QUIT is the caller's */

enum client_failure client_failure(const struct client *client);
struct str client_detail(const struct client *client); /* one line; empty where all is good */
/* the Postfix setting that is the likely reason, and what to do: one line or two; empty for none */
struct str client_advice(enum client_failure failure, enum client_tls tls, int port);
struct str client_trust_advice(enum client_trust trust);
const struct client_report *client_report(const struct client *client);
/* for programs: "plain-not-tls", "unknown-issuer"; "good" for none */
const char *client_failure_name(enum client_failure failure);
const char *client_trust_name(enum client_trust trust);

#endif
