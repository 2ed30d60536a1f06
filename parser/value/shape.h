/*
 * shape - does a value have the shape that facts/values.yaml gives its parameter?
 *
 * One function for each shape; what a value of the type alone may be is in type.h.
 */
#ifndef PARSER_VALUE_SHAPE_H
#define PARSER_VALUE_SHAPE_H

#include "parser/value/value.h"

/* as value_valid() (value.h), of the shape alone */
bool shape_valid(struct arena *arena, const struct config *config, const struct value_shape *shape,
                 struct str value, struct value_fault *fault);

/* the words as a message has them: "none, may or encrypt" */
struct str shape_list_words(struct arena *arena, const struct str_list *words);

#endif
