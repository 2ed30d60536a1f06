/*
 * server - the reference SMTP server: a socket in front of session.h
 *
 * On libevent and OpenSSL, one thread.  It listens on loopback, once for each inet smtpd service of
 * the configuration: at base_port plus the service's offset.  Mail that it answers with 250 is on
 * the disk (maildir, fsync) before the reply goes out.
 *
 * It logs as Postfix does: "connect from name[address]", "Anonymous TLS connection established from
 * ...: TLSv1.3 with cipher ...", "NOQUEUE: reject: RCPT from ...".
 */
#ifndef SMTP_SERVER_H
#define SMTP_SERVER_H

#include <stdio.h>

#include "smtp/session.h"

struct server_options {
    int base_port;      /* 0: free ports that the kernel chooses */
    struct str maildir; /* directory; made if missing.  Empty: mail is taken and thrown away */
    const struct users *users;
    const struct assumption_list *assumptions;
    struct str hostname; /* where the configuration does not say myhostname */
    FILE *log;           /* NULL: none */
    bool xclient;
    size_t connections; /* at once; further ones wait; 0: 10,000 */
};

struct server_listener {
    const struct policy_service *service;
    struct str name; /* as in master.cf: "submission", "192.0.2.1:25" */
    int port;        /* that the service has in the configuration; 0 where that is unknown */
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
/* serves until server_stop() or until a signal SIGINT or SIGTERM; returns the number of sessions */
unsigned long server_run(struct server *server);
void server_stop(struct server *server); /* may be called in a signal handler */
void server_destroy(struct server *server);

#endif
