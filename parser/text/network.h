/*
 * network - an address, or a network of addresses with a prefix length: cidr_match.c
 *
 * The forms are "addr", "addr/n", "[addr]", "[addr]/n" and "[addr/n]", of IPv4 and IPv6.
 */
#ifndef PARSER_TEXT_NETWORK_H
#define PARSER_TEXT_NETWORK_H

#include "base/str.h"

struct network {
    unsigned char bytes[16];
    int byte_count; /* 4 or 16 */
    int bits;       /* the prefix length */
};

/* an address alone, without prefix length and brackets */
bool network_read_address(struct str text, struct network *address);
/* false: not a network, or host bits are set ("non-null host address bits" in Postfix) */
bool network_read(struct str text, struct network *network);
/* the same with the host bits cleared: what was meant */
bool network_read_masked(struct str text, struct network *network);
/* is a bit set that the prefix length does not include? */
bool network_has_host_bits(const struct network *network);
/* is ADDRESS, an address or a smaller network, in NETWORK? */
bool network_holds(const struct network *network, const struct network *address);
/* is the address in 127.0.0.0/8, or ::1? */
bool network_is_loopback(struct str address);
/* HOST without the brackets that may be around an address */
struct str network_unbracket(struct str host);
/* does a service that listens at HOST, an address, a name or a word of inet_interfaces, listen to
   its own machine alone? */
bool network_is_loopback_host(struct str host);

#endif
