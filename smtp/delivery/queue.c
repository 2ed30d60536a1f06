/* queue - qmgr(8): what a recipient's transport and next hop are */
#include "smtp/address/form.h"
#include "smtp/delivery/parts.h"

static const char *const class_names[] = {
    [ADDRESS_LOCAL] = "local",
    [ADDRESS_VIRTUAL_ALIAS] = "virtual alias",
    [ADDRESS_VIRTUAL_MAILBOX] = "virtual mailbox",
    [ADDRESS_RELAY] = "relay",
    [ADDRESS_DEFAULT] = "default (other hosts)",
    [ADDRESS_ERROR] = "unknown",
};

/* report_class - the class, and the parameters that decided transport and next hop */
static void report_class(struct delivery_walker *walker, const struct resolved *resolved)
{
    static const enum parameter_number lists[] = {
        [ADDRESS_LOCAL] = PARAM_MYDESTINATION,
        [ADDRESS_VIRTUAL_ALIAS] = PARAM_VIRTUAL_ALIAS_DOMAINS,
        [ADDRESS_VIRTUAL_MAILBOX] = PARAM_VIRTUAL_MAILBOX_DOMAINS,
        [ADDRESS_RELAY] = PARAM_RELAY_DOMAINS,
        [ADDRESS_DEFAULT] = PARAM_NONE,
    };
    struct arena *arena = walker->walk->arena;
    const struct policy_service *rewrite = walker->policy->rewrite;

    if (walker->walk->brief)
        return;
    struct str said = arena_printf(arena, "%.*s is in the class %s", STR_ARG(resolved->domain),
                                   class_names[resolved->class]);
    if (lists[resolved->class] == PARAM_NONE)
        walker_step_named(walker, "class", said, SPAN_NONE);
    else
        walker_step(walker, rewrite, lists[resolved->class], said, NULL);
    const struct route_cause *causes[] = {&resolved->nexthop_cause, &resolved->transport_cause};
    for (size_t i = 0; i < 2; i++) {
        const struct address_found found = {.span = causes[i]->span};
        bool same = i == 1 && causes[0]->parameter == causes[1]->parameter;
        if (causes[i]->parameter == PARAM_NONE || same)
            continue;
        said = arena_printf(arena, "%.*s:%.*s", STR_ARG(resolved->transport),
                            STR_ARG(resolved->nexthop));
        if (causes[0]->parameter != causes[1]->parameter)
            said = i == 0 ? resolved->nexthop : resolved->transport;
        walker_step(walker, rewrite, causes[i]->parameter, said, &found);
    }
}

/* --- traps -------------------------------------------------------------------------------------
 */

/* note_direct - an entry "smtp:" without a next hop, beside a relayhost */
static void note_direct(struct delivery_walker *walker, const struct resolved *resolved)
{
    struct str relay = policy_str(walker->policy->rewrite, PARAM_RELAYHOST);

    if ((resolved->class == ADDRESS_DEFAULT || resolved->class == ADDRESS_RELAY) && relay.len > 0 &&
        resolved->nexthop_cause.parameter == PARAM_TRANSPORT_MAPS &&
        str_eq_nocase(resolved->nexthop, resolved->domain))
        walker_note(walker, arena_printf(walker->walk->arena,
                                         "the entry of transport_maps has no next hop: mail goes "
                                         "to the servers of %.*s, and not to relayhost %.*s",
                                         STR_ARG(resolved->domain), STR_ARG(relay)));
}

static void note_route(struct delivery_walker *walker, const struct resolved *resolved)
{
    note_direct(walker, resolved);
    if (resolved->class == ADDRESS_RELAY &&
        (resolved->nexthop_cause.parameter == PARAM_RELAYHOST ||
         resolved->nexthop_cause.parameter == PARAM_SENDER_DEPENDENT_RELAYHOST_MAPS))
        walker_note(walker, arena_printf(walker->walk->arena,
                                         "%.*s also takes mail for relay_domains: it goes there, "
                                         "and not to the mail server of %.*s; transport_maps would "
                                         "override that",
                                         STR_ARG(parameter_name(resolved->nexthop_cause.parameter)),
                                         STR_ARG(resolved->domain)));
}

/* --- the queue ---------------------------------------------------------------------------------
 */

static bool is_deferred(const struct policy *policy, struct str transport)
{
    return policy_str(policy->all, PARAM_DEFER_TRANSPORTS).len > 0 &&
           walker_has_word(policy->all, PARAM_DEFER_TRANSPORTS,
                           arena_cstr(policy->arena, transport));
}

