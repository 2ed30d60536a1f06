/*
 * virthost - domains whose users are those of this host
 *
 * "@domain %1" in virtusertable, or "@domain %1@name" with a name of this host, maps the users of
 * the domain to those of this host.  Such a domain is added to mydestination, where smtpd(8)
 * rejects unknown users, as Sendmail does at RCPT; with virtual_alias_maps all users would be
 * accepted and mail returned later.
 */
#ifndef CONVERT_ADDRESSES_VIRTHOST_H
#define CONVERT_ADDRESSES_VIRTHOST_H

#include "convert/sendmail/addresses.h"

/* fills DOMAINS, whose keys are these domains in lower case */
void virthost_own_users(const struct draft *draft, struct map *domains);

#endif
