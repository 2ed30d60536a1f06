/*
 * write - a set of files, written whole or not at all
 *
 * A set replaces files in a directory that exists, or makes a new directory.
 *
 * In a directory that exists, each new content is first written and synced to a
 * file in its sub-directory .postmend-journal, with a plan of what is to happen.
 * Then each new file changes places with the old one (renameat2(2)), and what
 * comes back must be what was read: where another program changed it meanwhile,
 * or anything else fails, all are changed back.  After a kill, write_recover()
 * completes a plan that is complete and otherwise takes back what was done; every
 * write_begin() calls it first.
 *
 * A new directory is filled beside its place as .NAME.postmend-new, and renamed
 * when it is complete.
 *
 * An existing target keeps its owner, group, mode, ACL and SELinux label
 * (extended attributes are copied); where one of them cannot be kept, nothing is
 * written.  It becomes a new file: other hard links keep the old content.  No
 * symbolic link is followed below the root: a target that is one, or whose directory
 * is reached through one, is an error.
 *
 * A process that may run with a file size limit should ignore SIGXFSZ; exceeding
 * the limit is then an error, as a full disk is.
 */
#ifndef PARSER_FILES_WRITE_H
#define PARSER_FILES_WRITE_H

#include <sys/stat.h>

#include "parser/files/folder.h"

struct write_set;

enum write_mode {
    WRITE_NEW,     /* the file must not exist: EEXIST otherwise */
    WRITE_REPLACE, /* overwrite */
    WRITE_BACKUP,  /* overwrite; the old file stays beside it as NAME.postmend-backup, and if
                      that exists already NAME.postmend-backup.2, .3, ... */
};

/*
 * ROOT is a directory, or a symbolic link to one; with CREATE_ROOT it is no link, and is made where
 * it is missing, but its parents are not.  New directories get mode 0755, new files the one given
 * to write_add(), both less the umask.  On NULL *ERROR is one line.
 */
struct write_set *write_begin(struct arena *arena, struct str root, bool create_root,
                              struct str *error);
/* the same for a directory that is open already: what was read there is replaced there, wherever
   its path leads by now */
struct write_set *write_begin_folder(struct arena *arena, const struct folder *folder,
                                     struct str *error);
/* what write_recover() said when the set began, or STR_NONE */
struct str write_recovered(const struct write_set *set);

/*
 * NAME is relative to the root, without "." and ".."; directories in it are created
 * as needed.  MODE (0644, 0755) is used for a file that does not exist.  Writes the
 * temporary file: BYTES are not needed afterwards.  On false, with one line in
 * *ERROR, the set is as it was before; the caller ends it with write_abandon().
 */
bool write_add(struct write_set *set, struct str name, struct str bytes, unsigned mode,
               enum write_mode how, struct str *error);
/*
 * The same for a new file that is too large to be in memory whole: MAKE adds its content to
 * stream->out, and calls write_stream() from time to time, which writes what is waiting.
 */
struct write_stream {
    struct buffer out;
    int fd;
    int error; /* an errno: the rest is not written */
};
typedef void write_make(void *context, struct write_stream *stream);
bool write_add_made(struct write_set *set, struct str name, unsigned mode, write_make *make,
                    void *context, struct str *error);
void write_stream(struct write_stream *stream);

/* the same for a file whose content was read before and was WAS: if it is another now, or if there
   is no such file, nothing is written */
bool write_add_changed(struct write_set *set, struct str name, struct str was, struct str bytes,
                       enum write_mode how, struct str *error);
/*
 * The same for a new file that is a copy of the open file LIKE with STATUS: it gets the owner,
 * group, mode, ACL and label of that.  *KEPT becomes false where this user may not give it that
 * owner and group; then nobody can read it who could not read the original.
 */
bool write_add_copy(struct write_set *set, struct str name, struct str bytes, int like,
                    const struct stat *status, bool *kept, struct str *error);
/* a directory that may stay empty, made like the open directory LIKE; NAME "": the root, if the set
   makes it */
bool write_add_directory(struct write_set *set, struct str name, int like,
                         const struct stat *status, struct str *error);
bool write_add_link(struct write_set *set, struct str name, struct str target, struct str *error);

/* does the root have entries, other than those of the set itself?  -1 with one line in *ERROR */
int write_root_is_empty(const struct write_set *set, struct str *error);
/* is this the directory that the set is filling? */
bool write_is_own(const struct write_set *set, const struct stat *status);

/*
 * All or nothing; on false *ERROR is one line that names the file and the reason.
 * Ends the set either way.
 */
bool write_commit(struct write_set *set, struct str *error);
/* ends the set: removes what was staged; does nothing after a commit */
void write_abandon(struct write_set *set);
/* after a commit: the backup's path relative to the root for the file that was added as number
   I, from 0, or STR_NONE */
struct str write_backup_name(const struct write_set *set, size_t i);

enum write_recovery {
    RECOVERY_NONE,   /* nothing was interrupted */
    RECOVERY_DONE,   /* completed or taken back; *MESSAGE is one line that says which */
    RECOVERY_FAILED, /* *MESSAGE is one line that says why, and what to do */
};

/* completes or takes back what an interrupted write_commit() left in a directory; nothing where
   ROOT is none that can be opened */
enum write_recovery write_recover(struct arena *arena, struct str root, struct str *message);

#endif
