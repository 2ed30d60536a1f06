/*
 * lint - what the rules about sendmail.mc share
 */
#ifndef RULES_SENDMAIL_LINT_H
#define RULES_SENDMAIL_LINT_H

#include "facts/sendmail.h"
#include "parser/sendmail/mc.h"
#include "rules/rule/rule.h"

/* the first line of each example; a macro, because it is joined with literals */
#define PRELUDE "include(`/usr/share/sendmail-cf/m4/cf.m4')dnl\n"

/* the fact about a directive, or NULL */
const struct sendmail_fact *lint_fact(const struct sendmail_item *item);

/*
 * Has everything been read that m4 would read?  Not if m4 failed, if an included file was not
 * found, or if DOMAIN names a local file: what seems to be missing may be there.
 */
bool lint_is_whole(const struct sendmail *sendmail);

/* the directive as written: "FEATURE(`access_db')", "define(`confX')", "MASQUERADE_AS" */
struct str lint_words(struct arena *arena, const struct sendmail_item *item);

/* the first line of a text, for a message: of a long one the start */
struct str lint_shown(struct arena *arena, struct str text);

/* the name of that kind that NAME is probably a misspelling of, or STR_NONE: one letter is wrong,
   missing, extra or swapped with a neighbour (two in long names), or only case and underscores
   differ */
struct str lint_nearest(enum sendmail_kind kind, struct str name);

/* the macro of Sendmail or m4 with that name, ignoring case; or STR_NONE */
struct str lint_macro(struct str name);

/* can the character be part of a macro name? */
bool lint_is_word(char c);

/* does the file change the quotes? */
bool lint_changes_quotes(const struct sendmail *sendmail);

/*
 * The arguments of a call as they are written, with their quotes and without surrounding white
 * space, in ARENA; returns their number.  None if the call is not in the file itself.
 */
size_t lint_raw_arguments(struct arena *arena, const struct sendmail_directive *directive,
                          struct span **arguments);

#endif
