/*
 * socket - the services of master.cf by the sockets that Postfix's programs look for
 *
 * A program connects to private/NAME or public/NAME below the queue directory.  master(8) creates
 * the socket for a service of that name, in the class that its "private" field says.
 */
#ifndef RULES_SERVICES_SOCKET_H
#define RULES_SERVICES_SOCKET_H

#include "rules/rule/rule.h"

enum socket_class {
    SOCKET_PRIVATE,
    SOCKET_PUBLIC,
};

/*
 * Do the files say which sockets there are and are used?  False where main.cf or master.cf is
 * missing, or master.cf is an excerpt (no service
 * of it handles the queue), or has lines that cannot be read.
 */
bool socket_known(const struct config *config);

/* has master.cf the service whose socket is CLASS/NAME? */
bool socket_exists(const struct config *config, enum socket_class class, struct str name);

/*
 * Reports that the socket CLASS/NAME does not exist: at the "private" field if there is a service
 * of that name in the other class, else at SPAN or, without a source, at the end of master.cf.
 * EFFECT: "smtpd accepts no mail"
 */
struct finding *socket_report(struct check *check, struct span span, enum socket_class class,
                              struct str name, const char *effect);

#endif
