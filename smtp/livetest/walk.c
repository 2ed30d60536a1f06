/* walk - one session of a plan: see smtp/livetest/walk.h */
#include <string.h>

#include "base/base64.h"
#include "smtp/livetest/walk.h"
#include "smtp/policy/users.h"
#include "smtp/start/start.h"
#include "smtp/tls/parts.h"

/* --- TLS ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum tls_version version;
    bool old; /* the TLS library may not allow it */
} protocols[] = {
    {"TLSv1", VERSION_TLS_1, true},
    {"TLSv1.1", VERSION_TLS_1_1, true},
    {"TLSv1.2", VERSION_TLS_1_2, false},
    {"TLSv1.3", VERSION_TLS_1_3, false},
};

enum { PROTOCOLS = sizeof protocols / sizeof *protocols };

static size_t find_protocol(struct str name, size_t otherwise)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (str_is(name, protocols[i].name))
            return i;
    return otherwise;
}

enum plan_outcome livetest_expect_handshake(const struct policy_service *service,
                                            const struct plan_session *session)
{
    bool must = tls_level_of(service) == TLS_ENCRYPT;
    struct str allowed =
        policy_str(service, must ? PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS : PARAM_SMTPD_TLS_PROTOCOLS);
    size_t from = find_protocol(session->min_protocol, 0);
    size_t to = find_protocol(session->max_protocol, PROTOCOLS - 1);
    enum plan_outcome outcome = PLAN_TLS_FAILS;
    struct tls_protocols bounds;
    struct str word;
    bool new_syntax = release_has(service->policy->config->release, FEATURE_TLS_PROTOCOL_BOUNDS);

    if (allowed.at == NULL || !tls_protocols_read(allowed, new_syntax, &bounds, &word))
        return PLAN_ANY;
    for (size_t i = from; i <= to; i++) {
        if ((tls_protocols_allowed(&bounds) & 1u << protocols[i].version) == 0)
            continue;
        if (!protocols[i].old)
            return PLAN_TLS_GOOD;
        outcome = PLAN_ANY;
    }
    return outcome;
}

static struct state_tls make_tls_state(const struct walker *walker)
{
    return (struct state_tls){
        .active = true,
        .protocol = walker->session->max_protocol.len > 0 ? walker->session->max_protocol
                                                          : (struct str)STR("TLSv1.3"),
        .cipher = STR("TLS_AES_256_GCM_SHA384"),
        .bits = 256,
        .algorithm_bits = 256,
    };
}

/* tls_handshake - the session is over if it fails */
static enum plan_outcome tls_handshake(struct walker *walker)
{
    struct state_tls tls = make_tls_state(walker);

    if (!walker->can_tls || walker->handshake == PLAN_TLS_FAILS) {
        walker->over = true;
        return PLAN_TLS_FAILS;
    }
    session_tls(walker->running, &tls);
    return walker->handshake;
}

/* --- steps --------------------------------------------------------------------------- */

static struct reply take_step(struct walker *walker, struct session_step step)
{
    walker->next = step.next;
    walker->over = walker->over || step.next == NEXT_CLOSE || step.next == NEXT_SILENCE;
    if (step.next == NEXT_CLOSE)
        walker->farewell = step.last;
    return step.reply;
}

static struct outcome make_outcome(const struct walker *walker, struct reply reply)
{
    enum plan_outcome kind = reply.code != 0                ? PLAN_REPLY
                             : walker->next == NEXT_SILENCE ? PLAN_SILENCE
                                                            : PLAN_NOTHING;

    return (struct outcome){.kind = kind, .reply = reply};
}

static const struct plan_user *find_user(const struct walker *walker)
{
    for (size_t i = 0; i < walker->plan->user_count; i++)
        if (str_eq(walker->plan->users[i].name, walker->session->user))
            return &walker->plan->users[i];
    return NULL;
}

static struct reply send_line(struct walker *walker, struct str line)
{
    return take_step(walker, session_line(walker->running, line, false));
}

/* log_in - as client_auth() does: PLAIN with an initial response, LOGIN without */
static struct reply log_in(struct walker *walker, struct str mechanism)
{
    const struct plan_user *user = find_user(walker);
    struct arena *arena = walker->arena;
    static const struct plan_user nobody = {STR(""), STR("")};

    user = user == NULL ? &nobody : user;
    if (str_is_nocase(mechanism, "PLAIN")) {
        struct str response = users_plain_response(arena, user->name, user->password);
        return send_line(walker, arena_printf(arena, "AUTH PLAIN %.*s", STR_ARG(response)));
    }
    struct reply reply = send_line(walker, arena_printf(arena, "AUTH %.*s", STR_ARG(mechanism)));
    if (walker->next == NEXT_AUTH)
        reply = send_line(walker, base64_encode(arena, user->name));
    if (walker->next == NEXT_AUTH)
        reply = send_line(walker, base64_encode(arena, user->password));
    return reply;
}

static struct outcome send_message(struct walker *walker, struct str message)
{
    struct session_limits limits = session_limits(walker->running);
    /* Postfix counts LF at line ends, and the header that it adds */
    long size = (long)message.len;
    enum content_problem problem =
        limits.message_size > 0 && size > limits.message_size ? CONTENT_TOO_LARGE : CONTENT_GOOD;
    struct str received =
        session_received(walker->running, walker->arena, str_of("ID"), str_of("DATE"));
    struct outcome outcome = make_outcome(
        walker,
        take_step(walker, session_end_of_data(walker->running, size, problem, str_of("ID"))));

