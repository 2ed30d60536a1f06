/*
 * tls - options of OpenSSL by name: see tls_options.c
 */
#ifndef CONVERT_SERVER_TLS_H
#define CONVERT_SERVER_TLS_H

#include "convert/draft/draft.h"

/* converts "+SSL_OP_NO_TLSv1, -SSL_OP_ALL": protocols, tls_ssl_options, tls_preempt_cipherlist */
void tls_map_options(struct draft *draft, const struct sendmail_item *item, struct str value,
                     bool server);

#endif
