/*
 * finding - what a rule has to say about a place
 *
 * A finding names a place, says in one sentence what is wrong there and what to do,
 * and may carry edits that do it.  It may also leave steps for the runbook: commands
 * for the new host, in the words of a shell.
 */
#ifndef RULES_RULE_FINDING_H
#define RULES_RULE_FINDING_H

#include "base/step.h"
#include "parser/postfix/config.h"
#include "parser/text/edit.h"

enum severity {
    SEVERITY_ADVICE,  /* better is possible */
    SEVERITY_WARNING, /* breaks or is ignored on the platform */
    SEVERITY_ERROR,   /* Postfix will not start, loses mail or relays for strangers */
};

const char *severity_name(enum severity severity);
/* false where TEXT names none */
bool severity_of(struct str text, enum severity *severity);

struct rule;

struct finding {
    const struct rule *rule;
    enum severity severity;
    struct span span;   /* span.source NULL: about the configuration as a whole */
    struct str message; /* one sentence: what is wrong here */
    struct str advice;  /* one sentence: what to do; may be empty */
    const struct edit *edits;
    size_t edit_count;
    size_t number; /* how many were reported before it: keeps the order where places are equal */
};

/* what the rules report about one configuration */
struct finding_list {
    struct finding *items;
    size_t count, capacity;
    struct step *steps;
    size_t step_count, step_capacity;
    size_t by_severity[3];
};

#endif
