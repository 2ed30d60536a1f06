/*
 * expect - the answers of a configuration to the steps of a plan, in every world
 *
 * Each session is walked once for each combination of what cannot be determined from the files, one
 * transaction after the other, since they do not depend on each other.  A step with the same
 * outcome in all walks is determined.
 */
#include <string.h>

#include "smtp/livetest/walk.h"
#include "smtp/start/start.h"
#include "smtp/tls/parts.h"

enum { REASON_MAX = 200 }; /* bytes that are shown */

/* --- many walks make one expectation -------------------------------------------------- */

/* list_capabilities - the lines of the reply to EHLO, without the first one and XCLIENT */
static struct str_list list_capabilities(struct arena *arena, struct reply reply)
{
    struct str *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    struct str rest = reply.text;

    for (bool first = true; rest.len > 0; first = false) {
        size_t end = str_find(rest, '\n', 0);
        struct str line = str_slice(rest, 0, end);
        rest = str_slice(rest, end + 1, rest.len);
        if (first || str_starts(line, "XCLIENT"))
            continue;
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = arena_copy(arena, line);
    }
    return (struct str_list){items, count};
}

static bool has_keyword(const struct str_list *list, const char *keyword)
{
    size_t len = strlen(keyword);

    for (size_t i = 0; i < list->count; i++)
        if (str_is_nocase(str_slice(list->items[i], 0, len), keyword) &&
            (list->items[i].len == len || strchr(" =", list->items[i].at[len]) != NULL))
            return true;
    return false;
}

/* list_missing - the capabilities of smtpd that the reply does not offer */
static struct str_list list_missing(struct arena *arena, const struct str_list *has)
{
    static const char *const known[] = {
        "PIPELINING",          "SIZE",     "VRFY", "ETRN",     "STARTTLS", "AUTH",
        "ENHANCEDSTATUSCODES", "8BITMIME", "DSN",  "SMTPUTF8", "CHUNKING"};
    struct str *items = arena_alloc(arena, sizeof known / sizeof *known * sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!has_keyword(has, known[i]))
            items[count++] = str_of(known[i]);
    return (struct str_list){items, count};
}

static bool is_ehlo(const struct plan_step *step)
{
    return step->action == PLAN_SEND && str_is_nocase(str_slice(step->text, 0, 5), "EHLO ");
}

/* set_first_outcome - the expectation after the first walk */
static void set_first_outcome(struct plan_step *step, struct arena *arena,
                              const struct outcome *outcome, bool about_capabilities)
{
    static const struct str none = STR("");

    *step = (struct plan_step){.action = step->action,
                               .text = step->text,
                               .outcome = outcome->kind,
                               .code = outcome->reply.code,
                               .enhanced = none,
                               .reason = none,
                               .received = none};
    if (outcome->kind != PLAN_REPLY)
        return;
    step->enhanced = arena_copy(arena, outcome->reply.enhanced);
    step->received = outcome->received.at == NULL ? none : arena_copy(arena, outcome->received);
    if (about_capabilities && is_ehlo(step) && step->code == 250) {
        step->has = list_capabilities(arena, outcome->reply);
        step->lacks = list_missing(arena, &step->has);
    }
}

static struct str print_outcome(struct arena *arena, const struct outcome *outcome)
{
    struct plan_step step = {
        .outcome = outcome->kind, .code = outcome->reply.code, .enhanced = outcome->reply.enhanced};

    return plan_expected(&step, arena);
}

static bool is_handshake(const struct plan_step *step)
{
    return step->action == PLAN_HANDSHAKE || step->action == PLAN_STARTTLS;
}

/* add_alternative - WAY is empty for a handshake whose outcome depends on the TLS library */
static void add_alternative(struct plan_step *step, struct arena *arena, struct str way)
{
    if (way.len > 0) {
        plan_add_text(&step->alternatives, arena, way);
    } else if (is_handshake(step)) {
        plan_add_text(&step->alternatives, arena, str_of("tls"));
        plan_add_text(&step->alternatives, arena, str_of("no tls"));
    }
}

/* shorten_reason - the subject of a question is as long as the configuration likes */
static struct str shorten_reason(struct arena *arena, struct str reason)
{
    return arena_shorten(arena, reason, REASON_MAX);
}

/* set_undetermined - a step with another outcome in another world */
static void set_undetermined(struct plan_step *step, struct arena *arena, struct str way,
                             struct str reason)
{
    static const struct str none = STR("");

    if (step->outcome == PLAN_UNDETERMINED && step->alternatives.count == 0)
        return; /* any answer is possible already */
    if (step->outcome != PLAN_UNDETERMINED) {
        add_alternative(step, arena, plan_expected(step, arena));
        step->outcome = PLAN_UNDETERMINED;
        step->code = 0;
        step->enhanced = none;
        step->received = none;
        step->has = step->lacks = (struct str_list){NULL, 0};
        step->reason = shorten_reason(arena, reason);
    }
    add_alternative(step, arena, way);
}

/* describe_change - the question whose answer is different in this walk */
static struct str describe_change(const struct world *world, struct arena *arena)
{
    if (world->count == 0)
        return (struct str)STR("");
    const struct question *question = &world->questions[world->count - 1];
    return arena_printf(arena, "%s of %.*s", world_kind_name(question->kind),
                        STR_ARG(question->subject));
}

