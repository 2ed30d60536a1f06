/*
 * restriction_fault - what is wrong with the words of restriction lists
 *
 * smtpd reads a list word by word while it evaluates it, and answers 451 4.3.5 where it comes to a
 * word that is not a restriction, or has not the argument that it needs.  The same is true of the
 * results of access(5) tables, of which those are looked at that can be read here.  What smtpd
 * checks when it starts is in start.h; policy servers are the subject of value.h, except in
 * classes, whose names only the administrator knows.
 */
#ifndef SMTP_POLICY_RESTRICTION_FAULT_H
#define SMTP_POLICY_RESTRICTION_FAULT_H

#include "smtp/service/policy.h"

/* what smtpd does when it comes to the word */
enum restriction_effect {
    RESTRICTION_REFUSES,      /* it answers 451 4.3.5 */
    RESTRICTION_EXITS,        /* it exits, and the client loses its connection */
    RESTRICTION_IS_SKIPPED,   /* it logs a warning and goes on */
    RESTRICTION_IS_UNREACHED, /* it never comes to it: it decides before, and logs a warning */
    RESTRICTION_IS_TAKEN,     /* it takes it, and not as it was meant */
};

enum restriction_place {
    RESTRICTION_IN_LIST,   /* what every client comes to that no earlier restriction decides */
    RESTRICTION_IN_CLASS,  /* a class, or smtpd_etrn_restrictions: some come to it */
    RESTRICTION_IN_RESULT, /* the result of a table: those come to it that the entry is about */
};

/* texts live in the policy's arena or are constants */
struct restriction_fault {
    enum restriction_effect effect;
    enum restriction_place place;
    const struct service *service; /* whose list it is, in master.cf */
    struct str list;               /* the parameter or class */
    struct span span;              /* where the word is written; without source: not known */
    struct str word;
    const char *what; /* "is not a restriction", said of the word */
    struct str advice;
    bool is_name; /* the word should be the name of a restriction or, in a result, an action */
};

/* calls SEEN for each fault of all services; for the same place once */
void restriction_faults(const struct policy *policy,
                        void (*seen)(void *context, const struct restriction_fault *fault),
                        void *context);

#endif
