/*
 * content - finds the end of a message in the bytes after DATA, and undoes the doubled dots
 *
 * RFC 5321, 4.1.1.4 and 4.5.2; bare line feeds by smtpd_forbid_bare_newline of the release
 * (postconf(5), "SMTP smuggling"), so that nothing but what Postfix takes for the end ends it.
 * Bytes come in pieces of any size.
 */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "smtp/session.h"

struct content {
    int mode;          /* session_limits.bare_newline */
    int state;         /* kept by content.c */
    bool bare_newline; /* one was seen */
    long size;         /* bytes of the message so far, as Postfix counts them */
};

void content_init(struct content *content, int bare_newline_mode);
/*
 * Takes bytes of IN, adds the message's own (with LF line ends, as in a maildir) to OUT, and
 * returns how many it took; *END tells that the message is over, and what follows are commands.
 */
size_t content_add(struct content *content, struct str in, struct buffer *out, bool *end);

#endif
