/*
 * sendmail - what a Sendmail configuration says: its directives, its tables, what holds in the end
 *
 * Made of a sendmail.mc (by sendmail_mc.h) or of a sendmail.cf (by sendmail_cf.h).  An item is one
 * thing that must be accounted for: a directive, or a line of a table that a directive names.  No
 * item is ever left out.  What is no item: comments, lines that are diverted to -1, the include of
 * cf.m4, and the calls of m4 that only choose or move text (ifdef, ifelse, divert, changequote).
 *
 * Directives stand in the order of the source; behind them the lines of the tables, table by table.
 *
 * A table is looked for below the directory of the source, by the longest end of its path that is a
 * file there: /etc/mail/access as etc/mail/access, mail/access, access.  No other place of the
 * machine is looked at, no symbolic link followed.
 *
 * Everything lives in the arena; texts may point into the sources.  Pointers to items hold once
 * sendmail_open() is back.
 */
#ifndef PARSER_SENDMAIL_SENDMAIL_H
#define PARSER_SENDMAIL_SENDMAIL_H

#include "parser/text/source.h"

enum sendmail_item_kind {
    ITEM_DEFINE,   /* name: the macro; arguments: its value (define, pushdef) */
    ITEM_UNDEFINE, /* name: the macro */
    ITEM_FEATURE,  /* name: the feature; arguments: what follows it */
    ITEM_MAILER,   /* name: "smtp"; likewise the next two */
    ITEM_OSTYPE,
    ITEM_DOMAIN,
    ITEM_MACRO, /* any other macro of Sendmail's: DAEMON_OPTIONS, MASQUERADE_AS, LOCAL_CONFIG ... */
    ITEM_TEXT,  /* a line of sendmail.cf in the .mc that is none of the next three; name: the macro
                   it stands behind ("LOCAL_RULE_0"), or empty; arguments: the line */
    ITEM_OPTION,  /* O line; name: "MaxMessageSize", or its old letter; arguments: its value */
    ITEM_CLASS,   /* C line; name: "w", "VirtHost"; arguments: the words */
    ITEM_CF_LINE, /* any other line; name: its letter; arguments: see sendmail_cf.h.  In a .mc: the
                     D, F and K lines */
    ITEM_TABLE_LINE, /* name: the table ("access"); arguments: key and value; of lists, of words and
                        of lines that Sendmail refuses the key alone */
    ITEM_INCLUDE,    /* include and sinclude; arguments: the file */
    ITEM_NOT_RUN,    /* syscmd and what else m4 would ask of the machine; arguments: as written */
};

struct sendmail_item {
    enum sendmail_item_kind kind;
    size_t number; /* its place in sendmail.items */
    struct str name;
    const struct str *arguments;
    size_t argument_count;
    struct span span;
    size_t line;         /* where the span starts, from 1 */
    bool overridden;     /* another one of the same name took its place, or Sendmail refuses the
                            line: it has no effect */
    const char *refused; /* ITEM_TABLE_LINE: why Sendmail refuses the line: "it has no value";
                            ITEM_INCLUDE: the file was not read; a define or a feature: it comes
                            too late; a line of sendmail.cf: it comes too early */
    bool early;          /* a line of sendmail.cf outside of any section of the .mc: it comes before
                            all lines that Sendmail's own files make */
    bool stock;          /* sendmail.cf: the line is what Sendmail's own m4 files make */
    size_t missing;      /* sendmail.cf: of a ruleset that it starts, how many of the rules that
                            Sendmail's own files put there are not there */
    const struct sendmail_item *by; /* overridden: the one that holds; NULL: refused or undefined */
    /* ITEM_TABLE_LINE: the directive that names the table; NULL: it is there by default */
    const struct sendmail_item *table;
};

