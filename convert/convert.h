/*
 * convert - a Sendmail configuration as the draft of a Postfix configuration
 *
 * A module converts one subject: it looks at its lines, fills the draft, and gives each of them its
 * fate.  Adding one means a file in a wing of convert/, its declaration in the modules.h of that
 * wing, and a row in the list of convert.c.  A line that one value of facts/sendmail.yaml
 * translates needs no module (remaining/simple.c).
 */
#ifndef CONVERT_CONVERT_H
#define CONVERT_CONVERT_H

#include "convert/draft/draft.h"

/* of a draft that draft_init() made: all modules in their order, then draft_finish() and
   draft_write_steps() */
void convert_sendmail(struct draft *draft);

struct convert_module {
    const char *name; /* as facts/sendmail.yaml has it: "access" */
    void (*convert)(struct draft *draft);
};

/* in the order in which they run */
const struct convert_module *convert_modules(size_t *count);

#endif
