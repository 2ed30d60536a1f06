/*
 * lint - what the rules about sendmail.mc share
 */
#ifndef RULES_SENDMAIL_LINT_H
#define RULES_SENDMAIL_LINT_H

#include "facts/sendmail.h"
#include "parser/sendmail/mc.h"
#include "rules/rule/rule.h"

/* how each example of these rules starts; a macro, since literals are joined with it */
#define PRELUDE "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"

/* the fact about a directive, or NULL */
const struct sendmail_fact *lint_fact(const struct sendmail_item *item);

/*
 * Is all that m4 would read at hand?  Not where it gave up, where a file is included that is not
 * here, or where DOMAIN names a file of the site's own: what seems to be missing may stand there.
 */
bool lint_is_whole(const struct sendmail *sendmail);

/* the directive as it is written: "FEATURE(`access_db')", "define(`confX')", "MASQUERADE_AS" */
struct str lint_words(struct arena *arena, const struct sendmail_item *item);

/* the start of a text, for a message */
struct str lint_shown(struct str text);

/* the name of that kind that NAME was probably meant to be, or STR_NONE: one letter is wrong,
   missing, too many or at its neighbour's place (of long names two), or only the case differs and
   the underscores */
struct str lint_nearest(enum sendmail_kind kind, struct str name);

/* the macro of Sendmail's or m4's that CALL is, without regard to case; or STR_NONE */
struct str lint_macro(struct str name);

/* can the character be part of a macro's name? */
bool lint_is_word(char c);

/* does the file have other quotes than ` and ' somewhere? */
bool lint_changes_quotes(const struct sendmail *sendmail);

/*
 * The arguments of a call as they stand in a file with the usual quotes: with these, without the
 * blanks around them; how many there are, at most MAX.  None where the call is not written there.
 */
size_t lint_raw_arguments(const struct sendmail_directive *directive, struct span *arguments,
                          size_t max);

#endif
