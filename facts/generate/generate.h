/*
 * generate - makes C tables from facts/ *.yaml
 *
 *     generate DIRECTORY > tables.c
 *
 * A build tool, not part of postmend.  It reports an error as "file:line:column: what is wrong" and
 * exits with status 1: unknown keys, values of the wrong kind, duplicate names, and entries without
 * a source.
 */
#ifndef FACTS_GENERATE_GENERATE_H
#define FACTS_GENERATE_GENERATE_H

#include <stdio.h>

#include "base/yaml.h"
#include "facts/tables.h"

/*
 * Reads the tree of a file into TABLES, which has the contents of the files before it, in the order
 * of generate.c.  Errors are kept in READER.
 */
typedef void generate_reader(struct yaml_reader *reader, const struct yaml_value *root,
                             struct facts_tables *tables);

generate_reader generate_releases, generate_parameters, generate_defaults, generate_master,
    generate_deprecations, generate_restrictions, generate_table_types, generate_services,
    generate_ports, generate_block_lists, generate_mail_programs, generate_platforms,
    generate_programs, generate_sendmail, generate_sendmail_lines, generate_values;

/*
 * The members of the map KEY; the other keys of the file are "source" and EXTRA_KEY (may be NULL).
 */
const struct yaml_value *generate_members(struct yaml_reader *reader, const struct yaml_value *root,
                                          const char *key, const char *extra_key);
/* checks an entry's keys, and that it or its file has a source; false after a problem */
bool generate_check_entry(struct yaml_reader *reader, const struct yaml_value *root,
                          const struct yaml_value *entry, const char *const *keys);
/*
 * The release index of the member KEY, or ABSENT if there is no such member.  OUTSIDE allows series
 * that are older or newer than all releases.
 */
int generate_series(struct yaml_reader *reader, const struct facts_tables *tables,
                    const struct yaml_value *entry, const char *key, int absent, bool outside);
/* the number of the member KEY among NAMES, which end in NULL */
int generate_choice(struct yaml_reader *reader, const struct yaml_value *entry, const char *key,
                    const char *const *names);
/* sorts items by name; the first member of an item is its name, a struct str */
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
