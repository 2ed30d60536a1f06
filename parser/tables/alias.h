/*
 * alias - aliases(5) as postalias(1) reads it: "name: value" of RFC 822 words
 */
#ifndef PARSER_TABLES_ALIAS_H
#define PARSER_TABLES_ALIAS_H

#include "base/arena.h"

/*
 * KEY is without quotes; VALUE has quotes where words need them.  False where postalias skips the
 * line: it is not "name: value", has no value, a list of names, or a name with a domain.
 */
bool alias_split(struct arena *arena, struct str line, struct str *key, struct str *value);

#endif
