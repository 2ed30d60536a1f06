/*
 * local - what the modules about local mail share: programs that a mailer runs
 *
 * A mailer has a path (P=) and arguments (A=, starting with the name of the program), in which
 * Sendmail replaces $u (the user), $h (the detail, or the part before the user), $f and $g (the
 * sender).  With the flags f and r it adds the sender after the name.
 */
#ifndef CONVERT_DELIVERY_LOCAL_H
#define CONVERT_DELIVERY_LOCAL_H

#include "convert/draft/draft.h"

/* sets mailbox_transport = TRANSPORT, and the fate of the item */
void local_set_transport(struct draft *draft, const struct sendmail_item *item,
                         struct str transport);
/* Cyrus's deliver as a pipe(8) service, and Cyrus by LMTP */
void local_map_cyrus(struct draft *draft, const struct sendmail_item *item);
void local_map_cyrusv2(struct draft *draft, const struct sendmail_item *item);

/* the command for mailbox_command; STR_NONE if local(8) has no equivalent */
struct str local_command(const struct draft *draft, struct str program, struct str arguments,
                         struct str flags);

/* the pipe(8) macros for a mailer's macros */
struct local_pipe {
    const char *user, *host; /* "${user}", "${extension}" */
};

/* "argv=PROGRAM WORD...", with options before it if needed; it must be the last option.  STR_NONE
   if pipe(8) has no equivalent */
struct str local_pipe_call(const struct draft *draft, struct str program, struct str arguments,
                           const struct local_pipe *pipe);

/* for a service of pipe(8) or local(8): runs as root (unprivileged "n"), not chrooted */
void local_set_fields(struct draft_service *service);

/* " size=N" for a define with the size limit of a mailer; empty if it is not set */
struct str local_pipe_size(const struct draft *draft, const char *define);

/* the next hop of lmtp(8) for "FILE /run/lmtp", "TCP host port"; else STR_NONE */
struct str local_lmtp(const struct draft *draft, struct str arguments);

/* local_command_shell: the words of the program mailer up to its $u; STR_NONE if that is not the
   last */
struct str local_shell(const struct draft *draft, struct str program, struct str arguments);

#endif
