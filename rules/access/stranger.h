/*
 * stranger - clients from outside that may ask a server to relay
 *
 * The candidates are a made-up stranger, and those that the configuration itself suggests: an
 * address in each network that is wide enough to contain strangers, and the senders, HELO names and
 * client names in its access tables.  A stranger can have or choose each of these.
 */
#ifndef RULES_ACCESS_STRANGER_H
#define RULES_ACCESS_STRANGER_H

#include "base/map.h"
#include "smtp/service/policy.h"

/* no duplicates; those that represent others (the first entry with its result) come first */
struct stranger_list {
    struct str *items;
    size_t count, capacity;
    struct map seen; /* items in lower case */
};

struct strangers {
    struct stranger_list addresses; /* "198.18.77.5" */
    struct stranger_list names;     /* of the client, from DNS; "unknown" is one of them */
    struct stranger_list helos;
    struct stranger_list senders;    /* without <> */
    struct stranger_list recipients; /* none of them is in a domain of this server */
};

/* the strangers that may connect to SERVICE; texts in ARENA */
void strangers_collect(struct strangers *strangers, struct arena *arena,
                       const struct policy_service *service);

#endif
