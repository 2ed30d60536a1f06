/*
 * nearest - which known word a misspelled one was probably meant to be
 *
 * Words are compared by the number of letters that are missing, extra, wrong or swapped
 * (Damerau-Levenshtein distance); "-" and "_", and upper and lower case, are the same letter.  The
 * longer the word, the more such letters it may have.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/str.h"

struct nearest {
    struct str wanted;
    struct str found; /* the nearest of those tried; STR_NONE if none is near */
    int distance;     /* only a word with a smaller distance is nearer */
};

void nearest_start(struct nearest *nearest, struct str wanted);
void nearest_try(struct nearest *nearest, struct str word);

#endif
