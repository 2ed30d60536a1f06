/*
 * relay - "mailer:host" as the defines SMART_HOST, MAIL_HUB and others have it, as a next hop
 *
 * A list of hosts ("a:b") is tried in its order.  The port is that of the mailer's arguments
 * (RELAY_MAILER_ARGS: `TCP $h 587'), and an address in them takes the host's place.
 */
#ifndef RULES_SENDMAIL_RELAY_H
#define RULES_SENDMAIL_RELAY_H

#include "rules/sendmail/draft.h"

struct relay_hop {
    struct str mailer; /* "relay", in lower case; confRELAY_MAILER where none is said */
    struct str first;  /* "[10.0.0.1]:587", "mail.example.com"; empty: no host that SMTP reaches */
    struct str rest;   /* the other ones, separated by ", "; may be empty */
    const char *problem; /* why there is no host, or NULL */
};

struct relay_hop relay_hop_read(const struct draft *draft, struct str value);

/* the port that next hops by the mailer need: that of its arguments; empty where it is the one of
   smtp_tcp_port, which counts for all */
struct str relay_port(const struct draft *draft, struct str mailer);

#endif
