/*
 * tables - the lookup tables of a configuration, and where they are written
 *
 * What the rules of this folder share.  tables_each() goes over the tables that Postfix would
 * open: those in the expanded value of every parameter that it reads, for main.cf and for each
 * service's -o; those that the source of an access table names in its results
 * ("example.com check_recipient_access hash:/etc/postfix/other"); and a memcache table's backup.
 * Files are looked at only below the directory that was opened (see config_file()); without such
 * a directory on the disk nothing is known about any file.
 */
#ifndef RULES_TABLES_TABLES_H
#define RULES_TABLES_TABLES_H

#include "parser/tables/ref.h"
#include "rules/rule/rule.h"

struct table_places;

/* one table that Postfix would open */
struct used_table {
    const struct table_ref *ref;   /* parts of an expanded value, or of LINE's text in FILE */
    struct str parameter;          /* whose value leads to it */
    const struct service *service; /* whose -o or expansion it is; NULL: main.cf */
    struct str written;          /* the parameter's value as written, part of LINE's text; STR_NONE
                                    where the table stands in FILE */
    const struct line *line;     /* where it is written */
    struct table_places *places; /* kept by tables_span() */
    struct str file;             /* set: the table's source or settings file that names it, as
                                    Postfix knows it */
};

typedef void table_seen(void *context, const struct used_table *use);

/* the use and its ref live as long as the call; everything that they point to lives on */
void tables_each(struct check *check, table_seen *seen, void *context);

/*
 * The tables in a value as it is written, those in the branches of "${name?...}" too.
 */
void tables_written(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                    void *context);

/*
 * Where the table is written: its own words, also in a value that the use's value refers to; or
 * all of the value where it is put together from pieces.
 */
struct span tables_span(struct check *check, const struct used_table *use);
/* what tables_span() remembers about one value */
struct table_places *tables_places(struct check *check);

/* a text that is the same for two spans only if they start at the same place */
struct str tables_place(struct check *check, struct span span);

/* does Postfix itself make and fill the table? */
bool tables_is_cache(const struct used_table *use);

/* does the parameter only allow tables that others use? */
bool tables_only_allows(struct str parameter);

/* the type that the platform has in place of one that needs Berkeley DB */
struct str tables_replacement(const struct check *check, struct str type);

/* a type that the platform's build lacks because it needs Berkeley DB */
bool tables_needs_berkeley_db(const struct check *check, const struct table_type *type);

/* --- files --- */

enum table_file_state {
    TABLE_FILE_UNKNOWN, /* not to be looked at from here */
    TABLE_FILE_PRESENT,
    TABLE_FILE_ABSENT,
};

/* is there a file PATH followed by EXTENSION?  *INSIDE (may be NULL): below the opened directory */
enum table_file_state tables_look(const struct check *check, struct str path, struct str extension,
                                  bool *inside);

/*
 * The text of a file below the opened directory; NULL where it lies elsewhere, is no regular file
 * or is larger than any that people write by hand.
 */
const struct source *tables_read(const struct check *check, struct str path);

/* a text that is the same for two paths only if they lead to the same existing file */
struct str tables_identity(const struct check *check, struct str path);

/* TEXT as one word of a shell */
struct str tables_shell_word(struct arena *arena, struct str text);

#endif
