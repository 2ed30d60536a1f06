/* the live test for people: the verdicts, a table, the changes, and the settings of mail clients */
#include <string.h>

#include "base/terminal.h"
#include "cmd/livetest/report.h"

enum { QUESTION_WIDTH = 46, ANSWER_WIDTH = 16 };

/* --- the table ----------------------------------------------------------------------- */

static void add_padded(struct buffer *out, struct str text, size_t width)
{
    text = terminal_text(out->arena, text);
    if (text.len > width)
        buffer_printf(out, "%.*s...", (int)(width - 3), text.at);
    else
        buffer_printf(out, "%-*.*s", (int)width, STR_ARG(text));
    buffer_add_cstr(out, "  ");
}

/* find_step - the first one, or the last, that is this action, or a command with this start */
static size_t find_step(const struct plan_session *session, enum plan_action action,
                        const char *start, bool last)
{
    size_t found = session->step_count;

    for (size_t i = 0; i < session->step_count; i++) {
        const struct plan_step *step = &session->steps[i];
        bool it = step->action == action ||
                  (step->action == PLAN_SEND &&
                   str_is_nocase(str_slice(step->text, 0, strlen(start)), start));
        if (it && (last || found == session->step_count))
            found = i;
    }
    return found;
}

/* find_deciding_step - the one that the session is about: the login, the EHLO after STARTTLS, or
   the last that is not just a closing */
static size_t find_deciding_step(const struct plan_session *session)
{
    static const char *const closing[] = {"QUIT", "RSET", "NOOP"};
    size_t last = session->step_count;
    size_t login = find_step(session, PLAN_AUTH, "AUTH", false);
    size_t hello = find_step(session, PLAN_STARTTLS, "EHLO", true);

    if (str_is(session->kind, "auth") && login < last)
        return login;
    if (str_is(session->kind, "starttls") && hello < last)
        return hello;
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

static struct str describe_expected(struct arena *arena, const struct plan_step *step)
{
    struct buffer out;

    if (step->outcome == PLAN_ANY)
        return str_of("-");
    if (step->outcome != PLAN_UNDETERMINED)
        return plan_expected(step, arena);
    if (step->alternatives.count == 0)
        return str_of("any");
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
                      STR_ARG(terminal_text(out->arena, livetest_report_step(step))),
                      STR_ARG(terminal_text(out->arena, difference)));
        if (answers[i].reply.code != 0)
            buffer_printf(out, "          the server said: %.*s\n",
                          STR_ARG(terminal_text(out->arena, answers[i].reply.text)));
        else if (answers[i].detail.len > 0)
            buffer_printf(out, "          %.*s\n",
                          STR_ARG(terminal_text(out->arena, answers[i].detail)));
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
    enum livetest_verdict verdict = livetest_report_verdict(out->arena, session, answers);

    buffer_add_cstr(out, "  ");
    add_padded(out, session->ask, QUESTION_WIDTH);
    if (session->step_count > 0) {
        size_t step = find_deciding_step(session);
        add_padded(out, describe_expected(out->arena, &session->steps[step]), ANSWER_WIDTH);
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
                          STR_ARG(terminal_text(out->arena, session->service)));
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

/* --- below the table ----------------------------------------------------------------- */

/* a reason, and how many answers it leaves undetermined */
struct reason {
    struct str text;
    size_t count;
};

struct reason_list {
    struct reason **items;
    size_t count, capacity;
    struct map by_text;
};

static void count_reason(struct reason_list *list, struct arena *arena, struct str text)
{
    struct reason *reason = map_get(&list->by_text, text);

    if (reason == NULL) {
        reason = arena_alloc(arena, sizeof *reason);
        reason->text = text;
        map_put(&list->by_text, text, reason);
        list->items =
            arena_grow(arena, list->items, list->count, &list->capacity, sizeof(struct reason *));
        list->items[list->count++] = reason;
    }
    reason->count++;
}

/* add_reasons - why answers are undetermined, each reason once */
static void add_reasons(struct buffer *out, const struct livetest_report *report)
{
    struct reason_list list = {0};

    map_init(&list.by_text, out->arena);
    for (size_t i = 0; i < report->plan->session_count; i++)
        for (size_t k = 0; k < report->plan->sessions[i].step_count; k++) {
            const struct plan_step *step = &report->plan->sessions[i].steps[k];
            if (step->outcome == PLAN_UNDETERMINED)
                count_reason(&list, out->arena, step->reason);
        }
    if (list.count > 0)
        buffer_add_cstr(out,
                        "\nundetermined: cannot be determined from the files (use --assume):\n");
    for (size_t i = 0; i < list.count; i++)
        buffer_printf(out, "  %.*s (%zu %s)\n",
                      STR_ARG(terminal_text(out->arena, list.items[i]->text)), list.items[i]->count,
                      list.items[i]->count == 1 ? "answer" : "answers");
}

static void add_client(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_client client;

    if (!livetest_report_client(report, &client)) {
        buffer_add_cstr(out, "\nNo mail client can log in, so none can send through this server "
                             "from outside.\n");
        return;
    }
    buffer_printf(out,
                  "\nMail client settings: outgoing server %.*s, port %d, %s, normal "
                  "password (AUTH %.*s)\nIn ~/.msmtprc:\n\n",
                  STR_ARG(client.server), client.port,
                  client.tls == PLAN_TLS_IMPLICIT ? "SSL/TLS"
                  : client.tls == PLAN_TLS_STARTTLS
                      ? "STARTTLS"
                      : "no encryption (passwords are sent unencrypted)",
                  STR_ARG(client.mechanism));
    livetest_report_msmtprc(out, &client);
}

/* add_changed - "; 2 answers changed, both intended" */
static void add_changed(struct buffer *out, const struct livetest_count *count)
{
    buffer_printf(out, "; %zu answer%s changed", count->changed, count->changed == 1 ? "" : "s");
    if (count->changed == 0)
        return;
    if (count->intended < count->changed)
        buffer_printf(out, ", %zu intended", count->intended);
    else
        buffer_add_cstr(out, count->changed == 1   ? ", intended"
                             : count->changed == 2 ? ", both intended"
                                                   : ", all intended");
}

void livetest_report_text(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_count count = livetest_report_count(out->arena, report);

    livetest_report_verdicts(out, report);
    if (!report->verbose)
        return;
    buffer_add_char(out, '\n');
    add_table(out, report);
    add_reasons(out, report);
    livetest_report_left_out(out, report);
    livetest_report_changes(out, report);
    add_client(out, report);
    buffer_printf(out, "\n%.*s: %zu sessions, %zu as expected, %zu undetermined, %zu different",
                  STR_ARG(report->asked), count.asked, count.expected, count.undetermined,
                  count.differ);
    if (report->before != NULL)
        add_changed(out, &count);
    if (count.dead > 0 && report->policy->count == 0)
        buffer_add_cstr(out, "; Postfix will not start");
    else if (count.dead > 0)
        buffer_printf(out, "; %zu service%s will not start", count.dead,
                      count.dead == 1 ? "" : "s");
    buffer_add_char(out, '\n');
}