/* add_outcomes - of another walk */
static void add_outcomes(struct plan_session *session, struct arena *arena,
                         const struct walker *walker, struct str reason)
{
    for (size_t i = 0; i < session->step_count; i++) {
        struct plan_step *step = &session->steps[i];
        const struct outcome *outcome = &walker->outcomes[i];
        bool same =
            outcome->kind == PLAN_UNDETERMINED ||
            (step->outcome == outcome->kind &&
             (outcome->kind != PLAN_REPLY || (step->code == outcome->reply.code &&
                                              str_eq(step->enhanced, outcome->reply.enhanced))));
        if (!same)
            set_undetermined(step, arena, print_outcome(walker->arena, outcome), reason);
    }
}

/* set_handshake_undetermined - and all later steps, if it depends on the TLS library */
static void set_handshake_undetermined(struct plan_session *session, struct arena *arena)
{
    static const struct str reason = STR("the lowest protocol that the TLS library allows");
    bool behind = false;

    for (size_t i = 0; i < session->step_count; i++) {
        struct plan_step *step = &session->steps[i];
        if (step->outcome == PLAN_ANY && is_handshake(step)) {
            step->outcome = PLAN_TLS_GOOD;
            set_undetermined(step, arena, str_of("no tls"), reason);
            behind = true;
        } else if (is_handshake(step) && str_list_has(&step->alternatives, str_of("no tls"))) {
            behind = true;
        } else if (behind) {
            set_undetermined(step, arena, str_of("nothing"), reason);
        }
    }
}

/* set_rest_undetermined - if not all worlds were tried: any answer is possible, from the first
   question with more answers to the end of its transaction */
static void set_rest_undetermined(struct plan_session *session, struct arena *arena,
                                  const struct world *world)
{
    struct str reason = arena_printf(arena, "not decided: %.*s", STR_ARG(world->cut));
    size_t first = 0;

    while (first < session->step_count && livetest_part(session, first) != world->focus)
        first++;
    size_t at = world_cut_at(world, session->step_count);
    for (size_t i = at > first ? at : first;
         i < session->step_count && livetest_part(session, i) == world->focus; i++) {
        struct plan_step *step = &session->steps[i];
        set_undetermined(step, arena, (struct str)STR(""), reason);
        step->alternatives = (struct str_list){NULL, 0};
        step->reason = reason;
    }
}

/* expect_part - one transaction in every world; part 0 is before the first one */
static void expect_part(struct plan_session *session, struct arena *arena, struct walker *walker,
                        struct world *world)
{
    bool first = world->focus == 0;

    do {
        arena_reset(walker->arena);
        walker->outcomes =
            arena_alloc(walker->arena, (session->step_count + 1) * sizeof *walker->outcomes);
        struct str reason = describe_change(world, walker->arena);
        livetest_walk(walker, world);
        for (size_t i = 0; first && i < session->step_count; i++)
            set_first_outcome(&session->steps[i], arena, &walker->outcomes[i],
                              plan_asks_capabilities(session));
        if (!first)
            add_outcomes(session, arena, walker, reason);
        first = false;
    } while (world_next(world));
    if (world->cut.len > 0)
        set_rest_undetermined(session, arena, world);
}

static void expect_session(struct plan_session *session, struct arena *arena, struct walker *walker,
                           const struct assumption_list *assumptions, struct arena *scratch[2])
{
    uint64_t asking = 1;

    walker->session = session;
    walker->handshake = livetest_expect_handshake(walker->service, session);
    walker->apart = livetest_is_separable(walker->service, session);
    walker->arena = scratch[1];
    for (unsigned part = 0; part < WORLD_MAX_PARTS; part++) {
        struct world world;
        if ((asking >> part & 1) == 0)
            continue;
        arena_reset(scratch[0]);
        world_init(&world, scratch[0], assumptions);
        world.needs_are_met = true;
        world.focus = part;
        expect_part(session, arena, walker, &world);
        asking |= world.parts;
    }
    set_handshake_undetermined(session, arena);
}

/* clear_expectations - the configuration does not have the service */
static void clear_expectations(struct plan_session *session)
{
    static const struct str none = STR("");

    for (size_t i = 0; i < session->step_count; i++)
        session->steps[i] = (struct plan_step){.action = session->steps[i].action,
                                               .text = session->steps[i].text,
                                               .outcome = PLAN_ANY,
                                               .enhanced = none,
                                               .reason = none,
                                               .received = none};
}

void livetest_expect(struct plan *plan, struct arena *arena, const struct policy *policy,
                     const struct assumption_list *assumptions)
{
    struct arena *scratch[2] = {arena_create(NULL), arena_create(NULL)};
    struct walker walker = {.plan = plan};

    for (size_t i = 0; i < plan->user_count; i++)
        users_add(&walker.users, arena, plan->users[i].name, plan->users[i].password);
    for (size_t i = 0; i < plan->session_count; i++) {
        struct plan_session *session = &plan->sessions[i];
        const struct policy_service *service = policy_service_named(policy, session->service);
        if (service == NULL)
            service = policy_service_at_port(policy, session->port);
        if (service == NULL) {
            clear_expectations(session);
            continue;
        }
        struct str_list needs; /* a host without them fails the test */
        if (service != walker.service)
            walker.can_tls =
                start_offers_tls(service) && tls_server_works(policy->arena, service, &needs);
        walker.service = service;
        expect_session(session, arena, &walker, assumptions, scratch);
    }
    arena_destroy(scratch[0]);
    arena_destroy(scratch[1]);
}
