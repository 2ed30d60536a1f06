/*
 * address_route - the class of an address, its transport and next hop
 *
 * The second half of trivial-rewrite(8)'s resolver: address classes, relayhost,
 * sender_dependent_*_maps, transport_maps, relocated_maps.
 */
#ifndef SMTP_ADDRESS_ROUTE_H
#define SMTP_ADDRESS_ROUTE_H

#include "smtp/address/address.h"

/*
 * Fills class, transport and nexthop of RESOLVED, whose address is complete.  STATE has the
 * parameters of the rewrite service; REMOTE: the domain is not in mydestination.  False: a table
 * does not work.
 */
bool address_route(struct state *state, struct str sender, bool remote, struct resolved *resolved);

#endif
