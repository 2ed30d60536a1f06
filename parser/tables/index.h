/*
 * index - the file that postmap(1) makes of a table, where the configuration has it
 *
 * Its first bytes say which type it is of: a text, or the file of another type, cannot be used.
 */
#ifndef PARSER_TABLES_INDEX_H
#define PARSER_TABLES_INDEX_H

#include "parser/postfix/config.h"

/*
 * Is the file of the table TYPE:NAME one of its type?  False, with *FILE set to its path as Postfix
 * knows it, and *EXITS to whether the program that opens it exits (else look-ups fail).  A file
 * that is not there, or not of the configuration, counts as good.
 */
bool index_valid(struct arena *arena, const struct config *config, const struct table_type *type,
                 struct str name, struct str *file, bool *exits);

#endif
