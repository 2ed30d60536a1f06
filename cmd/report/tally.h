/*
 * tally - what a run found, by configuration and by rule: for the ends of reports
 */
#ifndef CMD_REPORT_TALLY_H
#define CMD_REPORT_TALLY_H

#include "rules/engine/engine.h"

/* the findings of a rule */
struct rule_count {
    const struct rule *rule;
    enum severity worst;
    size_t findings;
    size_t configurations; /* that have any */
};

struct tally_configuration {
    struct str path, platform;
    struct str problem; /* why it could not be read, or STR_NONE */
    size_t by_severity[3];
    struct rule_count *rules; /* in the order of their names */
    size_t rule_count;
};

/* zero at first; what is in it lives in one arena */
struct tally {
    size_t readable, unreadable;
    size_t by_severity[3];
    struct tally_configuration *items; /* readable or not, in their order */
    size_t count, capacity;
};

/* one operand: a configuration and its findings, or why there are none */
struct report_item {
    struct str path;                     /* as given */
    const struct config *config;         /* NULL: it could not be read */
    const struct finding_list *findings; /* likewise */
    struct str problem;                  /* why it could not be read, one line */
};

void tally_add(struct tally *tally, struct arena *arena, const struct report_item *item);
/* adds the configurations of MORE, copied to ARENA */
void tally_merge(struct tally *tally, struct arena *arena, const struct tally *more);

/* the rules that found anything, the worst first, then those of the most configurations */
struct rule_count *tally_rules(const struct tally *tally, struct arena *arena, size_t *count);

#endif
