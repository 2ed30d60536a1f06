/*
 * nested - tables that other tables refer to
 *
 * The result of an access table may be a restriction list (access(5)), which refers to more tables;
 * the settings of a memcache table name its backup (memcache_table(5)).  Each file is read once.
 * Only for tables.c.
 */
#ifndef RULES_TABLES_NESTED_H
#define RULES_TABLES_NESTED_H

#include <sys/types.h>

#include "rules/tables/tables.h"

enum table_source_kind {
    TABLE_SOURCE_ACCESS,
    TABLE_SOURCE_SETTINGS,
};

/* a file to read */
struct table_source {
    enum table_source_kind kind;
    struct str path; /* as Postfix knows it */
    struct str parameter;
    const struct service *service;
};

struct table_sources {
    struct check *check;
    table_seen *seen;
    void *context;
    struct table_source *files; /* the queue; files remain in it after they were read */
    size_t count, capacity;
    struct map known; /* the identities of the files in the queue */
};

/* queues the file of a table that may refer to others */
void table_sources_access(struct table_sources *sources, const struct used_table *use);
void table_sources_settings(struct table_sources *sources, const struct used_table *use);

/* reads the files in the queue, and those that they refer to */
void table_sources_read(struct table_sources *sources);

#endif
