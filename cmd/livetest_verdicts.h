/*
 * livetest_verdicts - what a live test shows, with what the rules and the comparison with the old
 * server found
 */
#ifndef CMD_LIVETEST_VERDICTS_H
#define CMD_LIVETEST_VERDICTS_H

#include "cmd/livetest/report.h"

/* fills the verdicts of REPORT, whose answers are there; COMPLETE: see smtp/verdict/verdict.h */
void livetest_verdicts_fill(struct livetest_report *report, struct arena *arena,
                            const struct assumption_list *assumptions, bool complete);

#endif