/* a table or file that a directive names, or that Sendmail has by default */
struct sendmail_table {
    struct str name;  /* "access", "virtusertable", "mailertable", "genericstable", "domaintable",
                         "bitdomain", "uucpdomain", "authinfo", "userdb", "aliases",
                         "local-host-names", "relay-domains", "trusted-users"; of others the macro
                         that names them ("GENERICS_DOMAIN_FILE") or the map of the K line */
    struct str type;  /* "hash", "ldap", "text" ...; "list" for classes; "aliases" if not said */
    struct str flags; /* "-o -T<TMPF>"; all arguments of a type that is no file */
    struct str path;  /* as written; empty for types that are no file */
    const struct sendmail_item *from; /* the directive, or NULL where it is Sendmail's default */
    const struct source *source;      /* NULL: not there, and then the items have no lines of it */
    size_t first, count;              /* its lines: items[first .. first + count - 1] */
};

/* larger macro files and tables are refused: none that people write comes near it */
#define SENDMAIL_FILE_SIZE_MAX (4u * 1024 * 1024)
#define SENDMAIL_TABLE_SIZE_MAX (32u * 1024 * 1024)
#define SENDMAIL_TABLE_LINES_MAX 500000u /* of all tables together */

struct sendmail_mc;

struct sendmail {
    struct arena *arena;
    const struct source *source;
    bool is_cf;
    struct str directory; /* of the source */
    struct sendmail_item *items;
    size_t count, capacity;
    size_t directive_count; /* items[directive_count ..] are lines of tables */
    struct sendmail_table *tables;
    size_t table_count, table_capacity;
    const struct sendmail_mc *mc; /* what the items were made of; NULL of a sendmail.cf */
    void *own;                    /* kept by sendmail.c */
};

/*
 * Opens a sendmail.mc, or a sendmail.cf (known by what it holds); on false *ERROR is one line.
 * Where m4 gave up, SENDMAIL has the directives before that place and no tables, and mc->failed is
 * set; where the file can't be read, mc is NULL.
 */
bool sendmail_open(struct sendmail *sendmail, struct arena *arena, struct str path,
                   struct str *error);
/* the same of a source at hand; DIRECTORY: where tables and included files are looked for */
bool sendmail_read(struct sendmail *sendmail, struct arena *arena, const struct source *source,
                   struct str directory, struct str *error);

/* the define that holds in the end, or NULL (also where it was undefined); its value is its first
   argument.  As with features, a line of a sendmail.cf may say several */
const struct sendmail_item *sendmail_define(const struct sendmail *sendmail, const char *name);
/* the value of a define or, else, of an O line for the option that it sets; STR_NONE where neither
   is set: Sendmail's default holds */
struct str sendmail_value(const struct sendmail *sendmail, const char *define);
/* does what Sendmail's files set where the macro file says nothing hold for the define?  In a
   sendmail.cf it does where it is written down */
bool sendmail_has_default(const struct sendmail *sendmail, const char *define);
/* the last FEATURE of that name, or NULL; in a sendmail.cf it may be no item of its own but part of
   what another one says, whose number it has */
const struct sendmail_item *sendmail_feature(const struct sendmail *sendmail, const char *name);
/* the next item of this kind and name (NULL: any) behind AFTER (NULL: the first) */
const struct sendmail_item *sendmail_next(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name,
                                          const struct sendmail_item *after);
/* the features and defines that are part of what another item says, from 0 on; NULL behind the
   last: their number is that item's */
const struct sendmail_item *sendmail_part(const struct sendmail *sendmail, size_t i);
/* from 0 on; STR_NONE behind the last */
struct str sendmail_argument(const struct sendmail_item *item, size_t i);
/* the first table of that name, or NULL; aliases may be several: see the array */
const struct sendmail_table *sendmail_table(const struct sendmail *sendmail, const char *name);
/* are the lines of the file at hand, in this table or in another one that names the same file? */
bool sendmail_table_is_read(const struct sendmail *sendmail, const struct sendmail_table *table);

/*
 * "Name=value, Name=value": DAEMON_OPTIONS, CLIENT_OPTIONS, INPUT_MAIL_FILTER.  KEY is matched by
 * its first letter as Sendmail does: in either case where the other one means nothing else, the
 * last one wins.  STR_NONE where it is absent.
 */
struct str sendmail_pair(struct str text, char key);

#endif
