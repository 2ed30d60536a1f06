/*
 * class - what the implementations of lookup tables share
 *
 * Only for parser/tables/; everything else uses parser/tables/table.h.  A class reads a table when
 * it is opened, into the configuration's arena, and looks up keys: the result is in the arena of
 * the caller, and the table stays unchanged.
 */
#ifndef PARSER_TABLES_CLASS_H
#define PARSER_TABLES_CLASS_H

#include <stdint.h>

#include "base/map.h"
#include "parser/tables/table.h"

enum {
    TABLE_DEPTH_MAX = 20, /* of nested tables */
};

struct tables {
    struct arena *arena;
    const struct config *config;
    struct map by_name[TABLE_USES];
    /* the class of a type that can be read here, or NULL: table.c knows them all */
    const struct table_class *(*find_class)(const struct table_type *type);
    int depth; /* how many tables the one that is being opened is nested in */
};

/* a table that is being opened */
struct table_opening {
    struct tables *tables;
    struct arena *arena;
    const struct release *release;
    const struct table_type *type;
    struct str name; /* the text after "type:" */
    unsigned use;
    const struct source *source; /* to read instead of the file, or NULL */
    struct table_entry *entries;
    size_t entry_capacity;
    struct table_fault *faults;
    size_t fault_capacity;
};

/* the rules of cidr, pcre and regexp tables: what they match, or a condition around others */
enum rule_kind { RULE_MATCH, RULE_IF, RULE_ENDIF };

struct table_class {
    /* sets what differs from a table that is open, fixed and empty */
    void (*open)(struct table *table, struct table_opening *opening);
    struct lookup (*find)(const struct table *table, struct arena *arena, struct str key);
};

/* every lookup in TABLE then gives STATUS; REASON is a format */
void table_refuse(struct table *table, struct table_opening *opening, enum lookup_status status,
                  const char *reason, ...) __attribute__((format(printf, 4, 5)));

/* a name or key, for the reason: of a long one the start */
struct str table_shown(const struct table_opening *opening, struct str text);

struct lookup lookup_found(struct str value, struct span span);
struct lookup lookup_failed(enum lookup_status status, struct str reason);

/* reads the file NAME into table->source; on false the table is refused */
bool table_read(struct table *table, struct table_opening *opening);

/*
 * Reads one rule or entry after the other, from the file or from the rules in the name, where the
 * span of an entry has no source.
 */
struct table_lines {
    struct table *table;
    struct table_opening *opening;
    struct line_reader reader;
    bool in_name;
    struct str rest; /* of the name */
};

/* on false the table is refused; INLINE_ALLOWED: the name may be rules in braces */
bool table_lines_open(struct table_lines *lines, struct table *table, struct table_opening *opening,
                      bool inline_allowed);
/* false at the end, or where the name is not well formed, which refuses the table */
bool table_lines_next(struct table_lines *lines, struct str *text, struct span *span);

struct table_entry *table_entry_add(struct table *table, struct table_opening *opening,
                                    struct table_entry entry);

/* adds a fault; returns false */
bool table_fault_add(struct table *table, struct table_opening *opening, struct span span,
                     struct str what);

/* does TEXT start with the word "if" or "endif"?  Letters of either case */
bool table_is_keyword(struct str text, const char *word);

#endif
