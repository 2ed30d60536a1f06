/*
 * make - private to smtp/livetest: creates the sessions of a plan
 */
#ifndef SMTP_LIVETEST_MAKE_H
#define SMTP_LIVETEST_MAKE_H

#include "smtp/livetest/livetest.h"

/* names and addresses from the configuration, to be used in sessions */
struct sample_list {
    struct str *items;
    size_t count, capacity;
};

enum { SAMPLES_MAX = 12 }; /* of a kind; from which some are left out is in plan->sampled */
enum { DOMAINS_MAX = 60 }; /* of all address classes */

enum sample_kind {
    SAMPLE_CLIENT, /* an address, or the name of a host */
    SAMPLE_HELO,
    SAMPLE_SENDER,
    SAMPLE_RECIPIENT,
    SAMPLE_KINDS,
};

struct maker {
    struct plan *plan;
    struct arena *arena;
    const struct policy *policy;
    const struct policy_service *service; /* the current one */
    enum plan_tls usual;                  /* TLS of a client, if the service requires it */
    enum plan_tls with_tls;               /* TLS of a client, if the service offers it */
    struct str own;                       /* a domain of the server; example.com if none is known */
    struct str neighbour;          /* an address in mynetworks, except loopback; may be empty */
    struct str stranger;           /* an address that no table of clients has */
    struct sample_list domains;    /* of each address class */
    struct sample_list recipients; /* addresses from tables */
    struct sample_list samples[SAMPLE_KINDS]; /* from the access tables of the service */
};

/* adds a copy of TEXT, unless it is already there; false: it cannot be used in a command, or there
   are SAMPLES_MAX */
bool samples_add(struct sample_list *list, struct arena *arena, struct str text);

/* chooses the stranger for maker->service */
void maker_find_stranger(struct maker *maker);
/* fills domains, recipients, own and neighbour */
void maker_find_addresses(struct maker *maker);
/* a recipient of DOMAIN that a table lists, besides the required ones; empty: none is known */
struct str maker_find_recipient(struct maker *maker, struct str domain);
/* the address that a user of the service sends from; *USER becomes its owner, where tables say who
   that is, and is then a user of the plan */
struct str maker_find_sender(struct maker *maker, struct str *user);
/* fills samples[] for maker->service */
void maker_find_samples(struct maker *maker);

/* --- sessions; a client is set by XCLIENT */

/* adds a session with its first steps, up to EHLO if HELO is not empty */
struct plan_session *maker_add_session(struct maker *maker, const char *kind, struct str ask,
                                       enum plan_tls tls, const char *helo);
void maker_set_client(struct plan_session *session, struct str address, struct str name);
void maker_add_command(struct maker *maker, struct plan_session *session, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

extern const struct str stranger_name;

/* add the sessions, by subject */
void maker_add_greetings(struct maker *maker);
void maker_add_tls(struct maker *maker);
void maker_add_syntax(struct maker *maker);
void maker_add_mail(struct maker *maker);
void maker_add_access(struct maker *maker);

#endif
