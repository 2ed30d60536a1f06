/*
 * berkeley_db - the written places that say hash or btree, and what they become
 *
 * A place is one type word in main.cf, master.cf or a table's source.  The edit touches that word
 * alone.  Where a value says what a type is ("db = hash", used as "$db:/etc/postfix/x"), the place
 * is there.  Only for the rule berkeley-db.
 */
#ifndef RULES_TABLES_BERKELEY_DB_H
#define RULES_TABLES_BERKELEY_DB_H

#include "rules/tables/tables.h"

/* a type word that becomes another */
struct mend_place {
    struct str word; /* part of LINE's text */
    struct mend_place *next;
};

/* what the rule has mended so far, so that it can ask what the configuration says afterwards */
struct mend {
    struct check *check;
    struct map places;   /* mend_key() of a value to the mend_places in it */
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

void mend_init(struct mend *mend, struct check *check);
/* reports and mends all that is written in main.cf and master.cf; before the others */
void mend_values(struct mend *mend);
/* reports and mends what a table's source or settings file names */
void mend_use(struct mend *mend, const struct table_use *use);
/* what stands for a value of a file in mend->places */
struct str mend_key(const struct mend *mend, struct str value);

/* --- mended.c: what the configuration says once that is mended --- */

/* a parameter at its default that SERVICE uses: appends a line to main.cf where it needs one */
void mend_default(struct mend *mend, const struct service *service, struct str name);
/* reports a table that still needs Berkeley DB, because its type is made of pieces */
void mend_rest(struct mend *mend, const struct table_use *use);

/* --- rebuild.c: what the runbook does about the indexed files --- */

/* a table that Postfix opens */
void rebuild_use(struct mend *mend, const struct table_use *use);
/* the alias tables, also those that stand there by default */
void rebuild_aliases(struct check *check);
/* what to see to when types changed */
void rebuild_notes(struct check *check);

#endif
