/*
 * type - is a value valid for the type of its parameter?
 *
 * As Postfix reads values when a program starts (src/global/mail_conf_*.c): a number is what
 * strtol(3) reads in base 10, with nothing after it; a time has one unit after the number; yes and
 * no may be in upper or lower case.  Any other value is a fatal error.
 */
#ifndef PARSER_VALUE_TYPE_H
#define PARSER_VALUE_TYPE_H

#include "parser/postfix/config.h"

/*
 * What is wrong with VALUE, which is expanded, as the rest of a sentence that starts with the value
 * ("is not a valid number"); STR_NONE if it is valid.  UNIT is the unit of a time without one.
 */
struct str value_fault(struct arena *arena, const struct parameter *parameter, struct str value,
                       char unit);

/* the unit of a time without one: the first letter in the parameter's default; 0: not a time */
char value_unit(const struct config *config, const struct parameter *parameter);

#endif
