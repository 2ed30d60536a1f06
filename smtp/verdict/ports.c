/* ports - does each service start, greet, and take mail from anybody? */
#include "smtp/start/start.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

/* --- services that do not start ------------------------------------------------------ */

static struct verdict_port *find_port(struct judge *judge, const struct policy_service *service)
{
    for (size_t i = 0; i < judge->port_count; i++)
        if (service != NULL && judge->ports[i].policy == service)
            return &judge->ports[i];
    return NULL;
}

void judge_starts(struct judge *judge)
{
    const struct policy_service *service;
    const struct start_fault *fault;
    size_t at = 0;

    if (judge->port_count == 0)
        judge_note(judge, &(struct note){.kind = "greeting",
                                         .state = VERDICT_OK,
                                         .text = str_of("no port takes mail: no service of "
                                                        "master.cf runs smtpd"),
                                         .subject = none});
    while (judge->input->policy != NULL &&
           start_fault_next(judge->input->policy, &at, &service, &fault)) {
        struct verdict_port *port = find_port(judge, service);
        bool all = fault->problem == START_MASTER;
        struct str text =
            arena_printf(judge->arena, "%s: %.*s",
                         all || port == NULL               ? "Postfix does not start"
                         : fault->problem == START_CONNECT ? "$p: smtpd exits at every connection"
                                                           : "$p: smtpd does not start",
                         STR_ARG(fault->why));
        judge_note(judge, &(struct note){.kind = "start",
                                         .state = VERDICT_FAIL,
                                         .text = text,
                                         .subject = none,
                                         .port = all ? NULL : port,
                                         .place = fault->span});
        if (port != NULL)
            port->dead = true;
    }
}

/* --- greetings ----------------------------------------------------------------------- */

/* ask_greeting - of a stranger, or of any client where strangers are not expected */
static struct asked ask_greeting(const struct judge *judge, const struct verdict_port *port)
{
    const struct plan *plan = judge->input->plan;
    struct asked best = {.result = ASKED_NOT};
    bool any = port->role == PORT_OTHER || !port->outside;

    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        if (session->port != port->number || !str_eq(session->service, port->service) ||
            !(any || str_is(session->kind, "banner")))
            continue;
        struct asked asked = judge_ask(judge, i, judge_find_step(session, PLAN_GREETING, ""));
        if (best.result == ASKED_NOT || asked.result == ASKED_YES)
            best = asked;
        if (best.result == ASKED_YES)
            break;
    }
    return best;
}

static void note_unasked(struct judge *judge, const struct verdict_port *port,
                         const struct asked *asked)
{
    struct str why = asked->said.len > 0 ? asked->said : str_of("the plan has no question");

    judge_note(judge, &(struct note){.kind = "greeting",
                                     .state = VERDICT_UNKNOWN,
                                     .text = arena_printf(judge->arena, "whether $p answer$3: %.*s",
                                                          STR_ARG(why)),
                                     .subject = none,
                                     .port = port});
}

void judge_greetings(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        struct verdict_port *port = &judge->ports[i];
        if (port->dead)
            continue;
        struct asked asked = ask_greeting(judge, port);
        port->dead = asked.result != ASKED_YES;
        if (asked.result == ASKED_NOT) {
            note_unasked(judge, port, &asked);
            continue;
        }
        bool good = asked.result == ASKED_YES;
        struct str text =
            good ? str_of(port->outside ? "clients are greeted on $p"
                                        : "clients on this host alone are greeted on $p")
                 : arena_printf(judge->arena, "clients are not greeted: $p %.*s",
                                STR_ARG(asked.said));
        judge_note(judge,
                   &(struct note){.kind = "greeting",
                                  .state = good ? VERDICT_OK : VERDICT_FAIL,
                                  .text = text,
                                  .subject = none,
                                  .port = port,
                                  .place = good ? SPAN_NONE : judge_cause(judge, port, &asked)});
    }
}

/* --- ports that refuse everybody ------------------------------------------------------ */

/* what the recipients of a port got */
struct refusal {
    bool accepted, asked;
    struct asked worst; /* the first refusal */
};

static struct refusal find_refusal(const struct judge *judge, const struct verdict_port *port)
{
    const struct plan *plan = judge->input->plan;
    struct refusal refusal = {.asked = false};
    bool login_seen = false;

    for (size_t i = 0; i < plan->session_count && !refusal.accepted; i++) {
        const struct plan_session *session = &plan->sessions[i];
        if (session->port != port->number || !str_eq(session->service, port->service))
            continue;
        for (size_t k = 0; k < session->step_count; k++) {
            if (session->steps[k].action != PLAN_SEND ||
                !str_is_nocase(str_slice(session->steps[k].text, 0, 8), "RCPT TO:"))
                continue;
            struct asked asked = judge_ask(judge, i, k);
            if (asked.result == ASKED_NOT)
                continue;
            refusal.accepted = refusal.accepted || asked.result == ASKED_YES || !asked.certain;
            bool login = judge_is_for_users(port) && session->user.len > 0;
            if (!refusal.asked || (login && !login_seen))
                refusal.worst = asked;
            login_seen = login_seen || login;
            refusal.asked = true;
        }
    }
    return refusal;
}

void judge_refusals(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        struct verdict_port *port = &judge->ports[i];
        struct refusal refusal = port->dead ? ((struct refusal){0}) : find_refusal(judge, port);
        if (!refusal.asked || refusal.accepted)
            continue;
        port->dead = true;
        struct str text =
            arena_printf(judge->arena,
                         judge_is_for_users(port) ? "no user can send: $p %.*s to every user"
                                                  : "no mail is accepted: $p %.*s to everyone",
                         STR_ARG(refusal.worst.said));
        judge_note(judge, &(struct note){.kind = "refusal",
                                         .state = VERDICT_FAIL,
                                         .text = text,
                                         .subject = none,
                                         .port = port,
                                         .place = judge_cause(judge, port, &refusal.worst)});
    }
}
