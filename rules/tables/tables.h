/*
 * tables - the lookup tables of a configuration, and where they are written
 *
 * What the rules in this folder share.  tables_each() visits the tables that Postfix would open:
 * those in the expanded value of every parameter that it reads, in main.cf and in each service's
 * -o; those in the results of access tables ("example.com check_recipient_access
 * hash:/etc/postfix/other"); and the backups of memcache tables.  Only files below the directory
 * that was opened are read (see config_file()); without a directory on disk, nothing is known about
 * any file.
 */
#ifndef RULES_TABLES_TABLES_H
#define RULES_TABLES_TABLES_H

#include "parser/tables/ref.h"
#include "rules/rule/rule.h"

struct table_places;

/* a table that Postfix would open */
struct used_table {
    const struct table_ref *ref;   /* in an expanded value, or in LINE's text of FILE */
    struct str parameter;          /* whose value refers to it */
    const struct service *service; /* whose -o or expansion it is; NULL: main.cf */
    struct str written;          /* the parameter's value as written, part of LINE's text; STR_NONE
                                    if the table is in FILE */
    const struct line *line;     /* where it is written */
    struct table_places *places; /* cache of tables_span() */
    struct str file;             /* the table's source or settings file that refers to it, as the
                                    path that Postfix uses; else STR_NONE */
};

typedef void table_seen(void *context, const struct used_table *use);

/* what SEEN gets lives as long as the check's arena */
void tables_each(struct check *check, table_seen *seen, void *context);

/* visits the tables in a value as it is written, and those in the branches of "${name?...}" */
void tables_written(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                    void *context);

/* a file that a list of networks or domains names: "mynetworks = /etc/postfix/networks" */
struct written;
struct listed_file {
    const struct written *written; /* the setting; see rules/names/written.h */
    const struct parameter *parameter;
    struct str path; /* that Postfix uses */
};

typedef void listed_file_seen(void *context, const struct listed_file *use);

void tables_listed_files(struct check *check, listed_file_seen *seen, void *context);

/*
 * Where the table is written: its own text, which may be in a value that the use's value refers to;
 * or all of the value, if the table is composed of several values.
 */
struct span tables_span(struct check *check, const struct used_table *use);
/* a new cache of tables_span() for one value */
struct table_places *tables_places(struct check *check);

/* a key for maps: the same for two spans only if they start at the same place */
struct str tables_place(struct check *check, struct span span);

/* does Postfix itself create and fill the table? */
bool tables_is_cache(const struct used_table *use);

/* does the parameter only permit tables that other parameters use? */
bool tables_only_allows(struct str parameter);

/* the type that the platform has instead of one that needs Berkeley DB */
struct str tables_replacement(const struct check *check, struct str type);

/* does the type need Berkeley DB, and is the platform's Postfix built without it? */
bool tables_needs_berkeley_db(const struct check *check, const struct table_type *type);

/* --- files --- */

enum table_file_state {
    TABLE_FILE_UNKNOWN, /* outside the directories that may be read */
    TABLE_FILE_PRESENT,
    TABLE_FILE_ABSENT,
};

/* is there a file PATH followed by EXTENSION?  *INSIDE (may be NULL): below the opened directory */
enum table_file_state tables_look(const struct check *check, struct str path, struct str extension,
                                  bool *inside);

/* is the opened directory the one that the platform's Postfix reads?  Then a file that is missing
   there is missing for Postfix; a copy may lack it for good reason */
bool tables_is_live(const struct check *check);

/* the text of a file below the opened directory; NULL if it is elsewhere, is not a regular file, or
   cannot be read */
const struct source *tables_read(const struct check *check, struct str path);
/* the reason, as an errno, why a file that is present cannot be read; 0: it can, or it is elsewhere
   or larger than what is read */
int tables_unreadable(const struct check *check, struct str path);
/* is it larger than what is read?  The rule missing-table reports that */
bool tables_too_large(const struct check *check, struct str path);

/* the path, as the rules' findings have it, of a file of CONFIG that is the file FILE: the source
   or settings file of a table, or a file in a list; STR_NONE if it is none of them */
struct str tables_find_file(const struct config *config, const char *file);

/* a key for maps: the same for two paths only if they refer to the same existing file */
struct str tables_identity(const struct check *check, struct str path);

/* TEXT as one word of a shell */
struct str tables_shell_word(struct arena *arena, struct str text);

#endif
