/*
 * client_policy - a result of smtp_tls_policy_maps: a security level with attributes
 *
 * src/smtp/smtp_tls_policy.c, tls_policy_lookup_one().
 */
#ifndef SMTP_TLS_CLIENT_POLICY_H
#define SMTP_TLS_CLIENT_POLICY_H

#include "smtp/tls/level.h"

struct tls_client_policy {
    enum security_level level;
    struct str match;       /* of "match=", joined with ":"; STR_NONE: none */
    struct str trust_files; /* of "tafile=", joined with spaces; STR_NONE: none */
};

/*
 * Reads TEXT.  False: smtp(8) treats it as an error, and the mail waits; *PART is then the piece of
 * TEXT that is wrong, and *WHAT says so: "is not a security level".
 */
bool tls_client_policy_read(struct arena *arena, struct str text, struct tls_client_policy *policy,
                            struct str *part, const char **what);

#endif
