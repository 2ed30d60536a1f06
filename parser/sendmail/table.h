/*
 * table - the text files from which Sendmail's tables, aliases and classes are built
 *
 * Follows makemap(8) and sendmail(8) of 8.17 and 8.18: makemap/makemap.c, readaliases() in
 * sendmail/alias.c, fileclass() in sendmail/readcf.c.
 *
 *   makemap  "key value": the key ends at the first white space, the value at the end of the line.
 *            "#" in the first column starts a comment.  Lines are never continued; one that starts
 *            with white space, or has no value, is rejected.
 *   aliases  "name: target, target": a line is continued by the next one if it ends in "\" or the
 *            next one starts with white space; so is a comment.
 *   list     the first word of each line that does not start with "#".
 *   words    all words of such a line up to a "#", as with the format %[^\#] after the file name;
 *            each is a line of its own here.
 *
 * Every line that is not empty or a comment is returned, even if Sendmail rejects it.  Lines that
 * are not continued are slices of the source; joined ones are in the arena.
 */
#ifndef PARSER_SENDMAIL_TABLE_H
#define PARSER_SENDMAIL_TABLE_H

#include "parser/text/source.h"

enum sendmail_table_format {
    SENDMAIL_MAKEMAP,
    SENDMAIL_ALIASES,
    SENDMAIL_LIST,
    SENDMAIL_WORDS,
};

struct sendmail_table_line {
    struct str key, value; /* the value is STR_NONE in a list, and where there is none */
    struct span span;      /* from its first byte to its last, without the line end */
    const char *refused;   /* why Sendmail rejects it, or NULL */
};

struct sendmail_table_reader {
    const struct source *source;
    enum sendmail_table_format format;
    size_t at;
};

/* false at the end of the source */
bool sendmail_table_next(struct sendmail_table_reader *reader, struct arena *arena,
                         struct sendmail_table_line *line);

/*
 * Takes the next target off the right-hand side of an alias: the text up to a comma that is not in
 * quotes, comments or angle brackets.  False, with *REST empty, where there is none.
 */
bool sendmail_alias_target(struct str *rest, struct str *target);

#endif
