/*
 * table_alias - aliases(5) as postalias(1) reads it: "name: value" of RFC 822 words
 */
#ifndef PARSER_TABLES_ALIAS_H
#define PARSER_TABLES_ALIAS_H

#include "base/arena.h"

/*
 * KEY without its quotes; VALUE with quotes where words need them.  False where postalias skips the
 * line: no "name: value", no value, a list of names, a name with a domain.
 */
bool alias_split(struct arena *arena, struct str line, struct str *key, struct str *value);

#endif
