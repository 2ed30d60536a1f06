/*
 * module - one subject of the way from Sendmail to Postfix
 *
 * A module looks at the items of its subject, fills the draft and gives each of them its fate.
 * Adding one is adding one file in rules/sendmail: the build finds every
 * "const struct sendmail_module sendmail_module_x = {".  Modules run in the order of `order`; those
 * that only translate one value need no module: facts/sendmail.yaml says it (simple.c).
 */
#ifndef CONVERT_DRAFT_MODULE_H
#define CONVERT_DRAFT_MODULE_H

#include "convert/draft/draft.h"

struct sendmail_module {
    const char *name;    /* "access" */
    const char *summary; /* one line */
    const char *source;  /* what document it follows */
    int order;
    void (*map)(struct draft *draft);
};

/* in the order of `order`, those of one order by name */
extern const struct sendmail_module *const sendmail_modules[];
extern const size_t sendmail_module_count;

/* all modules, then draft_finish() and the steps that the files need (write.h) */
void sendmail_convert(struct draft *draft);

#endif
