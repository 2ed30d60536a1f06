/* livetest_make_plan - the questions about a configuration: what every service is asked */
#include <stdio.h>

#include "smtp/livetest/make.h"
#include "smtp/tls/parts.h"

/* RFC 5737 and RFC 2606 keep these for examples: no real host has them */
const struct str stranger_address = STR("198.51.100.7");
const struct str stranger_name = STR("stranger.example");

static const struct plan_user usual_user = {STR("livetest"), STR("not-a-secret")};

/* --- sessions ------------------------------------------------------------------------ */

void maker_say(struct maker *maker, struct plan_session *session, const char *format, ...)
{
    va_list arguments;
    char line[512];

    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len > 0 && len < (int)sizeof line)
        plan_add_step(session, maker->arena, PLAN_SEND, arena_copy(maker->arena, str_of(line)));
}

void maker_client(struct plan_session *session, struct str address, struct str name)
{
    session->client = address;
    session->client_name = name;
}

struct plan_session *maker_session(struct maker *maker, const char *kind, struct str ask,
                                   enum plan_tls tls, const char *helo)
{
    static const struct str none = STR("");
    struct plan_session *session = plan_add_session(maker->plan, maker->arena);

    session->kind = str_of(kind);
    session->ask = ask;
    session->service = maker->service->listener->name;
    session->port = maker->service->port;
    session->tls = tls;
    session->min_protocol = session->max_protocol = session->user = none;
    maker_client(session, stranger_address, stranger_name);
    if (tls == PLAN_TLS_IMPLICIT)
        plan_add_step(session, maker->arena, PLAN_HANDSHAKE, none);
    plan_add_step(session, maker->arena, PLAN_GREETING, none);
    if (helo[0] == '\0')
        return session;
    maker_say(maker, session, "EHLO %s", helo);
    if (tls == PLAN_TLS_STARTTLS) {
        plan_add_step(session, maker->arena, PLAN_STARTTLS, none);
        maker_say(maker, session, "EHLO %s", helo);
    }
    return session;
}

/* --- the plan ------------------------------------------------------------------------ */

static void ask_service(struct maker *maker, const struct policy_service *service)
{
    bool offered = tls_offered(service);

    maker->service = service;
    maker->with_tls = PLAN_TLS_NONE;
    if (policy_flag(service, "smtpd_tls_wrappermode"))
        maker->with_tls = PLAN_TLS_IMPLICIT;
    else if (offered)
        maker->with_tls = PLAN_TLS_STARTTLS;
    maker->usual = tls_level_of(service) == TLS_LEVEL_ENCRYPT ? maker->with_tls : PLAN_TLS_NONE;
    maker_look_at_access(maker);
    maker_ask_greetings(maker);
    maker_ask_tls(maker);
    maker_ask_mail(maker);
    maker_ask_access(maker);
    maker_ask_syntax(maker);
}

static void fill_assumptions(struct plan *plan, struct arena *arena,
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
    fill_assumptions(plan, arena, assumptions);
    if (plan->user_count == 0) {
        plan->users = arena_grow(arena, plan->users, 0, &plan->user_capacity, sizeof *plan->users);
        plan->users[plan->user_count++] = usual_user;
    }
    maker_look_around(&maker);
    for (size_t i = 0; i < policy->count && plan->session_count < PLAN_MAX_SESSIONS; i++)
        ask_service(&maker, &policy->services[i]);
    livetest_expect(plan, arena, policy, assumptions);
}
