/*
 * step - one step of a runbook
 *
 * Whatever cannot be written into a file is a step: a shell command for one of the two hosts, or
 * a note for the administrator.  Rules and conversion leave steps, the runbook prints them by
 * phase.
 */
#ifndef BASE_STEP_H
#define BASE_STEP_H

#include "base/map.h"

/* when and where the step is done; all but STEP_BEFORE are for the new host */
enum step_phase {
    STEP_PACKAGES, /* packages to install */
    STEP_BEFORE,   /* on the old host, while it still runs */
    STEP_TABLES,   /* lookup tables to build */
    STEP_FIREWALL,
    STEP_CHECK, /* checks of the finished configuration */
    STEP_AFTER, /* what only the administrator can decide or do */
};

struct step {
    enum step_phase phase;
    struct str command; /* a shell command; empty for a note */
    struct str reason;  /* why, in one sentence */
};

/*
 * Is this step not among those that were asked about with the same KNOWN (zero at first)?  Steps
 * with the same command in the same phase are one step, whatever their reasons are.
 */
bool step_is_new(struct map *known, struct arena *arena, const struct step *step);

#endif
