/*
 * livetest - creates a plan for a configuration, runs it against a server, and compares
 *
 * The sessions are derived from the services and values of the configuration; the expected answers
 * are those of the policy, in every world (world.h).  If the worlds differ in code or enhanced
 * code, the step is undetermined and has all of them.
 */
#ifndef SMTP_LIVETEST_LIVETEST_H
#define SMTP_LIVETEST_LIVETEST_H

#include "smtp/client/client.h"
#include "smtp/engine/engine.h"
#include "smtp/livetest/plan.h"
#include "smtp/service/policy.h"
#include "smtp/service/world.h"

/* the local part of an address that no table has on purpose */
extern const char livetest_unknown_user[];

/* fills the plan with sessions for POLICY and their expected answers; texts in ARENA.  Users that
   the plan already has are kept; otherwise one is added */
void livetest_make_plan(struct plan *plan, struct arena *arena, const struct policy *policy,
                        const struct assumption_list *assumptions);
/* replaces the expectations of a plan by those of POLICY, to compare another configuration.  The
   sessions of a service that POLICY does not have get PLAN_ANY */
void livetest_expect(struct plan *plan, struct arena *arena, const struct policy *policy,
                     const struct assumption_list *assumptions);

struct livetest_answer {
    struct reply reply;          /* code 0: none */
    bool asked;                  /* the step was run */
    bool tls;                    /* PLAN_STARTTLS, PLAN_HANDSHAKE: the handshake succeeded */
    enum client_failure failure; /* CLIENT_GOOD, or why there is no reply */
    struct str detail;           /* of the failure, or why the step was not run */
    struct str received;         /* of a delivered message, if the server's maildir can be read */
};

/* one answer for each step of each session, in order: answers[session][step]; if the service could
   not be reached, its steps are not asked, and nothing more once it gave no reply in time */
struct livetest_answer **livetest_run(struct arena *arena, const struct plan *plan,
                                      const struct engine_target *target);

/* the number of the transaction of a step; 0: before the first MAIL */
unsigned livetest_part(const struct plan_session *session, size_t step);

enum livetest_verdict {
    LIVETEST_SAME,
    LIVETEST_DIFFERS,
    LIVETEST_POSSIBLE, /* undetermined: the answer is one of the alternatives */
    LIVETEST_NOT_ASKED,
};
/* *DIFFERENCE: one clause, or why the step was not asked; may be empty */
enum livetest_verdict livetest_compare(struct arena *arena, const struct plan_step *step,
                                       const struct livetest_answer *answer,
                                       struct str *difference);
/* compares the answers of two servers to a step: ONE is the new server, OTHER the old one */
bool livetest_same_answer(struct arena *arena, const struct plan_session *session,
                          const struct plan_step *step, const struct livetest_answer *one,
                          const struct livetest_answer *other, struct str *difference);
/*
 * The place of the restriction, or of the line of a table, that decided the answer of SERVICE to a
 * step of the session NUMBER, with the usual answers to what cannot be determined.  The source is
 * NULL where no restriction decided.
 */
struct span livetest_find_cause(struct arena *arena, const struct policy_service *service,
                                const struct plan *plan, size_t number, size_t step,
                                const struct assumption_list *assumptions);
/* the answer in the form of "expect": "250 2.1.0", "tls", "silence", "nothing" */
struct str livetest_describe_answer(struct arena *arena, const struct plan_step *step,
                                    const struct livetest_answer *answer);

/* a Received: line without what differs between messages: id, date, TLS parameters */
struct str livetest_normalize_received(struct arena *arena, struct str line);

#endif
