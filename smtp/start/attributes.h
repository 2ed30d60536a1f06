/*
 * start_attributes - the arguments of pipe(8), spawn(8), smtp(8) and lmtp(8) in master.cf
 *
 * These programs take "name=value" after their options; what follows "argv=" is a command.  A
 * program exits when it starts if it does not know a name, or if the user of its command is
 * missing, root or the mail system's.  Whether a user exists, only the machine can tell.
 */
#ifndef SMTP_START_ATTRIBUTES_H
#define SMTP_START_ATTRIBUTES_H

#include "facts/programs.h"
#include "parser/postfix/config.h"

/* what is wrong with the attributes; texts live in the arena or are constants */
struct attribute_fault {
    struct str place; /* part of the text of the service's line */
    struct str why;   /* "user=root is not allowed" */
    struct str advice;
};

/* does PROGRAM accept the arguments of SERVICE, which runs it?  False, with *FAULT set, if not */
bool attributes_valid(struct arena *arena, const struct config *config,
                      const struct service *service, const struct program *program,
                      struct attribute_fault *fault);

/*
 * The first macro in the command of SERVICE that PROGRAM does not know, "$recipent": mail for it
 * is deferred.  A part of the text of the service's line, or STR_NONE.
 */
struct str attributes_unknown_macro(struct arena *arena, const struct config *config,
                                    const struct service *service, const struct program *program);

#endif
