/*
 * convert - the files of a converted Sendmail configuration, in memory
 */
#ifndef CMD_CONVERT_H
#define CMD_CONVERT_H

#include "cmd/write_out.h"
#include "convert/draft/draft.h"

/*
 * Of a draft that convert_sendmail() made: main.cf, master.cf and the tables, in the draft's arena.
 * There is room after them for the files of the live test.
 */
struct extra_file *convert_files(const struct draft *draft, size_t *count);

/* CONVERSION.md and runbook.sh, which may be larger than the rest, in ARENA */
enum { CONVERT_REPORTS = 2 };
void convert_reports(struct arena *arena, const struct draft *draft,
                     struct extra_file files[CONVERT_REPORTS]);

/*
 * Adds livetest.yaml and livetest.sh to the FILES of convert_files(), which they test, unless there
 * is nothing to test.  PLACE is the directory that they are for, HOST what is known about the new
 * machine.
 */
void convert_add_live_test(const struct draft *draft, struct str place, struct host host,
                           struct extra_file *files, size_t *count);

#endif
