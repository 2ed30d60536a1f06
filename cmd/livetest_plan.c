#include "cmd/livetest_plan.h"
#include "base/terminal.h"

#include "cmd/livetest/report.h"
#include "smtp/livetest/livetest.h"

/* --- the plan -------------------------------------------------------------------------- */

/* open_named_policy - of CONFIG on a platform; where the host name is unknown, mail.example.com */
static const struct policy *open_named_policy(struct arena *arena, const struct config *config,
                                              const struct source *main_source,
                                              const struct source *master_source,
                                              const struct platform *platform)
{
    struct config_input input = {.path = config->directory,
                                 .main_source = main_source,
                                 .master_source = master_source,
                                 .files = config->files,
                                 .file_count = config->file_count,
                                 .folder = config->folder,
                                 .failure = config->failure,
                                 .platform = platform,
                                 .host = config->host};
    struct config *opened = arena_alloc(arena, sizeof *opened);
    struct str error;
    int flags = 0;

    if (!config_open(opened, arena, &input, &error))
        return NULL;
    config_value(opened, NULL, PARAM_MYHOSTNAME, &flags, NULL);
    if ((flags & EXPAND_HAS_UNDETERMINED) != 0) {
        input.host.hostname = str_of("mail.example.com");
        config_reinterpret(opened, platform, input.host);
    }
    return policy_open(arena, opened);
}

static const struct policy *open_policy(struct arena *arena, const struct config *config,
                                        const struct platform *platform)
{
    return open_named_policy(arena, config, config->main_cf.source, config->master_cf.source,
                             platform);
}

void livetest_plan_make(struct plan *plan, struct arena *arena, const struct config *fixed)
{
    const struct policy *policy = open_policy(arena, fixed, fixed->platform);

    *plan = (struct plan){.platform = STR_NONE, .hostname = STR_NONE, .configuration = STR_NONE};
    if (policy != NULL)
        livetest_make_plan(plan, arena, policy, NULL);
}

/* --- intended changes ---------------------------------------------------------------------- */

/* copy_questions - a copy of PLAN whose expectations POLICY fills in */
static struct plan copy_questions(struct arena *arena, const struct plan *plan,
                                  const struct policy *policy)
{
    struct plan copy = *plan;

    copy.sessions = arena_alloc(arena, (plan->session_count + 1) * sizeof *copy.sessions);
    for (size_t i = 0; i < plan->session_count; i++) {
        struct plan_session *session = &copy.sessions[i];
        *session = plan->sessions[i];
        session->steps = arena_alloc(arena, (session->step_count + 1) * sizeof *session->steps);
        for (size_t k = 0; k < session->step_count; k++)
            session->steps[k] = plan->sessions[i].steps[k];
    }
    livetest_expect(&copy, arena, policy, NULL);
    return copy;
}

static bool same_texts(const struct str_list *a, const struct str_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_eq(a->items[i], b->items[i]))
            return false;
    return true;
}

static bool same_expectation(const struct plan_step *a, const struct plan_step *b)
{
    return a->outcome == b->outcome && a->code == b->code && str_eq(a->enhanced, b->enhanced) &&
           str_eq(a->received, b->received) && same_texts(&a->has, &b->has) &&
           same_texts(&a->lacks, &b->lacks) && same_texts(&a->alternatives, &b->alternatives);
}

static bool same_session(const struct plan_session *a, const struct plan_session *b)
{
    for (size_t i = 0; i < a->step_count; i++)
        if (!same_expectation(&a->steps[i], &b->steps[i]))
            return false;
    return true;
}

static bool is_noted(const struct plan *plan, const struct plan_session *session, struct str rule)
{
    for (size_t i = 0; i < plan->intended_count; i++)
        if (str_eq(plan->intended[i].service, session->service) &&
            str_eq(plan->intended[i].kind, session->kind) && str_eq(plan->intended[i].rule, rule))
            return true;
    return false;
}

/* the sessions in which the new server answers differently, and what the old one answered */
struct difference {
    struct plan now, before;
};

static struct difference find_difference(struct arena *arena, const struct plan *now,
                                         const struct plan *before)
{
    struct difference difference = {*now, *before};
    size_t count = 0;

    difference.now.sessions = arena_alloc(arena, (now->session_count + 1) * sizeof *now->sessions);
    difference.before.sessions =
        arena_alloc(arena, (now->session_count + 1) * sizeof *now->sessions);
    for (size_t i = 0; i < now->session_count; i++) {
        if (same_session(&before->sessions[i], &now->sessions[i]))
            continue;
        difference.now.sessions[count] = now->sessions[i];
        difference.before.sessions[count++] = before->sessions[i];
    }
    difference.now.session_count = difference.before.session_count = count;
    return difference;
}

