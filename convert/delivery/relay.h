/*
 * relay - the value of SMART_HOST, MAIL_HUB and the like, "mailer:host", as a next hop
 *
 * Several hosts ("a:b") are tried in order.  The port is in the arguments of the mailer
 * (RELAY_MAILER_ARGS: `TCP $h 587'); an address there replaces the host.
 */
#ifndef CONVERT_DELIVERY_RELAY_H
#define CONVERT_DELIVERY_RELAY_H

#include "convert/draft/draft.h"

struct relay_hop {
    struct str mailer;   /* "relay", in lower case; confRELAY_MAILER if the value has none */
    struct str first;    /* "[10.0.0.1]:587", "mail.example.com"; empty if there is no host for
                            SMTP */
    struct str rest;     /* the other hosts, separated by ", "; may be empty */
    const char *problem; /* why there is no host, or NULL */
};

struct relay_hop relay_hop_read(const struct draft *draft, struct str value);

/* the port that next hops of the mailer must have, from its arguments; empty if it is the one in
   smtp_tcp_port */
struct str relay_port(const struct draft *draft, struct str mailer);

/* the domain of addresses whose mail goes to the hop: "hub.example" for "hub.example:587",
   "[10.0.0.1]"; STR_NONE for a name in brackets, which cannot be a domain */
struct str relay_domain_of(struct str hop);
/* transport_maps: sends mail for the domain of HOP to it */
void relay_send_to(struct draft *draft, const struct sendmail_item *item, struct str hop);

/* the users in class L, whose mail is not sent to a hub */
struct relay_user {
    struct str name;
    const struct sendmail_item *item;
};
struct relay_users {
    struct relay_user *at;
    size_t count, capacity;
};
void relay_users_read(const struct draft *draft, struct relay_users *users);

/* converts MAIL_HUB = HOP, see hub.c.  Returns false and does nothing if an alias file was not
   found, or if the hub has no name for addresses */
bool relay_hub_map(struct draft *draft, const struct sendmail_item *item, struct relay_hop hop);

#endif
