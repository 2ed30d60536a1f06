/*
 * file - operations on one file, for writing a set of them
 *
 * On failure, functions return false, -1 or a text, with errno set.
 */
#ifndef PARSER_FILES_FILE_H
#define PARSER_FILES_FILE_H

#include <sys/stat.h>

#include "base/arena.h"

/*
 * Opens BASE in DIRECTORY for reading, if it is a regular file; a symbolic link
 * is ELOOP, a directory EISDIR, anything else EINVAL.
 */
int file_open_regular(int directory, const char *base, struct stat *status);

/* does this errno of an open mean that there is no such file, or none that is read (a link, a
   directory)?  Any other says that there may be one, which cannot be read */
bool file_is_missing(int number);

bool file_write(int fd, struct str bytes);
bool file_copy(int from, int to); /* from the offset of FROM to its end */

/*
 * Gives TO the owner, group and mode in BEFORE and the extended attributes of FROM, which
 * include ACLs and SELinux labels.  Returns NULL, or what went wrong.
 */
const char *file_keep_metadata(struct arena *arena, int from, int to, const struct stat *before);

#endif
