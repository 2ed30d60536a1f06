/*
 * connection - what the parts of the reference server share; no one else includes it
 *
 * server.c listens and runs the loop, connection.c is the life of one connection,
 * connection_time.c its time limits, connection_io.c moves bytes with and without TLS,
 * connection_smtp.c hands lines to the session, connection_message.c the message to the maildir,
 * connection_log.c writes the log.
 *
 * A connection costs its struct and an arena, both from a pool.  Buffers for input, output and text
 * are the server's: every event uses them and leaves them empty.  Only the beginning of a line
 * whose end has not come yet, and replies that the client does not take, stay with the connection.
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
    INPUT_SIZE = 64 * 1024,        /* read at once */
    LINGER_MS = 2000,              /* how long we wait that the client takes our last words */
    ARENA_KEPT = 256 * 1024,       /* a connection's memory above this is given back at its end */
    ARENA_MOST = 64 * 1024 * 1024, /* a session that uses more is ended */
};

/* the commands that "disconnect from" counts, in its order */
enum { COMMAND_KINDS = 17 };

struct listening_socket {
    struct server *server;
    const struct policy_service *service;
    int socket;
    int batch; /* how many are accepted at once */
    struct event event;
    struct tls_server tls;
    bool can_tls;
    long long timeout_ms, starttls_timeout_ms;
    bool deadline; /* smtpd_per_request_deadline: content too must be there in time */
    bool logs_tls; /* smtpd_tls_loglevel is 1 or more */
    bool long_ids; /* enable_long_queue_ids */
    bool known_name;
    bool watches_pipelining; /* who talks before the greeting is turned away */
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
    PHASE_CLOSE,  /* once the output is out */
    PHASE_LINGER, /* nothing is said any more: input is thrown away until the client is gone */
};

struct connection {
    struct connection *next, *previous; /* of those that are open; next also in the pool */
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
    bool lingers;        /* the client may still be sending when we close */
    bool read_for_write; /* TLS wants to read before it can write */

    char *line; /* the beginning of a line whose end has not come */
    size_t line_len, line_capacity;

    char *pending; /* output that the client has not taken */
    size_t pending_from, pending_len;

    bool in_message; /* DATA or the first BDAT was let through, and the end has not come */
    bool stores;     /* it goes to the maildir */
    bool line_cut;   /* the line is too long: the rest is passed over */
    struct content content;
    struct delivery delivery;
    char queue_id[32];
    long chunk_left;
    bool chunk_kept; /* it is part of the message; else thrown away */
    bool deaf;       /* no more input is taken */
    bool paused;     /* smtpd_error_sleep_time: neither input nor output until then: */
    long long resumes_ms;
    char *kept; /* input that came meanwhile */
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
/* ends those whose time is over; at the end of the server also those that wait */
void connection_expire_all(struct server *server);
void connection_stop_all(struct server *server);
void connection_free_pool(struct server *server);

/* --- connection_time.c --- */
long long clock_ms(void);
/* the time until the client must have done something; the phase decides */
void connection_restart_timer(struct connection *connection);

/* --- connection_io.c --- */
enum { IO_AGAIN = -1, IO_FAILED = -2 };
/* up to INPUT_SIZE bytes into the server's input; 0: the client sends no more */
ssize_t connection_receive(struct connection *connection);
/* is there input that was read from the socket, but not from TLS? */
bool connection_has_input(const struct connection *connection);
/* has the client sent anything that was not read? */
bool connection_is_readable(const struct connection *connection);
/* keeps the server's output for later */
void connection_keep_output(struct connection *connection);
/* sends the server's output, keeps what does not go; false: the connection is broken */
bool connection_flush(struct connection *connection);
bool connection_send_pending(struct connection *connection);
/* a client that makes many errors waits for its replies */
void connection_pause(struct connection *connection, long seconds);
/* input that comes during the pause */
void connection_keep_input(struct connection *connection, struct str in);
bool connection_begin_tls(struct connection *connection);
/* 1: done, 0: not yet, -1: failed (and logged) */
int connection_handshake(struct connection *connection);
void connection_say_goodbye(struct connection *connection); /* TLS's end, and half of the socket */

/* --- connection_smtp.c --- */
void connection_greet(struct connection *connection);
void connection_input(struct connection *connection, struct str in);
void connection_step(struct connection *connection, struct session_step step);

/* --- connection_message.c --- */
void connection_begin_message(struct connection *connection, bool chunked);
/* how much of IN belonged to the message, or to the chunk; *END: it is complete */
size_t connection_add_content(struct connection *connection, struct str in, bool *end);
/* the session's answer to the message, or to the chunk */
struct session_step connection_end_content(struct connection *connection);
void connection_drop_message(struct connection *connection);

/* --- connection_log.c --- */
void server_log(const struct listening_socket *listening, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "name[address]" of the client, in the server's scratch */
struct str log_client(const struct connection *connection);
/* with ? for all that can't be printed */
struct str log_printable(struct arena *arena, struct str text);
void log_disconnect(struct connection *connection);
void log_lost(struct connection *connection, const char *reason);
void log_tls(const struct connection *connection, const struct state_tls *tls, struct str exchange);
void log_tls_failure(const struct connection *connection);
void log_reply(const struct connection *connection, struct str line, struct reply reply);
/* which command LINE is, for the counts; the last one is "unknown" */
int command_of(struct str line);
extern const char *const command_words[COMMAND_KINDS];

#endif
