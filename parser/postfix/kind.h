/*
 * kind - which of Postfix's configuration files a file is
 *
 * Its name decides: main.cf and master.cf, and the names that packages and editors make of them
 * ("main.cf.rpmnew", "master.cf~").  A file with another name is what its content is: a main.cf
 * where every line is "name = value" and at least half of the names are parameters of Postfix, a
 * master.cf where its lines are services.  Anything else is FILE_OTHER: a lookup table, a file of
 * another program, an empty file, and the backups that postmend makes.
 */
#ifndef PARSER_POSTFIX_KIND_H
#define PARSER_POSTFIX_KIND_H

#include "base/arena.h"
#include "parser/text/source.h"

enum file_kind {
    FILE_OTHER,
    FILE_MAIN_CF,
    FILE_MASTER_CF,
};

/* source->path has the name; that of standard input, "-", says nothing: there, what is not a
   master.cf is a main.cf */
enum file_kind file_kind(struct arena *arena, const struct source *source);

/* is it the name of a backup or of a temporary file that postmend made? */
bool file_is_own_copy(struct str name);

#endif
