/*
 * privileges - a server that was started as root serves as another user
 *
 * It serves as the owner of the maildir, or as nobody if there is none or it was just created, and
 * without any capability and supplementary group.  The sockets, the keys, the log and the maildir
 * are open by then, and all files that a session may ask are read (read_ahead.h).
 */
#ifndef SMTP_SERVER_PRIVILEGES_H
#define SMTP_SERVER_PRIVILEGES_H

#include "smtp/server/maildir.h"
#include "smtp/service/policy.h"

/* MAILDIR may be NULL; PATH is its path, and IS_NEW: it was created for this server.  Without root
   nothing is done.  On false *ERROR is one line, and nothing may be served */
bool privileges_drop(const struct policy *policy, const struct maildir *maildir, struct str path,
                     bool is_new, struct str *error);

#endif
