/*
 * berkeley_db - the written places that say hash or btree, and what they become
 *
 * A place is one type word in main.cf, master.cf or a table's source.  The edit touches that word
 * alone.  Where a value says what a type is ("db = hash", used as "$db:/etc/postfix/x"), the place
 * is there.  Only for the rule berkeley-db.
 */
#ifndef RULES_TABLES_BDB_H
#define RULES_TABLES_BDB_H

#include "rules/tables/tables.h"

/* a type word that becomes another */
struct bdb_place {
    struct str word; /* part of LINE's text */
    struct bdb_place *next;
};

/* what the rule has mended so far, so that it can ask what the configuration says afterwards */
struct bdb_fixes {
    struct check *check;
    struct map places;   /* bdb_value_key() of a value to the bdb_places in it */
    struct map names;    /* names whose values are types */
    struct map appended; /* parameter names to the struct str that a new line gives them */
    struct map reported; /* places that have a finding without a fix */
    struct map built;    /* tables that the runbook has looked at */
    /* the tables that stay as they are in the value that was looked at last, for one service */
    const char *rest_of;
    const struct service *rest_for;
    struct map rest;
    bool changed;
};

/* --- mend.c: what is written --- */

void bdb_init(struct bdb_fixes *fixes, struct check *check);
/* reports and mends all that is written in main.cf and master.cf; before the others */
void bdb_fix_written(struct bdb_fixes *fixes);
/* reports and mends what a table's source or settings file names */
void bdb_fix_use(struct bdb_fixes *fixes, const struct used_table *use);
/* what stands for a value of a file in fixes->places */
struct str bdb_value_key(const struct bdb_fixes *fixes, struct str value);

/* --- mended.c: what the configuration says once that is mended --- */

/* a parameter at its default that SERVICE uses: appends a line to main.cf where it needs one */
void bdb_fix_default(struct bdb_fixes *fixes, const struct service *service, struct str name);
/* reports a table that still needs Berkeley DB, because its type is made of pieces */
void bdb_report_unfixed(struct bdb_fixes *fixes, const struct used_table *use);

/* --- rebuild.c: what the runbook does about the indexed files --- */

/* a table that Postfix opens */
void bdb_rebuild_use(struct bdb_fixes *fixes, const struct used_table *use);
/* the alias tables, also those that stand there by default */
void bdb_rebuild_aliases(struct check *check);
/* what to see to when types changed */
void bdb_note_changes(struct check *check);

#endif
