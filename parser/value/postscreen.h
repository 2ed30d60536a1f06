/*
 * postscreen - the lists that postscreen(8) reads: whom it lets in, and lists of blocked clients
 *
 * Where a program exits over a text, and where it only ignores it, is in facts/values.yaml.
 */
#ifndef PARSER_VALUE_POSTSCREEN_H
#define PARSER_VALUE_POSTSCREEN_H

#include "parser/value/value.h"

/* "domain=address*weight", as in postscreen_dnsbl_sites: postscreen_dnsbl.c and ip_match.c */
bool dnsbl_sites_valid(struct arena *arena, const struct config *config, struct str list,
                       struct value_fault *fault);
/* words and tables, as in postscreen_access_list: server_acl.c */
bool client_access_valid(struct arena *arena, const struct config *config, struct str list,
                         struct value_fault *fault);
/* is WORD a result of a table in such a list? */
bool is_client_access(struct str word);

#endif
