/*
 * address_find - an address in the tables of a parameter, by mail_addr_find(3)'s search order
 *
 * user+extension@domain, user@domain, then by KEYS; tables of patterns see the whole address
 * alone.  A table that can't be read is asked of the world, once for an address.
 */
#ifndef SMTP_ADDRESS_FIND_H
#define SMTP_ADDRESS_FIND_H

#include "smtp/address/address.h"
#include "smtp/address/match.h"

enum address_keys {
    KEYS_ADDRESS, /* user+extension and user, where the domain is local; @domain */
    KEYS_DOMAIN,  /* domain and its parents, as in transport(5) */
};

struct address_search {
    const char *parameter; /* the list of tables */
    enum address_keys keys;
    enum question_kind kind; /* what is asked where a table can't be read */
    unsigned use;            /* table_use */
};

struct address_found {
    enum lookup_status status; /* never LOOKUP_UNKNOWN */
    struct str value;          /* of LOOKUP_FOUND; STR_NONE where we can't know it */
    bool empty;                /* LOOKUP_ERROR: a table answered nothing at all, which Postfix
                                  takes for a mistake in the configuration */
};

struct address_found address_find(struct state *state, const struct address_search *search,
                                  struct str address);
/* one key, in tables of patterns too */
struct address_found address_find_key(struct state *state, const struct address_search *search,
                                      struct str key);

/* is it one of the tables that postalias(1) makes, not postmap(1)? */
bool address_is_aliases(const struct policy_service *service, struct str text);

/* is the domain one of mydestination, or the literal of an address of this machine? */
enum match address_is_local(struct state *state, struct str domain);
/* a parameter with names of the machine; unknown ones get a name that belongs to no one */
struct str address_parameter(struct state *state, const char *name);

/* $myorigin; where it stands in a file that we don't have, the world is asked whether it is
   $myhostname */
struct str address_origin(struct state *state);

/* the address without its extension; STR_NONE where it has none */
struct str address_strip(struct state *state, struct str address);

#endif
