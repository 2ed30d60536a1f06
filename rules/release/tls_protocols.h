/*
 * tls_protocols - which versions of TLS a value such as "!SSLv2, !SSLv3" or ">=TLSv1" leaves
 *
 * Two texts that leave the same versions mean the same; see postconf(5),
 * smtpd_tls_mandatory_protocols.
 */
#ifndef RULES_RELEASE_TLS_PROTOCOLS_H
#define RULES_RELEASE_TLS_PROTOCOLS_H

#include "base/str.h"

/* one bit a version, the oldest first; SSLv2, which no OpenSSL of today has, does not count */
unsigned tls_protocols(struct str value);

#endif
