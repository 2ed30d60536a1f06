/*
 * sendmail_lines - the lines that Sendmail's own m4 files add to sendmail.cf
 *
 * From facts/sendmail_lines.yaml.  A line is identified by a number made from its text and its
 * ruleset.  A mailer is treated as a ruleset, with the name after its M, and its equates as lines.
 * What made a line is one of
 *
 *     plain                 it may be in any configuration
 *     FEATURE name          only this feature adds it
 *     FEATURE name 2 word   only this feature, with this second argument
 *     define name value     only this define
 */
#ifndef FACTS_SENDMAIL_LINES_H
#define FACTS_SENDMAIL_LINES_H

#include <stdint.h>

#include "base/str.h"

/* a line with a hole for an argument or the value of a define */
struct sendmail_hole {
    uint64_t before, behind; /* the numbers of the text before and after the hole; the second may
                                be 0: nothing */
    struct str what;         /* "FEATURE name 2", "define name", "MACRO name" */
};

/* a feature that only removes lines: it is on if there are lines with BESIDE and no others */
struct sendmail_taken {
    struct str feature;
    uint64_t line;
    bool beside;
};

/* a rule of a ruleset, if all of WITH and none of WITHOUT are true: "FEATURE a, define b" */
struct sendmail_expected {
    uint64_t ruleset, line; /* the number of the ruleset's name as a line, and the rule's */
    struct str with, without;
    int first, last; /* of the releases */
};

/*
 * The number of a logical line.  RULESET is the name of its ruleset, or empty.  LINE has no white
 * space at its ends and single spaces inside; a rule is its left-hand side, a tab, its right-hand
 * side; the line that starts a ruleset is "S".
 */
uint64_t facts_sendmail_number(struct str ruleset, struct str line);
/* continues NUMBER, that of the text before TEXT: for holes */
uint64_t facts_sendmail_number_from(uint64_t number, struct str text);
/* what made the line; STR_NONE if it is a site's own */
struct str facts_sendmail_line(uint64_t number);

/* the *COUNT holes after such a text; NULL if there are none */
const struct sendmail_hole *facts_sendmail_holes(uint64_t before, size_t *count);
/* rows of the same feature are adjacent */
const struct sendmail_taken *facts_sendmail_taken(size_t *count);
const struct sendmail_expected *facts_sendmail_expected(size_t *count);
int facts_sendmail_releases(void); /* how many there are */

#endif
