/*
 * restriction_builtin - the built-in restrictions (restriction_*.c), and their common functions
 */
#ifndef SMTP_POLICY_RESTRICTION_BUILTIN_H
#define SMTP_POLICY_RESTRICTION_BUILTIN_H

#include "smtp/policy/restriction_walk.h"

/* valid_hostaddr(3), and the inside of "[...]": RFC 5321, 4.1.3 */
bool restriction_valid_address(struct str text);
bool restriction_literal_address(struct str text, struct str *address);
/* a host name with a dot; UTF-8 if the session allows it */
bool restriction_is_fqdn(struct restriction_walk *walk, struct str name);

/* "ok", "none", "fail", or "nullmx" if the release has it */
const char *restriction_ask_domain(struct restriction_walk *walk, struct str domain);
/* a *_tempfail_action: defer_if_permit (true) or defer */
bool restriction_only_if_permit(struct restriction_walk *walk, enum parameter_number parameter);
/* was the restriction removed before the release?  It then answers 451 */
bool restriction_is_gone(const struct restriction_walk *walk, const char *name);
/* permit_auth_destination: OK if this server accepts mail for the domain of the recipient */
enum restriction_status restriction_authorized(struct restriction_walk *walk);
/* no OK from a table whose keys depend on the client's DNS */
enum restriction_status restriction_forbid_permit(struct restriction_walk *walk,
                                                  enum restriction_status status);

#endif
