/* the result of a live test, as its reports need it */
#include "base/terminal.h"
#include "cmd/livetest/report.h"
#include "smtp/start/start.h"

struct str livetest_report_step(const struct plan_step *step)
{
    switch (step->action) {
    case PLAN_GREETING:
        return str_of("the greeting");
    case PLAN_HANDSHAKE:
        return str_of("the handshake");
    case PLAN_STARTTLS:
        return str_of("STARTTLS and the handshake");
    case PLAN_AUTH:
        return str_of("AUTH");
    case PLAN_MESSAGE:
        return str_of("the message");
    case PLAN_SEND:
        break;
    }
    return step->text.len > 0 ? step->text : str_of("an empty line");
}

enum livetest_verdict livetest_report_verdict(struct arena *arena,
                                              const struct plan_session *session,
                                              const struct livetest_answer *answers)
{
    static const int weight[] = {[LIVETEST_NOT_ASKED] = 0,
                                 [LIVETEST_SAME] = 1,
                                 [LIVETEST_POSSIBLE] = 2,
                                 [LIVETEST_DIFFERS] = 3};
    enum livetest_verdict worst = LIVETEST_NOT_ASKED;
    struct str difference;

    for (size_t i = 0; i < session->step_count; i++) {
        enum livetest_verdict verdict =
            livetest_compare(arena, &session->steps[i], &answers[i], &difference);
        if (weight[verdict] > weight[worst])
            worst = verdict;
    }
    return worst;
}

const struct plan_intended *livetest_report_intended(const struct plan *plan,
                                                     const struct plan_session *session)
{
    for (size_t i = 0; i < plan->intended_count; i++) {
        const struct plan_intended *item = &plan->intended[i];
        if ((item->service.len == 0 || str_eq(item->service, session->service)) &&
            (item->kind.len == 0 || str_eq(item->kind, session->kind)))
            return item;
    }
    return NULL;
}

/* are_comparable - was the step possible with both servers? */
static bool are_comparable(const struct livetest_answer *one, const struct livetest_answer *other)
{
    return (one->asked || one->detail.len == 0) && (other->asked || other->detail.len == 0);
}

/* only the first: later steps follow from it */
bool livetest_report_changed(struct arena *arena, const struct livetest_report *report,
                             size_t session, size_t *step, struct str *difference)
{
    const struct plan_session *asked = &report->plan->sessions[session];

    for (size_t i = 0; report->before != NULL && i < asked->step_count; i++) {
        const struct livetest_answer *now = &report->answers[session][i];
        const struct livetest_answer *before = &report->before[session][i];
        if (are_comparable(now, before) &&
            !livetest_same_answer(arena, asked, &asked->steps[i], now, before, difference)) {
            *step = i;
            return true;
        }
    }
    return false;
}

struct livetest_count livetest_report_count(struct arena *arena,
                                            const struct livetest_report *report)
{
    struct livetest_count count = {0};
    const struct policy_service *service;
    const struct start_fault *fault;
    struct str difference;
    size_t step;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        enum livetest_verdict verdict = livetest_report_verdict(arena, session, report->answers[i]);
        count.asked += verdict != LIVETEST_NOT_ASKED;
        count.expected += verdict == LIVETEST_SAME;
        count.undetermined += verdict == LIVETEST_POSSIBLE;
        count.differ += verdict == LIVETEST_DIFFERS;
        if (livetest_report_changed(arena, report, i, &step, &difference)) {
            count.changed++;
            count.intended += livetest_report_intended(report->plan, session) != NULL;
        }
    }
    for (size_t at = 0;
         report->policy != NULL && start_fault_next(report->policy, &at, &service, &fault);)
        count.dead++;
    return count;
}
