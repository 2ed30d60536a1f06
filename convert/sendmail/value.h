/*
 * value - values of Sendmail's configuration as values of Postfix parameters
 *
 * Sendmail has its own syntax for times, numbers and switches (sendmail/readcf.c, convtime.c,
 * libsm/util.c).  Values that it accepts though they are hardly meant, such as "10x" or "infinite"
 * for a number, are rejected here.  Values outside Postfix's bounds (facts.h) are never written.
 */
#ifndef CONVERT_SENDMAIL_VALUE_H
#define CONVERT_SENDMAIL_VALUE_H

#include "convert/draft/draft.h"

/* without surrounding white space and m4 quotes */
struct str sendmail_unquoted(struct str text);

/*
 * The value of a define or an option: its first argument, without the quotes that m4 leaves of
 * ``...'' and without surrounding white space.  If the value is the name of another define, the
 * value of that one, as in the sendmail.cf that m4 would write.
 */
struct str sendmail_item_value(const struct draft *draft, const struct sendmail_item *item);
enum {
    SENDMAIL_REFERENCES_MAX = 8, /* names of defines that are followed, one through the other */
    SENDMAIL_VALUE_MAX = 65536,  /* bytes of a value in which they are replaced */
    PROCESSES_MAX = 100000,      /* a larger process limit is taken for a mistake */
};

/* is the value the name of a define, after as many as are followed?  Then it must be an open point
 */
bool sendmail_value_is_cut(const struct draft *draft, const struct sendmail_item *item);
/* the same for the define NAME; STR_NONE if the source does not have it */
struct str sendmail_define_value(const struct draft *draft, const char *name);
/* Sendmail's own default for the define NAME, from facts/sendmail.yaml; empty if it has none */
struct str sendmail_default(const char *name);
/* the value of the define NAME, or else that default */
struct str sendmail_define_or_default(const struct draft *draft, const char *name);

/* the fact about an item; NULL if facts/sendmail.yaml has none */
const struct sendmail_fact *sendmail_item_fact(const struct sendmail_item *item);

/* "1h30m", "5d", "90" in seconds; UNIT is the unit of a bare number.  False if it is not a time, or
   too long */
bool sendmail_time(struct str text, char unit, long *seconds);
/* seconds in Postfix's syntax, with the largest unit that divides them: "90m" */
struct str sendmail_time_text(struct arena *arena, long seconds);
/* a number of decimal digits, without sign; false if it is not, or is too large */
bool sendmail_number(struct str text, long *number);
/* a switch: on if empty or starting with t or y */
bool sendmail_bool(struct str text);
/* is it the value with which the line has no effect? */
bool sendmail_is_idle(const struct sendmail_fact *fact, struct str value);

/*
 * VALUE in the syntax of the fact's parameter; or STR_NONE, and *PROBLEM says why: "is not a valid
 * time in Postfix", "is above the maximum of 3600 for smtpd_timeout".
 */
struct str sendmail_convert_value(struct arena *arena, const struct sendmail_fact *fact,
                                  struct str value, struct str *problem);

/*
 * Can the text be written to main.cf as it is?  Not if it is empty or contains a Sendmail macro
 * ($j, $w, ...), a line break or a control character.
 */
bool sendmail_is_plain(struct str text);

#endif
