/*
 * reply - an SMTP reply (RFC 5321, 4.2) with its enhanced status code (RFC 3463)
 */
#ifndef SMTP_SERVICE_REPLY_H
#define SMTP_SERVICE_REPLY_H

#include "base/arena.h"

struct reply {
    int code;            /* 220; 0: no reply */
    struct str enhanced; /* "5.7.1", or empty */
    struct str text;     /* after the codes; lines are separated by LF */
};

/* TEXT may begin with an enhanced code: "5.7.1 <a@b>: Relay access denied" */
struct reply reply_of(int code, struct str text);
struct reply reply_printf(struct arena *arena, int code, const char *enhanced, const char *format,
                          ...) __attribute__((format(printf, 4, 5)));
/* as it is sent: "250-...\r\n250 ...\r\n" */
void reply_print(struct buffer *out, struct reply reply);
/*
 * Reads one line "250-text" of a reply, without its line end, into *REPLY (all zero at first).
 * Returns 1 after the last line, 0 if more follow, -1 if the line is not an SMTP reply.
 */
int reply_read(struct reply *reply, struct arena *arena, struct str line);
bool reply_same_codes(struct reply a, struct reply b); /* code and enhanced code */

#endif
