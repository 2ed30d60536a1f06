/*
 * replace - one file that is no configuration: a report, a baseline
 *
 * A set of configuration files goes through write.h.
 */
#ifndef PARSER_FILES_REPLACE_H
#define PARSER_FILES_REPLACE_H

#include "base/arena.h"

/*
 * Makes PATH a file with these BYTES: first a new one beside it, which then takes its name, so that
 * nobody reads half of it.  What is there and no regular file (a device, a FIFO, a symbolic link)
 * is written to.  On false errno is set, and PATH is as it was unless it is such a one.
 */
bool file_replace(struct arena *arena, struct str path, struct str bytes);

#endif
