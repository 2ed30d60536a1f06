/*
 * nexthop - the destinations of smtp(8) and lmtp(8), and the transports that lead there
 *
 * A transport is "name:nexthop", in default_transport, transport(5) and their kin.  The name is
 * that of a service in master.cf; what the next hop may be, the service's program decides.  smtp(8)
 * and lmtp(8) read "host", "host:port", "[host]" and "[host]:port" (host_port.c); lmtp(8) also
 * "inet:host:port" and "unix:path" (smtp_connect.c).  From Postfix 3.5 on, several may follow each
 * other.
 */
#ifndef PARSER_VALUE_NEXTHOP_H
#define PARSER_VALUE_NEXTHOP_H

#include "parser/value/value.h"

/*
 * Would smtp(8) accept the destinations in TEXT, which are in a value of its own such as relayhost?
 * False, with the texts of *FAULT set, where it would exit.
 */
bool nexthop_valid(struct arena *arena, const struct config *config, struct str text,
                   struct value_fault *fault);

/* the same of a list of fallback relays, which every release allows to have several items */
bool nexthop_list_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault);

/* the same of "transport:nexthop": the next hop, if the transport is smtp(8) or lmtp(8) */
bool transport_valid(struct arena *arena, const struct config *config, struct str text,
                     struct value_fault *fault);

/* the service that delivers for the transport NAME; NULL where master.cf has none */
const struct service *transport_service(const struct config *config, struct str name);

#endif
