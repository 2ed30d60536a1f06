/*
 * bdb - finds table types that need Berkeley DB, and replaces them
 *
 * A place is one type word in main.cf, master.cf or a table's source; the edit changes only that
 * word.  If a value defines a type ("db = hash", used as "$db:/etc/postfix/x"), the word in that
 * value is the place.  Only for the rule berkeley-db.
 */
#ifndef RULES_TABLES_BDB_H
#define RULES_TABLES_BDB_H

#include "rules/tables/tables.h"

/* a type word that is replaced */
struct bdb_place {
    struct str word; /* part of a line's text */
    struct bdb_place *next;
};

/* what has been fixed so far, so that values can be expanded as they will be after the fixes */
struct bdb_fixes {
    struct check *check;
    struct map places;   /* bdb_value_key() of a value to the list of its places */
    struct map names;    /* names whose values are types, or end with one */
    struct map appended; /* names to the struct str that a new line sets them to */
    struct map reported; /* places that were reported without a fix */
    struct map built;    /* tables that the runbook builds already */
    /* the tables in the last value, for one service, that still need Berkeley DB */
    const char *unfixed_value;
    const struct service *unfixed_service;
    struct map unfixed;
    bool changed;
};

/* --- bdb_written.c: places in the files --- */

void bdb_init(struct bdb_fixes *fixes, struct check *check);
/* reports and fixes every place in main.cf and master.cf; call it before the functions below */
void bdb_fix_written(struct bdb_fixes *fixes);
/* reports and fixes a place in a table's source or settings file */
void bdb_fix_use(struct bdb_fixes *fixes, const struct used_table *use);
/* the key of a value of a file in fixes->places */
struct str bdb_value_key(const struct bdb_fixes *fixes, struct str value);

/* --- bdb_expanded.c: values as they are after the fixes --- */

/* for a parameter that SERVICE uses: sets it in main.cf if its default needs Berkeley DB */
void bdb_fix_default(struct bdb_fixes *fixes, const struct service *service, struct str name);
/* reports a table that still needs Berkeley DB, because its type is composed of several values */
void bdb_report_unfixed(struct bdb_fixes *fixes, const struct used_table *use);

/* --- bdb_rebuild.c: steps of the runbook --- */

/* builds the index of a table that Postfix opens */
void bdb_rebuild_use(struct bdb_fixes *fixes, const struct used_table *use);
/* builds the alias tables that main.cf does not set */
void bdb_rebuild_aliases(struct check *check);
/* what the administrator has to do after types were replaced */
void bdb_note_changes(struct check *check);

#endif
