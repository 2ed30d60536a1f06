/*
 * platform_yaml - platforms as YAML describes them
 *
 * The one reader of facts/platforms.yaml (in the generator) and of a user's own
 * platform (at run time).  A file is
 *
 *     source: where these facts are from
 *     platforms:
 *       - name: rhel10
 *         like: rhel9           what is not said here is as there, but for aliases,
 *                               end_of_life, and the values of mail_version and its kin
 *         ...
 *
 * and facts/platforms.yaml says at its top what each key means.
 */
#ifndef FACTS_PLATFORM_YAML_H
#define FACTS_PLATFORM_YAML_H

#include "base/yaml.h"
#include "facts/tables.h"

/* a member of struct platform; its name is its key in YAML, firewall_... that in "firewall" */
struct platform_field {
    const char *name;
    enum { PLATFORM_TEXT, PLATFORM_TEXTS, PLATFORM_FLAG } kind; /* struct str, str_list, bool */
    size_t offset;
};

/* all but the pointers; made from facts.h by facts/generate/platform_fields.sh */
extern const struct platform_field platform_fields[];
extern const size_t platform_field_count;

/*
 * The platforms of a file, in its order, in the reader's arena; NULL after a
 * problem.  TABLES gives the releases, parameters, table types and the
 * platforms that "like" may name besides those further up in the file.  SOURCE
 * serves where the file gives none; STR_NONE makes that a mistake.
 */
const struct platform *platforms_read(struct yaml_reader *reader, const struct facts_tables *tables,
                                      const struct yaml_value *root, struct str source,
                                      size_t *count);

/* the platforms that are upstream's releases, in their order */
const struct platform *platforms_upstream(struct arena *arena, const struct facts_tables *tables);

#endif
