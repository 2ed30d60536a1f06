/*
 * connection - private to smtp/server: one connection, and the server
 *
 * server.c listens and runs the loop, connection.c is the life of one connection,
 * connection_time.c its time limits, connection_io.c moves bytes with and without TLS,
 * connection_smtp.c hands lines to the session, connection_message.c the message to the maildir,
 * connection_log.c writes the log.
 *
 * A connection needs its struct and an arena, both from a pool.  The buffers for input, output and
 * text belong to the server: they are empty between events.  A connection keeps only the start of
 * an incomplete line, and output that could not be sent yet.
 */
#ifndef SMTP_SERVER_CONNECTION_H
#define SMTP_SERVER_CONNECTION_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/types.h>

#include "smtp/server/maildir.h"
#include "smtp/server/server.h"
#include "smtp/session/content.h"
#include "smtp/tls/tls.h"

enum {
    INPUT_SIZE = 64 * 1024,        /* for one read */
    LINGER_MS = 2000,              /* for the client to read the last reply */
    ARENA_KEPT = 256 * 1024,       /* a connection with more memory is not kept in the pool */
    ARENA_MOST = 64 * 1024 * 1024, /* a session that uses more is ended */
};

/* the commands that "disconnect from" counts, in its order */
enum { COMMAND_KINDS = 17 };

struct listening_socket {
    struct server *server;
    const struct policy_service *service;
    int socket;
    int batch; /* connections that are accepted in one event */
    struct event event;
    struct tls_server tls;
    bool can_tls;
    long long timeout_ms, starttls_timeout_ms;
    bool deadline; /* smtpd_per_request_deadline: holds for content too */
    bool logs_tls; /* smtpd_tls_loglevel is 1 or more */
    bool long_ids; /* enable_long_queue_ids */
    bool known_name;
    bool forbids_pipelining; /* smtpd_forbid_unauth_pipelining */
    size_t line_limit;       /* line_length_limit, for messages */
    bool replaces_cr;        /* cleanup_replace_stray_cr_lf */
    struct str log_name;     /* "postfix/submission/smtpd" */
    struct str name;
};

enum connection_phase {
    PHASE_HANDSHAKE,
    PHASE_COMMAND,
    PHASE_AUTH,
    PHASE_DATA,
    PHASE_CHUNK,
    PHASE_SILENT, /* nothing is ever sent: the real smtpd would not start */
    PHASE_CLOSE,  /* close after the output is sent */
    PHASE_LINGER, /* all is sent: discard input until the client disconnects */
};

struct connection {
    struct connection *next, *previous; /* of the open connections; NEXT also in the pool */
    struct server *server;
    struct listening_socket *listening;
    struct arena *arena;
    struct event event;
    int socket;
    short watched; /* EV_READ or EV_WRITE */
    enum connection_phase phase;
    long long expires_ms;

    struct world world;
    struct session *session;
    struct session_client client;
    struct session_options session_options;
    struct session_limits limits;
    SSL *ssl;
    bool encrypted;      /* the handshake is done */
    bool lingers;        /* the client may still send data when the connection is closed */
    bool read_for_write; /* TLS wants to read before it can write */

    char *line; /* the start of an incomplete line */
    size_t line_len, line_capacity;

    char *pending; /* output that could not be sent yet */
    size_t pending_from, pending_len;

    bool in_message; /* after DATA or the first BDAT, until the end of the message */
    bool stores;     /* it is written to the maildir */
    bool line_cut;   /* the line is too long: the rest is ignored */
    struct content content;
    struct delivery delivery;
    char queue_id[32];
    long chunk_left;
    bool chunk_kept; /* it is part of the message; otherwise discarded */
    bool input_off;  /* no more input is read */
    bool paused;     /* smtpd_error_sleep_time: no input and output until resumes_ms */
    long long resumes_ms;
    char *kept; /* input that came during the pause */
    size_t kept_len;

