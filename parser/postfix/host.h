/*
 * host - what mynetworks is where no file sets it
 *
 * See postconf(5) on mynetworks and mynetworks_style, and own_inet_addr.c, mynetworks.c.
 */
#ifndef PARSER_POSTFIX_HOST_H
#define PARSER_POSTFIX_HOST_H

#include "base/arena.h"

/*
 * The networks of those ADDRESSES of the machine ("192.0.2.1/24, ::1") on which Postfix listens by
 * INTERFACES, PROTOCOLS and STYLE (inet_interfaces, inet_protocols, mynetworks_style).  STR_NONE
 * where they cannot be known, because a text is STR_NONE or names a host.
 */
struct str host_networks(struct arena *arena, struct str addresses, struct str interfaces,
                         struct str protocols, struct str style);

#endif
