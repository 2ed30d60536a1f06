/*
 * remote - what smtp(8) and lmtp(8) do with a next hop
 *
 * Its destinations with their fallbacks (smtp_connect.c), the TLS security level of each
 * (smtp_tls_policy.c), whether TLS works at all and what verifies the server (tls_client.c), and
 * the login (smtp_sasl_glue.c).  What the server offers is not known: TLS_OPPORTUNISTIC says that
 * TLS is used if the server has it.
 */
#ifndef SMTP_DELIVERY_REMOTE_H
#define SMTP_DELIVERY_REMOTE_H

#include "smtp/service/state.h"
#include "smtp/tls/level.h"

enum remote_tls {
    REMOTE_PLAIN,         /* TLS is not used */
    REMOTE_OPPORTUNISTIC, /* if the server offers it */
    REMOTE_REQUIRED,      /* mail is not sent without */
    REMOTE_FAILS,         /* mail for this destination stays in the queue: tls_text says why */
    REMOTE_UNKNOWN,       /* cannot be determined from the files */
};

/* one destination; those of a list are tried one after the other */
struct remote_hop {
    struct str text; /* as it is written: "[relay.example.net]:587", the key of look-ups */
    struct str host; /* without brackets and port; the path of a socket */
    struct str port; /* "587"; empty: the default of the protocol */
    bool has_mx;     /* the server's name is that of an MX record, which the files do not tell */
    bool is_socket;
    bool is_fallback; /* of smtp_fallback_relay */

    enum security_level level; /* as the settings have it; TLS_UNDECIDED: a table does not work */
    enum security_level effective; /* "may" where "dane" lacks DNSSEC */
    enum remote_tls tls;
    bool wrapped;        /* smtp_tls_wrappermode */
    bool is_verified;    /* mail is sent only to a server with a certificate that is trusted */
    struct str tls_text; /* "encrypt, certificate not verified" */

    /* may PLAIN and LOGIN be used, with TLS and without? */
    bool plain_with_tls, plain_without_tls;
    struct str user; /* logs in as; empty: not at all; STR_NONE: not known */
    struct str key;  /* the key of the password map that was found */
};

/* a look-up on the way */
struct remote_step {
    enum parameter_number parameter;
    struct str said;
    struct span span; /* of the table; may have no source */
};

enum { REMOTE_NOTES_MAX = 32, REMOTE_STEPS_MAX = 64 };

struct remote {
    const char *program; /* "smtp" or "lmtp" */
    struct remote_hop *hops;
    size_t count;
    struct str failure;    /* why nothing is sent at all; STR_NONE: it is */
    bool bounces, unknown; /* with a failure: it does not stay in the queue; it is not known */
    struct str notes[REMOTE_NOTES_MAX];
    size_t note_count;
    struct remote_step steps[REMOTE_STEPS_MAX];
    size_t step_count;
};

/* STATE is that of the delivery agent's service; the result is in its arena */
struct remote *remote_open(struct state *state, struct str sender, struct str recipient,
                           struct str nexthop);
/* "delivered by smtp to [relay.example.net]:587, TLS required (encrypt, certificate not
   verified), logs in as user1"; TRANSPORT is the name of the service */
struct str remote_sentence(struct arena *arena, const struct remote *remote, struct str transport);

#endif
