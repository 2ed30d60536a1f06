/*
 * protocols - lists of TLS protocols, as in smtpd_tls_protocols
 *
 * postconf(5): names to use ("TLSv1.2"), names to leave out ("!TLSv1"), and, since Postfix 3.6,
 * bounds
 * (">=TLSv1.2", "<=TLSv1.3", also with a number or "None"); see src/tls/tls_misc.c,
 * tls_proto_mask_lims().
 */
#ifndef PARSER_VALUE_PROTOCOLS_H
#define PARSER_VALUE_PROTOCOLS_H

#include "base/str.h"

/* what a list says about each of these; SSLv2 may be named, and no library has it any more */
enum tls_version {
    VERSION_SSL_2,
    VERSION_SSL_3,
    VERSION_TLS_1,
    VERSION_TLS_1_1,
    VERSION_TLS_1_2,
    VERSION_TLS_1_3,
    VERSION_COUNT,
};

struct tls_protocols {
    int lowest, highest; /* bounds, by the protocols' own numbers (0x0303 is TLS 1.2); 0: none */
    unsigned excluded;   /* 1 << VERSION_... of those that the list leaves out by name */
};

/*
 * Reads LIST; BOUNDS: the release knows >= and <=.  On false *WORD is the first word that is no
 * protocol, a piece of LIST.
 */
bool tls_protocols_read(struct str list, bool bounds, struct tls_protocols *protocols,
                        struct str *word);
/* the versions that remain, 1 << VERSION_... of each, SSLv2 aside */
unsigned tls_protocols_allowed(const struct tls_protocols *protocols);
/* the next word of LIST at *AT, by Postfix's separators of TLS lists; false at its end */
bool tls_next_word(struct str list, size_t *at, struct str *word);

#endif
