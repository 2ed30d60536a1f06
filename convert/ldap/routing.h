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
    const struct sendmail_table *file; /* ROUTING_FILE: its lines are at hand */
};

enum { ROUTING_GROUPS_MAX = 16 }; /* domains that take tables of their own */

/* domains whose keys are made by the same tables */
struct routing_group {
    const struct class_member *members;
    size_t count;
    struct str asked;  /* the domain that the directory is asked for; STR_NONE: the address's own */
    struct str prefix; /* of the tables' names */
};

/* in Sendmail's order; the last two keep the detail: the key has it where the domain would stand,
   and the user or the domain before it */
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
    bool whole_only; /* "@domain" is not asked for */
    bool queues;     /* mail waits while the directory does not answer */
    bool skips_own;  /* what has this host as its host is left to the tables that follow */
    bool asks_all;   /* a table of Postfix asks the directory for any address */
};

/* FEATURE(ldap_routing) and its domains */
void routing_map(struct draft *draft);

/* --- routing_tables.c ------------------------------------------------------------------------- */

/* how main.cf names the table of patterns that makes this key for the group; made if need be */
struct str routing_key(const struct routing *routing, const struct routing_group *group,
                       enum routing_level level);
/* how main.cf names the table NAME, made if need be: what the map finds by KEY ("%s") */
struct str routing_directory(struct routing *routing, const char *name,
                             const struct routing_map *map, const char *key, const char *format);
/* the same of the lines of a map that is a file: each becomes its value, "relay:value", or
   "@domain" */
enum routing_use { USE_ADDRESS, USE_HOST, USE_KEPT };
struct str routing_file(struct routing *routing, const char *name, const struct routing_map *map,
                        enum routing_use use);
/* what finds "relay:host" by a key that was made */
struct str routing_host(struct routing *routing);

enum { RANK_ROUTING = 10 }; /* in virtual_alias_maps and transport_maps: before other modules' */

/* --- routing_addresses.c, routing_hosts.c ----------------------------------------------------- */

/* virtual_alias_maps */
void routing_write_addresses(struct routing *routing);
/* transport_maps, and who must exist */
void routing_write_hosts(struct routing *routing);

#endif
