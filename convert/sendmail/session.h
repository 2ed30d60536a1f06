/*
 * session - settings that the modules about daemons, TLS, AUTH and milters share
 *
 * A line is in effect if nothing overrides it: a define, or else the O line for the same option in
 * a sendmail.cf or in LOCAL_CONFIG.
 */
#ifndef CONVERT_SENDMAIL_SESSION_H
#define CONVERT_SENDMAIL_SESSION_H

#include "convert/draft/draft.h"

/* the line in effect for DEFINE or its option, or NULL */
const struct sendmail_item *session_item(const struct draft *draft, const char *define);
/* its value, in which the names of other defines are replaced as m4 does; empty if not set */
struct str session_value(const struct draft *draft, const char *define);
struct str session_item_value(const struct draft *draft, const struct sendmail_item *item);
/* does the value refer to itself, or through more defines than are followed?  Then it is not the
   one that Sendmail uses, and must be an open point */
bool session_value_is_cut(const struct draft *draft, const struct sendmail_item *item);

/* does a word start with LETTER?  Of each word in AuthOptions and TLSSrvOptions Sendmail reads only
   the first letter (sendmail/readcf.c) */
bool session_letter(struct str text, char letter);

/* does the server offer STARTTLS?  sendmail/tls.c, inittls() */
bool session_offers_tls(const struct draft *draft);
/* does it do so without a certificate (TLSSrvOptions=C)? */
bool session_tls_without_certificate(const struct draft *draft);
/* does the source configure AUTH? */
bool session_offers_auth(const struct draft *draft);

/* the lines that define daemons, in their order: macros, old defines, O lines; AFTER as in
   sendmail_next() */
const struct sendmail_item *session_daemon(const struct draft *draft,
                                           const struct sendmail_item *after);

#endif
