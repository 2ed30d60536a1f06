/*
 * read_ahead - reads all files that a session may ask, while the server may still read them
 *
 * Lookup tables, lists of domains and networks, the file of myorigin and that of the local users
 * are read when they are needed first.  A server that root started is another user by then.
 */
#ifndef SMTP_SERVER_READ_AHEAD_H
#define SMTP_SERVER_READ_AHEAD_H

#include "smtp/service/policy.h"

/* what cannot be read now stays so: see config_keep() */
void read_ahead(const struct policy *policy);

#endif
