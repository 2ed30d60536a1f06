/*
 * conversion - a Sendmail configuration goes all the way to Postfix, and what must hold there
 *
 * Tables lie in a directory of the process's own, which goes when it ends.
 */
#ifndef TESTS_FUZZ_CONVERSION_H
#define TESTS_FUZZ_CONVERSION_H

#include "parser/sendmail/sendmail.h"

/* the directory in which tables are looked for; made by the first call */
struct str conversion_directory(void);
/* a table's text there; NAME has no "/".  All of them go with conversion_forget() */
void conversion_table(const char *name, struct str text);
void conversion_forget(void);

/*
 * Reads SOURCE with the tables that lie in the directory, converts it for PLATFORM and demands:
 * every item has one fate, and their sum is the number of items;
 * main.cf and master.cf are read back without a problem, and each setting has the value that was
 * meant; each key of a table is found in it with its value.
 */
void conversion_demand(struct arena *arena, const struct source *source, const char *platform);

#endif
