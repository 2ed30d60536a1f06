/*
 * livetest_plan - livetest.yaml and livetest.sh, which go beside the files that were written
 *
 * The plan tests what the new configuration says.  In an upgrade it also lists the answers that
 * change on purpose, and which rule, or the new release, is the reason: the edits of each rule are
 * made alone, and the answers that then change are that rule's.
 */
#ifndef CMD_LIVETEST_PLAN_H
#define CMD_LIVETEST_PLAN_H

#include "cmd/write_out.h"
#include "smtp/livetest/plan.h"

/*
 * Adds livetest.yaml and livetest.sh to FILES, which has room for two, and increments *COUNT;
 * adds neither where the plan has no session.
 */
void livetest_plan_files(struct extra_file *files, size_t *count, struct arena *arena,
                         const struct plan *plan);

/* the plan for a configuration; where the host name is unknown, it is mail.example.com */
void livetest_plan_make(struct plan *plan, struct arena *arena, const struct config *fixed);

/* notes the answers that an upgrade from OLD, read for FROM, changes on purpose */
void livetest_plan_note_intended(struct plan *plan, struct arena *arena, const struct config *old,
                                 const struct platform *from, const struct fix *fix);

#endif
