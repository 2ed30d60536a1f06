/*
 * table_ref - lookup tables named in a value
 *
 * A table is "type:name" (DATABASE_README).  It can stand alone, in a list, behind a
 * restriction, behind another type ("proxy:hash:/etc/postfix/x") and in braces
 * ("pipemap:{hash:/a, pcre:/b}").  Which words of a value are tables is decided by
 * the type alone, as postconf does: a word "type:..." whose type no release knows is
 * none.
 */
#ifndef PARSER_TABLE_REF_H
#define PARSER_TABLE_REF_H

#include "facts/facts.h"

struct table_ref {
    const struct table_type *type;
    struct str type_text;           /* "hash"; part of the value */
    struct str name;                /* what follows the colon; part of the value */
    struct str text;                /* "hash:/etc/postfix/x"; part of the value */
    const struct table_ref *inside; /* the adapter or combination that it stands in, or NULL */
};

/* calls SEEN for each table in VALUE, outer ones before inner ones */
void table_refs(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                void *context);

#endif
