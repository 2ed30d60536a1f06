/*
 * path - the parts of a path, as text
 *
 * Nothing here asks the file system: links and ".." are not followed.  What is returned points into
 * PATH.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/str.h"

/* after the last "/": "main.cf" of "/etc/postfix/main.cf", "" of "/etc/postfix/" */
struct str path_base(struct str path);

/* before the last "/": "/etc/postfix" of "/etc/postfix/main.cf", "/" of "/main.cf"; "." where there
   is no "/" */
struct str path_directory(struct str path);

/* without slashes at the end; "/" stays */
struct str path_trim_slashes(struct str path);

/* the part of PATH below DIRECTORY: "a/b" of "/etc/postfix/a/b" below "/etc/postfix"; STR_NONE
   where it is elsewhere or DIRECTORY is empty */
struct str path_below(struct str path, struct str directory);

/* does the path leave a directory with ".."? */
bool path_climbs(struct str path);

#endif
