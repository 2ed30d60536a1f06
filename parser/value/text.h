/*
 * text - headers, and texts with macros, which programs read when they need them
 */
#ifndef PARSER_VALUE_TEXT_H
#define PARSER_VALUE_TEXT_H

#include "parser/value/value.h"

/* "name: text", or nothing: is_header.c */
bool header_line_valid(struct arena *arena, const struct config *config, struct str line,
                       struct value_fault *fault);
/* a text in which each "${", "$(" and "$" belongs to a macro with a name: mac_parse.c */
bool macros_valid(struct arena *arena, const struct config *config, struct str text,
                  struct value_fault *fault);

#endif
