/*
 * host - defaults that Postfix asks of the machine, made of what we were told
 *
 * See postconf(5) on myhostname, mydomain and mynetworks_style.
 */
#ifndef PARSER_POSTFIX_HOST_H
#define PARSER_POSTFIX_HOST_H

#include "parser/postfix/config.h"

enum { HOST_DEFAULT_COUNT = 3 };

/* the default of myhostname, mydomain or mynetworks; STR_NONE where it can't be known */
struct str host_default(const struct config *config, enum parameter_number number);

#endif
