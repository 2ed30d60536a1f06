/*
 * table_ref - lookup tables named in a value
 *
 * A table is "type:name" (DATABASE_README).  It can stand alone, in a list, negated
 * ("!hash:/etc/postfix/x"), behind a restriction, behind another type
 * ("proxy:hash:/etc/postfix/x") and in braces ("pipemap:{hash:/a, pcre:/b}").  Which words
 * of a value are tables is decided by the type alone, as postconf does: a word
 * "type:..." whose type no release knows is none.
 *
 * What a table with its contents in its name answers ("inline:{ { key = result } }",
 * "static:{result}", "pcre:{ {/pattern/ result} }") is free text, in which only a word
 * behind a restriction that takes a table is one.  The same holds for the text of a
 * table's file.
 */
#ifndef PARSER_TABLES_REF_H
#define PARSER_TABLES_REF_H

#include "facts/facts.h"

struct table_ref {
    const struct table_type *type;
    struct str type_text;           /* "hash"; part of the value */
    struct str name;                /* what follows the colon; part of the value */
    struct str text;                /* "hash:/etc/postfix/x"; part of the value */
    const struct table_ref *inside; /* the adapter, combination or inline table that it stands
                                       in, or NULL */
};

/* calls SEEN for each table in VALUE, outer ones before inner ones */
void table_refs(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                void *context);

/* the same for those tables alone that stand behind a restriction such as check_client_access */
void table_refs_restrictions(struct str text,
                             void (*seen)(void *context, const struct table_ref *ref),
                             void *context);

#endif
