/*
 * auth - what other modules ask about AUTH
 */
#ifndef CONVERT_SERVER_AUTH_H
#define CONVERT_SERVER_AUTH_H

#include "convert/draft/draft.h"

/* AuthMechanisms, or Sendmail's default */
struct str auth_offered(const struct draft *draft);
/* may clients that did AUTH relay? */
bool auth_relays(const struct draft *draft);

#endif
