/*
 * modules - where mail goes: see convert/convert.h
 */
#ifndef CONVERT_DELIVERY_MODULES_H
#define CONVERT_DELIVERY_MODULES_H

#include "convert/draft/draft.h"

/* the route of mail by its domain: cf/README, FEATURE(mailertable); m4/proto.m4, Mailertable;
   transport(5) */
void mailertable_convert(struct draft *draft);

/* delivery to the users of this host: cf/README, OSTYPE, MAILERS, FEATURE(local_procmail);
   mailer/local.m4; local(8) */
void local_convert(struct draft *draft);

/* the hosts that take outgoing mail, mail for local users, mail for unknown users: cf/README,
   SMART_HOST, MAIL_HUB, LUSER_RELAY; postconf(5) */
void relay_convert(struct draft *draft);

/* hosts without mailboxes, and submit.cf: cf/README, FEATURES, nullclient and msp;
   STANDARD_CONFIGURATION_README */
void nullclient_convert(struct draft *draft);

#endif
