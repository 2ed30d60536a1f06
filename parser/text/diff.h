/*
 * diff - the difference of two texts as a unified diff
 *
 * The format is that of diff -u (POSIX.1-2017, diff, "Unified Format"), with
 * three lines of context and "\ No newline at end of file"; patch(1) applies it
 * (with --binary where a text has CR LF).  Paths that patch would misread are
 * quoted as GNU diff and git quote them.
 */
#ifndef PARSER_TEXT_DIFF_H
#define PARSER_TEXT_DIFF_H

#include "base/arena.h"

/*
 * Adds the difference between OLD_TEXT and NEW_TEXT to OUT, with the two header
 * lines ("--- old_path", "+++ new_path"); adds nothing where they are equal.
 * The time is bounded: for texts with very many changes the diff is correct but
 * may not be the shortest.
 */
void diff_unified(struct buffer *out, struct str old_path, struct str old_text, struct str new_path,
                  struct str new_text);

#endif
