/*
 * delivery - where mail for a recipient goes, and how
 *
 * The way of a message through Postfix, from the service that receives it: cleanup(8) with its
 * canonical, masquerade, virtual alias and bcc mappings; qmgr(8) with content_filter and
 * defer_transports; trivial-rewrite(8), which smtp/address has; then the delivery agent of the
 * transport: local(8) with its aliases, virtual(8), pipe(8), error(8), discard(8), or smtp(8) and
 * lmtp(8), whose part is remote.h.  ADDRESS_REWRITING_README, and the sources of these programs.
 *
 * A recipient may become several deliveries.  What the files do not tell is asked of the world, as
 * everywhere, or ends in DELIVERY_UNKNOWN with the reason.
 */
#ifndef SMTP_DELIVERY_DELIVERY_H
#define SMTP_DELIVERY_DELIVERY_H

#include "smtp/address/address.h"
#include "smtp/delivery/remote.h"

enum delivery_end {
    DELIVERY_REMOTE,  /* smtp(8) or lmtp(8) */
    DELIVERY_MAILBOX, /* a mailbox or a directory of local(8) or virtual(8) */
    DELIVERY_COMMAND, /* pipe(8), or a command that local(8) runs */
    DELIVERY_FILE,    /* a file of aliases(5) */
    DELIVERY_DISCARD, /* thrown away */
    DELIVERY_BOUNCE,  /* returned to the sender */
    DELIVERY_DEFER,   /* stays in the queue, and is tried again */
    DELIVERY_REFUSED, /* not accepted into the queue at all */
    DELIVERY_UNKNOWN, /* cannot be determined from the files */
};

/* the word for it in JSON: "remote", "mailbox", ... */
const char *delivery_end_name(enum delivery_end end);

/* what was looked up or decided on the way */
struct delivery_step {
    int depth;              /* of aliases and forwarded mail */
    struct str what;        /* "virtual_alias_maps", "class" */
    struct str said;        /* its result, "not found" */
    struct span span;       /* where the parameter is set; no source: a default */
    struct span table_span; /* the line of the table; may have no source */
};

struct mail_delivery {
    struct str recipient; /* as the delivery agent gets it */
    enum address_class class;
    bool has_class; /* it was resolved: not where a content filter takes all mail */
    struct str transport, nexthop;
    struct str daemon; /* the program of the transport's service: "smtp"; empty: there is none */
    enum delivery_end end;
    struct str what;              /* DELIVERY_REMOTE: empty; the mailbox, command, file; or why */
    const struct remote *remote;  /* DELIVERY_REMOTE, else NULL */
    struct str sentence;          /* "delivered by local to the mailbox of bob" */
    struct str_list notes;        /* sentences about what few people know, where it bites */
    size_t first_step, last_step; /* its steps: first .. last - 1 */
};

struct delivery_request {
    /* the service that receives the message: of smtpd(8), pickup(8), ... */
    const struct policy_service *entry;
    struct str sender, recipient; /* in internal form */
    struct str client;            /* the address of who sends it to smtpd(8); STR_NONE: this host */
};

/* kept by the caller, and filled again by each walk; everything lives in ARENA */
struct delivery_walk {
    struct arena *arena;
    bool brief; /* no steps and no notes are wanted */
    struct delivery_step *steps;
    size_t step_count, step_capacity;
    struct mail_delivery *deliveries;
    size_t count, capacity;
};

enum {
    DELIVERIES_MAX = 1000, /* of one recipient; what is more is not followed, and said */
    DELIVERY_DEPTH_MAX =
        50, /* messages that local(8) forwards one after the other: hopcount_limit */
};

/* one walk, with the answers of WORLD; the caller repeats it for others: see world.h */
void delivery_walk(struct delivery_walk *walk, const struct delivery_request *request,
                   struct world *world);

/* the service of POLICY that has NAME and runs PROGRAM: "pickup"; NULL: there is none */
const struct policy_service *delivery_entry(const struct policy *policy, struct str name,
                                            const char *program);

#endif
