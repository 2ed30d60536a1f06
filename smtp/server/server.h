/*
 * server - the reference SMTP server: sockets for session.h
 *
 * One thread, with libevent and OpenSSL.  It listens on 127.0.0.1, on one port for each inet smtpd
 * service of the configuration.  Mail is on disk (maildir.h) before the reply 250 is sent.
 *
 * The port of a service is base_port plus its offset, which depends only on the configuration:
 *
 *   - A port below 1,024 is its own offset, unless an earlier service in master.cf has the port:
 *     with base_port 20000, smtp is 20025, submissions 20465 and submission 20587.
 *   - Every other service (a port from 1,024 on, an unknown port, a second address with the same
 *     port) has the offset 1,024 plus its index among the services: 21024, 21025, ...
 *
 * It logs like Postfix: "connect from name[address]", "Anonymous TLS connection established from
 * ...: TLSv1.3 with cipher ...", "NOQUEUE: reject: RCPT from ...", and at the end "disconnect from
 * ... ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4".
 *
 * It differs from Postfix: a command line must be complete within smtpd_timeout, as with
 * smtpd_per_request_deadline; connections and rates are not limited (anvil(8)); and a session that
 * has used 64 MiB, about ten thousand messages, is ended with 421.
 */
#ifndef SMTP_SERVER_SERVER_H
#define SMTP_SERVER_SERVER_H

#include <stdio.h>

#include "smtp/session/session.h"

struct server_options {
    int base_port;      /* 0: the kernel chooses free ports */
    struct str maildir; /* a directory, created if missing.  Empty: mail is discarded */
    const struct users *users;
    const struct assumption_list *assumptions;
    struct str hostname; /* if the configuration does not set myhostname */
    FILE *log;           /* NULL: none */
    bool xclient;
    bool keeps_root;    /* if started as root; otherwise see privileges.h */
    bool no_delays;     /* ignore smtpd_error_sleep_time */
    size_t connections; /* at the same time; others wait; 0: 10,000, or what the system allows */
};

enum { SERVER_KNOWN_PORTS = 1024 };

struct server_listener {
    const struct policy_service *service;
    struct str name; /* as in master.cf: "submission", "192.0.2.1:25" */
    int port;        /* of the service in the configuration; 0: not known */
    int offset;      /* from base_port */
    int local_port;  /* on 127.0.0.1 */
    bool wrapped;    /* TLS from the first byte */
    bool starttls;
    struct str certificate; /* the text of tls.h; empty without TLS */
};

struct server;

/* opens the listeners, and gives up the privileges of root; on NULL *ERROR is one line */
struct server *server_create(struct arena *arena, const struct policy *policy,
                             const struct server_options *options, struct str *error);
const struct server_listener *server_listeners(const struct server *server, size_t *count);
/*
 * Serves until server_stop(), SIGINT or SIGTERM, which the caller may have blocked before; returns
 * the number of sessions.  At the end, sessions that wait for a command get 421, and those in a
 * message have some seconds to complete it.
 */
unsigned long server_run(struct server *server);
void server_stop(struct server *server); /* may be called from a signal handler or another thread */
void server_destroy(struct server *server);

#endif
