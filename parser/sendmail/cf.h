/*
 * cf - the lines of a sendmail.cf
 *
 * Follows readcf() in sendmail/readcf.c of 8.17: a line that starts with white space continues the
 * one before it; lines with "#" in the first column and empty lines are comments; the first letter
 * is the kind of the line.  The arguments of the items:
 *
 *   O  ITEM_OPTION, name: the option, the value        C  ITEM_CLASS, name: the class, the words
 *   D  the macro's name, its value                     F  the class, the rest
 *   K  the map's name, its type, the rest              M  the mailer's name, the rest
 *   X  the filter's name, the rest                     P  the name, the number
 *   R  left-hand side, right-hand side, comment        S  the ruleset
 *   all others: the rest of the line
 *
 * Where a whole file is read, the result is the model of the macro file from which it was
 * generated: see cf_model.h.
 */
#ifndef PARSER_SENDMAIL_CF_H
#define PARSER_SENDMAIL_CF_H

#include "parser/sendmail/sendmail.h"

/* is this text a sendmail.cf, and not a macro file? */
bool sendmail_cf_is(struct str bytes);

/* one logical line; false where Sendmail does not know its letter */
bool sendmail_cf_line(struct arena *arena, struct str text, struct sendmail_item *item);

#endif
