/*
 * level - which TLS security level holds
 *
 * The one place that knows.  Each Postfix program has a security level, and older yes/no parameters
 * that it reads if the level is empty: smtpd.c, smtp_tls_policy.c, postscreen_smtpd.c, tlsproxy.c.
 */
#ifndef SMTP_TLS_LEVEL_H
#define SMTP_TLS_LEVEL_H

#include "smtp/service/policy.h"

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
/* TLS_UNDECIDED: there is no such level */
enum security_level tls_level_named(struct str name);

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
 * The level as the program resolves it, ignoring wrapper mode; TLS_UNDECIDED too if the program
 * does not start with it.  Without a main.cf, only the service's own -o decides.
 */
enum security_level tls_level(const struct config *config, const struct service *service,
                              enum tls_family_number number);

/* smtpd's level for a service of the policy; TLS_ENCRYPT in wrapper mode */
enum security_level tls_level_of(const struct policy_service *service);

#endif
