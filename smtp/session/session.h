/*
 * session - the commands and replies of one SMTP session, without a socket
 *
 * Does what Postfix's smtpd.c does in the release and for the service: greeting, EHLO capabilities,
 * STARTTLS, AUTH (PLAIN and LOGIN), the syntax and parameters of each command, the limits on
 * errors, and the replies.  restriction.h decides whether a step is permitted.  The protocol is RFC
 * 5321 with its extensions; the parameters are those of postconf(5).
 *
 * The caller moves the bytes: it passes in each line and the size of the message, and does what is
 * required next.  The callers are trace, the live test's expectations and the server.
 */
#ifndef SMTP_SESSION_SESSION_H
#define SMTP_SESSION_SESSION_H

#include "smtp/policy/users.h"
#include "smtp/service/state.h"
#include "smtp/session/content.h"

struct session;

/* the client as it connects */
struct session_client {
    struct str address, port;               /* of the client */
    struct str server_address, server_port; /* that it connected to */
    /* from DNS; an empty NAME: not looked up, restrictions ask the world */
    struct str name, reverse_name;
};

struct session_options {
    const struct users *users; /* who can log in; NULL: nobody */
    bool xclient;              /* offer XCLIENT and XFORWARD, which the live test needs; after an
                                  XCLIENT only to loopback addresses.  If false,
                                  smtpd_authorized_xclient_hosts and _xforward_hosts decide */
    struct trace *trace;       /* may be NULL */
    bool can_tls;              /* a certificate is available; otherwise STARTTLS is offered, but
                                  answered with 454, and wrapper mode fails, as in Postfix */
    struct str_list tls_needs; /* what TLS needs of the host besides (smtp/tls/tls.h) */
};

/* what the caller must do next */
enum session_next {
    NEXT_COMMAND,
    NEXT_TLS,     /* start TLS after the reply is sent; discard input that came before it */
    NEXT_AUTH,    /* read a line of the SASL exchange, for session_line() */
    NEXT_DATA,    /* read the message up to <CR><LF>.<CR><LF>, then call session_end_of_data() */
    NEXT_CHUNK,   /* read chunk_size bytes, then call session_end_of_chunk() */
    NEXT_CLOSE,   /* close the connection */
    NEXT_SILENCE, /* send nothing, ever: smtpd does not start, or waits for a service that does not
                     answer (smtp/start/start.h) */
};

struct session_step {
    struct reply reply; /* code 0: none; its text is valid until the next call */
    enum session_next next;
    long chunk_size;
    struct reply last; /* sent directly after REPLY: "421 4.7.0 ... too many errors"; usually
                          code 0 */
    long delay; /* seconds to wait before REPLY is sent: smtpd_error_sleep_time for a client with
                   more errors than smtpd_soft_error_limit; usually 0 */
};

/* everything lives in ARENA; OPTIONS must live as long as the session */
struct session *session_begin(struct arena *arena, const struct policy_service *service,
                              struct world *world, const struct session_client *client,
                              const struct session_options *options);

/*
 * To be called before session_greeting() and session_line(): has the client already sent more
 * (after the line)?  This is for smtpd_forbid_unauth_pipelining and reject_unauth_pipelining.
 */
void session_input(struct session *session, bool waiting);
/* the greeting; in wrapper mode before the handshake NEXT_TLS without a reply: start TLS, call
   session_tls(), and then session_greeting() again */
struct session_step session_greeting(struct session *session);
/* does the session begin with TLS?  Not where smtpd does not start */
bool session_is_wrapped(const struct session *session);
/* one line without its line end (CR LF, or LF).  ENDED_LF: it ended in a bare LF.  A line longer
   than session_limits().line_length may be cut after line_length + 1 bytes */
struct session_step session_line(struct session *session, struct str line, bool ended_lf);
/* the handshake succeeded; the texts of TLS must live as long as the session */
void session_tls(struct session *session, const struct state_tls *tls);
/* after session_tls(), the text of tls_exchange(), which some releases add to Received:; it must
   live as long as the session */
void session_tls_exchange(struct session *session, struct str exchange);

enum content_problem {
    CONTENT_GOOD,
    CONTENT_TOO_LARGE,
    CONTENT_BARE_NEWLINE, /* and it is rejected */
    CONTENT_NOT_STORED,   /* queue file write error: a full disk, ... */
};

/* SIZE is that of the whole message, as Postfix counts it: 2 bytes for each line end */
struct session_step session_end_of_data(struct session *session, long size,
                                        enum content_problem problem, struct str queue_id);
/* the bytes of a chunk were read; SIZE is that of all chunks of the message so far; QUEUE_ID is
   used after the last chunk */
struct session_step session_end_of_chunk(struct session *session, long size,
                                         enum content_problem problem, struct str queue_id);
/* is the current chunk the last one of its message? */
bool session_chunk_is_last(const struct session *session);
/* is the current chunk part of a message?  If not, it is read and discarded */
bool session_chunk_is_kept(const struct session *session);

/* the client was idle for too long: 421 */
struct session_step session_timeout(struct session *session);

const struct state *session_state(const struct session *session);
/* the stage for the log: "CONNECT", "MAIL", "RCPT", "DATA", "END-OF-MESSAGE", "UNKNOWN" */
const char *session_where(const struct session *session);
/* the accepted recipients of the transaction; valid until it ends */
size_t session_recipients(const struct session *session, const struct str **recipients);
/* the header "Received: from helo (name [address]) ... " as Postfix writes it, with TLS and AUTH
   if configured, each line with LF; DATE as in RFC 5322.  To be called before the end of the data,
   which ends the transaction */
struct str session_received(const struct session *session, struct arena *arena, struct str queue_id,
                            struct str date);

/* smtpd_forbid_bare_newline of the service, for clients that are not among the exclusions */
enum bare_newline session_bare_newline(const struct policy_service *service);

/* limits that the caller, who reads the socket, must enforce */
struct session_limits {
    size_t line_length;             /* of a command or SASL response, without its line end */
    long timeout;                   /* seconds to wait for a command: smtpd_timeout */
    long message_size;              /* 0: none */
    enum bare_newline bare_newline; /* smtpd_forbid_bare_newline for this client */
};
struct session_limits session_limits(const struct session *session);

#endif
