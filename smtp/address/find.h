/*
 * address_find - looks up an address in the tables of a parameter, as mail_addr_find(3) does
 *
 * The keys are user+extension@domain, user@domain, then those of KEYS; pattern tables are asked for
 * the whole address only.  If a table cannot be read, the world is asked, once for each address.
 */
#ifndef SMTP_ADDRESS_FIND_H
#define SMTP_ADDRESS_FIND_H

#include "smtp/address/address.h"
#include "smtp/address/match.h"

enum address_keys {
    KEYS_ADDRESS, /* user+extension and user, if the domain is local; @domain */
    KEYS_QUOTED,  /* the same, only with the quotes that the address needs, and not without, too:
                     canonical and virtual alias tables, by cleanup(8) */
    KEYS_DOMAIN,  /* domain and its parents, as in transport(5) */
};

struct address_search {
    enum parameter_number parameter; /* the list of tables */
    enum address_keys keys;
    enum question_kind kind; /* that is asked if a table cannot be read */
    unsigned use;            /* table_use */
};

struct address_found {
    enum lookup_status status; /* never LOOKUP_UNKNOWN */
    struct str value;          /* of LOOKUP_FOUND; STR_NONE: not known */
    bool empty;                /* LOOKUP_ERROR: the result of a table was empty, which Postfix
                                  treats as a configuration error */
    struct str table;          /* that found it or failed, as it is written; STR_NONE: none */
    struct str extension;      /* "+extension" that was stripped to find it; STR_NONE: none */
    bool catch_all;            /* the key was @domain */
    struct span span;          /* LOOKUP_FOUND: the line of the table; may have no source */
};

struct address_found address_find(struct state *state, const struct address_search *search,
                                  struct str address);
/* looks up one key, in pattern tables too */
struct address_found address_find_key(struct state *state, const struct address_search *search,
                                      struct str key);

/* is it a table that postalias(1) builds, not postmap(1)? */
bool address_is_aliases(const struct policy_service *service, struct str text);

/* is the domain one of mydestination, or the literal of an address of this machine? */
enum match address_is_local(struct state *state, struct str domain);
/* the value of a parameter; host names that are not known become reserved ones (RFC 2606) */
struct str address_parameter(struct state *state, enum parameter_number name);

/* $myorigin; if it is in a file that is not available, the world is asked whether it is
   $myhostname */
struct str address_origin(struct state *state);

/* the address without its extension; STR_NONE: it has no extension */
struct str address_strip(struct state *state, struct str address);

#endif
