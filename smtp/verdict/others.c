/* others - are strangers refused, and the clients of mynetworks served? */
#include <string.h>

#include "smtp/address/address.h"
#include "smtp/start/start.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

/* is_elsewhere - would mail for this recipient leave the server?  Without the files, an address
   without sender-specified routing does */
static bool is_elsewhere(const struct judge *judge, const struct verdict_port *port,
                         struct str command)
{
    struct str address = str_slice(command, 9, command.len > 0 ? command.len - 1 : 0);
    struct world world;
    struct state state;

    if (port->policy == NULL)
        return str_ends(address, "@example.net") && str_span_not(address, 0, "%!\"") == address.len;
    world_init(&world, judge->arena, judge->input->assumptions);
    state_init(&state, port->policy, judge->arena, &world);
    if (!address_read_path(judge->arena, str_slice(command, 8, command.len), true, false, &address))
        return false;
    return address_resolve(&state, none, address).class == ADDRESS_DEFAULT;
}

/* find_relay - the first recipient elsewhere that a stranger reaches */
static struct asked find_relay(const struct judge *judge, const struct verdict_port *port,
                               bool *asked)
{
    struct asked doubtful = {.result = ASKED_NOT};

    for (size_t at = 0; judge_next(judge, port, "relay", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        for (size_t i = 0; i < session->step_count; i++) {
            struct str text = session->steps[i].text;
            if (session->steps[i].action != PLAN_SEND ||
                !str_is_nocase(str_slice(text, 0, 9), "RCPT TO:<"))
                continue;
            struct asked answer = judge_ask(judge, at, i);
            *asked = *asked || answer.result != ASKED_NOT;
            if (answer.result != ASKED_YES && answer.certain)
                continue;
            if (!is_elsewhere(judge, port, text))
                continue;
            if (answer.result == ASKED_YES && answer.certain)
                return answer;
            if (doubtful.result == ASKED_NOT && answer.result == ASKED_YES)
                doubtful = answer;
        }
    }
    return doubtful;
}

void judge_relay(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        bool asked = false;
        if (!port->outside)
            continue;
        struct asked relay = find_relay(judge, port, &asked);
        bool bad = relay.result == ASKED_YES;
        if (!asked)
            continue;
        struct note note = {.kind = "relay", .subject = none, .port = port};
        note.state = bad ? relay.certain ? VERDICT_FAIL : VERDICT_UNKNOWN : VERDICT_OK;
        note.text = !bad ? str_of("strangers cannot relay on $p")
                    : relay.certain
                        ? str_of("strangers can relay: an open relay on $p")
                        : arena_printf(judge->arena,
                                       "whether strangers can relay on $p: it depends on %.*s",
                                       STR_ARG(relay.reason));
        if (bad && relay.certain)
            note.place = judge_cause(judge, port, &relay);
        judge_note(judge, &note);
    }
}

/* --- users who do not log in ----------------------------------------------------------- */

void judge_strangers_at_submission(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        size_t at = 0;
        if (port->dead || !port->outside || !judge_is_for_users(port) ||
            !judge_next(judge, port, "delivery", &at))
            continue;
        const struct plan_session *session = &judge->input->plan->sessions[at];
        struct asked asked = judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "RCPT TO:"));
        bool bad = asked.result == ASKED_YES;
        if (asked.result == ASKED_NOT || (bad && !asked.certain))
            continue;
        judge_note(judge,
                   &(struct note){.kind = "submission",
                                  .state = bad ? VERDICT_WARN : VERDICT_OK,
                                  .text = str_of(bad ? "mail for own domains is accepted without a "
                                                       "login on $p"
                                                     : "no one can send without a login on $p"),
                                  .subject = none,
                                  .port = port,
                                  .place = bad ? judge_cause(judge, port, &asked) : SPAN_NONE});
    }
}

/* --- the networks of the server --------------------------------------------------------- */

bool judge_sends_out(const struct judge *judge, const struct verdict_port *port)
{
    struct world world;
    struct state state;

    if (port->policy == NULL)
        return true;
    world_init(&world, judge->arena, judge->input->assumptions);
    state_init(&state, port->policy, judge->arena, &world);
    struct resolved resolved = address_resolve(&state, none, str_of("b@example.net"));
    return !str_is(resolved.transport, "error") && !str_is(resolved.transport, "retry") &&
           !str_is(resolved.transport, "discard");
}

static bool has_permit(const struct judge *judge, const struct verdict_port *port,
                       enum parameter_number list, bool *written)
{
    struct setting setting = config_find(judge->input->policy->config, port->policy->service, list);
    struct str value = policy_str(port->policy, list);

    *written = setting.line != NULL;
    return value.at != NULL && str_search(value, "permit_mynetworks") < value.len;
}

/* serves_networks - do the lists that somebody wrote, or else the defaults, permit mynetworks? */
static bool serves_networks(const struct judge *judge, const struct verdict_port *port)
{
    bool relay_written, recipient_written;

    if (port->policy == NULL)
        return false;
    bool relay = has_permit(judge, port, PARAM_SMTPD_RELAY_RESTRICTIONS, &relay_written);
    bool recipient =
        has_permit(judge, port, PARAM_SMTPD_RECIPIENT_RESTRICTIONS, &recipient_written);
    return (relay && (relay_written || !recipient_written)) || (recipient && recipient_written);
}

static void judge_network(struct judge *judge, const struct verdict_port *port, size_t session)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    struct asked asked = judge_ask(judge, session, judge_find_step(plan, PLAN_MESSAGE, ""));
    bool host = str_is(plan->client, "127.0.0.1");
    bool good = asked.result == ASKED_YES;
    struct note note = {.kind = "network", .subject = none, .port = port};
    struct str why;

    if (asked.result == ASKED_NOT || (!good && !asked.certain) ||
        !start_reaches(port->policy, plan->client, &why))
        return;
    if (good) {
        judge_doubt(judge, &asked);
        note.state = VERDICT_OK;
        note.subject = str_of(host ? "the host itself" : "a client in mynetworks");
        note.text = str_of("$s can send on $p");
    } else if (judge_is_for_users(port)) {
        return; /* there, users log in */
    } else {
        note.state = judge_sends_out(judge, port) ? VERDICT_FAIL : VERDICT_WARN;
        note.text =
            arena_printf(judge->arena, "%s cannot send: $p %.*s",
                         host ? "the host itself" : "a client in mynetworks", STR_ARG(asked.said));
        note.place = judge_cause(judge, port, &asked);
    }
    judge_note(judge, &note);
}

void judge_networks(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++)
        for (size_t at = 0; !judge->ports[i].dead && serves_networks(judge, &judge->ports[i]) &&
                            judge_next(judge, &judge->ports[i], "network", &at);
             at++)
            judge_network(judge, &judge->ports[i], at);
}
