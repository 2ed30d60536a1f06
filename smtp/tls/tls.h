/*
 * tls - certificates, keys and TLS contexts for both sides, by OpenSSL
 *
 * The server's context follows the service's smtpd_tls_* parameters: certificate chain, protocols,
 * ciphers, whether a client's certificate is asked for.  Where the configured certificate can't be
 * read, one is made on the spot for the server's name; tls_server says so.
 */
#ifndef SMTP_TLS_TLS_H
#define SMTP_TLS_TLS_H

#include <openssl/ssl.h>

#include "smtp/service/policy.h"
#include "smtp/service/state.h"

struct tls_server {
    SSL_CTX *context;
    bool made;              /* the certificate is ours, not the configured one */
    struct str certificate; /* the file, or "made for mail.example.com: /etc/... is not there" */
    struct str subject;     /* its name */
};

/*
 * The context for SERVICE.  False, with *ERROR one line, where the service's settings can't be
 * used by OpenSSL (unknown protocol names, ...): Postfix then offers no TLS either.
 * HOSTNAME is the name for a certificate that is made.
 */
bool tls_server_create(struct tls_server *server, struct arena *arena,
                       const struct policy_service *service, struct str hostname,
                       struct str *error);
void tls_server_destroy(struct tls_server *server);
/* would it be true?  No certificate is made for that */
bool tls_server_works(struct arena *arena, const struct policy_service *service);
/* is TLS offered at all: level may or encrypt, or wrapper mode, and a certificate set (or "none")
 */
bool tls_offered(const struct policy_service *service);

/* what a finished handshake says, from the server's side; texts in ARENA */
struct state_tls tls_describe(const struct policy_service *service, struct arena *arena,
                              SSL *connection);

/* a self-signed certificate for NAME, for tests and for servers without one; both owned by the
   caller.  Validity in days, from FROM_DAYS before today */
bool tls_make_certificate(struct str name, int from_days, int days, X509 **certificate,
                          EVP_PKEY **key);

#endif
