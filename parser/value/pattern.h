/*
 * pattern - patterns of addresses: "127.0.0.[2..11;20]", as in "reject_rbl_client zone=pattern"
 *
 * What ip_match_parse(3) accepts: four fields with dots between them, each a number from 0 to 255
 * or, in brackets, numbers and ranges with semicolons between them; brackets around all of it are
 * allowed.  smtpd and postscreen exit when they find another text.
 */
#ifndef PARSER_VALUE_PATTERN_H
#define PARSER_VALUE_PATTERN_H

#include "base/str.h"

/* what is wrong with the pattern, "256 is more than 255"; NULL if it is valid */
const char *address_pattern_fault(struct str pattern);

#endif
