/*
 * sendmail_lines - the lines that Sendmail's own m4 files put into sendmail.cf
 *
 * From facts/sendmail_lines.yaml.  A line is known by a number made of its text, in which each run
 * of blanks counts as one.
 */
#ifndef FACTS_SENDMAIL_LINES_H
#define FACTS_SENDMAIL_LINES_H

#include "facts/str.h"

/*
 * Who makes the logical line: the name of the one feature that does, "plain" where every
 * configuration may have it, STR_NONE where it is a site's own.
 */
struct str facts_sendmail_line(struct str line);

#endif
