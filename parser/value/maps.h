/*
 * maps - is a value a lookup table, or a list of them?  maps(3) and dict_open(3)
 *
 * A table is "type:name"; in a list, braces hold white space together.  Programs exit where they
 * open a text that is not of that form.  A type that Postfix does not know makes every look-up
 * fail.  Whether the platform has a type that is known is not asked here: see the rule map-package.
 */
#ifndef PARSER_VALUE_MAPS_H
#define PARSER_VALUE_MAPS_H

#include "parser/value/value.h"

/* False, with the texts of *FAULT set, and its effect where only the type is unknown */
bool maps_valid(struct arena *arena, const struct config *config, struct str value,
                struct value_fault *fault);
/* the same of a parameter that takes one table */
bool map_valid(struct arena *arena, const struct config *config, struct str value,
               struct value_fault *fault);
/* the same of an item of a list of patterns that has a colon, and so is a table: is its type known?
 */
bool map_type_valid(struct arena *arena, struct str item, struct value_fault *fault);

/* is the server of a table of type socketmap or tcp one?  Tables of other types have none */
bool map_server_valid(struct str map, struct value_fault *fault);

#endif
