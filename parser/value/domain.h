/*
 * domain - lists of domains such as mydestination, and myorigin
 *
 * Postfix compares each item of a list with a domain as it is written (match_list.c): quotes,
 * semicolons and "@" are part of the item, and no domain has them.
 */
#ifndef PARSER_VALUE_DOMAIN_H
#define PARSER_VALUE_DOMAIN_H

#include "parser/value/value.h"

bool domains_valid(struct arena *arena, const struct config *config, struct str list,
                   struct value_fault *fault);
/* one domain, which is appended to addresses */
bool origin_valid(struct arena *arena, const struct config *config, struct str text,
                  struct value_fault *fault);

#endif
