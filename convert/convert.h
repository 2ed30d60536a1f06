/*
 * convert - turns a Sendmail configuration into the draft of a Postfix configuration
 *
 * A module converts one subject: it fills the draft from the lines of its subject and gives each of
 * them a fate.  To add one, write a file in a wing of convert/, declare it in the modules.h of that
 * wing, and add a row to the list in convert.c.  A line whose conversion facts/sendmail.yaml can
 * express needs no module (remaining/simple.c).
 */
#ifndef CONVERT_CONVERT_H
#define CONVERT_CONVERT_H

#include "convert/draft/draft.h"

/* after draft_init(): runs all modules in order, then draft_finish() and draft_write_steps() */
void convert_sendmail(struct draft *draft);

struct convert_module {
    const char *name; /* the name in facts/sendmail.yaml: "access" */
    void (*convert)(struct draft *draft);
};

/* in the order in which they run */
const struct convert_module *convert_modules(size_t *count);

#endif
