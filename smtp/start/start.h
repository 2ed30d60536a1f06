/*
 * start - would a service of master.cf start, and would it serve?
 *
 * The one place that knows.  master(8) starts a program for each service, as soon as somebody needs
 * it; a program that finds its configuration wrong exits, master(8) holds the socket and tries
 * again a minute later, and the client, or the mail, waits.  Lint reports that; serve, trace and
 * livetest answer as the real one does: not at all.
 *
 * What is asked: is the program one of Postfix's, does it take its arguments, does its line give it
 * what it demands (process limit, privileges), is each value valid that it reads when it starts
 * (parser/value), as far as it knows what the value refers to, can it open its tables, do smtpd's
 * restriction lists refuse somebody (restriction.h).  What only the machine can tell counts as
 * good.
 */
#ifndef SMTP_START_START_H
#define SMTP_START_START_H

#include "parser/value/value.h"
#include "smtp/service/policy.h"

enum start_problem {
    START_MASTER,  /* master(8) itself does not start, and neither does any command of Postfix */
    START_EXITS,   /* the program exits when it starts */
    START_CONNECT, /* the program exits when a client connects */
};

/* what kind of mistake is the cause */
enum start_cause {
    CAUSE_VALUE,        /* a value that is not valid */
    CAUSE_RELATION,     /* two values that do not go together */
    CAUSE_SYNTAX,       /* a line or an expression that cannot be read */
    CAUSE_LINE,         /* the service's line in master.cf */
    CAUSE_TABLE,        /* the settings of a table that it opens */
    CAUSE_SERVICE,      /* another service, which it asks, does not answer */
    CAUSE_RESTRICTIONS, /* smtpd's lists refuse nobody, or have an error: restriction.h */
};

/* why a service does not start; texts live in the policy's arena or are constants */
struct start_fault {
    enum start_problem problem;
    enum start_cause cause;
    const struct service *service;   /* NULL for START_MASTER */
    enum parameter_number parameter; /* whose value is the cause, or PARAM_NONE */
    const struct value_fault *value; /* what is wrong with it; NULL unless CAUSE_VALUE */
    struct span span;                /* the place that is the cause */
    struct str why;                  /* "smtpd_helo_required: \"true\" is neither yes nor no" */
    struct str advice;
};

/*
 * The first reason why SERVICE does not start, or NULL where none is known: that of master(8),
 * which is all that is looked for where SERVICE is NULL, or one of its own.  It is computed once.
 */
const struct start_fault *start_fault_of(const struct policy *policy,
                                         const struct service *service);
/* the first of its own, whether master(8) starts or not */
const struct start_fault *start_own_fault_of(const struct policy *policy,
                                             const struct service *service);
/* as start_fault_of() for a service that clients connect to: postscreen in front of smtpd too */
const struct start_fault *start_fault_of_listener(const struct policy_service *service);
/*
 * The services that clients connect to and that would not start, one by one: false where there is
 * no more.  *AT is 0 at first.  *SERVICE is NULL where Postfix itself would not start, and its
 * files have no such service that can be read.
 */
bool start_fault_next(const struct policy *policy, size_t *at,
                      const struct policy_service **service, const struct start_fault **fault);

/*
 * Can a client with this address connect?  False, with *WHY set, where inet_interfaces,
 * inet_protocols or the service's own address rule it out.  That the host has the addresses counts
 * as true.
 */
bool start_reaches(const struct policy_service *service, struct str client, struct str *why);

/* the services that smtpd(8) asks */
enum start_asked {
    ASKED_ANVIL,
    ASKED_TLSMGR,
    ASKED_PROXYMAP,
    ASKED_REWRITE,
    ASKED_CLEANUP,
    ASKED_VERIFY,
};

enum start_answer {
    ANSWERS,       /* or the files do not tell */
    ANSWERS_NOT,   /* there is no such socket */
    ANSWERS_NEVER, /* the program does not start: who asks waits */
};

/* does this service answer the smtpd(8) of SERVICE?  *WHY is set where it does not */
enum start_answer start_asked(const struct policy_service *service, enum start_asked asked,
                              struct str *why);
/* why the private service NAME does not answer who connects to its socket; STR_NONE where it does,
   or has no socket */
struct str start_silence_of(const struct policy_service *service, struct str name);
/* does smtpd(8) offer TLS, and has it what it needs for that?  See tls_offered() */
bool start_offers_tls(const struct policy_service *service);

#endif
