/* the live test for people: a table, the differences, and what mail programs must be set to */
#include "cmd/report/livetest.h"

#include <string.h>

enum { QUESTION_WIDTH = 46, ANSWER_WIDTH = 16, REASONS_MAX = 200 };

/* --- what the parts share ------------------------------------------------------------ */

struct str livetest_step(const struct plan_step *step)
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

enum livetest_verdict livetest_session_verdict(struct arena *arena,
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

const struct plan_intended *livetest_intended(const struct plan *plan,
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

/* both_asked - a step that both servers could be asked */
static bool both_asked(const struct livetest_answer *one, const struct livetest_answer *other)
{
    return (one->asked || one->detail.len == 0) && (other->asked || other->detail.len == 0);
}

/* a session's later steps follow from the first */
bool livetest_changed(struct arena *arena, const struct livetest_report *report, size_t session,
                      size_t *step, struct str *difference)
{
    const struct plan_session *asked = &report->plan->sessions[session];

    for (size_t i = 0; report->before != NULL && i < asked->step_count; i++) {
        const struct livetest_answer *now = &report->answers[session][i];
        const struct livetest_answer *before = &report->before[session][i];
        if (both_asked(now, before) &&
            !livetest_same_answer(arena, asked, &asked->steps[i], now, before, difference)) {
            *step = i;
            return true;
        }
    }
    return false;
}

struct livetest_count livetest_count(struct arena *arena, const struct livetest_report *report)
{
    struct livetest_count count = {0};
    struct str difference;
    size_t step;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        enum livetest_verdict verdict =
            livetest_session_verdict(arena, session, report->answers[i]);
        count.asked += verdict != LIVETEST_NOT_ASKED;
        count.expected += verdict == LIVETEST_SAME;
        count.undetermined += verdict == LIVETEST_POSSIBLE;
        count.differ += verdict == LIVETEST_DIFFERS;
        if (livetest_changed(arena, report, i, &step, &difference)) {
            count.changed++;
            count.intended += livetest_intended(report->plan, session) != NULL;
        }
    }
    return count;
}

/* --- the table ----------------------------------------------------------------------- */

struct str livetest_clean(struct arena *arena, struct str text)
{
    char *copy = arena_alloc(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++)
        copy[i] = (unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F ? '?' : text.at[i];
    return (struct str){copy, text.len};
}

static void add_padded(struct buffer *out, struct str text, size_t width)
{
    text = livetest_clean(out->arena, text);
    if (text.len > width)
        buffer_printf(out, "%.*s...", (int)(width - 3), text.at);
    else
        buffer_printf(out, "%-*.*s", (int)width, STR_ARG(text));
    buffer_add_cstr(out, "  ");
}

/* deciding_step - the one that the question is about: the last that says something of its own */
static size_t deciding_step(const struct plan_session *session)
{
    static const char *const closing[] = {"QUIT", "RSET", "NOOP"};
    size_t last = session->step_count;

    while (last > 1) {
        const struct plan_step *step = &session->steps[last - 1];
        bool closes = false;
        for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
            closes = closes || (step->action == PLAN_SEND && str_is(step->text, closing[i]));
        if (!closes && step->outcome != PLAN_NOTHING)
            break;
        last--;
    }
    return last > 0 ? last - 1 : 0;
}

static struct str expected_of(struct arena *arena, const struct plan_step *step)
{
    struct buffer out;

    if (step->outcome == PLAN_ANY)
        return str_of("-");
    if (step->outcome != PLAN_UNDETERMINED)
        return plan_expected(step, arena);
    buffer_init(&out, arena);
    for (size_t i = 0; i < step->alternatives.count; i++)
        buffer_printf(&out, "%s%.*s", i > 0 ? "|" : "", STR_ARG(step->alternatives.items[i]));
    return buffer_str(&out);
}

static void add_details(struct buffer *out, const struct plan_session *session,
                        const struct livetest_answer *answers)
{
    for (size_t i = 0; i < session->step_count; i++) {
        const struct plan_step *step = &session->steps[i];
        struct str difference;
        if (livetest_compare(out->arena, step, &answers[i], &difference) != LIVETEST_DIFFERS)
            continue;
        buffer_printf(out, "        %.*s: %.*s\n",
                      STR_ARG(livetest_clean(out->arena, livetest_step(step))),
                      STR_ARG(livetest_clean(out->arena, difference)));
        if (answers[i].reply.code != 0)
            buffer_printf(out, "          it said: %.*s\n",
                          STR_ARG(livetest_clean(out->arena, answers[i].reply.text)));
        else if (answers[i].detail.len > 0)
            buffer_printf(out, "          %.*s\n",
                          STR_ARG(livetest_clean(out->arena, answers[i].detail)));
    }
}

static void add_row(struct buffer *out, const struct livetest_report *report, size_t index)
{
    static const char *const marks[] = {[LIVETEST_SAME] = "ok",
                                        [LIVETEST_DIFFERS] = "DIFFERS",
                                        [LIVETEST_POSSIBLE] = "undetermined",
                                        [LIVETEST_NOT_ASKED] = "not asked"};
    const struct plan_session *session = &report->plan->sessions[index];
    const struct livetest_answer *answers = report->answers[index];
    enum livetest_verdict verdict = livetest_session_verdict(out->arena, session, answers);

    buffer_add_cstr(out, "  ");
    add_padded(out, session->ask, QUESTION_WIDTH);
    if (session->step_count > 0) {
        size_t step = deciding_step(session);
        add_padded(out, expected_of(out->arena, &session->steps[step]), ANSWER_WIDTH);
        add_padded(out, livetest_describe_answer(out->arena, &session->steps[step], &answers[step]),
                   ANSWER_WIDTH);
    }
    buffer_printf(out, "%s\n", marks[verdict]);
    if (verdict == LIVETEST_DIFFERS)
        add_details(out, session, answers);
}

static void add_table(struct buffer *out, const struct livetest_report *report)
{
    struct str service = STR_NONE;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        if (service.at == NULL || !str_eq(service, session->service)) {
            service = session->service;
            buffer_printf(out, "%s%.*s", i > 0 ? "\n" : "",
                          STR_ARG(livetest_clean(out->arena, session->service)));
            buffer_printf(out, session->port > 0 ? ", port %d\n" : "\n", session->port);
            buffer_add_cstr(out, "  ");
            add_padded(out, str_of("question"), QUESTION_WIDTH);
            add_padded(out, str_of("expected"), ANSWER_WIDTH);
            add_padded(out, str_of("answered"), ANSWER_WIDTH);
            buffer_add_char(out, '\n');
        }
        add_row(out, report, i);
    }
}

/* --- what follows it ----------------------------------------------------------------- */

/* add_reasons - why answers are undetermined, each reason once */
static void add_reasons(struct buffer *out, const struct livetest_report *report)
{
    struct str reasons[REASONS_MAX];
    size_t counts[REASONS_MAX] = {0};
    size_t count = 0;

    for (size_t i = 0; i < report->plan->session_count; i++)
        for (size_t k = 0; k < report->plan->sessions[i].step_count; k++) {
            const struct plan_step *step = &report->plan->sessions[i].steps[k];
            size_t at = 0;
            if (step->outcome != PLAN_UNDETERMINED)
                continue;
            while (at < count && !str_eq(reasons[at], step->reason))
                at++;
            if (at == REASONS_MAX)
                continue;
            if (at == count)
                reasons[count++] = step->reason;
            counts[at]++;
        }
    if (count > 0)
        buffer_add_cstr(out, "\nundetermined, since the files don't tell (--assume does):\n");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "  %.*s (%zu %s)\n", STR_ARG(livetest_clean(out->arena, reasons[i])),
                      counts[i], counts[i] == 1 ? "answer" : "answers");
}

