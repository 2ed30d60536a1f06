/*
 * server - the reference SMTP server: a socket in front of session.h
 *
 * On libevent and OpenSSL, one thread.  It listens on 127.0.0.1, once for each inet smtpd service
 * of the configuration.  Mail that it answers with 250 is on the disk (maildir.h) before the reply
 * goes out.
 *
 * The port of a service is base_port plus its offset, which depends on the configuration alone:
 *   - a port below 1,024 that no earlier service of master.cf has is its own offset: with base_port
 *     20000, smtp is 20025, submissions 20465 and submission 20587, whatever else there is;
 *   - every other service (a port from 1,024 on, an unknown one, a second address with the same
 *     port) has 1,024 plus its place among the services, from 0 on: 21024, 21025, ...
 *
 * It logs as Postfix does: "connect from name[address]", "Anonymous TLS connection established from
 * ...: TLSv1.3 with cipher ...", "NOQUEUE: reject: RCPT from ...", and at the end "disconnect from
 * ... ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4".
 *
 * Where it is stricter than Postfix: a command line must be complete within smtpd_timeout, as with
 * smtpd_per_request_deadline.  Where it is not Postfix: it counts neither connections nor rates
 * (anvil).  A session that has used 64 MiB, some ten thousand messages, is ended with 421.
 */
#ifndef SMTP_SERVER_SERVER_H
#define SMTP_SERVER_SERVER_H

#include <stdio.h>

#include "smtp/session/session.h"

struct server_options {
    int base_port;      /* 0: free ports that the kernel chooses */
    struct str maildir; /* directory; made if missing.  Empty: mail is taken and thrown away */
    const struct users *users;
    const struct assumption_list *assumptions;
    struct str hostname; /* where the configuration does not say myhostname */
    FILE *log;           /* NULL: none */
    bool xclient;
    bool hurry;         /* clients that make errors are not kept waiting (smtpd_error_sleep_time) */
    size_t connections; /* at once; further ones wait; 0: 10,000, or what the system allows */
};

enum { SERVER_KNOWN_PORTS = 1024 };

struct server_listener {
    const struct policy_service *service;
    struct str name; /* as in master.cf: "submission", "192.0.2.1:25" */
    int port;        /* that the service has in the configuration; 0 where that is unknown */
    int offset;      /* of its port here from base_port */
    int local_port;  /* where we listen on 127.0.0.1 */
    bool wrapped;    /* TLS from the first byte */
    bool starttls;
    struct str certificate; /* tls.h's words; empty without TLS */
};

struct server;

/* opens the listeners; on NULL *ERROR is one line */
struct server *server_create(struct arena *arena, const struct policy *policy,
                             const struct server_options *options, struct str *error);
const struct server_listener *server_listeners(const struct server *server, size_t *count);
/*
 * Serves until server_stop() or until a signal SIGINT or SIGTERM, which a caller may block until
 * then and are let through here; returns the number of sessions.
 * Then sessions that wait for a command are told 421, and those in a message have some seconds.
 */
unsigned long server_run(struct server *server);
void server_stop(struct server *server); /* may be called in a signal handler or another thread */
void server_destroy(struct server *server);

#endif
