/* what the server of a live test does not have, and the questions that were not asked therefore */
#include "base/terminal.h"
#include "cmd/livetest/report.h"

enum { QUESTIONS_SHOWN = 3 };

/* is_about - is the step undetermined because of what was left out? */
static bool is_about(const struct plan_step *step, struct str reason)
{
    return reason.len > 0 && step->outcome == PLAN_UNDETERMINED &&
           str_eq(str_slice(step->reason, 0, reason.len), reason) &&
           (step->reason.len == reason.len || step->reason.at[reason.len] == ' ');
}

size_t livetest_report_unasked(const struct livetest_report *report,
                               const struct engine_left_out *item,
                               void (*seen)(void *context, const struct plan_session *session,
                                            const struct plan_step *step),
                               void *context)
{
    size_t count = 0;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        if (item->service.len > 0 && !str_eq(item->service, session->service))
            continue;
        if (item->all) {
            seen(context, session, NULL);
            count++;
        }
        for (size_t k = 0; k < session->step_count; k++)
            if (is_about(&session->steps[k], item->reason)) {
                seen(context, session, &session->steps[k]);
                count++;
            }
    }
    return count;
}

struct question_writer {
    struct buffer *out;
    size_t count;
};

static void add_question(void *context, const struct plan_session *session,
                         const struct plan_step *step)
{
    struct question_writer *writer = context;
    struct arena *arena = writer->out->arena;

    if (writer->count++ >= QUESTIONS_SHOWN)
        return;
    buffer_printf(writer->out, "    %.*s, %.*s", STR_ARG(terminal_text(arena, session->service)),
                  STR_ARG(terminal_text(arena, session->ask)));
    if (step != NULL)
        buffer_printf(writer->out, ": %.*s",
                      STR_ARG(terminal_text(arena, livetest_report_step(step))));
    buffer_add_char(writer->out, '\n');
}

/* is_shown - DNS is part of every server: it is listed if a question is about it */
static bool is_shown(const struct engine_left_out *item, size_t questions)
{
    return questions > 0 || !item->usual;
}

static void add_item(struct buffer *out, const struct livetest_report *report,
                     const struct engine_left_out *item)
{
    struct buffer questions;
    struct question_writer writer = {.out = &questions};

    buffer_init(&questions, out->arena);
    size_t count = livetest_report_unasked(report, item, add_question, &writer);
    if (!is_shown(item, count))
        return;
    buffer_printf(out, "  %.*s", STR_ARG(terminal_text(out->arena, item->what)));
    if (item->service.len > 0)
        buffer_printf(out, " of %.*s", STR_ARG(terminal_text(out->arena, item->service)));
    buffer_printf(out, " (%zu %s)\n", count, count == 1 ? "question" : "questions");
    buffer_add(out, buffer_str(&questions));
    if (count > QUESTIONS_SHOWN)
        buffer_printf(out, "    and %zu more\n", count - QUESTIONS_SHOWN);
}

void livetest_report_left_out(struct buffer *out, const struct livetest_report *report)
{
    struct buffer items;

    buffer_init(&items, out->arena);
    for (size_t i = 0; i < report->left_out_count; i++)
        add_item(&items, report, &report->left_out[i]);
    if (items.len == 0)
        return;
    buffer_add_cstr(out,
                    "\nleft out, as the test cannot reach them; what they answer was not asked:\n");
    buffer_add(out, buffer_str(&items));
}
