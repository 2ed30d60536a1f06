/*
 * include - the files that an m4 text may include
 *
 * Only regular files below the given directories, with no symbolic link between the directory and
 * the file: the author of a .mc file must not choose which files are read on this machine.  A name
 * is relative to one of the directories, in their order, or starts with the path of one.
 */
#ifndef PARSER_M4_INCLUDE_H
#define PARSER_M4_INCLUDE_H

#include "parser/text/source.h"

#define M4_INCLUDE_SIZE_MAX (1024u * 1024)

struct m4_directories {
    const struct str *paths;
    size_t count;
    size_t size_max; /* larger files are not read; 0: M4_INCLUDE_SIZE_MAX */
    /* set to the first file that may exist but cannot be read, with the reason as an errno */
    struct str unreadable;
    int reason;
};

/*
 * For m4_input.open, with a struct m4_directories as its context.  Where it returns NULL, errno is
 * EFBIG if the file exists and is too large, otherwise 0.
 */
const struct source *m4_include_open(void *context, struct arena *arena, struct str name);

#endif
