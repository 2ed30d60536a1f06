/*
 * platform_yaml - reads platforms from YAML
 *
 * The reader of facts/platforms.yaml (in the generator) and of a user's own platform (at run time).
 * A file is
 *
 *     source: where these facts are from
 *     platforms:
 *       - name: rhel10
 *         like: rhel9           keys that are missing here are as there, except for aliases,
 *                               end_of_life, and what follows from other keys (mail_version)
 *         ...
 *
 * The comment at the top of facts/platforms.yaml explains the keys.
 */
#ifndef FACTS_PLATFORM_YAML_H
#define FACTS_PLATFORM_YAML_H

#include "base/yaml.h"
#include "facts/tables.h"

/* a member of struct platform; its name is its key, or firewall_... for a key of "firewall" */
struct platform_field {
    const char *name;
    enum { PLATFORM_TEXT, PLATFORM_TEXTS, PLATFORM_FLAG } kind; /* struct str, str_list, bool */
    size_t offset;
};

/* all members but the pointers; made from facts.h by facts/generate/platform_fields.sh */
extern const struct platform_field platform_fields[];
extern const size_t platform_field_count;

/*
 * The platforms of a file, in its order, in the reader's arena; NULL after a problem.  TABLES has
 * the releases, parameters, table types, and platforms that "like" may name in addition to those
 * above it in the file.  SOURCE is used if the file names none; with STR_NONE that is a problem.
 */
const struct platform *platforms_read(struct yaml_reader *reader, const struct facts_tables *tables,
                                      const struct yaml_value *root, struct str source,
                                      size_t *count);

/* upstream's releases as platforms, in their order */
const struct platform *platforms_upstream(struct arena *arena, const struct facts_tables *tables);

#endif
