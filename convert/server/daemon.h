/*
 * daemon - what Sendmail listens on, and the services of master.cf that it becomes
 *
 * Every DAEMON_OPTIONS is one socket.  Sendmail has a daemon on port 25 if there is none of them,
 * and one on port 587 unless FEATURE(`no_default_msa') says not (m4/proto.m4).
 */
#ifndef CONVERT_SERVER_DAEMON_H
#define CONVERT_SERVER_DAEMON_H

#include "convert/draft/draft.h"

struct daemon {
    const struct sendmail_item *item; /* NULL: Sendmail's default */
    struct str text;                  /* "Port=587, Name=MSA, M=E" */
    int port;
    bool ipv6, names_family;
    struct str address; /* empty: all of the family; without "IPv6:" and brackets */
    struct str modifiers;
    struct str filters; /* InputMailFilters; STR_NONE: the default ones */
    bool dead;          /* it never listens: its fate says why */
    struct draft_service *service;
};

struct daemons {
    struct draft *draft;
    struct daemon *list;
    size_t count, capacity;
};

/* of "Port=587, Addr=[IPv6:::1]": the port, 25 where there is none, 0 where it is not valid;
   the address without "IPv6:" and brackets, empty where it stands for all addresses */
int daemon_port(struct str options);
struct str daemon_address(struct str options);
bool daemon_is_loopback(struct str address);

bool daemon_has(const struct daemon *daemon, char modifier);
/* does any Sendmail give the letter of DAEMON_OPTIONS a meaning? */
bool daemon_knows(char modifier);
/* what each modifier and key becomes: overrides of its service, and the fate */
void daemon_fill_service(struct draft *draft, struct daemon *daemon);

#endif
