/* the live test for programs: one JSON object; docs/json.md describes it */

#include "base/json.h"
#include "cmd/livetest/report.h"
#include "cmd/report/start.h"

static json_t *make_step(struct arena *arena, const struct plan_step *step,
                         const struct livetest_answer *answer)
{
    static const char *const verdicts[] = {[LIVETEST_SAME] = "same",
                                           [LIVETEST_DIFFERS] = "differs",
                                           [LIVETEST_POSSIBLE] = "undetermined",
                                           [LIVETEST_NOT_ASKED] = "not asked"};
    json_t *object = json_object();
    struct str difference;
    enum livetest_verdict verdict = livetest_compare(arena, step, answer, &difference);

    json_object_set_new(object, "step", json_text(arena, livetest_report_step(step)));
    json_object_set_new(object, "expected", json_text(arena, plan_expected(step, arena)));
    json_object_set_new(object, "answered",
                        json_text(arena, livetest_describe_answer(arena, step, answer)));
    json_object_set_new(object, "reply", json_text(arena, answer->reply.text));
    json_object_set_new(object, "received", json_text(arena, answer->received));
    json_object_set_new(object, "verdict", json_string(verdicts[verdict]));
    json_object_set_new(object, "difference", json_text(arena, difference));
    if (step->outcome == PLAN_UNDETERMINED) {
        json_t *list = json_array();
        for (size_t i = 0; i < step->alternatives.count; i++)
            json_array_append_new(list, json_text(arena, step->alternatives.items[i]));
        json_object_set_new(object, "one_of", list);
        json_object_set_new(object, "because", json_text(arena, step->reason));
    }
    return object;
}

static json_t *make_session(struct arena *arena, const struct livetest_report *report, size_t index)
{
    const struct plan_session *session = &report->plan->sessions[index];
    const struct plan_intended *intended = livetest_report_intended(report->plan, session);
    json_t *object = json_object();
    json_t *steps = json_array();

    json_object_set_new(object, "ask", json_text(arena, session->ask));
    json_object_set_new(object, "kind", json_text(arena, session->kind));
    json_object_set_new(object, "service", json_text(arena, session->service));
    json_object_set_new(object, "port", json_integer(session->port));
    json_object_set_new(object, "tls", json_string(plan_tls_name(session->tls)));
    for (size_t i = 0; i < session->step_count; i++) {
        const struct plan_step *step = &session->steps[i];
        json_t *made = make_step(arena, step, &report->answers[index][i]);
        struct str difference;
        if (report->before != NULL) {
            const struct livetest_answer *before = &report->before[index][i];
            json_object_set_new(made, "before",
                                json_text(arena, livetest_describe_answer(arena, step, before)));
            json_object_set_new(
                made, "as_before",
                json_boolean(livetest_same_answer(arena, session, step, &report->answers[index][i],
                                                  before, &difference)));
        }
        json_array_append_new(steps, made);
    }
    if (report->before != NULL && intended != NULL)
        json_object_set_new(object, "intended_by", json_text(arena, intended->rule));
    json_object_set_new(object, "steps", steps);
    return object;
}

static json_t *make_client(struct arena *arena, const struct livetest_report *report)
{
    struct livetest_client client;

    if (!livetest_report_client(report, &client))
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "server", json_text(arena, client.server));
    json_object_set_new(object, "port", json_integer(client.port));
    json_object_set_new(object, "tls", json_string(plan_tls_name(client.tls)));
    json_object_set_new(object, "auth", json_text(arena, client.mechanism));
    return object;
}

/* make_dead - the services that would not start */
static json_t *make_dead(struct arena *arena, const struct livetest_report *report)
{
    json_t *list = json_array();
    const struct policy_service *service;
    const struct start_fault *fault;
    size_t at = 0;

    while (report->policy != NULL && start_fault_next(report->policy, &at, &service, &fault))
        json_array_append_new(list, start_report_object(arena, service, fault));
    return list;
}

static json_t *make_verdicts(struct arena *arena, const struct livetest_report *report)
{
    static const char *const states[] = {[VERDICT_OK] = "ok",
                                         [VERDICT_FAIL] = "fail",
                                         [VERDICT_WARN] = "warn",
                                         [VERDICT_UNKNOWN] = "undetermined"};
    json_t *list = json_array();

    for (size_t i = 0; i < report->verdicts.count; i++) {
        const struct verdict *verdict = &report->verdicts.items[i];
        json_t *object = json_object();
        json_object_set_new(object, "kind", json_string(verdict->kind));
        json_object_set_new(object, "state", json_string(states[verdict->state]));
        json_object_set_new(object, "text", json_text(arena, verdict->text));
        if (verdict->place.source != NULL) {
            struct position place = source_position(verdict->place.source, verdict->place.at);
            json_object_set_new(object, "file", json_text(arena, verdict->place.source->path));
            json_object_set_new(object, "line", json_integer((json_int_t)place.line));
            json_object_set_new(object, "column", json_integer((json_int_t)place.column));
        }
        json_array_append_new(list, object);
    }
    return list;
}

struct question_list {
    struct arena *arena;
    json_t *questions;
};

static void add_question(void *context, const struct plan_session *session,
                         const struct plan_step *step)
{
    struct question_list *list = context;
    json_t *object = json_object();

    json_object_set_new(object, "service", json_text(list->arena, session->service));
    json_object_set_new(object, "ask", json_text(list->arena, session->ask));
    json_object_set_new(object, "step",
                        step == NULL ? json_null()
                                     : json_text(list->arena, livetest_report_step(step)));
    json_array_append_new(list->questions, object);
}

/* make_left_out - what the server does not have, and what was not asked therefore */
static json_t *make_left_out(struct arena *arena, const struct livetest_report *report)
{
    json_t *list = json_array();

    for (size_t i = 0; i < report->left_out_count; i++) {
        const struct engine_left_out *item = &report->left_out[i];
        struct question_list questions = {arena, json_array()};
        size_t count = livetest_report_unasked(report, item, add_question, &questions);
        json_t *object = json_object();
        json_object_set_new(object, "what", json_text(arena, item->what));
        json_object_set_new(object, "service", json_text(arena, item->service));
        json_object_set_new(object, "questions", questions.questions);
        if (count > 0 || !item->usual)
            json_array_append_new(list, object);
        else
            json_decref(object);
    }
    return list;
}

void livetest_report_json(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_count count = livetest_report_count(out->arena, report);
    json_t *object = json_object();
    json_t *sessions = json_array();

    for (size_t i = 0; i < report->plan->session_count; i++)
        json_array_append_new(sessions, make_session(out->arena, report, i));
    json_object_set_new(object, "asked_of", json_text(out->arena, report->asked));
    json_object_set_new(object, "verdicts", make_verdicts(out->arena, report));
    json_object_set_new(object, "asked", json_count(count.asked));
    json_object_set_new(object, "as_expected", json_count(count.expected));
    json_object_set_new(object, "undetermined", json_count(count.undetermined));
    json_object_set_new(object, "differ", json_count(count.differ));
    if (report->before != NULL) {
        json_object_set_new(object, "against", json_text(out->arena, report->asked_before));
        json_object_set_new(object, "not_as_before", json_count(count.changed));
        json_object_set_new(object, "intended", json_count(count.intended));
    }
    json_object_set_new(object, "not_started", make_dead(out->arena, report));
    json_object_set_new(object, "left_out", make_left_out(out->arena, report));
    json_object_set_new(object, "client", make_client(out->arena, report));
    json_object_set_new(object, "sessions", sessions);
    json_print(out, object, 1);
    buffer_add_char(out, '\n');
}
