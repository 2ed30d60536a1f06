/*
 * write_out - puts fixed files on the disk
 */
#ifndef CMD_WRITE_OUT_H
#define CMD_WRITE_OUT_H

#include "cmd/fix.h"
#include "parser/text/write.h"

/* a file besides those of the configuration */
struct extra_file {
    struct str name, bytes;
    unsigned mode;
};

/*
 * The files of FIX replace those of its configuration's directory, the old ones staying
 * beside them as backups; RUNBOOK (if not absent) is written there too.  *SAID gets one
 * line a file.  All or nothing.
 */
bool write_in_place(const struct fix *fix, struct str runbook, struct buffer *said,
                    struct str *error);

/*
 * A new directory OUTPUT with all files of the configuration's directory, the fixed ones
 * fixed, and EXTRA: runbook.sh, livetest.yaml, ...; files of these names in the old directory
 * are an earlier upgrade's and are not copied.  It must not exist, or be empty.
 */
bool write_directory(const struct fix *fix, struct str output, const struct extra_file *extra,
                     size_t extra_count, struct buffer *said, struct str *error);

/* the same of FILES alone, all or nothing */
bool write_new(struct arena *arena, struct str output, const struct extra_file *files, size_t count,
               struct str *error);

#endif
