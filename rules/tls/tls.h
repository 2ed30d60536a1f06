/*
 * tls - what the rules about TLS need to know about a configuration
 *
 * Each Postfix program has a security level, and older yes/no parameters that it reads if the level
 * is empty.  tls_level() follows the programs: smtpd.c, smtp_tls_policy.c, postscreen_smtpd.c,
 * tlsproxy.c.
 *
 * The fix of one rule may include that of another; the functions at the end tell, so that no two
 * rules set the same parameter.
 */
#ifndef RULES_TLS_TLS_H
#define RULES_TLS_TLS_H

#include "rules/rule/rule.h"

/* in Postfix's order (src/tls/tls.h) */
enum security_level {
    TLS_UNDECIDED, /* invalid, or cannot be determined from the files */
    TLS_NONE,
    TLS_MAY,
    TLS_ENCRYPT,
    TLS_FINGERPRINT,
    TLS_HALF_DANE,
    TLS_DANE,
    TLS_DANE_ONLY,
    TLS_VERIFY,
    TLS_SECURE,
};

const char *tls_level_name(enum security_level level);

/* a program's level and its older parameters */
struct tls_family {
    const char *daemon;
    enum parameter_number level;
    enum parameter_number use;
    enum parameter_number enforce;
    enum parameter_number peername; /* chooses between verify and encrypt; PARAM_NONE for servers */
    bool server;
    int group; /* the same for families that take their defaults from each other */
};

enum tls_family_number {
    TLS_SMTPD,
    TLS_POSTSCREEN,
    TLS_TLSPROXY,
    TLS_SMTP,
    TLS_TLSPROXY_CLIENT,
    TLS_LMTP,
    TLS_FAMILY_COUNT,
};

enum {
    TLS_GROUP_COUNT = 3,
};

extern const struct tls_family tls_families[TLS_FAMILY_COUNT];

/* the level's parameter in the configuration's release */
enum parameter_number tls_level_parameter(const struct config *config,
                                          const struct tls_family *family);
/*
 * The level as the program resolves it, ignoring wrapper mode.  Without a main.cf, only the
 * service's own -o decides.
 */
enum security_level tls_level(const struct config *config, const struct service *service,
                              enum tls_family_number number);

/* does the SMTP server have a certificate (or "none" instead)?  1, 0, or -1: not known */
int tls_certificate(const struct config *config, const struct service *service);
/* does TLS begin before the greeting? */
bool tls_is_wrapped(const struct check *check, const struct service *service);
/* does the service accept mail on port 587 from clients that do not use TLS? */
bool tls_submission_is_open(const struct check *check, const struct service *service);
/* can only the machine itself connect to the service? */
bool tls_loopback_only(const struct check *check, const struct service *service);
/* has the rule reported this place already?  What applies to several services is reported once */
bool tls_is_reported(const struct check *check, struct span span);

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
