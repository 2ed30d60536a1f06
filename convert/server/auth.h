/*
 * auth - what other modules need to know about AUTH
 */
#ifndef CONVERT_SERVER_AUTH_H
#define CONVERT_SERVER_AUTH_H

#include "convert/draft/draft.h"

/* AuthMechanisms, or Sendmail's default */
struct str auth_offered(const struct draft *draft);
/* may authenticated clients relay? */
bool auth_relays(const struct draft *draft);

#endif
