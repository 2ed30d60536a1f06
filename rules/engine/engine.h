/*
 * engine - runs the rules over a configuration
 *
 * Findings come out in the order of the files: main.cf, master.cf, others, then
 * what names no place; within a file by place.  A comment "# postmend: ignore RULE"
 * in the lines above a line silences that rule there.
 */
#ifndef RULES_ENGINE_ENGINE_H
#define RULES_ENGINE_ENGINE_H

#include "rules/rule/rule.h"

struct rules_request {
    const struct platform *from; /* set in an upgrade */
    bool keep_defaults;
    const struct rule *only; /* run this one alone; NULL: all */
};

void engine_run(struct finding_list *list, const struct config *config,
                const struct rules_request *request);

/* the rules about sendmail.mc; CONFIG is an empty one, which gives the arena */
void engine_run_sendmail(struct finding_list *list, const struct config *config,
                         const struct sendmail *sendmail, const struct rules_request *request);

/*
 * The bytes of SOURCE after all edits of the findings.  Edits that overlap are a
 * mistake in a rule: then false, and *ERROR names both rules and the place.
 */
bool engine_apply(struct arena *arena, const struct finding_list *list, const struct source *source,
                  struct str *result, struct str *error);

const struct rule *const *rules_all(size_t *count); /* in the order of their names */
const struct rule *rule_named(struct str name);     /* NULL: none */

#endif
