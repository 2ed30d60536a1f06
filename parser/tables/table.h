/*
 * table - lookup tables and their results
 *
 * A table is read from its text source (DATABASE_README, postmap(1), postalias(1), cidr_table(5),
 * pcre_table(5), regexp_table(5)) and queried as postmap -q does, for the release and platform of
 * the configuration: hash, btree, lmdb, cdb, dbm, sdbm (their text, as postmap would read it),
 * texthash, cidr, pcre, regexp (also with rules in their name), inline, static, fail, internal,
 * pipemap, unionmap, randmap, and proxy: and debug: before another table.
 *
 * A file that is not in the directory that was opened is not read, except where that directory is
 * the platform's own configuration directory: the /etc/aliases of the machine that runs postmend is
 * not that of another machine.
 *
 * A rule that Postfix warns about and skips is skipped.  A lookup that would take too long (a
 * pattern that backtracks endlessly, a key of many kilobytes with a regexp) is LOOKUP_UNKNOWN.
 *
 * Keys are folded as ASCII; with smtputf8_enable, Postfix also folds the letters of other scripts.
 */
#ifndef PARSER_TABLES_TABLE_H
#define PARSER_TABLES_TABLE_H

#include "parser/postfix/config.h"

enum lookup_status {
    LOOKUP_NONE,
    LOOKUP_FOUND,
    LOOKUP_ERROR,   /* Postfix could not use it: no such file, no such type, a bad name */
    LOOKUP_UNKNOWN, /* it needs a database or a server, or a file outside the directory */
};

struct lookup {
    enum lookup_status status;
    struct str value;  /* LOOKUP_FOUND; lives as long as the arena given, or longer; empty for a
                          pattern without a result, which most of Postfix treats as an error */
    struct str reason; /* LOOKUP_ERROR and LOOKUP_UNKNOWN: one clause, "mysql asks a database" */
    struct span span;  /* LOOKUP_FOUND: the line of the table with the result; may have no source */
};

enum table_use {
    TABLE_FOLD = 1,      /* keys are not case-sensitive: for most uses, but not for lists such as
                            mydestination, whose names are folded first (match_list.c) */
    TABLE_NO_REGSUB = 2, /* $1 in a pattern's result is an error (local aliases) */
    TABLE_ALIAS = 4,     /* an indexed table's text is "name: value", as postalias(1) reads it */
    TABLE_POSTMAP = 8, /* queried by postmap, which uses the first of duplicates in texthash, where
                          the daemons reject the whole table */
    TABLE_USES = 16,   /* the number of combinations */
};

struct table {
    struct str text; /* "hash:/etc/postfix/access", as written */
    bool fixed;      /* Postfix's DICT_FLAG_FIXED: also queried with parts of a key (parent domains,
                        networks); false for tables of patterns (cidr, pcre, regexp, fail,
                        randmap), which get whole keys, and for those that cannot be opened */
    enum lookup_status
        status; /* LOOKUP_ERROR or LOOKUP_UNKNOWN of every lookup, else LOOKUP_FOUND */
    struct str reason;
    struct str cut;       /* why not every look-up is decided: "one of ..."; STR_NONE: each is */
    struct span cut_span; /* of the first entry that is not; without a source in inline tables */
    const struct source *source; /* its text, or NULL */
    const struct table_class *class;
    void *contents; /* owned by the class */
    const struct table_entry *entries;
    size_t entry_count;
    const struct table_fault *faults;
    size_t fault_count;
};

/* the tables of one configuration, each opened once, in the configuration's arena */
struct tables;
struct tables *tables_create(struct arena *arena, const struct config *config);

/* never NULL: a table that cannot be opened says so at every lookup.  USE: table_use */
const struct table *table_open(struct tables *tables, struct str type_name, unsigned use);
/* the same with a text in memory instead of the file that TYPE_NAME names; opened again each time
 */
const struct table *table_open_source(struct tables *tables, struct str type_name,
                                      const struct source *source, unsigned use);
struct lookup table_find(const struct table *table, struct arena *arena, struct str key);

/*
 * Every entry of a table whose text was read, in the order of the file: KEY is a key, a pattern
 * with its delimiters and flags, or a network.  For rules that look for a kind of entry.
 */
struct table_entry {
    struct str key, value;
    struct span span;
};
size_t table_entries(const struct table *table, const struct table_entry **entries);
/* does a lookup find the keys of the entries, and nothing else?  Keys in lower case, where it was
   opened with TABLE_FOLD */
bool table_has_keys_alone(const struct table *table);

/* a line of a table's text that Postfix, or postmap(1), warns about */
struct table_fault {
    struct span span; /* without a source in a table whose text is in its name */
    struct str what;  /* "has no result", said of the line */
    bool kept;        /* the line is used nevertheless; otherwise it is skipped */
    bool harmless;    /* it is skipped, and says what another line says */
};
size_t table_faults(const struct table *table, const struct table_fault **faults);

/*
 * A list of tables separated by white space or commas, as in virtual_alias_maps: the first one that
 * finds the key or fails decides (maps_find of src/global/maps.c).  An empty result is an error.
 */
struct lookup tables_find(struct tables *tables, struct arena *arena, struct str list,
                          struct str key, unsigned use);

#endif
