/*
 * socket - the services of master.cf by the sockets that Postfix's programs look for
 *
 * A program connects to private/NAME or public/NAME below the queue directory.  master(8) creates
 * the socket for a service of that name, in the class that its "private" field says.
 */
#ifndef SMTP_SERVICE_SOCKET_H
#define SMTP_SERVICE_SOCKET_H

#include "parser/postfix/config.h"

enum socket_class {
    SOCKET_PRIVATE,
    SOCKET_PUBLIC,
};

/*
 * Do the files say which sockets there are and are used?  False where main.cf or master.cf is
 * missing, or master.cf is an excerpt (no service of it handles the queue), or has lines that
 * cannot be read.
 */
bool sockets_known(const struct config *config);

/* the service whose socket is CLASS/NAME, the last of them, or NULL */
const struct service *socket_find(const struct config *config, enum socket_class class,
                                  struct str name);

/*
 * Is the socket PATH out of sight of SERVICE?  Certainly if it begins with the queue directory and
 * master(8) runs the service in the chroot jail, which is that directory.  SERVICE may be NULL.
 */
bool socket_is_hidden(const struct config *config, const struct service *service, struct str path);

#endif
