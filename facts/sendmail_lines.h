/*
 * sendmail_lines - the lines that Sendmail's own m4 files put into sendmail.cf
 *
 * From facts/sendmail_lines.yaml.  A line is known by a number made of its text and of the ruleset
 * in which it stands; a mailer counts as a ruleset, by its name behind M, and each of its equates
 * as a line of it.  What made a line is one of
 *
 *     plain                 every configuration may have it
 *     FEATURE name          it is there because of that feature alone
 *     FEATURE name 2 word   or because the feature's second argument is that word
 *     define name value     it is there because of that define
 */
#ifndef FACTS_SENDMAIL_LINES_H
#define FACTS_SENDMAIL_LINES_H

#include <stdint.h>

#include "base/str.h"

/* a line with a hole, which an argument or the value of a define fills */
struct sendmail_hole {
    uint64_t before, behind; /* the numbers of the text in front of it and behind it; behind may be
                                0: nothing */
    struct str what;         /* "FEATURE name 2", "define name", "MACRO name" */
};

/* a feature that only takes lines away: it is on where a line of BESIDE is there and none else */
struct sendmail_taken {
    struct str feature;
    uint64_t line;
    bool beside;
};

/* a rule that its ruleset has, where all of WITH hold and none of WITHOUT: "FEATURE a, define b" */
struct sendmail_expected {
    uint64_t ruleset, line; /* the number of the ruleset's name as a line, and the rule's */
    struct str with, without;
    int first, last; /* of the releases */
};

/*
 * The number of a logical line.  RULESET is its ruleset's name, or empty where the line is none of
 * a ruleset.  LINE has no blanks at its ends and each run of them as one; a rule is its left-hand
 * side, a tab, its right-hand side; the line that starts a ruleset is "S".
 */
uint64_t facts_sendmail_number(struct str ruleset, struct str line);
/* the number that goes on from that of what stands before TEXT: for holes */
uint64_t facts_sendmail_number_from(uint64_t number, struct str text);
/* what made the line; STR_NONE where it is a site's own */
struct str facts_sendmail_line(uint64_t number);

/* the first hole behind such a text, *COUNT of them; NULL where there is none */
const struct sendmail_hole *facts_sendmail_holes(uint64_t before, size_t *count);
/* the rows of one feature stand together */
const struct sendmail_taken *facts_sendmail_taken(size_t *count);
const struct sendmail_expected *facts_sendmail_expected(size_t *count);
int facts_sendmail_releases(void); /* how many there are */

#endif
