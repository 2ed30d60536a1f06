/*
 * livetest_plan - livetest.yaml and livetest.sh, which go beside the files that were made
 *
 * The plan asks what the new configuration promises.  In an upgrade it also knows in what the new
 * server is meant to differ from the old one, and which rule, or the new release, is the reason:
 * each rule's edits are made alone, and what then answers otherwise than before is that rule's.
 */
#ifndef CMD_LIVETEST_PLAN_H
#define CMD_LIVETEST_PLAN_H

#include "cmd/write_out.h"
#include "smtp/livetest/plan.h"

/*
 * Adds livetest.yaml and livetest.sh to FILES, which has room for two, and counts *COUNT up;
 * neither where the plan asks nothing.
 */
void livetest_plan_files(struct extra_file *files, size_t *count, struct arena *arena,
                         const struct plan *plan);

/* the plan for a configuration; a machine whose name is unknown counts as mail.example.com */
void livetest_plan_make(struct plan *plan, struct arena *arena, const struct config *fixed);

/* notes what an upgrade from OLD, read for FROM, changes on purpose */
void livetest_plan_note_intended(struct plan *plan, struct arena *arena, const struct config *old,
                                 const struct platform *from, const struct fix *fix);

#endif
