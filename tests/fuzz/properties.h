/*
 * properties - what must hold for any input, however broken
 *
 * Shared by the fuzz targets and the unit tests.  Each answers NULL, or one line that says what
 * does not hold; that lives in ARENA, as everything that is made on the way.
 */
#ifndef TESTS_FUZZ_PROPERTIES_H
#define TESTS_FUZZ_PROPERTIES_H

#include "parser/postfix/config.h"
#include "parser/text/edit.h"
#include "rules/rule/finding.h"

/*
 * Reads SOURCE as main.cf (as master.cf) and demands:
 * no edit, and edits that write what is there, give back the same bytes;
 * all spans lie in the source; each byte of a name, value or field has its place there;
 * no line but comments and empty ones is left out.
 */
const char *property_main_cf(struct arena *arena, const struct source *source);
const char *property_master_cf(struct arena *arena, const struct source *source);

/* each value of SOURCE, read as main.cf, can be expanded, and what refers to what stands in it */
const char *property_expand(struct arena *arena, const struct source *source,
                            const struct release *release);

/* each finding lies in its file, and a report takes it, in the format that CHOICE stands for */
const char *property_findings(const struct config *config, const struct finding_list *list,
                              size_t choice);

/* TEXT, as it goes to a terminal through the printer of all commands in pieces of SIZE bytes, has
   no control character but line ends and tabs, and nothing that turns or hides text */
const char *property_shown(struct arena *arena, struct str text, size_t size);
/* a message: one line, not empty, and as above */
const char *property_message(struct arena *arena, struct str text);

#endif
