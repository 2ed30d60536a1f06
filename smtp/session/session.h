/*
 * session - the commands and replies of one SMTP session, without a socket
 *
 * What Postfix's smtpd.c does, by the release and the service: greeting, EHLO's capabilities,
 * STARTTLS, AUTH (PLAIN and LOGIN), the syntax and parameters of each command, the limits on
 * errors, and the replies.  Whether a step is let through is asked of restriction.h.  RFC 5321 and
 * its extensions; the names of the parameters are postconf(5)'s.
 *
 * The caller moves bytes: it hands in each line and the message's size, and does what is asked
 * next.  trace, the plan's expectations and the server are such callers.
 */
#ifndef SMTP_SESSION_SESSION_H
#define SMTP_SESSION_SESSION_H

#include "smtp/policy/users.h"
#include "smtp/service/state.h"
#include "smtp/session/content.h"

struct session;

/* what the client is; the rest of it the session learns */
struct session_client {
    struct str address, port;               /* of the client */
    struct str server_address, server_port; /* that it connected to */
    /* as found by DNS; an empty NAME: not looked up, the checks ask the world */
    struct str name, reverse_name;
};

struct session_options {
    const struct users *users; /* who can log in; NULL: nobody */
    bool xclient;        /* XCLIENT and XFORWARD are offered, as the live test needs them; after
                            an XCLIENT only to loopback addresses.  Else
                            smtpd_authorized_xclient_hosts and _xforward_hosts decide */
    struct trace *trace; /* may be NULL */
    bool can_tls;        /* a certificate is at hand; else STARTTLS is offered and answered
                            with 454, and wrapper mode fails, as in Postfix */
};

/* what comes next from the client */
enum session_next {
    NEXT_COMMAND,
    NEXT_TLS,   /* shake hands, once the reply is sent and what came before it thrown away */
    NEXT_AUTH,  /* a line of the SASL exchange: hand it to session_line() too */
    NEXT_DATA,  /* the message, up to its <CR><LF>.<CR><LF>: then session_end_of_data() */
    NEXT_CHUNK, /* chunk_size bytes: then session_end_of_chunk() */
    NEXT_CLOSE, /* the session is over */
};

struct session_step {
    struct reply reply; /* code 0: nothing is sent; texts are valid until the next call */
    enum session_next next;
    long chunk_size;
    struct reply last; /* sent right behind REPLY without waiting for the client: "421 4.7.0 ...
                          too many errors"; code 0 nearly always */
    long delay; /* seconds to wait before REPLY is sent: smtpd_error_sleep_time for a client with
                   more errors than smtpd_soft_error_limit; 0 nearly always */
};

/* everything lives in ARENA; OPTIONS must live as long */
struct session *session_begin(struct arena *arena, const struct policy_service *service,
                              struct world *world, const struct session_client *client,
                              const struct session_options *options);

/*
 * Before session_greeting() and session_line(): WAITING tells whether the client has already sent
 * more (behind the line, for session_line), for smtpd_forbid_unauth_pipelining and
 * reject_unauth_pipelining.
 */
void session_input(struct session *session, bool waiting);
/* the greeting; in wrapper mode without a handshake so far NEXT_TLS without a reply: shake hands,
   call session_tls(), and ask again */
struct session_step session_greeting(struct session *session);
bool session_is_wrapped(const struct session *session);
/* one line without its line end (CR LF, or LF).  ENDED_LF: it ended in a bare LF.  Of a line longer
   than session_limits().line_length, the first line_length + 1 bytes are enough */
struct session_step session_line(struct session *session, struct str line, bool ended_lf);
/* the handshake is done; TLS lives as long as the session */
void session_tls(struct session *session, const struct state_tls *tls);
/* after it, what tls_exchange() said of it: releases that write it to Received: then do.  It must
   live as long as the session */
void session_tls_exchange(struct session *session, struct str exchange);
/* after the failed handshake of a session, Postfix hangs up */

enum content_problem {
    CONTENT_GOOD,
    CONTENT_TOO_LARGE,
    CONTENT_BARE_NEWLINE, /* and the release and its settings reject it */
    CONTENT_NOT_STORED,   /* queue file write error: a full disk, ... */
};

/* SIZE is the whole message's, as Postfix counts it: its lines with 2 bytes each for their ends */
struct session_step session_end_of_data(struct session *session, long size,
                                        enum content_problem problem, struct str queue_id);
/* the chunk's bytes are there; SIZE is that of all chunks of the message so far; QUEUE_ID counts
   after the LAST one */
struct session_step session_end_of_chunk(struct session *session, long size,
                                         enum content_problem problem, struct str queue_id);
/* is the chunk in progress the last of its message? */
bool session_chunk_is_last(const struct session *session);
/* are the chunk's bytes part of a message?  Else they are read and thrown away */
bool session_chunk_is_kept(const struct session *session);

/* too long without a command: 421, or after DATA */
struct session_step session_timeout(struct session *session);

const struct state *session_state(const struct session *session);
/* the step for the log: "CONNECT", "MAIL", "RCPT", "DATA", "END-OF-MESSAGE", "UNKNOWN" */
const char *session_where(const struct session *session);
/* the accepted recipients of the transaction; valid until it ends */
size_t session_recipients(const struct session *session, const struct str **recipients);
/* "Received: from helo (name [address]) ... " with TLS and AUTH as the configuration asks, as
   Postfix writes it, each of its lines with an LF; DATE is RFC 5322's.  To be asked before the end
   of the data, which ends the transaction */
struct str session_received(const struct session *session, struct arena *arena, struct str queue_id,
                            struct str date);

/* limits that whoever reads the socket keeps */
struct session_limits {
    size_t line_length;             /* of a command or SASL response, without its line end */
    long timeout;                   /* seconds to wait for a command: smtpd_timeout */
    long message_size;              /* 0: none */
    enum bare_newline bare_newline; /* smtpd_forbid_bare_newline for this client */
};
struct session_limits session_limits(const struct session *session);

#endif
