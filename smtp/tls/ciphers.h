/*
 * ciphers - the ciphers of a service, and what OpenSSL says of many of them
 *
 * A context of OpenSSL takes as long to create as lint needs for a whole configuration, and it
 * reads a list of ciphers as slowly as ten rules check; fleets use few different lists.  A worker
 * of lint therefore has one struct tls_ciphers for all its configurations: a context that only
 * reads lists, and the last KEPT_MAX lists with the answers.  It belongs to the arena of the
 * worker, and one thread uses it.
 */
#ifndef SMTP_TLS_CIPHERS_H
#define SMTP_TLS_CIPHERS_H

#include <openssl/ssl.h>

#include "smtp/service/policy.h"

struct tls_ciphers;

/* lives in ARENA, which releases the context of OpenSSL, too */
struct tls_ciphers *tls_ciphers_create(struct arena *arena);

/* the parameter with the grade that the service uses */
enum parameter_number tls_grade_parameter(const struct policy_service *service);

/* does OpenSSL have a cipher for the service?  False: *ERROR says why not */
bool tls_ciphers_work(struct tls_ciphers *ciphers, const struct policy_service *service,
                      struct str *error);
/* the same, and CONTEXT uses them */
bool tls_set_ciphers(SSL_CTX *context, const struct policy_service *service, struct str *error);

#endif
