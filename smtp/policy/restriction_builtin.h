/*
 * restriction_builtin - what the built-in restrictions (restriction_*.c) share
 */
#ifndef SMTP_POLICY_RESTRICTION_BUILTIN_H
#define SMTP_POLICY_RESTRICTION_BUILTIN_H

#include "smtp/policy/restriction_walk.h"

/* valid_hostname(3), valid_hostaddr(3), and the inside of "[...]": RFC 5321, 4.1.3 */
bool restriction_valid_hostname(struct str name, bool utf8);
bool restriction_valid_address(struct str text);
bool restriction_literal_address(struct str text, struct str *address);
/* a dot in it, and what the session allows */
bool restriction_is_fqdn(struct restriction_walk *walk, struct str name);

/* "ok", "none", "fail", or "nullmx" where the release knows it */
const char *restriction_ask_domain(struct restriction_walk *walk, struct str domain);
/* a *_tempfail_action: defer_if_permit (true) or defer */
bool restriction_only_if_permit(struct restriction_walk *walk, const char *parameter);
/* has the release given it up?  It then answers 451 */
bool restriction_is_gone(const struct restriction_walk *walk, const char *name);
/* permit_auth_destination: OK where the recipient's domain is one that this server takes mail for
 */
enum restriction_status restriction_authorized(struct restriction_walk *walk);
/* a table that a stranger's DNS chooses the key of may not permit */
enum restriction_status restriction_forbid_permit(struct restriction_walk *walk,
                                                  enum restriction_status status);

#endif
