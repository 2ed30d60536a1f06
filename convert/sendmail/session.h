/*
 * session - what the modules about daemons, TLS, AUTH and milters ask each other
 *
 * A line "holds" where nothing later takes its place: a define, or else the O line of a sendmail.cf
 * or of LOCAL_CONFIG for the same option.
 */
#ifndef CONVERT_SENDMAIL_SESSION_H
#define CONVERT_SENDMAIL_SESSION_H

#include "convert/draft/draft.h"

/* the line that holds for DEFINE or the option that it sets, or NULL */
const struct sendmail_item *session_item(const struct draft *draft, const char *define);
/* its value, with the names of other defines in it replaced as m4 does; empty: not set */
struct str session_value(const struct draft *draft, const char *define);
struct str session_item_value(const struct draft *draft, const struct sendmail_item *item);

/* is LETTER the first one of a word?  Sendmail reads no more of each word of AuthOptions and
   TLSSrvOptions (sendmail/readcf.c) */
bool session_letter(struct str text, char letter);

/* does a server of this configuration offer STARTTLS?  sendmail/tls.c, inittls() */
bool session_offers_tls(const struct draft *draft);
/* does it do so without a certificate (TLSSrvOptions=C)? */
bool session_tls_without_certificate(const struct draft *draft);
/* is AUTH something that this configuration speaks of? */
bool session_offers_auth(const struct draft *draft);

/* the items of a daemon, in their order: macros, old defines, O lines; AFTER as sendmail_next */
const struct sendmail_item *session_daemon(const struct draft *draft,
                                           const struct sendmail_item *after);

#endif
