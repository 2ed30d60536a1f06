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

/* each finding lies in its file, and every format of a report takes it */
const char *property_findings(const struct config *config, const struct finding_list *list);

#endif
