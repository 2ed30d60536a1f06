/*
 * local - what the modules of local mail share: programs that a mailer runs
 *
 * A mailer is a path (P=) and the words of its call (A=, the program's name first), in which
 * Sendmail replaces $u (the user), $h (the detail, or what stands before the user), $f and $g (the
 * sender). With the flags f and r it puts the sender behind the name too.
 */
#ifndef CONVERT_DELIVERY_LOCAL_H
#define CONVERT_DELIVERY_LOCAL_H

#include "convert/draft/draft.h"

/* mailbox_transport = TRANSPORT, and the fate of the item that says so */
void local_set_transport(struct draft *draft, const struct sendmail_item *item,
                         struct str transport);
/* Cyrus's deliver as a service of pipe(8), and Cyrus by LMTP */
void local_map_cyrus(struct draft *draft, const struct sendmail_item *item);
void local_map_cyrusv2(struct draft *draft, const struct sendmail_item *item);

/* mailbox_command: the call in the words of local(8); STR_NONE: they cannot say it */
struct str local_command(const struct draft *draft, struct str program, struct str arguments,
                         struct str flags);

/* what a mailer's macros stand for in pipe(8) */
struct local_pipe {
    const char *user, *host; /* "${user}", "${extension}" */
};

/* "argv=PROGRAM WORD..." and what must stand before it, nothing may stand behind it; STR_NONE:
   pipe(8) cannot say it */
struct str local_pipe_call(const struct draft *draft, struct str program, struct str arguments,
                           const struct local_pipe *pipe);

/* a service of pipe(8) or local(8): it is not run as root (unprivileged "n"), not chrooted */
void local_set_fields(struct draft_service *service);

/* " size=N" of a define with the largest message of a mailer; empty where there is none */
struct str local_pipe_size(const struct draft *draft, const char *define);

/* "FILE /run/lmtp", "TCP host port" as the next hop of lmtp(8); else STR_NONE */
struct str local_lmtp(const struct draft *draft, struct str arguments);

/* local_command_shell: the program mailer's words up to its $u; STR_NONE where that is not the last
 */
struct str local_shell(const struct draft *draft, struct str program, struct str arguments);

#endif
