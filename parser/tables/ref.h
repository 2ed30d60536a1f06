/*
 * ref - the lookup tables that a value names
 *
 * A table is "type:name" (DATABASE_README).  It can be a value, part of a list, negated
 * ("!hash:/etc/postfix/x"), after a restriction, after another type
 * ("proxy:hash:/etc/postfix/x") and in braces ("pipemap:{hash:/a, pcre:/b}").  Whether a
 * word of a value is a table depends on the type alone, as in postconf: a word "type:..."
 * whose type is not in any release is not a table.
 *
 * The results of a table with its contents in its name ("inline:{ { key = result } }",
 * "static:{result}", "pcre:{ {/pattern/ result} }") are free text, in which only the word
 * after a restriction that takes a table is one.  The same is true of the text in a
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
    const struct table_ref *inside; /* the adapter, combination or inline table that it is in,
                                       or NULL */
};

/* calls SEEN for each table in VALUE, outer tables before inner ones; false: some are nested too
   deeply and were left out (the rule nested-too-deeply reports that) */
bool table_refs(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                void *context);

/* the same, only for tables after a restriction such as check_client_access */
bool table_refs_restrictions(struct str text,
                             void (*seen)(void *context, const struct table_ref *ref),
                             void *context);

#endif
