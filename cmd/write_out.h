/*
 * write_out - puts fixed files on the disk
 */
#ifndef CMD_WRITE_OUT_H
#define CMD_WRITE_OUT_H

#include "cmd/fix.h"
#include "parser/write.h"

/*
 * The files of FIX replace those of its configuration's directory, the old ones staying
 * beside them as backups; RUNBOOK (if not absent) is written there too.  *SAID gets one
 * line a file.  All or nothing.
 */
bool write_in_place(const struct fix *fix, struct str runbook, struct buffer *said,
                    struct str *error);

/*
 * A new directory OUTPUT with all files of the configuration's directory, the fixed ones
 * fixed, and runbook.sh.  It must not exist, or be empty.
 */
bool write_directory(const struct fix *fix, struct str output, struct str runbook,
                     struct buffer *said, struct str *error);

#endif
