/*
 * baseline - the findings that are accepted as they are
 *
 * A text file: a fingerprint (cmd/report/describe.h) at the start of each line, then for people the
 * rule and the file; "#" starts a comment.  --update-baseline writes it, as the report "baseline".
 */
#ifndef CMD_BASELINE_H
#define CMD_BASELINE_H

#include "base/map.h"
#include "cmd/report/report.h"

struct baseline {
    struct map accepted; /* by their fingerprints */
};

/* reads FILE; on false *ERROR is one line */
bool baseline_read(struct baseline *baseline, struct arena *arena, struct str file,
                   struct str *error);
/* takes what is accepted out of LIST, the findings of the configuration PATH; several threads may
 */
void baseline_apply(const struct baseline *baseline, struct arena *arena, struct str path,
                    const struct config *config, struct finding_list *list);

#endif
