/*
 * generate - makes the C tables of the facts out of facts/ *.yaml
 *
 *     generate FOLDER > tables.c
 *
 * A build tool, no part of postmend.  A mistake in a file is reported as
 * "file:line:column: what" and ends it with status 1: unknown keys, wrong
 * kinds, names twice, and every entry without a source.
 */
#ifndef FACTS_GENERATE_GENERATE_H
#define FACTS_GENERATE_GENERATE_H

#include <stdio.h>

#include "base/yaml.h"
#include "facts/tables.h"

/*
 * Each reads one file's tree into TABLES, which holds what the files before
 * brought; the order is that of generate.c.  A mistake is noted in READER.
 */
typedef void generate_reader(struct yaml_reader *reader, const struct yaml_value *root,
                             struct facts_tables *tables);

generate_reader generate_releases, generate_parameters, generate_defaults, generate_master,
    generate_deprecations, generate_restrictions, generate_table_types, generate_services,
    generate_ports, generate_platforms, generate_programs, generate_sendmail,
    generate_sendmail_lines, generate_values;

/*
 * The members of the map KEY of a file whose other keys are "source" and
 * EXTRA_KEY (or NULL).
 */
const struct yaml_value *generate_members(struct yaml_reader *reader, const struct yaml_value *root,
                                          const char *key, const char *extra_key);
/* checks an entry's keys, and that it or its file has a source; false after a problem */
bool generate_check_entry(struct yaml_reader *reader, const struct yaml_value *root,
                          const struct yaml_value *entry, const char *const *keys);
/*
 * The release index of the member KEY, or ABSENT where there is none.  OUTSIDE
 * allows series that are older or newer than all that were measured.
 */
int generate_series(struct yaml_reader *reader, const struct facts_tables *tables,
                    const struct yaml_value *entry, const char *key, int absent, bool outside);
/* the number of the member KEY among NAMES, which end in NULL */
int generate_choice(struct yaml_reader *reader, const struct yaml_value *entry, const char *key,
                    const char *const *names);
/* puts items, whose first member is a struct str, into the order of their names */
void generate_sort(void *items, size_t count, size_t item_size);

void generate_print(FILE *out, const struct facts_tables *tables);
/* "STR(...)", or "{0}" for STR_NONE */
void generate_print_str(FILE *out, struct str s);
/* "PREFIX_NAME", the number of a name in facts/names.h */
void generate_print_enumerator(FILE *out, const char *prefix, struct str name);
/* ".NAME = STR(...), ": a member of an initializer */
void generate_print_member(FILE *out, const char *name, struct str s);
/* an array of texts named OWNER_NUMBER_MEMBER, and its use in an initializer; empty lists have none
 */
void generate_print_texts(FILE *out, const char *owner, size_t number, const char *member,
                          const struct str_list *list);
void generate_print_texts_use(FILE *out, const char *owner, size_t number, const char *member,
                              const struct str_list *list);
void generate_print_programs(FILE *out, const struct facts_tables *tables);
void generate_print_defaults(FILE *out, const struct facts_tables *tables);
void generate_print_master(FILE *out, const struct facts_tables *tables);
void generate_print_sendmail(FILE *out, const struct facts_tables *tables);
void generate_print_sendmail_lines(FILE *out, const struct facts_tables *tables);

#endif
