/*
 * content - finds the end of a message after DATA, and removes the doubled dots
 *
 * RFC 5321, 4.1.1.4 and 4.5.2.  Bare line feeds are handled as with smtpd_forbid_bare_newline of
 * the release (postconf(5), "SMTP smuggling"), so that a message ends exactly where Postfix ends
 * it.  The input may be split anywhere, with the same result.
 *
 * If bare line feeds are line ends (BARE_NEWLINE_ACCEPT), a line with a single dot ends the
 * message, whatever line ends it and the line before it have, and with any number of CRs before the
 * LF.  In the other modes only CR LF . CR LF ends it; a line with a single dot, with a bare line
 * feed before or after it, is dropped, as in Postfix.
 *
 * As in cleanup(8), "From " at the beginning is replaced by "X-Mailbox-Line: From ", and an empty
 * line is added before a message that does not begin with a header, so that text from the client
 * never becomes part of the headers of the server.
 */
#ifndef SMTP_SESSION_CONTENT_H
#define SMTP_SESSION_CONTENT_H

#include "base/arena.h"

/* what a bare line feed is: smtpd_forbid_bare_newline */
enum bare_newline {
    BARE_NEWLINE_ACCEPT,    /* the end of a line; LF.LF also ends the message */
    BARE_NEWLINE_NORMALIZE, /* the end of a line, but only CR LF . CR LF ends the message */
    BARE_NEWLINE_REJECT,
    BARE_NEWLINE_NOTE,
};

enum { CONTENT_HELD = 128 };

struct content {
    enum bare_newline mode;
    bool bare_newline; /* one was seen */
    long size;         /* bytes of the message so far, as Postfix counts them: two for each line
                          end, also for each piece of a line that is longer than line_limit */

    bool replaces_cr; /* set by the caller: CRs within a line are replaced by spaces, as by
                         cleanup(8) with cleanup_replace_stray_cr_lf */

    /* private to content.c */
    bool chunked;            /* BDAT: dots are not special */
    size_t line_limit;       /* line_length_limit: longer lines are split into pieces */
    size_t piece;            /* bytes of the current piece of a line */
    size_t text;             /* those that are message text, without the leading dot */
    size_t carriage_returns; /* CRs at the end, which depend on the next byte */
    bool continued;          /* the piece continues a line */
    bool dotted;             /* the line began with a dot */
    bool previous_bare;      /* the previous line ended in a bare line feed */
    bool first;              /* the start of the first line is in held */
    size_t held_len;
    char held[CONTENT_HELD];
};

/* LINE_LIMIT is line_length_limit; 0: the default */
void content_init(struct content *content, enum bare_newline mode, size_t line_limit);
/* the same for BDAT */
void content_init_chunked(struct content *content, enum bare_newline mode, size_t line_limit);
/*
 * Reads IN, adds the message text (with LF line ends, as in a maildir) to OUT, which may be NULL,
 * and returns the number of bytes read; *END: the message ends there, and commands follow.  For
 * BDAT all bytes are read, and *END is false.
 */
size_t content_add(struct content *content, struct str in, struct buffer *out, bool *end);
/* after the last chunk: ends the last line if it has no line end */
void content_finish(struct content *content, struct buffer *out);

#endif
