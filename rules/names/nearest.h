/*
 * nearest - what a misspelt name was probably meant to be
 *
 * Names of the configuration's release and those that its services make are compared by the number
 * of letters that are missing, too many, wrong or swapped (Damerau's distance).  The longer the
 * name, the more of them it may have; a name that is near to nothing has no answer.
 */
#ifndef RULES_NAMES_NEAREST_H
#define RULES_NAMES_NEAREST_H

#include "parser/postfix/config.h"

/* the known name that is nearest to NAME, in the configuration's arena; STR_NONE: none is near */
struct str nearest_name(const struct config *config, struct str name);

#endif
