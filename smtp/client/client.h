/*
 * client - an SMTP client that says what went wrong, and which Postfix setting is the likely reason
 *
 * A blocking client with a deadline for each step.  It records the replies, and with TLS the
 * protocol, the cipher and the verified certificate chain.  It sends a password over an unencrypted
 * connection only if it is told to.
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

/* what can go wrong */
enum client_failure {
    CLIENT_GOOD,
    CLIENT_NO_CONNECTION,    /* refused, unreachable, no such host */
    CLIENT_TIMEOUT,          /* no answer: often a server that waits for TLS, or a firewall */
    CLIENT_CLOSED,           /* the server closed the connection */
    CLIENT_PLAIN_NOT_TLS,    /* a plaintext greeting in answer to TLS: wrapper mode is off */
    CLIENT_TLS_NOT_PLAIN,    /* no greeting, since the server waits for TLS, or TLS instead of a
                                greeting: wrapper mode is on */
    CLIENT_NOT_SMTP,         /* the server does not speak SMTP */
    CLIENT_NO_STARTTLS,      /* EHLO does not offer it */
    CLIENT_STARTTLS_REFUSED, /* offered, but refused: 454 TLS not available */
    CLIENT_NO_PROTOCOL,      /* no TLS version in common */
    CLIENT_NO_CIPHER,        /* no cipher in common */
    CLIENT_HANDSHAKE,        /* TLS failed for another reason, which is in the detail */
    CLIENT_NO_AUTH,          /* AUTH or the mechanism is not offered */
    CLIENT_INJECTED,         /* plaintext came between STARTTLS and the handshake */
};

enum client_trust {
    TRUST_GOOD,
    TRUST_WRONG_NAME,
    TRUST_EXPIRED,
    TRUST_NOT_YET_VALID,
    TRUST_UNKNOWN_ISSUER, /* the CA is not in the bundle, or the server does not send the chain */
    TRUST_SELF_SIGNED,
    TRUST_WEAK,      /* key or digest too weak */
    TRUST_NO_BUNDLE, /* the CA bundle could not be read: not verified */
    TRUST_OTHER,
};

struct client_certificate {
    struct str subject, issuer;
    struct str names;                 /* subjectAltName, separated by commas */
    struct str not_before, not_after; /* 2026-11-22 */
    struct str sha256;
};

struct client_report {
    struct str protocol, cipher; /* empty without TLS */
    int bits;
    struct client_certificate *chain; /* as sent, the server's own first */
    size_t chain_count;
    enum client_trust trust;
    struct str trust_detail; /* OpenSSL's text */
};

struct client_options {
    struct str host; /* name or address */
    int port;
    struct str name;    /* expected in the certificate, and for SNI; empty: host */
    struct str ca_file; /* empty: that of the system */
    struct str ca_directory;
    int timeout_ms;                        /* for each step; 0: 10,000 */
    struct str min_protocol, max_protocol; /* "TLSv1.2"; empty: those of OpenSSL */
    struct str ciphers;  /* an OpenSSL cipher list, up to TLS 1.2; empty: the default */
    bool plaintext_auth; /* client_auth() may be used without TLS */
    bool insist;         /* client_starttls() sends STARTTLS even if EHLO does not offer it */
};

struct client;

/* connects, starts TLS if TLS is CLIENT_IMPLICIT, and reads the greeting.  Never NULL: a failure is
   kept in the client, and later calls have no effect.  Only after CLIENT_NO_STARTTLS,
   CLIENT_STARTTLS_REFUSED and CLIENT_NO_AUTH can the session continue */
struct client *client_open(struct arena *arena, const struct client_options *options,
                           enum client_tls tls);
struct reply client_greeting(const struct client *client);
/* sends LINE, which has no line end, with CR LF, and reads the reply; code 0: a failure */
struct reply client_command(struct client *client, struct str line);
/* sends raw bytes; reads a reply without sending anything.  For hostile tests */
bool client_send(struct client *client, struct str bytes);
struct reply client_reply(struct client *client);
/* STARTTLS and the handshake; returns the reply to STARTTLS.  Not sent if the last EHLO did not
   offer it, unless the client insists */
struct reply client_starttls(struct client *client);
/* AUTH with MECHANISM, PLAIN or LOGIN; returns the last reply.  Not sent if the last EHLO did not
   offer it, or without TLS unless plaintext_auth is set */
struct reply client_auth(struct client *client, struct str mechanism, struct str user,
                         struct str password);
/* sends the message with doubled dots and CR LF line ends, and the final dot; reads the reply */
struct reply client_message(struct client *client, struct str message);
void client_close(struct client *client); /* does not send QUIT */

enum client_failure client_failure(const struct client *client);
struct str client_detail(const struct client *client); /* one line; empty without a failure */
/* the Postfix setting that is the likely reason, and what to do; may be empty */
struct str client_advice(enum client_failure failure, enum client_tls tls, int port);
struct str client_trust_advice(enum client_trust trust);
const struct client_report *client_report(const struct client *client);
/* for programs: "plain-not-tls", "unknown-issuer"; "good" without a failure */
const char *client_failure_name(enum client_failure failure);
const char *client_trust_name(enum client_trust trust);

#endif
