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

#endif
