/*
 * postfix_config - main.cf and master.cf as the private Postfix gets them
 *
 * They say what the configuration says, but for what would reach out of the private directory or
 * keep it from running there: postfix_main.c and postfix_master.c list it.
 */
#ifndef SMTP_ENGINE_POSTFIX_CONFIG_H
#define SMTP_ENGINE_POSTFIX_CONFIG_H

#include "smtp/engine/postfix.h"

struct str postfix_main_cf(const struct postfix *postfix);
struct str postfix_master_cf(const struct postfix *postfix);

/* is the parameter one that the private main.cf sets itself, also against -o? */
bool postfix_sets(struct str name);

#endif
