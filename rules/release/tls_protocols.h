/*
 * tls_protocols - which TLS versions a value such as "!SSLv2, !SSLv3" or ">=TLSv1" allows
 *
 * Values that allow the same versions have the same meaning; see postconf(5),
 * smtpd_tls_mandatory_protocols.
 */
#ifndef RULES_RELEASE_TLS_PROTOCOLS_H
#define RULES_RELEASE_TLS_PROTOCOLS_H

#include "base/str.h"

/* one bit for each version, the oldest first; no bit for SSLv2, which OpenSSL no longer has */
unsigned tls_protocols(struct str value);

#endif
