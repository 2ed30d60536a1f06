/*
 * ldap - Sendmail's LDAP maps as ldap_table(5) files
 *
 * The specification of a map ("-1 -h ldap.example.com -b dc=example -k (mail=%0) -v maildrop") is
 * combined with confLDAP_DEFAULT_SPEC; together they give the settings of a table: server, base,
 * credentials, filter, attribute.  A server or base that is in neither is taken by Sendmail's LDAP
 * library from ldap.conf(5) of the old host, and is an open point.
 *
 * Source: sendmail/map.c, ldapmap_parseargs; libsm/ldap.c; cf/README, USING LDAP FOR ALIASES, MAPS,
 * AND CLASSES; ldap_table(5).
 */
#ifndef CONVERT_LDAP_LDAP_H
#define CONVERT_LDAP_LDAP_H

#include "convert/draft/draft.h"

/* empty if not set */
struct ldap_spec {
    struct str hosts, uri, port, base;     /* -h, -H, -p, -b */
    struct str bind_dn, method, secret;    /* -d, -M, -P: the file with the password */
    struct str version, scope;             /* -w, -s */
    struct str dereference, seconds, size; /* -r, -l, -Z */
    struct str filter, attributes;         /* -k, -v */
    bool no_referrals, single;             /* -R, -1 */
    struct str odd; /* the first flag that affects the result and has no equivalent in Postfix */
};

/* adds what TEXT sets to SPEC */
void ldap_spec_read(struct arena *arena, struct str text, struct ldap_spec *spec);
/* confLDAP_DEFAULT_SPEC, or the option of a sendmail.cf */
struct ldap_spec ldap_spec_default(const struct draft *draft);
/* the name of the cluster of hosts that share entries, or STR_NONE */
struct str ldap_cluster(const struct draft *draft);
/* "(mailLocalAddress=%0)" with KEY for %0 and with the values of macros.  STR_NONE if it contains
   something that is known only at run time, or more than one key */
struct str ldap_filter(const struct draft *draft, struct str filter, const char *key);

/*
 * The ldap_table(5) file NAME with the server, base and credentials of SPEC; created if it does not
 * exist.  Missing settings are open points of ITEM.
 */
struct draft_table *ldap_table(struct draft *draft, const struct sendmail_item *item,
                               const char *name, const struct ldap_spec *spec, struct str filter,
                               struct str attribute, const char *format);

/* aliases in LDAP: adds them to alias_maps with that rank */
void ldap_map_aliases(struct draft *draft, const struct sendmail_table *table, int rank);
/* virtusertable in LDAP: adds it to virtual_alias_maps */
void ldap_map_virtual(struct draft *draft, const struct sendmail_table *table);

#endif
