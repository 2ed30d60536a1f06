/*
 * myers - what two sequences have in common
 *
 * Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations",
 * Algorithmica 1 (1986), section 4b: the shortest edit script in linear space.
 * It knows numbers only; diff gives equal lines equal numbers.
 *
 * The work is bounded.  Between two places that are up to MYERS_EDITS_MAX edits
 * apart the script is the shortest; beyond that it is split at the farthest place
 * that the search has reached, and after MYERS_STEPS_MAX steps in all, whatever has
 * not been compared counts as changed.
 */
#ifndef PARSER_TEXT_MYERS_H
#define PARSER_TEXT_MYERS_H

#include "base/arena.h"

#define MYERS_EDITS_MAX 4096
#define MYERS_STEPS_MAX (256L * 1024 * 1024)

struct sequence {
    const int *items;
    int count;
    bool *changed; /* all false at first; set for the items that are not in common */
};

/* the items that stay unchanged are as many in A as in B, and pairwise equal */
void myers_compare(struct arena *arena, struct sequence *a, struct sequence *b);

#endif
