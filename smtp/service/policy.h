/*
 * policy - the configuration as each of its SMTP services sees it
 *
 * A policy is opened once for a configuration.  It gives the value of a parameter for a service,
 * which is computed once and kept.  What depends on a session is in state.h (the data),
 * restriction.h (smtpd_check.c: restrictions and address checks) and session.h (smtpd.c: commands
 * and replies).
 *
 * Everything lives in the arena given to policy_open().  A policy caches what it computes, so only
 * one thread may use it at a time.
 */
#ifndef SMTP_SERVICE_POLICY_H
#define SMTP_SERVICE_POLICY_H

#include "parser/postfix/config.h"
#include "parser/tables/table.h"

struct start_fault;

struct policy_value {
    bool known;       /* value and number are computed */
    struct str value; /* expanded; STR_NONE where undetermined or undefined */
    long number;      /* a number, a time in seconds, or 1 and 0 for yes and no; -1 if invalid */
};

enum { POLICY_CHUNK = 32 };

struct policy_service {
    const struct policy *policy;
    const struct service *service; /* in master.cf; NULL: main.cf alone */
    /* the service that listens: SERVICE itself, or the postscreen(8) in front of it */
    const struct service *listener;
    struct policy_value **values;   /* by parameter number, in chunks of POLICY_CHUNK; NULL: nothing
                                       in   the chunk was asked for */
    int port;                       /* that it listens on; 0: not known */
    struct policy_service *cleanup; /* kept by policy_cleanup_of() */
    const struct start_fault *start; /* kept by start_fault_of_listener() where START_KNOWN */
    bool start_known;
    void *restrictions; /* kept by restriction_list.c: parsed restriction lists */
    void *settings;     /* kept by settings.c: the values that sessions need */
    void *lists;        /* kept by match_list.c: parsed lists of patterns */
    void *resolved;     /* kept by resolve.c: addresses that were resolved */
};

struct policy {
    struct arena *arena;
    const struct config *config;
    struct tables *tables;           /* lookup tables that were opened */
    struct policy_service *services; /* the inet services that run smtpd, directly or behind
                                        postscreen, in the order of master.cf; those that master(8)
                                        leaves out, or replaces by a later line, are not there */
    size_t count;
    struct policy_service *all;     /* main.cf alone */
    struct policy_service *rewrite; /* as trivial-rewrite(8) sees it, with its -o overrides */
    struct policy_service *cleanup; /* as cleanup(8) sees it */
    struct policy_service *
        *others;                  /* kept by policy_service_of(), by service->number; NULL: none */
    struct start_answers *starts; /* cached by start.c: which services would start */
};

const struct policy *policy_open(struct arena *arena, const struct config *config);

/* NAME is "submission", "587" or "192.0.2.1:25"; NULL: there is no such service */
const struct policy_service *policy_service_named(const struct policy *policy, struct str name);
const struct policy_service *policy_service_at_port(const struct policy *policy, int port);

/* the cleanup service that receives the mail of SERVICE: cleanup_service_name */
const struct policy_service *policy_cleanup_of(const struct policy_service *service);

/* any service of master.cf, such as a delivery agent; NULL gives main.cf alone.  It is kept */
const struct policy_service *policy_service_of(const struct policy *policy,
                                               const struct service *service);

/* the expanded value of a parameter for the service; STR_NONE if it is undetermined, empty if the
   release does not have the parameter */
struct str policy_str(const struct policy_service *service, enum parameter_number number);
bool policy_flag(const struct policy_service *service, enum parameter_number number);
/* the number, or a time in seconds */
long policy_number(const struct policy_service *service, enum parameter_number number);
/* does the release have this parameter? */
bool policy_has(const struct policy_service *service, enum parameter_number number);
/* the value of a name that the user chose, such as a restriction class; not kept */
struct str policy_user_str(const struct policy_service *service, struct str name);

#endif
