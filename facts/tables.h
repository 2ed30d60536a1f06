/*
 * tables - the tables that the generator makes from facts/ *.yaml
 *
 * Only for facts/; other rooms use facts/facts.h.  Lists are sorted by name, for named_find(),
 * unless a comment says otherwise; names of restrictions are in lower case.
 */
#ifndef FACTS_TABLES_H
#define FACTS_TABLES_H

#include <stdint.h>

#include "facts/facts.h"
#include "facts/programs.h"
#include "facts/sendmail.h"
#include "facts/sendmail_lines.h"

struct feature {
    struct str name;
    int since; /* release index */
    int until; /* the last release that has it */
};

struct port {
    struct str name;
    int number;
};

/* a list in the DNS that has ended */
struct block_list {
    struct str name;
    int ended; /* its last year */
};

struct service_daemon {
    struct str name;
    const struct service_suffix *suffixes; /* in Postfix's order */
    size_t suffix_count;
};

/* an option of sendmail.cf: its name in lower case, or its letter */
struct sendmail_option {
    struct str name;
    size_t fact; /* index in facts_tables.sendmail */
};

/* a line of sendmail.cf that Sendmail's m4 makes, see sendmail_lines.h */
struct sendmail_line {
    uint64_t hash;
    struct str made_by;
};

enum {
    PARAMETER_SLOTS = 4096, /* a power of two, much larger than the number of parameters */
};

struct facts_tables {
    const struct release *releases; /* oldest first */
    size_t release_count;
    const struct feature *features; /* by enum release_feature */
    size_t feature_count;
    const struct parameter *parameters; /* the first has the number 1 */
    size_t parameter_count;
    const uint16_t *parameter_slots; /* PARAMETER_SLOTS numbers of parameters, by str_hash */
    const struct service_daemon *daemons;
    size_t daemon_count;
    const struct default_note *notes; /* in the order of defaults.yaml */
    size_t note_count;
    const uint8_t *parameter_notes; /* by parameter_number: the note, from 1; 0: none.  NULL
                                       outside the generator */
    const struct stock_service *stock_services; /* in the order of master.yaml */
    size_t stock_service_count;
    const struct value_shape *shapes;
    size_t shape_count;
    const uint8_t *parameter_shapes; /* by parameter_number: the shape's, from 1; 0: none */
    const struct value_relation *relations;
    size_t relation_count;
    const struct program *programs;
    size_t program_count;
    const struct program *master; /* master(8), which is no service */
    const struct deprecation *deprecations;
    size_t deprecation_count;
    const struct restriction *restrictions;
    size_t restriction_count;
    const struct table_type *table_types;
    size_t table_type_count;
    const struct port *ports;
    size_t port_count;
    const struct block_list *block_lists;
    size_t block_list_count;
    const struct mail_program *mail_programs;
    size_t mail_program_count;
    const struct platform *platforms; /* in the order of platforms.yaml */
    size_t platform_count;
    const struct platform *upstream;           /* one for each release, in their order */
    const struct sendmail_fact *sendmail;      /* in the order of kinds, and of names */
    size_t sendmail_first[SENDMAIL_KINDS + 1]; /* where each kind begins, and the end */
    const struct sendmail_option *sendmail_options;
    size_t sendmail_option_count;
    const struct sendmail_line *sendmail_lines; /* in the order of their hashes */
    size_t sendmail_line_count;
    const struct sendmail_hole *sendmail_holes; /* in the order of the lines before them */
    size_t sendmail_hole_count;
    const struct sendmail_taken *sendmail_taken; /* feature by feature */
    size_t sendmail_taken_count;
    const struct sendmail_expected *sendmail_expected;
    size_t sendmail_expected_count;
    int sendmail_line_releases; /* how many releases the lines are of */
};

/* the facts of this build; not in the generator */
extern const struct facts_tables facts_tables;

/*
 * The item with that name in a sorted array, or NULL.  The first member of an item is its name, a
 * struct str.
 */
const void *named_find(const void *items, size_t count, size_t item_size, struct str name);

uint64_t str_hash(struct str s);

/* the same as facts_release() and so on, in TABLES */
const struct release *tables_release(const struct facts_tables *tables, struct str version);
const struct parameter *tables_parameter(const struct facts_tables *tables, struct str name);
/* NUMBER must not be PARAM_NONE */
const struct parameter *tables_parameter_at(const struct facts_tables *tables,
                                            enum parameter_number number);
const struct table_type *tables_table_type(const struct facts_tables *tables, struct str name);
const struct platform *tables_platform(const struct facts_tables *tables, struct str name);
/* the one that has this name or alias itself, not as a minor release */
const struct platform *tables_platform_called(const struct facts_tables *tables, struct str name);

#endif
