/*
 * sendmail_cf - the lines of a sendmail.cf
 *
 * Follows readcf() in sendmail/readcf.c of 8.17: a line that starts with a blank goes on from the
 * one before it; "#" in the first column and empty lines are comments; the first letter says what
 * the line is.  The arguments of the items:
 *
 *   O  ITEM_OPTION, name: the option, the value        C  ITEM_CLASS, name: the class, the words
 *   D  the macro's name, its value                     F  the class, what names the file
 *   K  the map's name, its type, the rest              M  the mailer's name, the rest
 *   X  the filter's name, the rest                     P  the name, the number
 *   R  left-hand side, right-hand side, comment        S  the ruleset
 *   all others: the rest of the line
 *
 * Where the whole file is read, the model becomes that of the macro file which it was made of: see
 * sendmail_cf_model.h.
 */
#ifndef PARSER_SENDMAIL_CF_H
#define PARSER_SENDMAIL_CF_H

#include "parser/sendmail/sendmail.h"

/* is this text a sendmail.cf, not a macro file? */
bool sendmail_cf_is(struct str bytes);

/*
 * One logical line.  False where its letter means nothing to Sendmail.
 */
bool sendmail_cf_line(struct arena *arena, struct str text, struct sendmail_item *item);

#endif
