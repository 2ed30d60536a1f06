/*
 * walk - private to smtp/livetest: one session of a plan, in one world
 */
#ifndef SMTP_LIVETEST_WALK_H
#define SMTP_LIVETEST_WALK_H

#include "smtp/livetest/livetest.h"
#include "smtp/session/session.h"

/* the outcome of a step in one walk; PLAN_UNDETERMINED: the step was left out */
struct outcome {
    enum plan_outcome kind;
    struct reply reply;
    struct str received;
};

struct walker {
    const struct policy_service *service;
    const struct plan *plan;
    const struct plan_session *session;
    struct users users;
    bool can_tls;
    enum plan_outcome handshake; /* PLAN_ANY: depends on the TLS library */
    bool apart;                  /* the transactions of the session are independent */
    struct trace *trace;         /* may be NULL */
    size_t trace_from;           /* its first item that is about the last step */
    struct arena *arena;         /* for one walk */
    struct session *running;
    enum session_next next;
    bool over;
    struct reply farewell;    /* sent after the last reply, for the next step; code 0: none */
    struct outcome *outcomes; /* one for each step */
};

/* the outcome of the handshake, by the protocols of the service and the client */
enum plan_outcome livetest_expect_handshake(const struct policy_service *service,
                                            const struct plan_session *session);
/* are the transactions of the session independent of each other, and does the server not disconnect
   the client because of its errors? */
bool livetest_is_separable(const struct policy_service *service,
                           const struct plan_session *session);
/* fills walker->outcomes, which has room for one for each step */
void livetest_walk(struct walker *walker, struct world *world);

#endif
