/*
 * socket - reports that a socket which Postfix's programs look for does not exist
 *
 * Which there are is in smtp/service/socket.h.
 */
#ifndef RULES_SERVICES_SOCKET_H
#define RULES_SERVICES_SOCKET_H

#include "rules/rule/rule.h"
#include "smtp/service/socket.h"

/*
 * Reports that the socket CLASS/NAME does not exist: at the "private" field if there is a service
 * of that name in the other class, else at SPAN or, without a source, at the end of master.cf.
 * EFFECT: "smtpd accepts no mail"
 */
struct finding *socket_report(struct check *check, struct span span, enum socket_class class,
                              struct str name, const char *effect);

#endif