/* is_double_bounce - the address of undeliverable bounces, which qmgr(8) discards */
static bool is_double_bounce(const struct policy *policy, const struct resolved *resolved)
{
    struct str local = str_slice(resolved->address, 0, address_at(resolved->address));

    return resolved->class == ADDRESS_LOCAL &&
           str_eq_nocase(local, policy_str(policy->all, PARAM_DOUBLE_BOUNCE_SENDER));
}

static void end_here(struct delivery_walker *walker, const struct resolved *resolved,
                     struct str recipient, enum delivery_end end, struct str what)
{
    struct mail_delivery *delivery = walker_end(walker, recipient, end, what);

    if (delivery == NULL || resolved == NULL || resolved->class == ADDRESS_ERROR)
        return;
    delivery->class = resolved->class;
    delivery->has_class = true;
    delivery->transport = resolved->transport;
    delivery->nexthop = resolved->nexthop;
}

/* filter_recipient - content_filter takes mail for all recipients, whatever their class */
static void filter_recipient(struct delivery_walker *walker, const struct message *message,
                             struct str recipient)
{
    size_t colon = str_find(message->filter, ':', 0);
    struct agent_request request = {
        .message = message,
        .recipient = recipient,
        .transport = str_slice(message->filter, 0, colon),
        .nexthop = str_slice(message->filter, colon + 1, message->filter.len),
    };

    if (str_eq(message->filter, policy_str(walker->state->service, PARAM_CONTENT_FILTER)))
        walker_step(walker, walker->state->service, PARAM_CONTENT_FILTER, message->filter, NULL);
    if (request.nexthop.len == 0)
        request.nexthop = policy_str(walker->policy->all, PARAM_DEFAULT_FILTER_NEXTHOP);
    if (request.nexthop.len == 0) {
        request.nexthop = address_domain(recipient);
        walker_note(walker, str_of("content_filter has no next hop: mail goes to the host that the "
                                   "recipient's domain names, and not to a filter"));
    }
    if (request.nexthop.len == 0)
        request.nexthop = policy_str(walker->policy->all, PARAM_MYHOSTNAME);
    if (is_deferred(walker->policy, request.transport))
        end_here(walker, NULL, recipient, DELIVERY_DEFER, str_of("4.3.2 deferred transport"));
    else
        agent_deliver(walker, &request);
}

/* redirect_recipient - REDIRECT: one recipient in place of all, whatever tables would make of it */
static bool redirect_recipient(struct delivery_walker *walker, const struct message *message,
                               struct str *recipient)
{
    if (message->redirect.len == 0)
        return true;
    *recipient = address_rewrite(walker->state, message->redirect);
    return !walker_seen(walker, message, "redirect", str_of(""));
}

void queue_recipient(struct delivery_walker *walker, const struct message *message,
                     struct str recipient)
{
    struct arena *arena = walker->walk->arena;

    if (!redirect_recipient(walker, message, &recipient))
        return;
    if (message->hops_are_over) {
        end_here(walker, NULL, recipient, DELIVERY_BOUNCE, str_of("5.4.0 too many hops"));
        return;
    }
    if (message->filter.len > 0 && message->redirect.len == 0) {
        filter_recipient(walker, message, recipient);
        return;
    }
    struct resolved resolved = address_resolve(walker->state, message->sender, recipient);
    if (resolved.class == ADDRESS_ERROR || resolved.bad_syntax) {
        bool bad = resolved.bad_syntax;
        end_here(walker, NULL, bad ? resolved.address : recipient,
                 bad ? DELIVERY_BOUNCE : DELIVERY_DEFER,
                 bad                           ? str_of("5.1.3 bad address syntax")
                 : resolved.failure.at == NULL ? str_of("4.3.0 address resolver failure")
                                               : arena_printf(arena,
                                                              "4.3.0 address resolver failure: "
                                                              "%.*s",
                                                              STR_ARG(resolved.failure)));
        return;
    }
    report_class(walker, &resolved);
    note_route(walker, &resolved);
    if (resolved.unknown.at != NULL) {
        end_here(
            walker, &resolved, resolved.address, DELIVERY_UNKNOWN,
            arena_printf(arena, "%.*s whose result cannot be read", STR_ARG(resolved.unknown)));
        return;
    }
    if (is_double_bounce(walker->policy, &resolved)) {
        end_here(walker, &resolved, resolved.address, DELIVERY_DISCARD,
                 str_of("undeliverable postmaster notification"));
        return;
    }
    if (is_deferred(walker->policy, resolved.transport)) {
        end_here(walker, &resolved, resolved.address, DELIVERY_DEFER,
                 str_of("4.3.2 deferred transport"));
        return;
    }
    const struct agent_request request = {.message = message,
                                          .recipient = resolved.address,
                                          .transport = resolved.transport,
                                          .nexthop = resolved.nexthop,
                                          .resolved = &resolved};
    agent_deliver(walker, &request);
}