    int command; /* index of the last one */
    unsigned done[COMMAND_KINDS], asked[COMMAND_KINDS];
};

struct server {
    struct arena *arena;
    struct arena *scratch; /* for one event */
    const struct policy *policy;
    struct server_options options;
    struct server_listener *listeners;
    struct listening_socket *listening;
    size_t count;
    struct event_base *base;
    struct event *interrupt, *terminate, *tick, *wake, *again;
    int wake_socket;
    struct connection *first, *pool;
    size_t connected, pooled;
    unsigned long sessions, messages;
    bool accepting, accept_waits, stopping;
    struct maildir maildir;
    bool stores;
    char *input;
    struct buffer output, text;
    long long now_ms; /* at the beginning of the event */
    pid_t process;
    time_t log_second;
    char log_time[32];
    struct str log_host;
};

/* --- connection.c --- */
void connection_open(struct listening_socket *listening, int socket,
                     const struct sockaddr_in *peer);
void connection_event(evutil_socket_t socket, short what, void *argument);
void connection_close(struct connection *connection);
/* ends the connections whose time is over */
void connection_expire_all(struct server *server);
/* ends the connections that are not in a message, when the server stops */
void connection_stop_all(struct server *server);
void connection_free_pool(struct server *server);

/* --- connection_time.c --- */
long long clock_ms(void);
/* sets the time until which the client must send something, which depends on the phase */
void connection_restart_timer(struct connection *connection);

/* --- connection_io.c --- */
enum { IO_AGAIN = -1, IO_FAILED = -2 };
/* reads up to INPUT_SIZE bytes to the server's input; 0: the client has closed */
ssize_t connection_receive(struct connection *connection);
/* is there input that was read from the socket, but not decrypted yet? */
bool connection_has_input(const struct connection *connection);
/* has the client sent data that was not read yet? */
bool connection_is_readable(const struct connection *connection);
/* keeps the output, to send it later */
void connection_keep_output(struct connection *connection);
/* sends the output, and keeps what cannot be sent now; false: the connection is broken */
bool connection_flush(struct connection *connection);
bool connection_send_pending(struct connection *connection);
/* delays the replies to a client that makes many errors */
void connection_pause(struct connection *connection, long seconds);
/* keeps input that comes during the pause */
void connection_keep_input(struct connection *connection, struct str in);
bool connection_begin_tls(struct connection *connection);
/* 1: done, 0: not yet, -1: failed (and logged) */
int connection_handshake(struct connection *connection);
/* ends TLS, and sending */
void connection_end_output(struct connection *connection);

/* --- connection_smtp.c --- */
void connection_greet(struct connection *connection);
void connection_input(struct connection *connection, struct str in);
void connection_step(struct connection *connection, struct session_step step);

/* --- connection_message.c --- */
void connection_begin_message(struct connection *connection, bool chunked);
/* reads the part of IN that belongs to the message or the chunk; *END: it is complete */
size_t connection_add_content(struct connection *connection, struct str in, bool *end);
/* the step after the message, or the chunk */
struct session_step connection_end_content(struct connection *connection);
void connection_drop_message(struct connection *connection);

/* --- connection_log.c --- */
void server_log(const struct listening_socket *listening, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "name[address]" of the client, in the server's scratch */
struct str log_client(const struct connection *connection);
/* with "?" for characters that are not printable */
struct str log_printable(struct arena *arena, struct str text);
void log_disconnect(struct connection *connection);
void log_lost(struct connection *connection, const char *reason);
void log_tls(const struct connection *connection, const struct state_tls *tls, struct str exchange);
void log_tls_failure(const struct connection *connection);
/* logs why not everything that the last step depends on was looked at, if so */
void log_undecided(struct connection *connection);
void log_reply(const struct connection *connection, struct str line, struct reply reply);
/* the index of the command in command_words; the last one is "unknown" */
int command_of(struct str line);
extern const char *const command_words[COMMAND_KINDS];

#endif
