/*
 * tls_parts - the parts of the TLS context that tls.c creates
 *
 * Each applies parameters of the service as tls_misc.c, tls_dh.c and tls_certkey.c of Postfix do.
 * On false *ERROR is one line, and Postfix does not offer TLS either.
 */
#ifndef SMTP_TLS_PARTS_H
#define SMTP_TLS_PARTS_H

#include "parser/value/protocols.h"
#include "smtp/tls/level.h"
#include "smtp/tls/tls.h"

/* is a certificate named by smtpd_tls_chain_files or one of the older parameters? */
bool tls_names_certificate(const struct policy_service *service);
/* will smtpd ask the client for a certificate? */
bool tls_asks_client(const struct policy_service *service);

enum parameter_number tls_protocols_parameter(const struct policy_service *service);
bool tls_read_protocols(struct tls_protocols *protocols, const struct policy_service *service,
                        struct str *error);
bool tls_set_protocols(SSL_CTX *context, const struct policy_service *service, struct str *error);
void tls_set_groups(SSL_CTX *context, const struct policy_service *service);
void tls_set_options(SSL_CTX *context, const struct policy_service *service);

enum tls_loaded {
    TLS_LOADED,
    TLS_ABSENT,   /* a file is missing, or may not be read: *ERROR says which */
    TLS_UNUSABLE, /* the files can be read, but not used, by Postfix either */
};

/*
 * The path at which a file of the configuration can be read, or STR_NONE with *WHY: it must be in
 * the directory that was opened, unless that is the platform's own.
 */
struct str tls_path(const struct policy_service *service, struct str path, struct str *why);
/* is there a file to load: a certificate, a key or CAs? */
bool tls_reads_files(const struct policy_service *service);
/* can the values be names of the files of certificates? */
bool tls_paths_valid(const struct policy_service *service, struct str *error);
/* loads all configured certificates with their keys; *CERTIFICATE is the first file */
enum tls_loaded tls_load_certificates(SSL_CTX *context, const struct policy_service *service,
                                      struct str *certificate, struct str *error);
/* the certificate that a service shows */
struct tls_validity {
    struct str file;
    bool begun;      /* it is valid already */
    long days;       /* until it expires; -1: it has expired */
    bool names_host; /* it is for the name that was asked for */
    struct str why;  /* unless it could be loaded */
};
enum tls_loaded tls_read_validity(struct arena *arena, const struct policy_service *service,
                                  struct str name, struct tls_validity *validity);
/* loads the CAs for the verification of client certificates */
bool tls_load_authorities(SSL_CTX *context, const struct policy_service *service,
                          struct str *error);

/* OpenSSL's reason for the last failure; clears OpenSSL's error queue */
struct str tls_library_reason(struct arena *arena);

#endif
