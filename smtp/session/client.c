/*
 * client - the client, and what its address permits: see smtp/session/parts.h
 */
#include "smtp/address/match.h"
#include "smtp/session/parts.h"

void session_set_client(struct state *state, const struct session_client *client)
{
    state->client_address = client->address;
    if (client->port.len > 0)
        state->client_port = client->port;
    if (client->server_address.len > 0)
        state->server_address = client->server_address;
    if (client->server_port.len > 0)
        state->server_port = client->server_port;
    if (client->name.len == 0) {
        state->client_name_asked = true;
        return;
    }
    struct str reverse = client->reverse_name.len > 0 ? client->reverse_name : client->name;
    state->client_name = client->name;
    state->client_name_status = str_is(client->name, "unknown") ? NAME_PERMANENT : NAME_OK;
    state->reverse_client_name = reverse;
    state->reverse_client_name_status = str_is(reverse, "unknown") ? NAME_PERMANENT : NAME_OK;
}

static enum match match_list_of(struct session *session, struct str list,
                                enum parameter_number parent)
{
    struct state *state = &session->state;

    return list.len > 0
               ? match_client(state, list, parent, state->client_name, state->client_address)
               : MATCH_NO;
}

bool session_matches_client(struct session *session, struct str list, enum parameter_number parent)
{
    return match_list_of(session, list, parent) != MATCH_NO;
}

/* may_use - is the client in the list that says whom KEYWORD is offered to? */
static bool may_use(struct session *session, struct str list, enum session_keyword keyword)
{
    enum match match = match_list_of(session, list, PARAM_NONE);

    if (match == MATCH_ERROR)
        session->undecided |= keyword;
    return match == MATCH_YES;
}

void session_admit(struct session *session, bool again)
{
    const struct session_settings *settings = session->settings;
    bool tester =
        session->options->xclient && (!again || network_is_loopback(session->state.client_address));

    session->xclient_allowed = tester || may_use(session, settings->xclient_hosts, KEYWORD_XCLIENT);
    if (!again) {
        session->xforward_allowed =
            tester || may_use(session, settings->xforward_hosts, KEYWORD_XFORWARD);
        session->verp_allowed = may_use(session, settings->verp_clients, KEYWORD_VERP);
    }
    session->bare_newline = settings->bare_newline;
    if (session->bare_newline != BARE_NEWLINE_ACCEPT &&
        session_matches_client(session, settings->bare_newline_exclusions, PARAM_MYNETWORKS))
        session->bare_newline = BARE_NEWLINE_ACCEPT;
}
