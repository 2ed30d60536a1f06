/*
 * routes - where the files say that mail goes: transports and next hops
 *
 * Those in parameters, in main.cf and in each service's -o; the defaults that are in use; and those
 * in the results of tables such as transport_maps, as far as postmend can read them.
 */
#ifndef RULES_SERVICES_ROUTES_H
#define RULES_SERVICES_ROUTES_H

#include "rules/rule/rule.h"

struct mail_route {
    enum parameter_number parameter; /* whose value it is, or whose table */
    struct str text;                 /* expanded: "transport:nexthop", or "nexthop" */
    bool is_nexthop;                 /* it has no transport */
    bool is_table;                   /* it is the result of a table */
    struct span span;                /* where it is written; a default has no source */
};

void routes_each(struct check *check,
                 void (*seen)(struct check *check, const struct mail_route *route, void *context),
                 void *context);

#endif
