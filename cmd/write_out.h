/*
 * write_out - writes fixed files
 */
#ifndef CMD_WRITE_OUT_H
#define CMD_WRITE_OUT_H

#include "cmd/fix.h"
#include "parser/files/write.h"

/* a file that is not part of the old configuration */
struct extra_file {
    struct str name, bytes;
    unsigned mode;
};

/*
 * The files of FIX replace those in the directory of its configuration, which are kept beside them
 * as backups; RUNBOOK, unless it is STR_NONE, is written there too.  *MESSAGES gets one line per
 * file. Either all files are written or none.  The configuration's folder is open: that is where
 * its files were read.
 */
bool write_in_place(const struct fix *fix, struct str runbook, struct buffer *messages,
                    struct str *error);

/*
 * Writes all files of the configuration's directory, with those of FIX fixed, and EXTRA
 * (runbook.sh, livetest.yaml, ...) to the new directory OUTPUT, which must not exist or be empty.
 * Empty directories and links that stay inside are copied too; what is not is named in *MESSAGES.
 * Files with the names of EXTRA in the old directory are those of an earlier upgrade and are not
 * copied.
 */
bool write_directory(const struct fix *fix, struct str output, const struct extra_file *extra,
                     size_t extra_count, struct buffer *messages, struct str *error);

/* the set for the new directory OUTPUT, which must not exist or be empty; NULL with one line in
 *ERROR */
struct write_set *write_begin_output(struct arena *arena, struct str output,
                                     struct buffer *messages, struct str *error);
/* adds FILES, whose bytes are not needed afterwards */
bool write_extra(struct write_set *set, const struct extra_file *files, size_t count,
                 struct str *error);

#endif
