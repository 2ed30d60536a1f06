/*
 * sendmail - a Sendmail configuration: its directives, its tables, and what is in effect
 *
 * The source is a sendmail.mc (see mc.h) or a sendmail.cf (see cf.h).  An item is one thing that
 * must be accounted for: a directive, or a line of a table that a directive names.  No item is ever
 * left out.  Not items are comments, lines that are diverted to -1, the include of cf.m4, and the
 * calls of m4 that only choose or move text (ifdef, ifelse, divert, changequote).
 *
 * Directives are in the order of the source, and followed by the lines of the tables, table by
 * table.
 *
 * A table is searched below the directory of the source, by the longest end of its path that is a
 * file there: /etc/mail/access as etc/mail/access, mail/access, access.  No other place of the
 * machine is searched, and no symbolic link is followed.
 *
 * Everything lives in the arena; texts may point into the sources.  Pointers to items are valid
 * after sendmail_open() has returned.
 */
#ifndef PARSER_SENDMAIL_SENDMAIL_H
#define PARSER_SENDMAIL_SENDMAIL_H

#include "parser/text/source.h"

enum sendmail_item_kind {
    ITEM_DEFINE,   /* name: the macro; arguments: its value (define, pushdef) */
    ITEM_UNDEFINE, /* name: the macro */
    ITEM_FEATURE,  /* name: the feature; arguments: the others */
    ITEM_MAILER,   /* name: "smtp"; likewise the next two */
    ITEM_OSTYPE,
    ITEM_DOMAIN,
    ITEM_MACRO,   /* any other macro of Sendmail: DAEMON_OPTIONS, MASQUERADE_AS, LOCAL_CONFIG ... */
    ITEM_TEXT,    /* a line of sendmail.cf in the .mc that is not one of the next three; name: the
                     macro    before it ("LOCAL_RULE_0"), or empty; arguments: the line */
    ITEM_OPTION,  /* O line; name: "MaxMessageSize", or its old letter; arguments: its value */
    ITEM_CLASS,   /* C line; name: "w", "VirtHost"; arguments: the words */
    ITEM_CF_LINE, /* any other line; name: its letter; arguments: see cf.h.  In a .mc: the D, F and
                     K lines */
    ITEM_TABLE_LINE, /* name: the table ("access"); arguments: key and value; only the key for
                        lists, words and lines that Sendmail rejects */
    ITEM_INCLUDE,    /* include and sinclude; arguments: the file */
    ITEM_NOT_RUN,    /* syscmd and other commands of m4; arguments: as written */
};

struct sendmail_item {
    enum sendmail_item_kind kind;
    size_t number; /* its place in sendmail.items */
    struct str name;
    const struct str *arguments;
    size_t argument_count;
    struct span span;
    size_t line;         /* where the span starts, from 1 */
    bool overridden;     /* it has no effect: another one of the same name replaces it, or Sendmail
                            rejects the line */
    const char *refused; /* ITEM_TABLE_LINE: why Sendmail rejects the line: "it has no value";
                            ITEM_INCLUDE: why the file was not read; a define or a feature: it is
                            too late; a line of sendmail.cf: it is too early */
    bool early;     /* a line of sendmail.cf outside any section of the .mc: it comes before all
                       lines that Sendmail's own files generate */
    bool stock;     /* sendmail.cf: Sendmail's own m4 files generate the line */
    size_t missing; /* sendmail.cf: how many of the rules that Sendmail's own files generate are
                       missing in the ruleset that it starts */
    const struct sendmail_item *by; /* overridden: by this item; NULL: rejected or undefined */
    /* ITEM_TABLE_LINE: the directive that names the table; NULL: a default */
    const struct sendmail_item *table;
};

/* a table or file that a directive names, or that Sendmail has by default */
struct sendmail_table {
    struct str name; /* "access", "virtusertable", "mailertable", "genericstable", "domaintable",
                        "bitdomain", "uucpdomain", "authinfo", "userdb", "aliases",
                        "local-host-names", "relay-domains", "trusted-users"; otherwise the
                        macro that names it ("GENERICS_DOMAIN_FILE") or the map of the K line */
    struct str
        type; /* "hash", "ldap", "text" ...; "list" for classes; "aliases" where it is not given */
    struct str flags; /* "-o -T<TMPF>"; all arguments of a type that is not a file */
    struct str path;  /* as written; empty for types that are not a file */
    const struct sendmail_item *from; /* the directive, or NULL where it is Sendmail's default */
    const struct source *source;      /* NULL: not found, and there are no items with its lines */
    size_t first, count;              /* its lines: items[first .. first + count - 1] */
};

/* larger macro files and tables are refused: none that people write is nearly as large */
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
    const struct sendmail_mc *mc; /* the source of the items; NULL for a sendmail.cf */
    void *own;                    /* see parts.h */
};

/*
 * Opens a sendmail.mc or a sendmail.cf (recognized by its content); on false *ERROR is one line.
 * Where m4 failed, SENDMAIL has the directives before that place and no tables, and mc->failed is
 * set; where the file cannot be read, mc is NULL.
 */
bool sendmail_open(struct sendmail *sendmail, struct arena *arena, struct str path,
                   struct str *error);
/* the same for a source in memory; DIRECTORY is searched for tables and included files */
bool sendmail_read(struct sendmail *sendmail, struct arena *arena, const struct source *source,
                   struct str directory, struct str *error);

/* the define in effect, or NULL where there is none or it was undefined; its value is its first
   argument.  A line of a sendmail.cf may contain several defines and features */
const struct sendmail_item *sendmail_define(const struct sendmail *sendmail, const char *name);
/* the value of a define, or of an O line for the option that it sets; STR_NONE where neither is
   set, and Sendmail's default applies */
struct str sendmail_value(const struct sendmail *sendmail, const char *define);
/* does the default of Sendmail's files apply to the define?  In a sendmail.cf it does where the
   file contains it */
bool sendmail_has_default(const struct sendmail *sendmail, const char *define);
/* the last FEATURE of that name, or NULL; in a sendmail.cf it may not be an item of its own but
   part of another one, whose number it has */
const struct sendmail_item *sendmail_feature(const struct sendmail *sendmail, const char *name);
/* the next item of this kind and name (NULL: any) after AFTER (NULL: the first) */
const struct sendmail_item *sendmail_next(const struct sendmail *sendmail,
                                          enum sendmail_item_kind kind, const char *name,
                                          const struct sendmail_item *after);
/* the features and defines that are part of another item, by index from 0; NULL after the last.
   Their number is that of the item */
const struct sendmail_item *sendmail_part(const struct sendmail *sendmail, size_t i);
/* by index from 0; STR_NONE after the last */
struct str sendmail_argument(const struct sendmail_item *item, size_t i);
/* the first table of that name, or NULL; there may be several for aliases: see the array */
const struct sendmail_table *sendmail_table(const struct sendmail *sendmail, const char *name);
/* was the file read, for this table or for another one that names the same file? */
bool sendmail_table_is_read(const struct sendmail *sendmail, const struct sendmail_table *table);

/*
 * A value in "Name=value, Name=value": DAEMON_OPTIONS, CLIENT_OPTIONS, INPUT_MAIL_FILTER.  As in
 * Sendmail, KEY is the first letter of the name, in either case unless the other case has a meaning
 * of its own, and the last one wins.  STR_NONE where it is absent.
 */
struct str sendmail_pair(struct str text, char key);

#endif
