/* cause - the place in the files that decided a step */
#include "smtp/livetest/walk.h"
#include "smtp/start/start.h"
#include "smtp/tls/tls.h"

/* find_decided - the last restriction that decided: the line of its table, or where it is written
 */
static struct span find_decided(const struct trace *trace, size_t from)
{
    for (size_t i = trace->count; i > from; i--) {
        const struct trace_step *step = &trace->steps[i - 1];
        if (step->decided && step->table_span.source != NULL)
            return step->table_span;
        if (step->decided)
            return step->span;
    }
    return SPAN_NONE;
}

struct span livetest_find_cause(struct arena *arena, const struct policy_service *service,
                                const struct plan *plan, size_t number, size_t step,
                                const struct assumption_list *assumptions)
{
    struct plan_session session = plan->sessions[number];
    struct trace trace = {.arena = arena};
    struct walker walker = {.service = service, .plan = plan, .session = &session, .arena = arena};
    struct str_list needs;
    struct world world;

    session.step_count = step + 1;
    for (size_t i = 0; i < plan->user_count; i++)
        users_add(&walker.users, arena, plan->users[i].name, plan->users[i].password);
    walker.can_tls = start_offers_tls(service) && tls_server_works(arena, service, &needs);
    walker.handshake = livetest_expect_handshake(service, &session);
    walker.trace = &trace;
    walker.outcomes = arena_alloc(arena, (session.step_count + 1) * sizeof *walker.outcomes);
    world_init(&world, arena, assumptions);
    world.needs_are_met = true;
    livetest_walk(&walker, &world);
    return find_decided(&trace, walker.trace_from);
}
