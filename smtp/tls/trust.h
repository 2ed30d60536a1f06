/*
 * trust - are the CA certificates there that a configuration names?
 */
#ifndef SMTP_TLS_TRUST_H
#define SMTP_TLS_TRUST_H

#include "smtp/service/policy.h"

enum presence {
    PRESENCE_YES,
    PRESENCE_NO,
    PRESENCE_UNKNOWN, /* it is on the host, of which the files say nothing */
};

/* does the platform have the CA bundle or directory PATH, as far as is known of it? */
enum presence tls_trust_on_platform(const struct platform *platform, struct str path);
/* the same of a file of the configuration, which may be in the directory that was opened */
enum presence tls_trust_presence(const struct policy_service *service, struct str path);

#endif
