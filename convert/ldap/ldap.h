/*
 * ldap - Sendmail's LDAP maps as ldap_table(5) files
 *
 * A map's specification ("-1 -h ldap.example.com -b dc=example -k (mail=%0) -v maildrop") stands on
 * top of confLDAP_DEFAULT_SPEC; from both come the settings of a table: server, base, credentials,
 * filter, attribute.  What Sendmail leaves to the LDAP library (a server or a base that neither
 * names) stands in ldap.conf(5) of the old machine, and is an open point.
 *
 * Source: sendmail/map.c, ldapmap_parseargs; libsm/ldap.c; cf/README, USING LDAP FOR ALIASES, MAPS,
 * AND CLASSES; ldap_table(5).
 */
#ifndef CONVERT_LDAP_LDAP_H
#define CONVERT_LDAP_LDAP_H

#include "convert/draft/draft.h"

/* texts that were not given are empty */
struct ldap_spec {
    struct str hosts, uri, port, base;     /* -h, -H, -p, -b */
    struct str bind_dn, method, secret;    /* -d, -M, -P: a file with the password */
    struct str version, scope;             /* -w, -s */
    struct str dereference, seconds, size; /* -r, -l, -Z */
    struct str filter, attributes;         /* -k, -v */
    bool no_referrals, single;             /* -R, -1 */
    struct str odd; /* the first flag that changes what is found, and that Postfix has not */
};

/* adds what TEXT says to SPEC */
void ldap_spec_read(struct arena *arena, struct str text, struct ldap_spec *spec);
/* confLDAP_DEFAULT_SPEC, or the option of a sendmail.cf */
struct ldap_spec ldap_spec_default(const struct draft *draft);
/* the name of the hosts that share entries, or STR_NONE */
struct str ldap_cluster(const struct draft *draft);
/* "(mailLocalAddress=%0)" with KEY for %0 and with macros as the source sets them.  STR_NONE: it
   holds what is not known before Sendmail runs, or more than one key */
struct str ldap_filter(const struct draft *draft, struct str filter, const char *key);

/*
 * The file NAME, an ldap_table(5), with the server, the base and the credentials of SPEC, made if
 * it is not there.  What these leave open is said of ITEM.
 */
struct draft_table *ldap_table(struct draft *draft, const struct sendmail_item *item,
                               const char *name, const struct ldap_spec *spec, struct str filter,
                               struct str attribute, const char *format);

/* aliases in a directory, as a part of alias_maps with that rank */
void ldap_map_aliases(struct draft *draft, const struct sendmail_table *table, int rank);
/* virtusertable in a directory, as a part of virtual_alias_maps */
void ldap_map_virtual(struct draft *draft, const struct sendmail_table *table);

#endif
