/*
 * livetest_make_plan - what the parts that make questions share
 */
#ifndef SMTP_LIVETEST_MAKE_H
#define SMTP_LIVETEST_MAKE_H

#include "smtp/livetest/livetest.h"

/* words that the questions take from the configuration */
struct sample_list {
    struct str *items;
    size_t count, capacity;
};

enum { SAMPLES_MAX = 12 };

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
    const struct policy_service *service; /* which is asked about now */
    enum plan_tls usual;        /* how a client of the service goes on: what it must, else plain */
    enum plan_tls with_tls;     /* how one that wants TLS does; PLAN_TLS_NONE: there is none */
    struct str own;             /* a domain of ours; example.com where we know none */
    struct str neighbour;       /* an address in mynetworks; empty: none but loopback */
    struct sample_list domains; /* of each address class */
    struct sample_list recipients; /* addresses that tables name, and postmaster and the like */
    struct sample_list asked[SAMPLE_KINDS]; /* from the service's access tables */
};

/* adds a copy of WORD unless it is there, or is nothing that can stand in a command */
void samples_add(struct sample_list *words, struct arena *arena, struct str word);

/* fills domains, recipients, own and neighbour */
void maker_look_around(struct maker *maker);
/* fills asked[] for maker->service */
void maker_look_at_access(struct maker *maker);

/* --- sessions; those with a client come by XCLIENT */

/* adds a session with its first steps up to the reply to EHLO (with HELO, if it is not empty) */
struct plan_session *maker_session(struct maker *maker, const char *kind, struct str ask,
                                   enum plan_tls tls, const char *helo);
void maker_client(struct plan_session *session, struct str address, struct str name);
void maker_say(struct maker *maker, struct plan_session *session, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

extern const struct str stranger_address, stranger_name;

/* the questions, by subject */
void maker_ask_greetings(struct maker *maker);
void maker_ask_tls(struct maker *maker);
void maker_ask_syntax(struct maker *maker);
void maker_ask_mail(struct maker *maker);
void maker_ask_access(struct maker *maker);

#endif
