/*
 * sendmail_table - the text files that Sendmail's tables, aliases and classes are made of
 *
 * Follows makemap(8) and sendmail(8) of 8.17 and 8.18: makemap/makemap.c, readaliases() in
 * sendmail/alias.c, fileclass() in sendmail/readcf.c.
 *
 *   makemap  "key value": the key ends at the first blank, the value goes to the end of the line.
 *            "#" in the first column starts a comment.  No line is ever continued; one that starts
 *            with a blank, or has no value, is refused.
 *   aliases  "name: target, target": a line that ends in "\" or before one that starts with a blank
 *            goes on there, comments too.
 *   list     the first word of each line that does not start with "#".
 *   words    all words of such a line up to a "#", as with the format %[^\#] behind the file's
 * name; each comes out as a line of its own.
 *
 * Every line that is no comment and not blank comes out, also one that Sendmail refuses.  Lines of
 * one piece are slices of the source; joined ones lie in the arena.
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
    struct str key, value; /* value: STR_NONE in a list, and where there is none */
    struct span span;      /* from its first byte to its last, without the line end */
    const char *refused;   /* why Sendmail takes nothing of it, or NULL */
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
 * Takes the next target off the right-hand side of an alias: what stands between commas, but for
 * those in quotes, comments and angle brackets.  False, with *REST empty, where there is none.
 */
bool sendmail_alias_target(struct str *rest, struct str *target);

#endif
