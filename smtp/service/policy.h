/*
 * policy - what the configuration says to each of its SMTP services, ready to be asked
 *
 * Opened once for a configuration; the rooms above ask it for the value of a parameter for a
 * service, which is computed once and kept.  What depends on a session is in state.h (the data),
 * restriction.h (restrictions and address checks: smtpd_check.c's part) and session.h (the commands
 * and replies: smtpd.c's part).
 *
 * Everything lives in the arena given to policy_open().  A policy keeps what it computed: one
 * thread at a time.
 */
#ifndef SMTP_SERVICE_POLICY_H
#define SMTP_SERVICE_POLICY_H

#include "parser/postfix/config.h"
#include "parser/tables/table.h"

struct policy_value {
    bool known;       /* the rest was computed */
    struct str value; /* expanded; STR_NONE where undetermined or undefined */
    long number;      /* of numbers and times (in seconds), 1 or 0 of yes/no; -1 where it is none */
};

enum { POLICY_CHUNK = 32 };

struct policy_service {
    const struct policy *policy;
    const struct service *service; /* in master.cf; NULL: what holds for all */
    /* the service that listens: SERVICE itself, or the postscreen that hands sessions on to it */
    const struct service *listener;
    struct policy_value **values;   /* by parameter number, POLICY_CHUNK of them together; what was
                                       never asked for is NULL */
    int port;                       /* that it listens on; 0 where its name is no port we know */
    struct policy_service *cleanup; /* kept by policy_cleanup_of() */
    void *restrictions;             /* kept by restriction_list.c: parsed restriction lists */
    void *settings;                 /* kept by session.c: what a session needs of the values */
    void *lists;                    /* kept by match.c: lists of patterns, taken apart */
    void *resolved;                 /* kept by address_resolve.c: addresses that were resolved */
};

struct policy {
    struct arena *arena;
    const struct config *config;
    struct tables *tables;           /* lookup tables that were opened */
    struct policy_service *services; /* the inet services that run smtpd, also behind postscreen,
                                        in the order of master.cf */
    size_t count;
    struct policy_service *all;     /* main.cf alone */
    struct policy_service *rewrite; /* trivial-rewrite's view, with its own -o */
    struct policy_service *cleanup; /* cleanup's */
};

const struct policy *policy_open(struct arena *arena, const struct config *config);

/* "submission", "587", "192.0.2.1:25", or with NULL the first on PORT; NULL where there is none */
const struct policy_service *policy_service_named(const struct policy *policy, struct str name);
const struct policy_service *policy_service_at_port(const struct policy *policy, int port);

/* the cleanup service that takes the mail of a service: cleanup_service_name */
const struct policy_service *policy_cleanup_of(const struct policy_service *service);

/* the value of a parameter for the service, expanded; STR_NONE where it is undetermined; empty
   where the release has no such parameter */
struct str policy_str(const struct policy_service *service, const char *name);
bool policy_flag(const struct policy_service *service, const char *name);
/* the number, or a time in seconds */
long policy_number(const struct policy_service *service, const char *name);
/* does the release have this parameter? */
bool policy_has(const struct policy_service *service, const char *name);
/* the name of a restriction class or other name that no release knows; not kept */
struct str policy_user_str(const struct policy_service *service, struct str name);

#endif
