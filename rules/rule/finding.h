/*
 * finding - what a rule reports about a place in a file
 *
 * A finding names a place, says in one sentence what is wrong there and in another what to do, and
 * may carry edits that do it.  A rule may also add steps to the runbook: shell commands to run on
 * the old or on the new host.
 */
#ifndef RULES_RULE_FINDING_H
#define RULES_RULE_FINDING_H

#include "base/step.h"
#include "parser/postfix/config.h"
#include "parser/text/edit.h"

enum severity {
    SEVERITY_ADVICE,  /* works, but can be improved */
    SEVERITY_WARNING, /* breaks or is ignored on the platform */
    SEVERITY_ERROR,   /* Postfix will not start, loses mail or relays for strangers */
};

const char *severity_name(enum severity severity);
/* false if TEXT is not the name of a severity */
bool severity_of(struct str text, enum severity *severity);

struct rule;

struct finding {
    const struct rule *rule;
    enum severity severity;
    struct span span;   /* source is NULL: about the configuration as a whole */
    struct str message; /* one sentence: what is wrong here */
    struct str advice;  /* one sentence: what to do; may be empty */
    const struct edit *edits;
    size_t edit_count;
    bool explained; /* by another finding: it is left out */
    size_t number;  /* how many were reported before it: orders findings at the same place */
};

/* what the rules report about one configuration */
struct finding_list {
    struct finding *items;
    size_t count, capacity;
    struct step *steps;
    size_t step_count, step_capacity;
    struct map known_steps;
    size_t by_severity[3];
};

#endif
