/*
 * relay - "mailer:host" as the defines SMART_HOST, MAIL_HUB and others have it, as a next hop
 *
 * A list of hosts ("a:b") is tried in its order.  The port is that of the mailer's arguments
 * (RELAY_MAILER_ARGS: `TCP $h 587'), and an address in them takes the host's place.
 */
#ifndef CONVERT_DELIVERY_RELAY_H
#define CONVERT_DELIVERY_RELAY_H

#include "convert/draft/draft.h"

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

/* "hub.example" of "hub.example:587", "[10.0.0.1]": what stands behind the "@" of who goes there;
   STR_NONE: brackets around a name, which no address has */
struct str relay_domain_of(struct str hop);
/* transport_maps: mail for that domain goes to HOP */
void relay_send_to(struct draft *draft, const struct sendmail_item *item, struct str hop);

/* the users of class L, who have their mail here in spite of a hub */
struct relay_user {
    struct str name;
    const struct sendmail_item *item;
};
struct relay_users {
    struct relay_user *at;
    size_t count, capacity;
};
void relay_users_read(const struct draft *draft, struct relay_users *users);

/* MAIL_HUB = HOP, see hub.c; false: aliases were not at hand, or the hub has no name for addresses,
   and nothing was done */
bool relay_hub_map(struct draft *draft, const struct sendmail_item *item, struct relay_hop hop);

#endif
