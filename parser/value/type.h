/*
 * type - does a value suit its parameter's type?
 *
 * As Postfix reads values when a program starts (src/global/mail_conf_*.c): numbers are those of
 * strtol(3) in base 10 with nothing behind them, times have one unit behind the number, and yes
 * and no are taken in any case of letters.  A value that does not suit is fatal.
 */
#ifndef PARSER_VALUE_TYPE_H
#define PARSER_VALUE_TYPE_H

#include "parser/postfix/config.h"

/*
 * What is wrong with VALUE, which is expanded, in the words of a sentence that starts with the
 * value ("is no number"); STR_NONE where it is good.  UNIT is the unit of a time without one.
 */
struct str value_fault(struct arena *arena, const struct parameter *parameter, struct str value,
                       char unit);

/* the unit of a time without one: the first letter of the parameter's default; 0: no time */
char value_unit(const struct config *config, const struct parameter *parameter);

#endif
