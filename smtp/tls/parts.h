/*
 * tls_parts - the parts of a server's TLS context: what tls.c puts together
 *
 * Each reads the service's parameters as Postfix's tls_misc.c, tls_dh.c and tls_certkey.c do and
 * applies them.  On false *ERROR is one line, and Postfix has no TLS either.
 */
#ifndef SMTP_TLS_PARTS_H
#define SMTP_TLS_PARTS_H

#include "smtp/tls/tls.h"

/* how much TLS a service wants, from smtpd_tls_security_level and its predecessors */
enum tls_level {
    TLS_LEVEL_NONE,
    TLS_LEVEL_MAY,
    TLS_LEVEL_ENCRYPT, /* also what wrapper mode comes to */
    TLS_LEVEL_INVALID, /* smtpd does not start */
};

enum tls_level tls_level_of(const struct policy_service *service);
/* is a certificate named by smtpd_tls_chain_files or one of the older parameters? */
bool tls_names_certificate(const struct policy_service *service);
/* will smtpd ask the client for a certificate? */
bool tls_asks_client(const struct policy_service *service);

/* smtpd_tls_protocols or smtpd_tls_mandatory_protocols: bounds (0: none) and SSL_OP_NO_ bits */
struct tls_protocols {
    int lowest, highest;
    uint64_t without;
};
/* false: a word of TEXT is no protocol.  BOUNDS: the release knows >= and <= */
bool tls_protocols_read(struct str text, bool bounds, struct tls_protocols *protocols);

bool tls_set_protocols(SSL_CTX *context, const struct policy_service *service, struct str *error);
bool tls_set_ciphers(SSL_CTX *context, const struct policy_service *service, struct str *error);
void tls_set_groups(SSL_CTX *context, const struct policy_service *service);
void tls_set_options(SSL_CTX *context, const struct policy_service *service);

/* the next word of LIST at *AT, by Postfix's separators of TLS lists; false at its end */
bool tls_next_word(struct str list, size_t *at, struct str *word);

enum tls_loaded {
    TLS_LOADED,
    TLS_ABSENT,   /* the files are not there, or not ours to read: *ERROR says which */
    TLS_UNUSABLE, /* they are there, and Postfix could not use them either */
};

/*
 * The path at which a file of the configuration can be read here, or STR_NONE with *WHY: it must
 * lie in the directory that was opened, unless that is the platform's own.
 */
struct str tls_path(const struct policy_service *service, struct str path, struct str *why);
/* all configured certificates with their keys; *CERTIFICATE is the first file */
enum tls_loaded tls_load_certificates(SSL_CTX *context, const struct policy_service *service,
                                      struct str *certificate, struct str *error);
/* the CAs that a client's certificate is verified against */
bool tls_load_authorities(SSL_CTX *context, const struct policy_service *service,
                          struct str *error);

/* OpenSSL's reason for the last failure; its queue is empty afterwards */
struct str tls_library_reason(struct arena *arena);

#endif
