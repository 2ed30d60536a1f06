/* asked - what the answer to a question was: see smtp/verdict/judge.h */
#include <string.h>

#include "smtp/verdict/judge.h"

static bool is_handshake(const struct plan_step *step)
{
    return step->action == PLAN_HANDSHAKE || step->action == PLAN_STARTTLS;
}

/* rate_text - the result that an answer in the words of the plan is: "250 2.1.0", "no tls" */
static enum asked_result rate_text(const struct plan_step *step, struct str text)
{
    if (str_is(text, "tls"))
        return ASKED_YES;
    if (str_is(text, "no tls"))
        return ASKED_NO_TLS;
    if (str_is(text, "silence") || str_is(text, "nothing"))
        return ASKED_SILENCE;
    if (is_handshake(step))
        return text.at[0] == '4' ? ASKED_LATER : ASKED_NO;
    return text.at[0] == '2' || text.at[0] == '3' ? ASKED_YES
           : text.at[0] == '4'                    ? ASKED_LATER
                                                  : ASKED_NO;
}

/* find_broken - the table that cannot be opened, where the reply is about a local error */
static struct str find_broken(const struct judge *judge, struct str service,
                              const struct livetest_answer *answer)
{
    const struct policy *policy = judge->input->policy;
    const struct policy_service *of = policy == NULL ? NULL : policy_service_named(policy, service);
    bool local = str_is(answer->reply.enhanced, "4.3.0") || str_is(answer->reply.enhanced, "4.3.5");

    return of == NULL || !local ? (struct str)STR("") : judge_broken_table(judge, of);
}

/* describe_said - a predicate of ports: "answer$3 451 4.3.5" */
static struct str describe_said(const struct judge *judge, struct str service,
                                const struct plan_step *step, const struct livetest_answer *answer)
{
    struct str text = livetest_describe_answer(judge->arena, step, answer);

    if (str_is(text, "no tls"))
        return str_of("fail$3 the TLS handshake");
    if (str_is(text, "silence"))
        return str_of("give$3 no answer");
    if (str_is(text, "nothing"))
        return str_of(answer->failure == CLIENT_CLOSED ? "close$3 the connection"
                                                       : "give$3 no answer");
    struct str broken = find_broken(judge, service, answer);
    if (broken.len > 0)
        return arena_printf(judge->arena, "answer$3 %.*s (cannot open %.*s)", STR_ARG(text),
                            STR_ARG(broken));
    return arena_printf(judge->arena, "answer$3 %.*s", STR_ARG(text));
}

/* is_certain - can no other answer give another result? */
static bool is_certain(const struct judge *judge, const struct plan_step *step,
                       enum asked_result result)
{
    if (step->outcome != PLAN_UNDETERMINED || judge->input->complete)
        return true;
    for (size_t i = 0; i < step->alternatives.count; i++)
        if (rate_text(step, step->alternatives.items[i]) != result)
            return false;
    return step->alternatives.count > 0;
}

static struct asked rate_step(const struct judge *judge, size_t session, size_t step)
{
    const struct plan_step *asked = &judge->input->plan->sessions[session].steps[step];
    const struct livetest_answer *answer = &judge->input->answers[session][step];
    struct asked result = {.session = session, .step = step, .reason = asked->reason};

    if (!answer->asked && answer->detail.len > 0) {
        result.said = answer->detail;
        return result;
    }
    result.result = rate_text(asked, livetest_describe_answer(judge->arena, asked, answer));
    result.said =
        describe_said(judge, judge->input->plan->sessions[session].service, asked, answer);
    result.code = answer->reply.code;
    result.certain = is_certain(judge, asked, result.result);
    return result;
}

struct asked judge_ask(const struct judge *judge, size_t session, size_t step)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    unsigned part = livetest_part(plan, step);
    struct asked doubtful = {.certain = true, .reason = STR_NONE};
    struct asked asked = {.result = ASKED_NOT, .session = session, .reason = STR_NONE};

    for (size_t i = 0; i <= step && step < plan->step_count; i++) {
        unsigned of = livetest_part(plan, i);
        if (of != 0 && of != part)
            continue; /* of another transaction */
        asked = rate_step(judge, session, i);
        if (asked.result != ASKED_YES)
            break;
        if (!asked.certain && doubtful.certain)
            doubtful = asked;
    }
    if (asked.certain && !doubtful.certain) {
        asked.certain = false;
        asked.reason = doubtful.reason;
    }
    return asked;
}

size_t judge_find_step(const struct plan_session *session, enum plan_action action,
                       const char *start)
{
    size_t len = strlen(start);

    for (size_t i = session->step_count; i > 0; i--) {
        const struct plan_step *step = &session->steps[i - 1];
        if (step->action == action && str_is_nocase(str_slice(step->text, 0, len), start))
            return i - 1;
    }
    return session->step_count;
}

bool judge_next(const struct judge *judge, const struct verdict_port *port, const char *kind,
                size_t *at)
{
    const struct plan *plan = judge->input->plan;

    for (; *at < plan->session_count; (*at)++) {
        const struct plan_session *session = &plan->sessions[*at];
        if (session->port == port->number && str_eq(session->service, port->service) &&
            str_is(session->kind, kind))
            return true;
    }
    return false;
}

void judge_doubt(struct judge *judge, const struct asked *asked)
{
    if (!asked->certain && asked->reason.len > 0)
        plan_add_text(&judge->doubts, judge->arena, asked->reason);
}

bool judge_is_for_users(const struct verdict_port *port)
{
    return port->role == PORT_SUBMISSION || port->role == PORT_SUBMISSIONS;
}

/* --- places -------------------------------------------------------------------------- */

static struct span find_line(const struct verdict_port *port)
{
    const struct service *service = port->policy == NULL ? NULL : port->policy->listener;

    return service == NULL ? SPAN_NONE : line_span(&service->line, service->name);
}

struct span judge_place(const struct judge *judge, const struct verdict_port *port,
                        enum parameter_number number)
{
    if (port->policy == NULL)
        return SPAN_NONE;
    struct setting setting =
        config_find(judge->input->policy->config, port->policy->service, number);
    return setting.line != NULL && setting.value.at != NULL ? line_span(setting.line, setting.value)
                                                            : find_line(port);
}

struct span judge_cause(const struct judge *judge, const struct verdict_port *port,
                        const struct asked *asked)
{
    struct span place = {.source = NULL};

    if (port->policy == NULL)
        return place;
    place = livetest_find_cause(judge->arena, port->policy, judge->input->plan, asked->session,
                                asked->step, judge->input->assumptions);
    return place.source != NULL ? place : find_line(port);
}
