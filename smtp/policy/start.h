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
 * (parser/value), do smtpd's restriction lists refuse somebody (restriction.h).  What only the
 * machine can tell counts as good.
 */
#ifndef SMTP_POLICY_START_H
#define SMTP_POLICY_START_H

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
    CAUSE_LINE,         /* the service's line in master.cf */
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

/* the first reason why SERVICE does not start, or NULL where none is known.  It is computed once */
const struct start_fault *start_fault_of(const struct policy *policy,
                                         const struct service *service);
/* the same of a service that clients connect to: postscreen in front of smtpd must start too */
const struct start_fault *start_fault_of_listener(const struct policy_service *service);

#endif
