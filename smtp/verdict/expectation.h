/*
 * expectation - what a site expects of its server, as questions of a plan
 *
 *     expect:                          # in .postmend.yaml
 *       - {port: 25, client: 203.0.113.9, from: "", to: ann@example.com, expect: accepted}
 *       - port: 587
 *         tls: starttls                # or none, implicit; default: none
 *         user: ann                    # who logs in; default: nobody
 *         from: ann@example.com        # default: none, as a bounce has
 *         to: b@example.net
 *         expect: refused
 *         ask: ann may not send        # default: made of the rest
 *
 * The keys are those of a plan (smtp/livetest/plan.h), with the addresses as in trace.  Each
 * becomes a session of the kind "expected", whose verdict is about the whole message.
 */
#ifndef SMTP_VERDICT_EXPECTATION_H
#define SMTP_VERDICT_EXPECTATION_H

#include "smtp/verdict/verdict.h"

struct expectation {
    int port;
    enum plan_tls tls;
    struct str client, client_name; /* empty: a stranger */
    struct str user;                /* empty: nobody logs in */
    struct str from, to;
    struct str wanted; /* "accepted" or "refused" */
    struct str ask;
};

struct expectation_list {
    struct expectation *items;
    size_t count, capacity;
};

/* reads the list LIST; what is wrong with it is a problem of the reader */
void expectation_read(struct expectation_list *list, struct yaml_reader *reader,
                      const struct yaml_value *value);
/* adds a session for each to the plan, of the service of POLICY at its port; false, with *ERROR one
   line, where there is none */
bool expectation_add(struct plan *plan, struct arena *arena, const struct policy *policy,
                     const struct expectation_list *list, struct str *error);

#endif
