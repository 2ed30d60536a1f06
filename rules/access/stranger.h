/*
 * stranger - who might come from outside and ask a server to relay
 *
 * The candidates are a stranger of our own making, and those that the configuration itself brings
 * up: an address out of each network so wide that strangers live in it, the senders, HELO names and
 * client names that its access tables know.  All of these a stranger can choose or be.
 */
#ifndef RULES_ACCESS_STRANGER_H
#define RULES_ACCESS_STRANGER_H

#include "smtp/service/policy.h"

enum {
    STRANGERS_MAX = 24, /* of each kind, in the order of the files */
};

struct stranger_list {
    struct str items[STRANGERS_MAX];
    size_t count;
    bool cut; /* there were more */
};

struct strangers {
    struct stranger_list addresses; /* "198.18.77.5" */
    struct stranger_list names;     /* of the client, as DNS has it; "unknown" is one */
    struct stranger_list helos;
    struct stranger_list senders;    /* without <> */
    struct stranger_list recipients; /* none of them is this server's own */
};

/* whoever might talk to SERVICE; texts in ARENA */
void strangers_collect(struct strangers *strangers, struct arena *arena,
                       const struct policy_service *service);

#endif
