/*
 * start_tables - the tables that a program opens when it starts
 *
 * A table that cannot be opened fails its look-ups, and the program goes on; but settings of a
 * database client that cannot be used end it (client.h), and so does a table that it asks
 * proxymap(8) for and that proxy_read_maps does not have.  Only for start.c.
 */
#ifndef SMTP_START_TABLES_H
#define SMTP_START_TABLES_H

#include "smtp/start/start.h"

/* the parameters that name tables; lives in the policy's arena */
struct start_tables;

/* NULL where no table of the configuration may end a program: then there is nothing to check */
struct start_tables *start_tables_open(const struct policy *policy);

/* Does PROGRAM, run by SERVICE, open its tables?  False, with *FAULT set, if one of them ends it */
bool start_check_tables(struct start_tables *tables, const struct service *service,
                        const struct program *program, struct start_fault *fault);

#endif
