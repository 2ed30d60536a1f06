/*
 * written - every setting that the files make and that holds
 *
 * For rules that look at each value: the entries of main.cf that no later one overrides, then each
 * service's -o that no later one of the same service overrides.
 */
#ifndef RULES_NAMES_WRITTEN_H
#define RULES_NAMES_WRITTEN_H

#include "rules/rule/rule.h"

struct written {
    const struct line *line;
    struct str name;                        /* part of the line's text */
    struct str value;                       /* likewise, not expanded */
    const struct service *service;          /* whose -o it is, or NULL in main.cf */
    const struct main_cf_entry *entry;      /* set in main.cf */
    const struct master_override *override; /* set in a service */
};

void written_each(struct check *check,
                  void (*seen)(struct check *check, const struct written *written, void *context),
                  void *context);

/*
 * The built-in parameter that says what kind of value this is: its own, or the one that gives a
 * service's parameter ("slow_destination_rate_delay") its default.  NULL for all other names.
 */
const struct parameter *written_parameter(const struct config *config,
                                          const struct written *written);

/* the file's line, from 1, in which PART of LINE's text stands */
size_t written_at_line(const struct line *line, struct str part);

/* does a value in the files refer to NAME? */
bool written_is_referred_to(const struct config *config, struct str name);

/* the release newer than the configuration's that brings the parameter NAME, or NULL */
const struct release *written_newer_release(const struct config *config, struct str name);

#endif
