/*
 * delivery_parts - the parts of a walk that delivery.c begins
 *
 * walker.c is what they share; accept.c is smtpd(8), mapping.c cleanup(8), queue.c qmgr(8), local.c
 * local(8), agent.c the other delivery agents.
 */
#ifndef SMTP_DELIVERY_PARTS_H
#define SMTP_DELIVERY_PARTS_H

#include "smtp/address/find.h"
#include "smtp/delivery/delivery.h"

/* one message: what local(8) forwards is another, for which more is not done */
struct message {
    const struct message *from; /* the message that was forwarded; NULL: the first */
    struct str sender;          /* in internal form, as qmgr(8) has it */
    struct str filter;          /* of content_filter or FILTER; empty: none */
    struct str redirect;        /* of REDIRECT, in place of all recipients; empty: none */
    struct str delivered_to;    /* FROM's address in Delivered-To: */
    const struct policy_service *cleanup;
    bool maps, bccs;    /* CLEANUP_FLAG_MAP_OK, CLEANUP_FLAG_BCC_OK */
    bool hops_are_over; /* it has hopcount_limit Received: lines */
};

/* a message that local(8) has forwarded, and that is still to be followed */
struct pending_message {
    struct message *message;
    struct str sender, recipient;
    int depth;
};

struct delivery_walker {
    struct delivery_walk *walk;
    const struct policy *policy;
    struct state *state; /* of the service that receives the message */
    int depth;
    size_t first_step; /* of the delivery that comes next */
    struct str_list notes;
    size_t note_capacity;
    struct pending_message *pending;
    size_t pending_count, pending_capacity;
    unsigned local_requests; /* of local(8), so far */
    struct map seen;         /* recipients of messages, and what local(8) has done */
};

/* --- what all report ------------------------------------------------------------------------- */

/* PARAMETER of SERVICE and what came of it: of a look-up FOUND, which may be NULL */
void walker_step(struct delivery_walker *walker, const struct policy_service *service,
                 enum parameter_number parameter, struct str said,
                 const struct address_found *found);
/* the same about WHAT, which is not a parameter */
void walker_step_named(struct delivery_walker *walker, const char *what, struct str said,
                       struct span span);
/* a sentence about what few know, for the delivery that comes next */
void walker_note(struct delivery_walker *walker, struct str note);
/* a delivery ends; NULL: there are DELIVERIES_MAX of them already */
struct mail_delivery *walker_end(struct delivery_walker *walker, struct str recipient,
                                 enum delivery_end end, struct str what);
/* was KEY, of this KIND, seen before in MESSAGE?  It is remembered */
bool walker_seen(struct delivery_walker *walker, const struct message *message, const char *kind,
                 struct str key);
/* STATE of the walk with the parameters of another service */
struct state walker_view(const struct delivery_walker *walker,
                         const struct policy_service *service);
/* does an item of a comma-separated list equal WORD? */
bool walker_has_word(const struct policy_service *service, enum parameter_number list,
                     const char *word);

/* local(8) forwards: a new message for RECIPIENT, which is followed after this one */
void walker_forward(struct delivery_walker *walker, const struct message *from,
                    struct str delivered_to, struct str sender, struct str recipient);

/* --- the parts ------------------------------------------------------------------------------- */

/* smtpd(8): its restrictions; false: the message ended here */
bool accept_message(struct delivery_walker *walker, const struct delivery_request *request,
                    struct message *message);
/* cleanup(8): the sender; false: the message is not accepted, and that was reported */
bool mapping_sender(struct delivery_walker *walker, struct message *message, struct str sender);
/* cleanup(8): one recipient, its aliases and bcc; each goes to queue_recipient() */
void mapping_recipient(struct delivery_walker *walker, const struct message *message,
                       struct str recipient);

/* qmgr(8): filter, class, transport, next hop; then the delivery agent */
void queue_recipient(struct delivery_walker *walker, const struct message *message,
                     struct str recipient);

/* what a delivery agent gets */
struct agent_request {
    const struct message *message;
    struct str recipient;
    struct str transport, nexthop;
    const struct resolved *resolved; /* NULL: a content filter's */
};

/* the delivery agent of a transport; from local(8) too, which passes mail on */
void agent_deliver(struct delivery_walker *walker, const struct agent_request *request);
void local_deliver(struct delivery_walker *walker, const struct agent_request *request,
                   const struct policy_service *service);

#endif
