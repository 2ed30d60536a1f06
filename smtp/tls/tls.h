/*
 * tls - the TLS context of a service, and certificates, by OpenSSL
 *
 * The context follows the service's smtpd_tls_* parameters: certificate chain, protocols, ciphers,
 * and whether a client is asked for a certificate.  If the configured certificate cannot be read, a
 * temporary one that suits the ciphers is created for the server's name, and struct tls_server says
 * so.
 */
#ifndef SMTP_TLS_TLS_H
#define SMTP_TLS_TLS_H

#include <openssl/ssl.h>

#include "smtp/service/policy.h"
#include "smtp/service/state.h"

struct tls_ciphers; /* smtp/tls/ciphers.h */

struct tls_server {
    SSL_CTX *context;
    bool made;                   /* a temporary certificate is used, not the configured one */
    struct str certificate;      /* the file, or "temporary, for mail.example.com: /etc/... ..." */
    struct str subject;          /* of the certificate */
    enum parameter_number cause; /* of a failure */
};

/*
 * Creates the context for SERVICE.  False, with *ERROR one line, if OpenSSL cannot use the settings
 * of the service (unknown protocol names, ...): Postfix does not offer TLS then either.  HOSTNAME
 * is the name in a temporary certificate.
 */
bool tls_server_create(struct tls_server *server, struct arena *arena,
                       const struct policy_service *service, struct str hostname,
                       struct str *error);
void tls_server_destroy(struct tls_server *server);
/*
 * Would tls_server_create() succeed?  Creates no certificate.  *NEEDS has what it needs of the host
 * and the files do not tell, as subjects for world_has(): files outside the directory.
 */
bool tls_server_works(struct arena *arena, const struct policy_service *service,
                      struct str_list *needs);
/* why not: *CAUSE is the parameter whose value does not work.  False: it would.  CIPHERS knows what
   was asked before */
bool tls_server_fails(struct tls_ciphers *ciphers, struct arena *arena,
                      const struct policy_service *service, enum parameter_number *cause,
                      struct str *error);
/* is TLS offered: level may or encrypt, or wrapper mode, with a certificate (or "none")? */
bool tls_offered(const struct policy_service *service);

/* the properties of a session after the handshake, from the server's side; texts in ARENA */
struct state_tls tls_describe(const struct policy_service *service, struct arena *arena,
                              SSL *connection);

enum tls_key_type { TLS_KEY_EC, TLS_KEY_RSA };

/* creates a self-signed certificate for NAME, valid for DAYS from FROM_DAYS before today; the
   caller owns both */
bool tls_make_certificate(enum tls_key_type type, struct str name, int from_days, int days,
                          X509 **certificate, EVP_PKEY **key);

#endif
