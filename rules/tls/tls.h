/*
 * tls - what the rules about TLS need to know about a configuration, beside smtp/tls/level.h
 *
 * The fix of one rule may include that of another; the functions at the end tell, so that no two
 * rules set the same parameter.
 */
#ifndef RULES_TLS_TLS_H
#define RULES_TLS_TLS_H

#include "rules/rule/rule.h"
#include "smtp/tls/level.h"

/* does the SMTP server have a certificate (or "none" instead)?  1, 0, or -1: not known */
int tls_certificate(const struct config *config, const struct service *service);
/* does TLS begin before the greeting? */
bool tls_is_wrapped(const struct check *check, const struct service *service);
/* does the service accept mail on port 587 from clients that do not use TLS? */
bool tls_submission_is_open(const struct check *check, const struct service *service);

/* --- fixes ----------------------------------------------------------------------------------- */

/*
 * May a fix change how the server behaves?  Not in an upgrade: the new host must answer as the old
 * one did.
 */
bool tls_may_improve(const struct check *check);

/* is VALUE a plain text, so that an edit changes no other setting? */
bool tls_is_literal(struct str value);

/*
 * Sets "-o name=VALUE" for the service: changes its -o, or adds one.  Returns false, without an
 * edit, if the value of -o is an expression.
 */
bool tls_set_override(struct check *check, struct finding *finding, const struct service *service,
                      enum parameter_number number, const char *value);
/* sets "name = VALUE" in main.cf: changes the line in effect, or adds one; false likewise */
bool tls_set_main(struct check *check, struct finding *finding, enum parameter_number number,
                  const char *value);

/* --- which fix sets which level -------------------------------------------------------------- */

/* does a fix set the level of this submission service? */
bool tls_submission_is_fixed(const struct check *check, const struct service *service);
/* does the fix of a relay over port 465 set the SMTP client's level, for SERVICE or (NULL) in
   main.cf? */
bool tls_relay_is_fixed(const struct check *check, const struct service *service);
/* does a fix set main.cf's level of the SMTP client, which is not set, to may? */
bool tls_outbound_is_fixed(struct check *check);
/* can levels replace all old names that share defaults with the family's? */
bool tls_can_replace_old_names(struct check *check, enum tls_family_number number);

/* --- parts of the rules ---------------------------------------------------------------------- */

/* wrappermode: the SMTP client */
void tls_check_relays(struct check *check);
/* tls-security-level: port 587 */
void tls_check_submission(struct check *check, const struct service *service);
/* tls-security-level: the older parameters */
void tls_check_old_names(struct check *check);
/* tls-security-level: the SMTP client */
void tls_check_outbound(struct check *check);

#endif