static void add_client(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_client client;

    if (!livetest_client(report, &client)) {
        buffer_add_cstr(out, "\nNobody can log in: no mail program can send through this server "
                             "from outside.\n");
        return;
    }
    buffer_printf(out,
                  "\nA mail program is set to: outgoing server %.*s, port %d, %s, password "
                  "\"normal\" (AUTH %.*s).\nIn ~/.msmtprc:\n\n",
                  STR_ARG(client.server), client.port,
                  client.tls == PLAN_TLS_IMPLICIT   ? "SSL/TLS"
                  : client.tls == PLAN_TLS_STARTTLS ? "STARTTLS"
                                                    : "no encryption (passwords go in the clear)",
                  STR_ARG(client.mechanism));
    livetest_msmtprc(out, &client);
}

void livetest_text(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_count count = livetest_count(out->arena, report);

    add_table(out, report);
    add_reasons(out, report);
    livetest_changes(out, report);
    add_client(out, report);
    buffer_printf(out, "\n%.*s: %zu asked, %zu as expected, %zu undetermined, %zu differ",
                  STR_ARG(report->asked), count.asked, count.expected, count.undetermined,
                  count.differ);
    if (report->before != NULL)
        buffer_printf(out, "; %zu not as before, %zu of them intended", count.changed,
                      count.intended);
    buffer_add_char(out, '\n');
}
