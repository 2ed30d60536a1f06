#include "cmd/livetest_verdicts.h"

#include <string.h>

#include "rules/engine/engine.h"
#include "smtp/start/start.h"

static struct verdict *add_notice(struct verdict_list *list, struct arena *arena, const char *kind,
                                  enum verdict_state state, struct str text)
{
    struct verdict *verdict = verdict_add(list, arena);

    *verdict = (struct verdict){.kind = kind, .state = state, .text = text};
    return verdict;
}

/* --- the rules ----------------------------------------------------------------------------- */

/* add_smuggling - the rule knows which services are exposed, and what protects them */
static void add_smuggling(struct verdict_list *list, struct arena *arena,
                          const struct livetest_report *report, const struct finding_list *findings)
{
    const struct policy_service *service = policy_service_at_port(report->policy, SMTP_PORT);
    struct str why;
    bool found = false;

    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        if (strcmp(finding->rule->name, "smtp-smuggling") != 0)
            continue;
        add_notice(list, arena, "smuggling", VERDICT_WARN, finding->message)->place = finding->span;
        found = true;
    }
    if (!found && service != NULL && start_fault_of_listener(service) == NULL &&
        start_reaches(service, str_of("198.51.100.7"), &why))
        add_notice(list, arena, "smuggling", VERDICT_OK,
                   str_of("messages cannot be smuggled in on port 25"));
}

/* add_findings - an error is one whatever the answers are: they cannot show everything */
static void add_findings(struct verdict_list *list, struct arena *arena,
                         const struct livetest_report *report)
{
    const struct rules_request request = {.keep_defaults = true};
    struct finding_list findings = {0};

    if (report->config == NULL)
        return;
    engine_run(&findings, report->config, &request);
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        if (finding->severity == SEVERITY_ERROR)
            add_notice(
                list, arena, "lint", VERDICT_FAIL,
                arena_printf(arena, "%.*s [%s]", STR_ARG(finding->message), finding->rule->name))
                ->place = finding->span;
    }
    add_smuggling(list, arena, report, &findings);
}

/* --- the old server -------------------------------------------------------------------------- */

static struct str find_first_change(struct arena *arena, const struct livetest_report *report)
{
    struct str difference;
    size_t step;

    for (size_t i = 0; i < report->plan->session_count; i++) {
        const struct plan_session *session = &report->plan->sessions[i];
        if (livetest_report_intended(report->plan, session) == NULL &&
            livetest_report_changed(arena, report, i, &step, &difference))
            return arena_printf(arena, "%.*s, %.*s: %.*s", STR_ARG(session->service),
                                STR_ARG(session->ask), STR_ARG(difference));
    }
    return (struct str)STR("");
}

static void add_changes(struct verdict_list *list, struct arena *arena,
                        const struct livetest_report *report)
{
    struct livetest_count count = livetest_report_count(arena, report);
    size_t bad = count.changed - count.intended;

    if (report->before == NULL)
        return;
    if (bad > 0)
        add_notice(list, arena, "before", VERDICT_FAIL,
                   arena_printf(arena, "%zu answer%s changed unintentionally (-v): %.*s", bad,
                                bad == 1 ? "" : "s", STR_ARG(find_first_change(arena, report))));
    else
        add_notice(list, arena, "before", VERDICT_OK,
                   count.changed == 0
                       ? str_of("as before")
                       : arena_printf(arena, "as before, but for %zu intended change%s",
                                      count.changed, count.changed == 1 ? "" : "s"));
}

/* --- what was left out ----------------------------------------------------------------------- */

static void ignore_question(void *context, const struct plan_session *session,
                            const struct plan_step *step)
{
    (void)context;
    (void)session;
    (void)step;
}

static void add_left_out(struct verdict_list *list, struct arena *arena,
                         const struct livetest_report *report)
{
    for (size_t i = 0; i < report->left_out_count; i++) {
        const struct engine_left_out *item = &report->left_out[i];
        size_t count = livetest_report_unasked(report, item, ignore_question, NULL);
        if (count == 0 || item->usual)
            continue;
        add_notice(list, arena, "left-out", VERDICT_UNKNOWN,
                   arena_printf(arena, "%zu question%s about the %.*s, which was left out", count,
                                count == 1 ? "" : "s", STR_ARG(item->what)));
    }
    if (report->plan->left_out.count > 0)
        add_notice(list, arena, "left-out", VERDICT_UNKNOWN,
                   arena_printf(arena, "the answers of %zu services: too many for one test",
                                report->plan->left_out.count));
}

void livetest_verdicts_fill(struct livetest_report *report, struct arena *arena,
                            const struct assumption_list *assumptions, bool complete)
{
    struct verdict_list notices = {0};

    add_findings(&notices, arena, report);
    add_changes(&notices, arena, report);
    add_left_out(&notices, arena, report);
    const struct verdict_input input = {.policy = report->policy,
                                        .plan = report->plan,
                                        .answers = report->answers,
                                        .assumptions = assumptions,
                                        .complete = complete,
                                        .notices = notices.items,
                                        .notice_count = notices.count};
    verdict_judge(&report->verdicts, arena, &input);
}
