/*
 * routing - what the files about LDAP routing share: see routing.c
 */
#ifndef CONVERT_LDAP_ROUTING_H
#define CONVERT_LDAP_ROUTING_H

#include "convert/ldap/ldap.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"

/* the map ldapmh (for the host) or ldapmra (for the address) */
struct routing_map {
    const char *name;
    enum { ROUTING_NO_MAP, ROUTING_DIRECTORY, ROUTING_FILE } kind;
    struct ldap_spec spec; /* ROUTING_DIRECTORY */
    struct str attribute;
    const struct sendmail_table *file; /* ROUTING_FILE: the table that was read */
};

enum { ROUTING_GROUPS_MAX = 16 }; /* the maximum number of domains with tables of their own */

/* domains whose keys are made by the same tables */
struct routing_group {
    const struct class_member *members;
    size_t count;
    struct str asked;  /* the domain for the LDAP query; STR_NONE: the address's own */
    struct str prefix; /* of the table names */
};

/* in Sendmail's order; the last two keep the detail: in the key it takes the place of the domain,
   after the user or the domain */
enum routing_level {
    LEVEL_WHOLE,
    LEVEL_PLAIN,
    LEVEL_DOMAIN,
    LEVEL_PLAIN_DETAIL,
    LEVEL_DOMAIN_DETAIL,
};

struct routing {
    struct draft *draft;
    const struct sendmail_item *item; /* the feature */
    struct routing_map host, address;
    struct class_members domains, equivalents, local;
    struct routing_group *groups;
    size_t group_count, group_capacity;
    bool must_exist, sender_too, strips, preserves;
    bool whole_only; /* "@domain" is not looked up */
    bool queues;     /* mail is queued while the directory does not answer */
    bool skips_own;  /* addresses whose host is this one are left to other tables */
    bool asks_all;   /* a table queries LDAP for any address */
};

/* converts FEATURE(ldap_routing) and its domains */
void routing_map(struct draft *draft);

/* --- routing_tables.c ------------------------------------------------------------------------- */

/* the table of patterns that makes this key for the group, as main.cf refers to it; created if it
   does not exist */
struct str routing_key(const struct routing *routing, const struct routing_group *group,
                       enum routing_level level);
/* the table NAME for queries of the map with KEY ("%s"), as main.cf refers to it; created if it
   does not exist */
struct str routing_directory(struct routing *routing, const char *name,
                             const struct routing_map *map, const char *key, const char *format);
/* the same for a map that is a file: each line becomes its value, "relay:value", or "@domain" */
enum routing_use { USE_ADDRESS, USE_HOST, USE_KEPT };
struct str routing_file(struct routing *routing, const char *name, const struct routing_map *map,
                        enum routing_use use);
/* the table that returns "relay:host" for a key */
struct str routing_host(struct routing *routing);

enum {
    RANK_ROUTING = 10
}; /* in virtual_alias_maps and transport_maps: before the parts of other
      modules */

/* --- routing_addresses.c, routing_hosts.c ----------------------------------------------------- */

/* virtual_alias_maps */
void routing_write_addresses(struct routing *routing);
/* transport_maps, with the addresses that must exist */
void routing_write_hosts(struct routing *routing);

#endif
