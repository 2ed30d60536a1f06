/* make - creates the plan for a configuration */
#include "smtp/livetest/make.h"
#include "smtp/start/start.h"
#include "smtp/tls/parts.h"

static const struct plan_user default_user = {STR("livetest"), STR("not-a-secret")};

static void add_service(struct maker *maker, const struct policy_service *service)
{
    bool offered = start_offers_tls(service);

    maker->service = service;
    maker_find_stranger(maker);
    maker->with_tls = PLAN_TLS_NONE;
    if (start_fault_of_listener(service) != NULL) {
        maker_add_session(maker, "banner", str_of("the greeting"), PLAN_TLS_NONE, "");
        return;
    }
    if (policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE))
        maker->with_tls = PLAN_TLS_IMPLICIT;
    else if (offered)
        maker->with_tls = PLAN_TLS_STARTTLS;
    maker->usual = tls_level_of(service) == TLS_ENCRYPT ? maker->with_tls : PLAN_TLS_NONE;
    maker_find_samples(maker);
    maker_add_greetings(maker);
    maker_add_tls(maker);
    maker_add_mail(maker);
    maker_add_access(maker);
    maker_add_syntax(maker);
}

static bool same_steps(const struct plan_session *one, const struct plan_session *other)
{
    if (one->step_count != other->step_count)
        return false;
    for (size_t i = 0; i < one->step_count; i++)
        if (one->steps[i].action != other->steps[i].action ||
            !str_eq(one->steps[i].text, other->steps[i].text))
            return false;
    return true;
}

static bool same_question(const struct plan_session *one, const struct plan_session *other)
{
    return str_eq(one->kind, other->kind) && one->tls == other->tls &&
           str_eq(one->client, other->client) && str_eq(one->client_name, other->client_name) &&
           str_eq(one->user, other->user) && str_eq(one->min_protocol, other->min_protocol) &&
           str_eq(one->max_protocol, other->max_protocol) && same_steps(one, other);
}

/* drop_repeated - the sessions from FIRST on that ask the same; a message has its own name */
static void drop_repeated(struct plan *plan, size_t first)
{
    size_t kept = first;

    for (size_t i = first; i < plan->session_count; i++) {
        bool again = false;
        for (size_t k = first; k < kept && !again; k++)
            again = same_question(&plan->sessions[k], &plan->sessions[i]);
        if (!again)
            plan->sessions[kept++] = plan->sessions[i];
    }
    plan->session_count = kept;
}

static void set_assumptions(struct plan *plan, struct arena *arena,
                            const struct assumption_list *assumptions)
{
    size_t count = assumptions == NULL ? 0 : assumptions->count;
    struct str *items = arena_alloc(arena, (count + 1) * sizeof *items);

    for (size_t i = 0; i < count; i++) {
        const struct assumption *item = &assumptions->items[i];
        items[i] =
            item->subject.at == NULL
                ? arena_printf(arena, "%s=%.*s", world_kind_name(item->kind), STR_ARG(item->answer))
                : arena_printf(arena, "%s:%.*s=%.*s", world_kind_name(item->kind),
                               STR_ARG(item->subject), STR_ARG(item->answer));
    }
    plan->assume = (struct str_list){items, count};
}

void livetest_make_plan(struct plan *plan, struct arena *arena, const struct policy *policy,
                        const struct assumption_list *assumptions)
{
    struct maker maker = {.plan = plan, .arena = arena, .policy = policy};

    plan->platform = policy->config->platform->name;
    plan->hostname = policy->config->host.hostname;
    set_assumptions(plan, arena, assumptions);
    if (plan->user_count == 0) {
        plan->users = arena_grow(arena, plan->users, 0, &plan->user_capacity, sizeof *plan->users);
        plan->users[plan->user_count++] = default_user;
    }
    maker_find_addresses(&maker);
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        size_t first = plan->session_count;
        if (first < PLAN_MAX_SESSIONS) {
            add_service(&maker, service);
            drop_repeated(plan, first);
        } else {
            plan_add_text(&plan->left_out, arena, service->listener->name);
        }
    }
    livetest_expect(plan, arena, policy, assumptions);
}
