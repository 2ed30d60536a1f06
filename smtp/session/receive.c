/*
 * receive - what smtpd needs to receive mail
 *
 * With the first recipient of a message it connects to the proxy in front of the queue, or reads
 * what a message for cleanup(8) needs.
 */
#include "parser/value/value.h"
#include "smtp/session/parts.h"

static bool close_connection(struct session *session)
{
    session->closing = true;
    return false;
}

/* is_valid - what the release does not have is not read */
static bool is_valid(const struct session *session, enum parameter_number number)
{
    const struct policy_service *service = session->state.service;
    struct str value = policy_str(service, number);
    struct value_fault fault;

    return value.at == NULL || !policy_has(service, number) ||
           value_valid(session->state.arena, service->policy->config, facts_parameter_at(number),
                       value, &fault);
}

/* can_proxy - smtpd exits at a value that is not an address; a port without a number does not exist
 */
static bool can_proxy(struct session *session, struct str proxy, struct reply *refusal)
{
    struct arena *arena = session->state.arena;
    bool valid = is_valid(session, PARAM_SMTPD_PROXY_FILTER);

    if (!valid && str_find(proxy, ':', 0) < proxy.len)
        return close_connection(session);
    if (valid &&
        world_has(session->state.world, arena_printf(arena, "the proxy %.*s", STR_ARG(proxy))))
        return true;
    *refusal = session_refuse(session, 451, "4.3.0", "Error: queue file write error");
    return false;
}

bool session_can_receive(struct session *session, struct reply *refusal)
{
    const struct policy_service *service = session->state.service;
    struct str proxy = policy_str(service, PARAM_SMTPD_PROXY_FILTER);

    *refusal = (struct reply){0};
    if (proxy.len > 0)
        return can_proxy(session, proxy, refusal);
    if (!is_valid(session, PARAM_SMTPUTF8_AUTODETECT_CLASSES))
        return close_connection(session);
    return true;
}
