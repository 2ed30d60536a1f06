/*
 * runbook - the steps for the new host as a shell script
 */
#ifndef CMD_REPORT_RUNBOOK_H
#define CMD_REPORT_RUNBOOK_H

#include "base/arena.h"
#include "base/step.h"
#include "facts/facts.h"

struct runbook {
    const struct platform *from, *to;
    struct str directory; /* the old configuration */
    const struct step *steps;
    size_t count;
};

void runbook_print(struct buffer *out, const struct runbook *runbook);

#endif