/*
 * note_changes - the sessions whose answers change in WITH, which has the old files with one thing
 * changed
 */
static void note_changes(struct plan *plan, struct arena *arena,
                         const struct difference *difference, const struct plan *with,
                         struct str rule, struct str why)
{
    for (size_t i = 0; i < with->session_count; i++) {
        const struct plan_session *session = &with->sessions[i];
        if (same_session(&difference->before.sessions[i], session) || is_noted(plan, session, rule))
            continue;
        plan->intended = arena_grow(arena, plan->intended, plan->intended_count,
                                    &plan->intended_capacity, sizeof *plan->intended);
        plan->intended[plan->intended_count++] =
            (struct plan_intended){session->service, session->kind, rule, why};
    }
}

/* find_finding - the first finding of RULE with edits, or NULL */
static const struct finding *find_finding(const struct finding_list *list, const struct rule *rule)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].rule == rule && list->items[i].edit_count > 0)
            return &list->items[i];
    return NULL;
}

/* note_rule - what the edits of one rule change, made alone */
static void note_rule(struct plan *plan, struct arena *arena, const struct config *old,
                      const struct platform *from, const struct difference *difference,
                      const struct finding *finding)
{
    const struct rules_request request = {
        .from = from, .keep_defaults = true, .only = finding->rule};
    struct fix fix;
    struct str error;

    if (!fix_run(&fix, old, &request, &error))
        return;
    const struct policy *policy = open_policy(arena, &fix.fixed, from);
    if (policy == NULL)
        return;
    struct plan with = copy_questions(arena, &difference->now, policy);
    note_changes(plan, arena, difference, &with, str_of(finding->rule->name), finding->message);
}

void livetest_plan_note_intended(struct plan *plan, struct arena *arena, const struct config *old,
                                 const struct platform *from, const struct fix *fix)
{
    const struct policy *before_policy = open_policy(arena, old, from);
    const struct policy *release_policy = open_policy(arena, old, old->platform);
    const struct rule *const *rules;
    size_t count;

    if (before_policy == NULL || release_policy == NULL || plan->session_count == 0)
        return;
    struct plan before = copy_questions(arena, plan, before_policy);
    struct difference difference = find_difference(arena, plan, &before);
    rules = rules_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = find_finding(&fix->before, rules[i]);
        if (finding != NULL && difference.now.session_count > 0)
            note_rule(plan, arena, old, from, &difference, finding);
    }
    struct plan release = copy_questions(arena, &difference.now, release_policy);
    note_changes(plan, arena, &difference, &release, str_of("release"),
                 arena_printf(arena, "Postfix %.*s answers differently from %.*s",
                              STR_ARG(old->platform->release->series),
                              STR_ARG(from->release->series)));
}

/* --- the files ------------------------------------------------------------------------------- */

static const char script[] =
    "#!/bin/sh\n"
    "# Starts a server on loopback with the files in this directory, and tests its answers.\n"
    "#\n"
    "#   sh livetest.sh                        with postmend's reference server\n"
    "#   sh livetest.sh --engine postfix       with the installed Postfix (as root)\n"
    "#   sh livetest.sh --against OLD          also tests the old files, and compares\n"
    "#   sh livetest.sh --server HOST          tests a running server\n"
    "#\n"
    "# The sessions are in livetest.yaml; see \"postmend livetest --help\".\n"
    "cd \"$(dirname \"$0\")\" || exit 2\n"
    "exec \"${POSTMEND:-postmend}\" livetest \"$@\" livetest.yaml\n";

void livetest_plan_files(struct extra_file *files, size_t *count, struct arena *arena,
                         const struct plan *plan)
{
    struct buffer out;

    if (plan->session_count == 0)
        return;
    buffer_init(&out, arena);
    struct str left_out = plan_left_out(plan, arena);
    buffer_printf(&out, "# What a server with these files answers; livetest.sh tests it.\n");
    if (left_out.len > 0)
        buffer_printf(&out, "# %.*s\n", STR_ARG(terminal_text(arena, left_out)));
    plan_write(&out, plan);
    files[(*count)++] = (struct extra_file){STR("livetest.yaml"), buffer_str(&out), 0644};
    files[(*count)++] = (struct extra_file){STR("livetest.sh"), str_of(script), 0755};
}
