/*
 * type - does a value suit its parameter's type and bounds?
 *
 * As Postfix reads values when a program starts (src/global/mail_conf_*.c): numbers are those of
 * strtol(3) in base 10 with nothing after them, times have one unit after the number, and yes and
 * no are taken in any case of letters.
 */
#ifndef PARSER_VALUE_TYPE_H
#define PARSER_VALUE_TYPE_H

#include "parser/value/value.h"

/* as value_valid() (value.h), of the type alone */
bool type_valid(struct arena *arena, const struct config *config, const struct parameter *parameter,
                struct str value, struct value_fault *fault);

#endif
