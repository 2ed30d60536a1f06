/*
 * postfix_config - main.cf and master.cf of the private Postfix
 *
 * They have the settings of the configuration, except for those that would affect files outside the
 * private directory, or with which Postfix would not run there: see postfix_main.c and
 * postfix_master.c.
 */
#ifndef SMTP_ENGINE_POSTFIX_CONFIG_H
#define SMTP_ENGINE_POSTFIX_CONFIG_H

#include "smtp/engine/postfix.h"

struct str postfix_main_cf(const struct postfix *postfix);
struct str postfix_master_cf(const struct postfix *postfix);

/* does the private main.cf set the parameter, so that -o overrides must be removed? */
bool postfix_sets(struct str name);
/* is it the name of a service, with a path for a value?  SERVICE may be NULL: in main.cf */
bool postfix_refuses(const struct postfix *postfix, const struct service *service, struct str name,
                     struct str value);

/* does the service run a program that is not named as one of Postfix's daemon directory? */
bool postfix_refuses_command(const struct service *service);
/* is the service, which does not listen for SMTP, part of the private Postfix? */
bool postfix_runs(const struct service *service);

#endif
