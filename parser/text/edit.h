/*
 * edit - the one way to change a file
 *
 * An edit replaces a span of a source with a text; a span of length 0 inserts.
 * Output = input + edits: edit_apply() copies every byte that no edit names.
 * Edits that overlap are a bug in the rule that made them and are reported,
 * never resolved silently.  An insertion inside a replaced span overlaps it; one
 * at its start comes before the new text, one at its end after it.  Insertions at
 * the same place keep the order in which they were made; equal edits count once.
 */
#ifndef PARSER_TEXT_EDIT_H
#define PARSER_TEXT_EDIT_H

#include "parser/text/source.h"

struct edit {
    struct span span;
    struct str text;
};

/*
 * Two edits that cannot both be made, the older one first; indexes into the list
 * that was given.  Both are the same where one edit is outside its source.
 */
struct edit_conflict {
    size_t first, second;
};

/*
 * Applies those EDITS that name SOURCE to its bytes.  Returns false and fills
 * CONFLICT (if not NULL) where two overlap; *RESULT is then unset.  With no edit
 * for SOURCE, *RESULT is its own bytes.  A NUL that does not count follows *RESULT.
 * EDITS keeps its order.
 */
bool edit_apply(struct arena *arena, const struct source *source, const struct edit *edits,
                size_t count, struct str *result, struct edit_conflict *conflict);

#endif
