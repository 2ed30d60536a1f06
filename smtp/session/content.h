/*
 * content - finds the end of a message in the bytes after DATA, and undoes the doubled dots
 *
 * RFC 5321, 4.1.1.4 and 4.5.2; bare line feeds by smtpd_forbid_bare_newline of the release
 * (postconf(5), "SMTP smuggling"), so that nothing but what Postfix takes for the end ends it.
 * Bytes come in pieces of any size; how they are cut changes nothing.
 *
 * Where bare line feeds count as line ends (BARE_NEWLINE_ACCEPT), a line with a single dot ends the
 * message however it and the line before it end, and with any number of CRs before the LF.  In all
 * other modes only CR LF . CR LF ends it; a line with a single dot at which a bare line feed stands
 * before or behind is left out of the message, as Postfix leaves it out.
 *
 * As Postfix does, "From " at the beginning becomes "X-Mailbox-Line: From ", and where the message
 * does not begin with a header, an empty line is put in front, so that what the client sent never
 * becomes part of the headers that the server puts there (cleanup(8)).
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
    long size;         /* bytes of the message so far, as Postfix counts them: each line with two
                          for its end, and each piece of a line that is longer than line_limit */

    bool replaces_cr; /* set by the caller: CRs within a line become blanks, as cleanup(8) makes
                         them where cleanup_replace_stray_cr_lf is set */

    /* kept by content.c */
    bool chunked;            /* BDAT: dots are text */
    size_t line_limit;       /* line_length_limit: longer lines are read in pieces */
    size_t piece;            /* bytes of the piece of a line that was begun */
    size_t text;             /* of them, without the leading dot, those that are message text */
    size_t carriage_returns; /* of them, CRs at the end: they wait for what follows */
    bool continued;          /* the piece goes on with a line */
    bool dotted;             /* the line began with a dot */
    bool previous_bare;      /* the line before ended in a bare line feed */
    bool first;              /* the first line's beginning stands in held */
    size_t held_len;
    char held[CONTENT_HELD];
};

/* LINE_LIMIT is line_length_limit, 0 for Postfix's usual one */
void content_init(struct content *content, enum bare_newline mode, size_t line_limit);
/* the same for what comes by BDAT */
void content_init_chunked(struct content *content, enum bare_newline mode, size_t line_limit);
/*
 * Takes bytes of IN, adds the message's own (with LF line ends, as in a maildir) to OUT, which may
 * be NULL, and returns how many it took; *END tells that the message is over, and what follows are
 * commands.  For BDAT all are taken, and there is no end.
 */
size_t content_add(struct content *content, struct str in, struct buffer *out, bool *end);
/* behind the last chunk: ends a line that has no end */
void content_finish(struct content *content, struct buffer *out);

#endif
