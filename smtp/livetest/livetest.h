/*
 * livetest - the live test: makes a plan of a configuration, runs it against a server, compares
 *
 * The questions are made from the services and values of the configuration; the answers expected
 * are the policy's, in every world (world.h).  Where two ways differ in code or enhanced code, the
 * step is undetermined and lists them.
 */
#ifndef SMTP_LIVETEST_LIVETEST_H
#define SMTP_LIVETEST_LIVETEST_H

#include "smtp/client/client.h"
#include "smtp/engine/engine.h"
#include "smtp/livetest/plan.h"
#include "smtp/service/policy.h"
#include "smtp/service/world.h"

/* the questions about POLICY, with what is expected; texts in ARENA.  Users that the plan has
   already are kept, else one is made */
void livetest_make_plan(struct plan *plan, struct arena *arena, const struct policy *policy,
                        const struct assumption_list *assumptions);
/* fills in what POLICY expects of the steps of a plan that has other expectations or none: asks
   another configuration the same questions.  A service that POLICY does not have has PLAN_ANY */
void livetest_expect(struct plan *plan, struct arena *arena, const struct policy *policy,
                     const struct assumption_list *assumptions);

struct livetest_answer {
    struct reply reply;          /* code 0: there was none */
    bool asked;                  /* the step was made */
    bool tls;                    /* PLAN_STARTTLS, PLAN_HANDSHAKE: the handshake succeeded */
    enum client_failure failure; /* CLIENT_GOOD, or why there is no reply */
    struct str detail;           /* of the failure, or why the step was not made */
    struct str received; /* of a delivered message, where the server's maildir can be read */
};

/* one answer for each step of each session, in order: answers[session][step]; a session that could
   not be reached has steps that were not asked */
struct livetest_answer **livetest_run(struct arena *arena, const struct plan *plan,
                                      const struct engine_target *target);

enum livetest_verdict {
    LIVETEST_SAME,
    LIVETEST_DIFFERS,
    LIVETEST_POSSIBLE, /* undetermined, and one of its alternatives came */
    LIVETEST_NOT_ASKED,
};
/* *DIFFERENCE: one clause, also why it was not asked; empty where there is nothing to say */
enum livetest_verdict livetest_compare(struct arena *arena, const struct plan_step *step,
                                       const struct livetest_answer *answer,
                                       struct str *difference);
/* two servers' answers to the same step: ONE's now, OTHER's before */
bool livetest_same_answer(struct arena *arena, const struct plan_session *session,
                          const struct plan_step *step, const struct livetest_answer *one,
                          const struct livetest_answer *other, struct str *difference);
/* the answer as "expect" has it: "250 2.1.0", "tls", "silence", "nothing" */
struct str livetest_describe_answer(struct arena *arena, const struct plan_step *step,
                                    const struct livetest_answer *answer);

/* a Received: line without what differs from one message to the next: id, date, TLS's details */
struct str livetest_normalize_received(struct arena *arena, struct str line);

#endif
