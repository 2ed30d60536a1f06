/*
 * value - a value of Sendmail's configuration as a parameter of Postfix has it
 *
 * Sendmail reads times, numbers and switches in its own way (sendmail/readcf.c, convtime.c,
 * libsm/util.c): what it takes without a complaint though it means little, "10x" or "infinite" for
 * a number, is refused here.  Nothing is written that Postfix's own bounds (facts.h) would refuse.
 */
#ifndef CONVERT_SENDMAIL_VALUE_H
#define CONVERT_SENDMAIL_VALUE_H

#include "convert/draft/draft.h"

/* without white space and m4's quotes around the whole of it */
struct str sendmail_unquoted(struct str text);

/*
 * The value of a define or an option: its first argument, without the quotes that m4 leaves of
 * ``...'' and without white space at its ends.  A value that is the name of another define of the
 * file is that one's, as m4 has it when it writes sendmail.cf.
 */
struct str sendmail_item_value(const struct draft *draft, const struct sendmail_item *item);
/* that of the define NAME; STR_NONE: the source has none */
struct str sendmail_define_value(const struct draft *draft, const char *name);

/* the fact about an item: NULL where facts/sendmail.yaml has none */
const struct sendmail_fact *sendmail_item_fact(const struct sendmail_item *item);

/* "1h30m", "5d", "90": seconds; UNIT is that of a bare number.  False: it is no time, or too long
 */
bool sendmail_time(struct str text, char unit, long *seconds);
/* seconds as Postfix writes them, in the largest unit that divides them: "90m" */
struct str sendmail_time_text(struct arena *arena, long seconds);
/* a number of decimal digits, without sign; false: it is none, or too large */
bool sendmail_number(struct str text, long *number);
/* a switch: empty, t..., y... are on */
bool sendmail_bool(struct str text);
/* is it the value with which the line asks for nothing? */
bool sendmail_is_idle(const struct sendmail_fact *fact, struct str value);

/*
 * VALUE as the fact's parameter is to have it, or STR_NONE, and then *PROBLEM says why: "is no
 * time", "is above what smtpd_timeout allows".
 */
struct str sendmail_convert_value(struct arena *arena, const struct sendmail_fact *fact,
                                  struct str value, struct str *problem);

/*
 * A text for main.cf: false where it holds what Sendmail replaces ($j, $w, ...), a line break or a
 * control character, or is empty.
 */
bool sendmail_is_plain(struct str text);

#endif
