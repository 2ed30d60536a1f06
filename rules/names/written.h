/*
 * written - what rules ask about a setting in the files: see parser/postfix/written.h
 */
#ifndef RULES_NAMES_WRITTEN_H
#define RULES_NAMES_WRITTEN_H

#include "parser/postfix/written.h"
#include "rules/rule/rule.h"

/* calls SEEN for each setting that no later one overrides */
void written_each(struct check *check,
                  void (*seen)(struct check *check, const struct written *written, void *context),
                  void *context);

/*
 * The built-in parameter that determines the type of the value: its own, or the one that provides
 * the default of a service's parameter ("slow_destination_rate_delay").  NULL for all other names.
 */
const struct parameter *written_parameter(const struct config *config,
                                          const struct written *written);

/* is it an override of PARAMETER in a service whose program does not read that? */
bool written_is_never_read(const struct written *written, const struct parameter *parameter);

/* the number of the line, from 1, that contains PART of LINE's text */
size_t written_at_line(const struct line *line, struct str part);

/* does a value in the files refer to NAME? */
bool written_is_referred_to(const struct config *config, struct str name);

/* the version that introduced NAME, if it is newer than the configuration's; else STR_NONE */
struct str written_newer_version(const struct config *config, struct str name);

#endif