    if (outcome.reply.code == 250)
        outcome.received = livetest_normalize_received(walker->arena, received);
    return outcome;
}

static struct outcome start_tls(struct walker *walker)
{
    struct reply reply = send_line(walker, str_of("STARTTLS"));

    if (walker->next != NEXT_TLS)
        return make_outcome(walker, reply);
    return (struct outcome){.kind = tls_handshake(walker)};
}

/* is_silent - does smtpd not even start? */
static bool is_silent(const struct walker *walker)
{
    const struct start_fault *fault =
        start_fault_of_listener(session_state(walker->running)->service);

    return fault != NULL && fault->problem != START_CONNECT;
}

/* read_greeting - a plaintext client gets none in wrapper mode */
static struct outcome read_greeting(struct walker *walker)
{
    if (is_silent(walker)) {
        walker->over = true;
        return (struct outcome){.kind = PLAN_SILENCE};
    }
    if (session_is_wrapped(walker->running) && walker->session->tls != PLAN_TLS_IMPLICIT) {
        walker->over = true;
        return (struct outcome){.kind = walker->can_tls ? PLAN_SILENCE : PLAN_NOTHING};
    }
    return make_outcome(walker, take_step(walker, session_greeting(walker->running)));
}

static struct outcome walk_step(struct walker *walker, const struct plan_step *step)
{
    static const struct outcome nothing = {.kind = PLAN_NOTHING};

    if (walker->over && walker->farewell.code != 0 && step->action == PLAN_SEND) {
        struct reply farewell = walker->farewell;
        walker->farewell = (struct reply){0};
        return make_outcome(walker, farewell);
    }
    if (walker->over || (step->action == PLAN_MESSAGE) != (walker->next == NEXT_DATA))
        return nothing;
    switch (step->action) {
    case PLAN_GREETING:
        return read_greeting(walker);
    case PLAN_HANDSHAKE:
        if (!session_is_wrapped(walker->running) || is_silent(walker)) {
            walker->over = true;
            return (struct outcome){.kind = PLAN_TLS_FAILS};
        }
        return (struct outcome){.kind = tls_handshake(walker)};
    case PLAN_STARTTLS:
        return start_tls(walker);
    case PLAN_AUTH:
        return make_outcome(walker, log_in(walker, step->text));
    case PLAN_MESSAGE:
        return send_message(walker, step->text);
    case PLAN_SEND:
        return make_outcome(walker, send_line(walker, step->text));
    }
    return nothing;
}

/* begins_part - does a transaction begin, with MAIL? */
static bool begins_part(const struct plan_step *step)
{
    return step->action == PLAN_SEND && str_is_nocase(str_slice(step->text, 0, 5), "MAIL ");
}

static unsigned limit_part(unsigned mails)
{
    return mails < WORLD_MAX_PARTS ? mails : WORLD_MAX_PARTS - 1;
}

unsigned livetest_part(const struct plan_session *session, size_t step)
{
    unsigned mails = 0;

    for (size_t i = 0; i <= step; i++)
        mails += begins_part(&session->steps[i]);
    return limit_part(mails);
}

bool livetest_is_separable(const struct policy_service *service, const struct plan_session *session)
{
    long steps = (long)session->step_count;
    bool first = true;

    if (steps >= policy_number(service, PARAM_SMTPD_HARD_ERROR_LIMIT) ||
        steps > policy_number(service, PARAM_SMTPD_JUNK_COMMAND_LIMIT))
        return false;
    for (size_t i = 0; i < session->step_count; i++) {
        if (!begins_part(&session->steps[i]))
            continue;
        if (!first && !str_is_nocase(session->steps[i - 1].text, "RSET"))
            return false;
        first = false;
    }
    return true;
}

void livetest_walk(struct walker *walker, struct world *world)
{
    static const struct outcome left_out = {.kind = PLAN_UNDETERMINED};
    static const struct str unknown = STR("unknown");
    const struct plan_session *plan = walker->session;
    bool local = plan->client.len == 0 || str_is(plan->client, "127.0.0.1");
    struct session_client client = {
        .address = local ? str_of("127.0.0.1") : plan->client,
        .port = STR("50000"),
        .server_address = STR("127.0.0.1"),
        .server_port = arena_printf(walker->arena, "%d", plan->port),
        .name = local                       ? str_of("localhost")
                : plan->client_name.len > 0 ? plan->client_name
                                            : unknown,
    };
    struct session_options options = {
        .users = &walker->users, .can_tls = walker->can_tls, .trace = walker->trace};
    unsigned mails = 0;

    client.reverse_name = client.name;
    walker->over = false;
    walker->next = NEXT_COMMAND;
    world->part = 0;
    walker->farewell = (struct reply){0};
    world->step = 0;
    walker->running = session_begin(walker->arena, walker->service, world, &client, &options);
    for (size_t i = 0; i < plan->step_count; i++) {
        mails += begins_part(&plan->steps[i]);
        world->part = limit_part(mails);
        world->step = i;
        if (walker->trace != NULL)
            walker->trace_from = walker->trace->count;
        bool matters =
            !walker->apart || world->focus == 0 || world->part == 0 || world->part == world->focus;
        walker->outcomes[i] = matters ? walk_step(walker, &plan->steps[i]) : left_out;
    }
}
