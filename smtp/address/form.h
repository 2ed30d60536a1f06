/*
 * address_form - quoting of addresses, and the syntax of domains
 *
 * quote_822_local(3), valid_hostname(3), valid_mailhost_addr(3), and RFC 3629 for UTF-8.
 */
#ifndef SMTP_ADDRESS_FORM_H
#define SMTP_ADDRESS_FORM_H

#include "base/arena.h"

/* is LOCAL a dot-string, which needs no quotes (RFC 5321)? */
bool address_is_dot_string(struct str local);
/* internal form to external; LOCAL_ONLY: TEXT has no domain, and every @ is part of the name */
struct str address_quote(struct arena *arena, struct str text, bool local_only);
struct str address_unquote(struct arena *arena, struct str text);

size_t address_at(struct str address); /* the index of the last @, or the length */
/* after the last @; empty if there is none */
struct str address_domain(struct str address);

bool address_is_ascii(struct str text);
bool address_is_utf8(struct str text);
bool address_is_numeric(struct str name); /* 192.0.2.1 or 2001:db8::1 */
/* the address in "[192.0.2.1]" or "[IPv6:2001:db8::1]"; STR_NONE: not an address literal */
struct str address_literal(struct str domain);

#endif
