/*
 * tls_exchange - the key exchange and the signatures of a TLS 1.3 session, for Received:
 *
 * Postfix writes them since 3.4, for TLS 1.3 alone (tls_misc.c, tls_get_signature_params):
 *
 *     <TAB> key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256
 *
 * and a further line for a client's certificate.
 */
#ifndef SMTP_TLS_EXCHANGE_H
#define SMTP_TLS_EXCHANGE_H

#include <openssl/ssl.h>

#include "facts/facts.h"

/* the lines, separated by LF, from the server's side; empty below TLS 1.3.  RELEASE decides how the
   key exchange is named: "X25519", "ECDHE (P-256)", or as TLS calls the group: "x25519" */
struct str tls_exchange(struct arena *arena, const struct release *release, SSL *connection);

#endif
