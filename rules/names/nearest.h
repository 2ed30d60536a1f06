/*
 * nearest - which parameter or restriction a misspelled name was probably meant to be
 *
 * The name is compared with those of the configuration's release and of its services
 * (base/nearest.h).
 */
#ifndef RULES_NAMES_NEAREST_H
#define RULES_NAMES_NEAREST_H

#include "parser/postfix/config.h"

/* the known name that is nearest to NAME, in the configuration's arena; STR_NONE if none is near */
struct str nearest_name(const struct config *config, struct str name);
/* the same of a restriction, or in the result of a table of an action of access(5) */
struct str nearest_restriction(const struct config *config, struct str word, bool in_result);

#endif
