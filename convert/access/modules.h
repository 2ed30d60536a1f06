/*
 * modules - who may send and relay: see convert/convert.h
 */
#ifndef CONVERT_ACCESS_MODULES_H
#define CONVERT_ACCESS_MODULES_H

#include "convert/draft/draft.h"

/* the access table and the features that go with it: cf/README, ANTI-SPAM CONFIGURATION CONTROL;
   access(5) */
void access_convert(struct draft *draft);
/* gives back the memory of what was read of the access table, once no module looks at it */
void access_give_back(struct draft *draft);

/* DNS block lists of clients and of sender domains: cf/README, FEATURES, dnsbl and enhdnsbl;
   postconf(5), reject_rbl_client */
void dnsbl_convert(struct draft *draft);

/* the pause before the greeting: cf/README, FEATURES, greet_pause; feature/greet_pause.m4;
   sendmail/srvrsmtp.c; postscreen(8) */
void greet_pause_convert(struct draft *draft);

#endif
