/*
 * sendmail - what a Sendmail configuration says: its directives, its tables, what holds in the end
 *
 * Made of a sendmail.mc (by sendmail_mc.h) or of a sendmail.cf (by sendmail_cf.h).  An item is one
 * thing that must be accounted for: a directive, or a line of a table that a directive names.  No
 * item is ever left out.
 *
 * Tables are looked for where the directive says (/etc/mail/access), below the directory that the
 * source lies in where that path is Sendmail's own directory, never on the machine that postmend
 * runs on otherwise.
 */
#ifndef PARSER_SENDMAIL_H
#define PARSER_SENDMAIL_H

#include "parser/source.h"

enum sendmail_item_kind {
    ITEM_DEFINE, /* name: the macro; arguments: its value */
    ITEM_UNDEFINE,
    ITEM_FEATURE, /* name: the feature; arguments: what follows it */
    ITEM_MAILER,
    ITEM_OSTYPE,
    ITEM_DOMAIN,
    ITEM_MACRO,   /* any other macro of Sendmail's: DAEMON_OPTIONS, MASQUERADE_AS, VERSIONID ... */
    ITEM_TEXT,    /* lines of sendmail.cf in the .mc: behind LOCAL_CONFIG, LOCAL_RULE_n, ... */
    ITEM_OPTION,  /* of sendmail.cf: name: "MaxMessageSize" */
    ITEM_CLASS,   /* C and F lines */
    ITEM_CF_LINE, /* D, K, M, H, R, S, P, T, V, E ... lines; name: the letter */
    ITEM_TABLE_LINE, /* name: the table ("access"); arguments: key and value */
    ITEM_INCLUDE,    /* include and sinclude */
    ITEM_NOT_RUN,    /* syscmd and esyscmd */
};

struct sendmail_item {
    enum sendmail_item_kind kind;
    size_t number; /* its place in sendmail.items */
    struct str name;
    const struct str *arguments;
    size_t argument_count;
    struct span span;
    bool overridden;                   /* a later one of the same name took its place */
    bool stock;                        /* ITEM_CF_LINE: is what Sendmail's own m4 files make */
    const struct sendmail_item *table; /* ITEM_TABLE_LINE: the directive that names the table */
};

/* a table or file that a directive names */
struct sendmail_table {
    struct str name; /* "access", "virtusertable", "mailertable", "genericstable", "domaintable",
                        "aliases", "local-host-names", "relay-domains", "trusted-users",
                        "authinfo", "userdb", ... */
    struct str type; /* "hash", "ldap", "text", ...; of the -k of the K line */
    struct str path; /* as written, without -o and other flags */
    const struct sendmail_item *from; /* the directive, or NULL where it is Sendmail's default */
    const struct source *source;      /* NULL: not there, and then the items have no lines of it */
    size_t first, count;              /* its lines: items[first .. first + count - 1] */
};

struct sendmail {
    struct arena *arena;
    const struct source *source;
    bool is_cf;
    struct str directory; /* of the source */
    struct sendmail_item *items;
    size_t count, capacity;
    struct sendmail_table *tables;
    size_t table_count, table_capacity;
    void *own; /* kept by sendmail.c: maps from names to items */
};

/* opens a sendmail.mc, or a sendmail.cf (known by what it holds); on false *ERROR is one line */
bool sendmail_open(struct sendmail *sendmail, struct arena *arena, struct str path,
                   struct str *error);

/* the define that holds in the end, or NULL; its value is its first argument */
const struct sendmail_item *sendmail_define(const struct sendmail *sendmail, const char *name);
/* the value of a define or, of a sendmail.cf, of the option it sets; STR_NONE where neither is set
 */
struct str sendmail_value(const struct sendmail *sendmail, const char *define);
const struct sendmail_item *sendmail_feature(const struct sendmail *sendmail, const char *name);
/* the next item of this kind and name (NULL: any) behind AFTER (NULL: the first) */
const struct sendmail_item *sendmail_next(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name,
                                          const struct sendmail_item *after);
struct str sendmail_argument(const struct sendmail_item *item,
                             size_t i); /* STR_NONE behind the last */
const struct sendmail_table *sendmail_table(const struct sendmail *sendmail, const char *name);

/*
 * "Name=value, Name=value": DAEMON_OPTIONS, CLIENT_OPTIONS, INPUT_MAIL_FILTER.  KEY is matched by
 * its first letter as Sendmail does; STR_NONE where it is absent.
 */
struct str sendmail_pair(struct str text, char key);

#endif
