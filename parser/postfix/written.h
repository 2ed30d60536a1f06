/*
 * written - the settings in the files, one after the other
 *
 * Those of main.cf, then the overrides (-o) of each service.
 */
#ifndef PARSER_POSTFIX_WRITTEN_H
#define PARSER_POSTFIX_WRITTEN_H

#include "parser/postfix/config.h"

struct written {
    const struct line *line;
    const struct parameter *parameter;      /* what the name is, or NULL */
    struct str name;                        /* part of the line's text */
    struct str value;                       /* likewise, not expanded */
    const struct service *service;          /* whose -o it is, or NULL in main.cf */
    const struct main_cf_entry *entry;      /* of a setting in main.cf, else NULL */
    const struct master_override *override; /* of a setting in a service, else NULL */
    bool overridden;                        /* a later one takes its place: it has no effect */
};

/* where a walk is; begin it as {.config = config} */
struct written_walk {
    const struct config *config;
    bool all;        /* those that are overridden too; else they are left out */
    size_t entries;  /* those of main.cf that it has passed */
    size_t services; /* whose overrides it has begun */
    const struct master_override *next;
};

/* the next setting, in WRITTEN; false at the end */
bool written_next(struct written_walk *walk, struct written *written);

#endif
