/*
 * livetest_walk - one session of a plan, walked through the policy in one world
 */
#ifndef SMTP_LIVETEST_WALK_H
#define SMTP_LIVETEST_WALK_H

#include "smtp/livetest/livetest.h"
#include "smtp/session/session.h"

/* what one walk came to at one step; PLAN_UNDETERMINED: it left the step out */
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
    enum plan_outcome handshake; /* PLAN_ANY: the TLS library may refuse it or not */
    bool apart;                  /* no transaction of the session can touch another */
    struct arena *arena;         /* of one walk */
    struct session *running;
    enum session_next next;
    bool over;
    struct reply
        farewell; /* behind the last reply: what the next step finds there; code 0: nothing */
    struct outcome *outcomes; /* of this walk, one a step */
};

/* what the handshake of the session comes to, by the protocols that the service allows */
enum plan_outcome livetest_expect_handshake(const struct policy_service *service,
                                            const struct plan_session *session);
/* which transaction of the session a step belongs to: 0 before the first MAIL */
unsigned livetest_part(const struct plan_session *session, size_t step);
/* does every transaction of the session begin afresh, and end without the client being hung up on
   for its errors? */
bool livetest_is_separable(const struct policy_service *service,
                           const struct plan_session *session);
/* fills walker->outcomes, of which there is room for one a step */
void livetest_walk(struct walker *walker, struct world *world);

#endif
