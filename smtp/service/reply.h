/*
 * reply - an SMTP reply (RFC 5321, 4.2) with its enhanced status code (RFC 3463)
 */
#ifndef SMTP_SERVICE_REPLY_H
#define SMTP_SERVICE_REPLY_H

#include "base/arena.h"

struct reply {
    int code;            /* 220; 0: no reply, the mail goes on */
    struct str enhanced; /* "5.7.1", or empty */
    struct str text;     /* what follows them; its lines are separated by LF */
};

/* TEXT may begin with an enhanced code: "5.7.1 <a@b>: Relay access denied" */
struct reply reply_of(int code, struct str text);
struct reply reply_printf(struct arena *arena, int code, const char *enhanced, const char *format,
                          ...) __attribute__((format(printf, 4, 5)));
/* as it goes over the wire: "250-...\r\n250 ...\r\n" */
void reply_print(struct buffer *out, struct reply reply);
/*
 * Reads one line "250-text" of a reply, without its line end, into *REPLY (all zero at first);
 * returns 1 when it was the last, 0 when more follow, -1 when it is no reply line.
 */
int reply_read(struct reply *reply, struct arena *arena, struct str line);
bool reply_same_codes(struct reply a, struct reply b); /* code and enhanced code */

#endif
