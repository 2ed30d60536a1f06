/*
 * auth - the parts of auth.c: what the server takes, and the passwords of the client
 */
#ifndef CONVERT_SERVER_AUTH_H
#define CONVERT_SERVER_AUTH_H

#include "convert/draft/draft.h"

/* the mechanisms that clients may use, in their order: offered, and trusted where some are; one
   blank between them.  Postfix has no EXTERNAL.  May be empty */
struct str auth_mechanisms(const struct draft *draft);
/* is NAME a word of LIST, without regard to case? */
bool auth_list_has(struct str list, struct str name);
/* AuthMechanisms, or Sendmail's default */
struct str auth_offered(const struct draft *draft);

/* authinfo.c: FEATURE(`authinfo'), AuthInfo: lines of its table and of access, DefaultAuthInfo */
void auth_map_client(struct draft *draft);

#endif
