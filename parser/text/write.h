/*
 * write - a set of files, written whole or not at all
 *
 * Each new content is first written and synced to a temporary file beside its
 * target; only when all of them are complete are they renamed into place.  A
 * failure before that leaves the old set untouched and no temporary file; when a
 * rename fails, write_commit() restores the old files from their second names
 * (see below), which are also there after a kill.
 *
 * An existing target keeps its owner, group, mode, ACL and SELinux label
 * (extended attributes are copied); where one of them cannot be kept, nothing is
 * written.  It becomes a new file: other hard links keep the old content.  No
 * symbolic link is followed below the root: a target that is one, or whose directory
 * is reached through one, is an error.  So is a target that another process changed
 * between write_add() and write_commit().
 *
 * A kill during write_commit() leaves every old file whole, under its own name or
 * under that of its backup; without WRITE_BACKUP that is NAME.postmend-old.
 * Temporary files that are left are called .postmend-PID.N.
 *
 * A process that may run with a file size limit should ignore SIGXFSZ; exceeding
 * the limit is then an error, as a full disk is.
 */
#ifndef PARSER_TEXT_WRITE_H
#define PARSER_TEXT_WRITE_H

#include "base/arena.h"

struct write_set;

enum write_mode {
    WRITE_NEW,     /* the file must not exist: EEXIST otherwise */
    WRITE_REPLACE, /* overwrite */
    WRITE_BACKUP,  /* overwrite; the old file stays beside it as NAME.postmend-backup, and if
                      that exists already NAME.postmend-backup.2, .3, ... */
};

/*
 * ROOT is a directory, or a symbolic link to one; with CREATE_ROOT it is created
 * where it is missing, but its parents are not.  New directories get mode 0755, new
 * files the one given to write_add(), both less the umask.  On NULL *ERROR is one line.
 */
struct write_set *write_begin(struct arena *arena, struct str root, bool create_root,
                              struct str *error);
/*
 * NAME is relative to the root, without "." and ".."; directories in it are created
 * as needed.  MODE (0644, 0755) is used for a file that does not exist.  Writes the
 * temporary file: BYTES are not needed afterwards.  On false, with one line in
 * *ERROR, the set is as it was before; the caller ends it with write_abandon().
 */
bool write_add(struct write_set *set, struct str name, struct str bytes, unsigned mode,
               enum write_mode how, struct str *error);
/*
 * All or nothing; on false *ERROR is one line that names the file and the reason.
 * Ends the set either way.
 */
bool write_commit(struct write_set *set, struct str *error);
/* ends the set: removes temporary files, and directories and a root that were created; does
   nothing after a commit */
void write_abandon(struct write_set *set);
/* after a commit: the backup's path relative to the root for the file that was added as number
   I, from 0, or STR_NONE */
struct str write_backup_name(const struct write_set *set, size_t i);

#endif
