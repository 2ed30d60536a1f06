/*
 * virthost - domains that virtusertable gives all users of this host
 *
 * "@domain %1" in the table, or "@domain %1@name" with a name of this host, makes the users of the
 * domain those of this host.  Such a domain goes into mydestination, where smtpd(8) refuses users
 * who are not there, as Sendmail does at RCPT: virtual_alias_maps would take them all, and mail
 * would come back later.
 */
#ifndef CONVERT_ADDRESSES_VIRTHOST_H
#define CONVERT_ADDRESSES_VIRTHOST_H

#include "convert/sendmail/addresses.h"

/* fills DOMAINS, whose keys are those domains in lower case */
void virthost_own_users(const struct draft *draft, struct map *domains);

#endif
