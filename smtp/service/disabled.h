/*
 * disabled - the services of master.cf that master(8) leaves out: master_service_disable
 *
 * Its patterns are "name/type", "name.type" or "type", and "!" before one makes an exception; the
 * first that matches decides (match_service(3)).  Clients cannot connect to such a service, and no
 * program runs for it.
 */
#ifndef SMTP_SERVICE_DISABLED_H
#define SMTP_SERVICE_DISABLED_H

#include "parser/postfix/config.h"

/* false too where the files do not tell */
bool service_disabled(const struct config *config, const struct service *service);

#endif
