/*
 * milter - lists of mail filters: see milter.c
 */
#ifndef CONVERT_SERVER_MILTER_H
#define CONVERT_SERVER_MILTER_H

#include "convert/draft/draft.h"

/* the filters that NAMES ("a, b" or "a;b") are, as smtpd_milters has them; FROM: who names them */
struct str milter_list(struct draft *draft, const struct sendmail_item *from, struct str names);

#endif
