/*
 * milter - lists of mail filters: see milter.c
 */
#ifndef CONVERT_SERVER_MILTER_H
#define CONVERT_SERVER_MILTER_H

#include "convert/draft/draft.h"

/* the value of smtpd_milters for the filters in NAMES ("a, b" or "a;b"); FROM is the line with the
   names */
struct str milter_list(struct draft *draft, const struct sendmail_item *from, struct str names);

#endif
