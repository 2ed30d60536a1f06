/*
 * engine - runs the rules on a configuration
 *
 * Findings are sorted by file (main.cf, master.cf, other files, then those without a place) and by
 * place within a file.  A comment "# postmend: ignore RULE" directly above a line silences that
 * rule there.  What a finding explains (struct rule's explains_line) is left out, and the finding
 * gets the highest severity of what it explains.
 */
#ifndef RULES_ENGINE_ENGINE_H
#define RULES_ENGINE_ENGINE_H

#include "rules/engine/choice.h"

struct rules_request {
    const struct platform *from; /* the old platform of an upgrade; else NULL */
    bool keep_defaults;
    const struct rule *only;          /* run this rule only; NULL: all that CHOICE has */
    const struct rule_choice *choice; /* NULL: all */
    struct tls_ciphers *ciphers;      /* of a worker that checks many configurations; else NULL */
};

void engine_run(struct finding_list *list, const struct config *config,
                const struct rules_request *request);

/* runs the rules about sendmail.mc; CONFIG is empty and provides the arena */
void engine_run_sendmail(struct finding_list *list, const struct config *config,
                         const struct sendmail *sendmail, const struct rules_request *request);

/*
 * The bytes of SOURCE after all edits of the findings.  Edits that overlap are a mistake in a rule:
 * then false, and *ERROR names both rules and the place.
 */
bool engine_apply(struct arena *arena, const struct finding_list *list, const struct source *source,
                  struct str *result, struct str *error);

const struct rule *const *rules_all(size_t *count); /* sorted by name */
/* the folder that it is in: "tls" */
const char *rule_family(const struct rule *rule);
const struct rule *rule_named(struct str name); /* NULL: there is none */

#endif
