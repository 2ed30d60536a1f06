/*
 * write - the files that a draft becomes
 *
 * main.cf: the settings by subject, each below a comment with its source line.  master.cf: the
 * stock services of the release and those of the draft.  And a file for each table, in the syntax
 * of its type.
 *
 * Source text cannot break out of its place: line ends become spaces.
 */
#ifndef CONVERT_WRITE_WRITE_H
#define CONVERT_WRITE_WRITE_H

#include "convert/draft/draft.h"

struct draft_file {
    struct str name;  /* below the configuration directory */
    struct str bytes; /* followed by a NUL that does not count */
    unsigned mode;
};

struct draft_files {
    struct draft_file *files;
    size_t count, capacity;
};

/* their indices in struct draft_files */
enum { DRAFT_MAIN_CF, DRAFT_MASTER_CF };

/* for a finished draft */
void draft_write(const struct draft *draft, struct draft_files *files);

/* adds the steps that the files need: packages of table types, postmap, postalias, postfix check */
void draft_write_steps(struct draft *draft);

/* for the files of this wing */
void draft_write_main(const struct draft *draft, struct buffer *out);
void draft_write_master(const struct draft *draft, struct buffer *out);
void draft_write_table(const struct draft *draft, const struct draft_table *table,
                       struct buffer *out);
/* "# sendmail.mc:23: define(...)" and the reason, each line indented by INDENT; nothing without
   both */
void draft_write_origin(const struct sendmail_item *item, struct str reason, const char *indent,
                        struct buffer *out);
/* TEXT on one line */
void draft_write_line(struct buffer *out, struct str text);

#endif
