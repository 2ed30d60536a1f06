/*
 * modules - domains and addresses: see convert/convert.h
 */
#ifndef CONVERT_ADDRESSES_MODULES_H
#define CONVERT_ADDRESSES_MODULES_H

#include "convert/draft/draft.h"

/* the names of this host, the domains that it relays, domaintable: cf/README, FEATURE(use_cw_file),
   RELAY_DOMAIN, domaintable; m4/proto.m4 */
void domains_convert(struct draft *draft);

/* the domains of virtual addresses: cf/README, VIRTUSER_DOMAIN; m4/proto.m4, ParseLocal;
   virtual(5) */
void virthost_convert(struct draft *draft);

/* virtual addresses: cf/README, FEATURE(virtusertable); m4/proto.m4, ParseLocal; virtual(5) */
void virtusertable_convert(struct draft *draft);

/* the addresses that users have outside this host: cf/README, FEATURE(genericstable);
   m4/proto.m4, MasqHdr; canonical(5) */
void generics_convert(struct draft *draft);

/* masquerading: cf/README, MASQUERADING AND RELAYING; m4/proto.m4, MasqHdr; postconf(5) */
void masquerade_convert(struct draft *draft);

/* alias files, and users who have moved: op.me, AliasFile; aliases(5); cf/README,
   FEATURE(redirect); relocated(5) */
void aliases_convert(struct draft *draft);

#endif
