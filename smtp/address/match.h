/*
 * match - lists of names, domains and networks, as in mynetworks and mydestination
 *
 * match_list(3), match_ops(3), namadr_list(3), domain_list(3), string_list(3): patterns separated
 * by spaces and commas, "!pattern", "/file/name", "type:table", networks with a prefix length,
 * [v6].  LIST is the parameter's expanded value; PARENT is the parameter, which decides by
 * parent_domain_matches_subdomains whether "example.com" also means its subdomains (PARAM_NONE:
 * no).
 *
 * A LIST of STR_NONE is a value that depends on the machine (mynetworks if the interfaces are not
 * known, "mydestination = $myhostname, localhost" if the host name is not known).  If PARENT is
 * given, the known part of the value is matched, and the world is asked about the rest.  The world
 * is also asked about tables that cannot be read and files outside the directory that was opened.
 *
 * Lists are parsed once for a service and kept.
 */
#ifndef SMTP_ADDRESS_MATCH_H
#define SMTP_ADDRESS_MATCH_H

#include "parser/text/network.h"
#include "smtp/service/state.h"

enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_ERROR, /* a table or pattern does not work: Postfix answers 451 */
};

enum match match_client(struct state *state, struct str list, enum parameter_number parent,
                        struct str name, struct str address);
enum match match_domain(struct state *state, struct str list, enum parameter_number parent,
                        struct str domain);
enum match match_string(struct state *state, struct str list, struct str text);
/* the list of a parameter, such as mydestination */
enum match match_string_parameter(struct state *state, enum parameter_number parameter,
                                  struct str text);

/* does parent_domain_matches_subdomains name the parameter? */
bool match_subdomains(struct state *state, enum parameter_number parameter);

/* is it an address of this machine (inet_interfaces, proxy_interfaces)?  May ask the world */
bool match_own_address(struct state *state, struct str address);

#endif
