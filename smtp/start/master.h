/*
 * start_master - would Postfix start at all?
 *
 * Before any service runs, postfix(1) and its start script, postconf(1) and master(8) read both
 * files: a line or an expression that one of them cannot read ends the start.  Only for start.c.
 */
#ifndef SMTP_START_MASTER_H
#define SMTP_START_MASTER_H

#include "smtp/start/start.h"

/* Can main.cf be read?  False, with *FAULT set, if not */
bool start_check_main_cf(const struct policy *policy, struct start_fault *fault);
/*
 * Can all that remains be read: the lines of master.cf, the expressions in both files, and what the
 * services need of main.cf?  False, with *FAULT set, if not.
 */
bool start_check_master_cf(const struct policy *policy, struct start_fault *fault);

#endif
