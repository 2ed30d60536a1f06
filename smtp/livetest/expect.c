/*
 * livetest_expect - what a configuration answers to the steps of a plan, in every world
 *
 * Each session is walked once for each combination of what the files can't tell, one transaction
 * after the other: what one of them meets does not change another's ways.  A step whose outcome is
 * the same in all walks is determined.
 */
#include <string.h>

#include "smtp/livetest/walk.h"
#include "smtp/tls/parts.h"

enum { ALTERNATIVES_MAX = 8, REASON_MAX = 200 };

/* --- many walks make one expectation -------------------------------------------------- */

/* capabilities - the lines of EHLO's reply behind the first; XCLIENT is the live test's own */
static struct str_list capabilities(struct arena *arena, struct reply reply)
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

static bool names(const struct str_list *list, const char *keyword)
{
    size_t len = strlen(keyword);

    for (size_t i = 0; i < list->count; i++)
        if (str_is_nocase(str_slice(list->items[i], 0, len), keyword) &&
            (list->items[i].len == len || strchr(" =", list->items[i].at[len]) != NULL))
            return true;
    return false;
}

/* known_but_absent - the capabilities of smtpd that the reply does not name */
static struct str_list known_but_absent(struct arena *arena, const struct str_list *has)
{
    static const char *const known[] = {
        "PIPELINING",          "SIZE",     "VRFY", "ETRN",     "STARTTLS", "AUTH",
        "ENHANCEDSTATUSCODES", "8BITMIME", "DSN",  "SMTPUTF8", "CHUNKING"};
    struct str *items = arena_alloc(arena, sizeof known / sizeof *known * sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!names(has, known[i]))
            items[count++] = str_of(known[i]);
    return (struct str_list){items, count};
}

static bool is_ehlo(const struct plan_step *step)
{
    return step->action == PLAN_SEND && str_is_nocase(str_slice(step->text, 0, 5), "EHLO ");
}

/* first_way - the step's expectation by the first walk */
static void first_way(struct plan_step *step, struct arena *arena, const struct outcome *outcome,
                      bool about_capabilities)
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
        step->has = capabilities(arena, outcome->reply);
        step->lacks = known_but_absent(arena, &step->has);
    }
}

static struct str as_expected(struct arena *arena, const struct outcome *outcome)
{
    struct plan_step step = {
        .outcome = outcome->kind, .code = outcome->reply.code, .enhanced = outcome->reply.enhanced};

    return plan_expected(&step, arena);
}

static void add_alternative(struct plan_step *step, struct arena *arena, struct str way)
{
    struct str *items;

    if (way.len == 0 || str_list_has(&step->alternatives, way) ||
        step->alternatives.count >= ALTERNATIVES_MAX)
        return;
    items = arena_alloc(arena, (step->alternatives.count + 1) * sizeof *items);
    for (size_t i = 0; i < step->alternatives.count; i++)
        items[i] = step->alternatives.items[i];
    items[step->alternatives.count] = arena_copy(arena, way);
    step->alternatives = (struct str_list){items, step->alternatives.count + 1};
}

/* undetermined - a step that has another outcome in another world */
static void undetermined(struct plan_step *step, struct arena *arena, struct str way,
                         struct str reason)
{
    static const struct str none = STR("");

    if (step->outcome != PLAN_UNDETERMINED) {
        add_alternative(step, arena, plan_expected(step, arena));
        step->outcome = PLAN_UNDETERMINED;
        step->code = 0;
        step->enhanced = none;
        step->received = none;
        step->has = step->lacks = (struct str_list){NULL, 0};
        step->reason = arena_copy(arena, str_slice(reason, 0, REASON_MAX));
    }
    add_alternative(step, arena, way);
}

/* asked_of - which question has another answer now than in the walk before */
static struct str asked_of(const struct world *world, struct arena *arena)
{
    if (world->count == 0)
        return (struct str)STR("");
    const struct question *question = &world->questions[world->count - 1];
    return arena_printf(arena, "%s of %.*s", world_kind_name(question->kind),
                        STR_ARG(question->subject));
}

/* another_way - what a further walk says about the steps */
static void another_way(struct plan_session *session, struct arena *arena,
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
            undetermined(step, arena, as_expected(walker->arena, outcome), reason);
    }
}

/* library_decides - from the handshake on nothing is certain */
static void library_decides(struct plan_session *session, struct arena *arena)
{
    static const struct str reason = STR("the TLS library's own lower limit of protocols");
    bool behind = false;

    for (size_t i = 0; i < session->step_count; i++) {
        struct plan_step *step = &session->steps[i];
        if (step->outcome == PLAN_ANY &&
            (step->action == PLAN_HANDSHAKE || step->action == PLAN_STARTTLS)) {
            step->outcome = PLAN_TLS_GOOD;
            undetermined(step, arena, str_of("no tls"), reason);
            behind = true;
        } else if (behind) {
            undetermined(step, arena, str_of("nothing"), reason);
        }
    }
}

/* cut_short - not all ways were walked: from the first question that has other answers to the end
   of its transaction nothing is certain */
static void cut_short(struct plan_session *session, struct arena *arena, const struct world *world)
{
    static const struct str reason = STR("more ways than are looked at");
    size_t first = 0;

    while (first < session->step_count && livetest_part(session, first) != world->focus)
        first++;
    size_t at = world_cut_at(world, session->step_count);
    for (size_t i = at > first ? at : first;
         i < session->step_count && livetest_part(session, i) == world->focus; i++)
        undetermined(&session->steps[i], arena, plan_expected(&session->steps[i], arena), reason);
}

/* expect_part - every way of one transaction; with PART 0 what comes before the first */
static void expect_part(struct plan_session *session, struct arena *arena, struct walker *walker,
                        struct world *world)
{
    bool first = world->focus == 0;

    do {
        arena_reset(walker->arena);
        walker->outcomes =
            arena_alloc(walker->arena, (session->step_count + 1) * sizeof *walker->outcomes);
        struct str reason = asked_of(world, walker->arena);
        livetest_walk(walker, world);
        for (size_t i = 0; first && i < session->step_count; i++)
            first_way(&session->steps[i], arena, &walker->outcomes[i],
                      plan_asks_capabilities(session));
        if (!first)
            another_way(session, arena, walker, reason);
        first = false;
    } while (world_next(world));
    if (world->cut)
        cut_short(session, arena, world);
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
        world.focus = part;
        expect_part(session, arena, walker, &world);
        asking |= world.parts;
    }
    library_decides(session, arena);
}

/* forget - no expectation: the configuration has no such service */
static void forget(struct plan_session *session)
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
            forget(session);
            continue;
        }
        if (service != walker.service)
            walker.can_tls = tls_server_works(policy->arena, service);
        walker.service = service;
        expect_session(session, arena, &walker, assumptions, scratch);
    }
    arena_destroy(scratch[0]);
    arena_destroy(scratch[1]);
}
