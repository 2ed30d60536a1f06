/*
 * daemon - the sockets that Sendmail listens on, and the services of master.cf that they become
 *
 * Every DAEMON_OPTIONS is a socket.  If there is none, Sendmail has a daemon on port 25; and one on
 * port 587 unless FEATURE(`no_default_msa') is on (m4/proto.m4).
 */
#ifndef CONVERT_SERVER_DAEMON_H
#define CONVERT_SERVER_DAEMON_H

#include "convert/draft/draft.h"

struct daemon {
    const struct sendmail_item *item; /* NULL: Sendmail's default */
    struct str text;                  /* "Port=587, Name=MSA, M=E" */
    int port;
    bool ipv6, names_family;
    struct str address; /* without "IPv6:" and brackets; empty: all addresses of the family */
    struct str modifiers;
    struct str filters; /* InputMailFilters; STR_NONE: the default */
    bool dead;          /* it does not listen; its fate says why */
    struct draft_service *service;
};

struct daemons {
    struct draft *draft;
    struct daemon *list;
    size_t count, capacity;
};

/* of "Port=587, Addr=[IPv6:::1]": the port, 25 by default, 0 if it is not valid; the address
   without "IPv6:" and brackets, empty if it stands for all addresses */
int daemon_port(struct str options);
struct str daemon_address(struct str options);
bool daemon_is_loopback(struct str address);

bool daemon_has(const struct daemon *daemon, char modifier);
/* does any Sendmail release have the modifier in DAEMON_OPTIONS? */
bool daemon_knows(char modifier);
/* converts modifiers and keys: overrides of the service, and the fate */
void daemon_fill_service(struct draft *draft, struct daemon *daemon);

#endif
