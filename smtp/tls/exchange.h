/*
 * tls_exchange - the key exchange and the signatures of a TLS 1.3 session, for Received:
 *
 * For TLS 1.3 only: tls_misc.c, tls_get_signature_params().
 *
 *     <TAB> key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256
 *
 * and another line for a client certificate.
 */
#ifndef SMTP_TLS_EXCHANGE_H
#define SMTP_TLS_EXCHANGE_H

#include <openssl/ssl.h>

#include "facts/facts.h"

/* the lines, separated by LF, from the server's side; empty before TLS 1.3.  The name of the key
   exchange depends on RELEASE: "X25519", "ECDHE (P-256)", or the name of the TLS group: "x25519" */
struct str tls_exchange(struct arena *arena, const struct release *release, SSL *connection);

#endif
