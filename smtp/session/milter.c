/*
 * milter - what smtpd answers if a milter does not work: milter8.c, milter8_connect()
 *
 * What a milter says that works is not in the files: it counts as "continue".  Whether it runs is
 * asked of the world; a text that is not an endpoint never works.
 */
#include "parser/text/token.h"
#include "parser/value/endpoint.h"
#include "smtp/service/socket.h"
#include "smtp/session/parts.h"

enum milter_state {
    MILTER_WORKS,
    MILTER_MISSING, /* it cannot be reached */
    MILTER_WRONG,   /* its endpoint or protocol is not valid */
};

/* choose_text - the milter's own setting, or that of the service */
static struct str choose_text(const struct session *session, struct str milter, const char *name,
                              enum parameter_number number)
{
    struct str own = endpoint_own_setting(milter, name);

    return own.at != NULL ? own : policy_str(session->state.service, number);
}

static enum milter_state find_state(struct session *session, struct str milter)
{
    const struct policy *policy = session->state.service->policy;
    struct arena *arena = session->state.arena;
    struct str address = endpoint_address(milter);
    struct str protocol = choose_text(session, milter, "protocol", PARAM_MILTER_PROTOCOL);
    struct value_fault fault = {.effect = VALUE_CONNECTS};

    if (!value_valid(arena, policy->config, facts_parameter_at(PARAM_MILTER_PROTOCOL), protocol,
                     &fault))
        return MILTER_WRONG;
    fault.effect = VALUE_CONNECTS;
    if (!milters_valid(arena, policy->config, address, &fault))
        return str_starts(address, "inet:") ? MILTER_MISSING : MILTER_WRONG;
    if (socket_is_hidden(policy->config, session->state.service->service,
                         str_slice(address, str_find(address, ':', 0) + 1, address.len)))
        return MILTER_MISSING;
    struct str subject = arena_printf(arena, "the milter %.*s", STR_ARG(address));
    return world_has(session->state.world, subject) ? MILTER_WORKS : MILTER_MISSING;
}

/* fail_milter - the reply to each command, by the action; code 0: mail is accepted without it */
static struct reply fail_milter(const struct session *session, enum milter_state state,
                                struct str action)
{
    static const struct reply wrong = {.code = 451,
                                       .enhanced = STR("4.3.5"),
                                       .text = STR("Server configuration problem - try again "
                                                   "later")};
    bool shuts_down =
        release_has(session->state.service->policy->config->release, FEATURE_MILTER_SHUTDOWN);

    if (str_is_nocase(action, "accept") || str_is_nocase(action, "quarantine"))
        return (struct reply){0};
    if (shuts_down && str_is_nocase(action, "shutdown"))
        return session_accept(421, "4.7.0", "Server closing connection");
    if (state == MILTER_MISSING && str_is_nocase(action, "reject"))
        return session_accept(550, "5.5.0", "Service unavailable");
    if (state == MILTER_MISSING && str_is_nocase(action, "tempfail"))
        return session_accept(451, "4.7.1", "Service unavailable - try again later");
    return wrong;
}

/* find_milters - those for the client's address */
static struct str find_milters(struct session *session)
{
    const struct session_settings *settings = session->settings;
    const struct state *state = &session->state;
    struct str list = settings->milters;

    if (settings->milter_maps.len > 0) {
        struct lookup found = tables_find(state->service->policy->tables, state->arena,
                                          settings->milter_maps, state->client_address, TABLE_FOLD);
        if (found.status == LOOKUP_FOUND)
            list = found.value;
    }
    return str_is_nocase(list, "DISABLE") ? (struct str)STR("") : list;
}

struct reply session_ask_milters(struct session *session)
{
    struct str list = find_milters(session), milter;

    while (token_next(&list, TOKEN_COMMAS, &milter)) {
        enum milter_state state = find_state(session, milter);
        if (state == MILTER_WORKS)
            continue;
        struct str action =
            choose_text(session, milter, "default_action", PARAM_MILTER_DEFAULT_ACTION);
        struct reply reply = fail_milter(session, state, action);
        /* a message that is held is not asked about any more */
        if (reply.code != 0 || str_is_nocase(action, "quarantine"))
            return reply;
    }
    return (struct reply){0};
}

struct reply session_milter_454(struct session *session)
{
    if (session->milter.code / 100 == 5)
        return session_refuse_reply(session, session->milter);
    return session_refuse(session, 454, "4.3.0", "Try again later");
}
