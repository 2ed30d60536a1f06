/* the answers that changed from the old configuration's server: each difference once */
#include "base/terminal.h"
#include "cmd/livetest/report.h"

enum { PLACES_SHOWN = 3 };

/* one difference, and the sessions that have it */
struct livetest_change {
    struct str difference;
    struct str command; /* "EHLO", "the greeting" */
    const struct plan_intended *intended;
    size_t count;
    struct buffer places;
};

struct livetest_change_list {
    struct livetest_change *items;
    size_t count, capacity;
};

/* name_command - the step without its address */
static struct str name_command(const struct plan_step *step)
{
    struct str text = livetest_report_step(step);

    return step->action == PLAN_SEND ? str_slice(text, 0, str_find(text, ' ', 0)) : text;
}

static bool same_intent(const struct plan_intended *one, const struct plan_intended *other)
{
    if (one == NULL || other == NULL)
        return one == other;
    return str_eq(one->rule, other->rule) && str_eq(one->why, other->why);
}

static struct livetest_change *find_change(struct livetest_change_list *list, struct arena *arena,
                                           struct livetest_change wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        struct livetest_change *change = &list->items[i];
        if (same_intent(change->intended, wanted.intended) &&
            str_eq(change->command, wanted.command) &&
            str_eq(change->difference, wanted.difference))
            return change;
    }
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count] = wanted;
    buffer_init(&list->items[list->count].places, arena);
    return &list->items[list->count++];
}

static void add_place(struct livetest_change *change, const struct plan_session *session,
                      const struct plan_step *step)
{
    struct arena *arena = change->places.arena;

    if (change->count++ < PLACES_SHOWN)
        buffer_printf(&change->places, "      %.*s, %.*s: %.*s\n",
                      STR_ARG(terminal_text(arena, session->service)),
                      STR_ARG(terminal_text(arena, session->ask)),
                      STR_ARG(terminal_text(arena, livetest_report_step(step))));
}

static void add_change(struct buffer *out, const struct livetest_change *change)
{
    buffer_printf(out, "  %.*s: %.*s", STR_ARG(terminal_text(out->arena, change->command)),
                  STR_ARG(terminal_text(out->arena, change->difference)));
    if (change->count > 1)
        buffer_printf(out, " (%zu times)", change->count);
    buffer_add_char(out, '\n');
    if (change->intended != NULL)
        buffer_printf(out, "    intended (%.*s): %.*s\n",
                      STR_ARG(terminal_text(out->arena, change->intended->rule)),
                      STR_ARG(terminal_text(out->arena, change->intended->why)));
    buffer_add(out, buffer_str(&change->places));
    if (change->count > PLACES_SHOWN)
        buffer_printf(out, "      and %zu more\n", change->count - PLACES_SHOWN);
}

void livetest_report_changes(struct buffer *out, const struct livetest_report *report)
{
    struct livetest_change_list list = {0};
    struct str difference;
    size_t step;

    if (report->before == NULL)
        return;
    buffer_printf(out, "\ncompared with %.*s:\n",
                  STR_ARG(terminal_text(out->arena, report->asked_before)));
    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        if (!livetest_report_changed(out->arena, report, i, &step, &difference))
            continue;
        struct livetest_change change = {.difference = difference,
                                         .command = name_command(&session->steps[step]),
                                         .intended =
                                             livetest_report_intended(report->plan, session)};
        add_place(find_change(&list, out->arena, change), session, &session->steps[step]);
    }
    for (size_t i = 0; i < list.count; i++)
        add_change(out, &list.items[i]);
    if (list.count == 0)
        buffer_add_cstr(out, "  no difference\n");
}
