/* run - runs the sessions of a plan against a server */
#include <dirent.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "parser/text/source.h"
#include "smtp/livetest/livetest.h"
#include "smtp/policy/users.h"

enum {
    SILENCE_MS = 500,   /* to wait if no reply is expected */
    DELIVERY_MS = 5000, /* to wait for a message in the maildir */
    LOOK_MS = 20,
};

struct runner {
    struct arena *arena;
    const struct plan *plan;
    const struct plan_session *session;
    const struct engine_target *target;
    const struct engine_endpoint *endpoint;
    struct client *client;
    struct reply greeting; /* that of the connection, or the reply to XCLIENT */
    struct reply last;
    bool over;
    bool *silent; /* of each endpoint: it gave no reply in time where one was expected */
};

/* --- one message --------------------------------------------------------------------- */

/* find_message_id - the line that identifies the message */
static struct str find_message_id(struct str message)
{
    size_t at = str_search(message, "Message-ID:");

    return str_slice(message, at, str_find(message, '\n', at));
}

/* read_received - the first Received: field of a message, on one line */
static struct str read_received(struct arena *arena, struct str message)
{
    size_t at = str_search(message, "Received:");
    struct buffer out;
    bool space = false;

    if (at == message.len || (at > 0 && message.at[at - 1] != '\n'))
        return (struct str)STR("");
    buffer_init(&out, arena);
    for (; at < message.len; at++) {
        char c = message.at[at];
        if (c == '\n' && (at + 1 >= message.len || strchr(" \t", message.at[at + 1]) == NULL))
            break;
        if (is_space(c)) {
            space = true;
            continue;
        }
        if (space)
            buffer_add_char(&out, ' ');
        space = false;
        buffer_add_char(&out, c);
    }
    return buffer_str(&out);
}

/* search_maildir - for the message; empty: not found */
static struct str search_maildir(const struct runner *runner, struct str id)
{
    struct arena *arena = runner->arena;
    const char *path = arena_printf(arena, "%.*s/new", STR_ARG(runner->target->maildir)).at;
    DIR *directory = opendir(path);
    struct str received = STR("");
    struct dirent *entry;

    while (directory != NULL && received.len == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        const struct source *mail =
            source_read(arena, arena_printf(arena, "%s/%s", path, entry->d_name));
        if (mail != NULL && str_search(mail->bytes, arena_cstr(arena, id)) < mail->bytes.len)
            received = read_received(arena, mail->bytes);
    }
    if (directory != NULL)
        closedir(directory);
    return received;
}

static struct str find_received(const struct runner *runner, struct str message)
{
    static const struct timespec moment = {.tv_nsec = LOOK_MS * 1000 * 1000};
    struct str id = find_message_id(message);
    struct str received = STR("");

    if (runner->target->maildir.len == 0 || id.len == 0)
        return received;
    for (int waited = 0; received.len == 0 && waited < DELIVERY_MS; waited += LOOK_MS) {
        received = search_maildir(runner, id);
        if (received.len == 0)
            nanosleep(&moment, NULL);
    }
    return livetest_normalize_received(runner->arena, received);
}

/* --- steps --------------------------------------------------------------------------- */

/* goes_on - after a refused STARTTLS, the session continues */
static bool goes_on(enum client_failure failure)
{
    return failure == CLIENT_GOOD || failure == CLIENT_STARTTLS_REFUSED;
}

static struct livetest_answer make_answer(struct runner *runner, struct reply reply)
{
    struct livetest_answer answer = {.asked = true, .reply = reply};

    runner->last = reply;
    answer.failure = client_failure(runner->client);
    answer.detail = (struct str)STR("");
    answer.received = (struct str)STR("");
    if (answer.failure != CLIENT_GOOD)
        answer.detail = arena_copy(runner->arena, client_detail(runner->client));
    runner->over = runner->over || !goes_on(answer.failure);
    return answer;
}

/* log_in - the passwords of the plan are for tests, so they may be sent unencrypted */
static struct reply log_in(struct runner *runner, struct str mechanism)
{
    struct arena *arena = runner->arena;
    struct plan_user user = {STR(""), STR("")};

    for (size_t i = 0; i < runner->plan->user_count; i++)
        if (str_eq(runner->plan->users[i].name, runner->session->user))
            user = runner->plan->users[i];
    if (str_is_nocase(mechanism, "PLAIN")) {
        struct str response = users_plain_response(arena, user.name, user.password);
        return client_command(runner->client,
                              arena_printf(arena, "AUTH PLAIN %.*s", STR_ARG(response)));
    }
    struct reply reply =
        client_command(runner->client, arena_printf(arena, "AUTH %.*s", STR_ARG(mechanism)));
    if (reply.code == 334)
        reply = client_command(runner->client, base64_encode(arena, user.name));
    if (reply.code == 334)
        reply = client_command(runner->client, base64_encode(arena, user.password));
    return reply;
}

static struct livetest_answer run_step(struct runner *runner, const struct plan_step *step)
{
    struct livetest_answer answer = {.detail = STR(""), .received = STR("")};

    /* the server expects a message after 354, and only then */
    if (runner->over || (step->action == PLAN_MESSAGE) != (runner->last.code == 354))
        return answer;
    switch (step->action) {
    case PLAN_GREETING:
        return make_answer(runner, runner->greeting);
    case PLAN_HANDSHAKE:
        answer = make_answer(runner, (struct reply){.code = 0});
        answer.tls = client_report(runner->client)->protocol.len > 0;
        return answer;
    case PLAN_STARTTLS:
        answer = make_answer(runner, client_starttls(runner->client));
        answer.tls = client_report(runner->client)->protocol.len > 0;
        /* after a refusal, the connection can still be used */
        runner->over = answer.reply.code == 220 ? !answer.tls : answer.reply.code == 0;
        return answer;
    case PLAN_AUTH:
        return make_answer(runner, log_in(runner, step->text));
    case PLAN_MESSAGE:
        answer = make_answer(runner, client_message(runner->client, step->text));
        if (answer.reply.code == 250)
            answer.received = find_received(runner, step->text);
        return answer;
    case PLAN_SEND:
        return make_answer(runner, client_command(runner->client, step->text));
    }
    return answer;
}

/* --- sessions ------------------------------------------------------------------------ */

static const struct engine_endpoint *find_endpoint(const struct engine_target *target,
                                                   const struct plan_session *session)
{
    for (size_t i = 0; i < target->endpoint_count; i++)
        if (str_eq(target->endpoints[i].service, session->service))
            return &target->endpoints[i];
    for (size_t i = 0; session->port != 0 && i < target->endpoint_count; i++)
        if (target->endpoints[i].port == session->port)
            return &target->endpoints[i];
    return NULL;
}

/* needs_no_xclient - the session's client is this machine */
static bool needs_no_xclient(const struct plan_session *session)
{
    return session->client.len == 0 || str_is(session->client, "127.0.0.1");
}

/* assume_client_identity - sends XCLIENT, whose reply is the greeting; false: it was refused */
static bool assume_client_identity(struct runner *runner)
{
    const struct plan_session *session = runner->session;
    struct str name = session->client_name.len > 0 ? session->client_name : str_of("[UNAVAILABLE]");
    bool v6 = str_find(session->client, ':', 0) < session->client.len;
    struct str line =
        arena_printf(runner->arena, "XCLIENT ADDR=%s%.*s NAME=%.*s REVERSE_NAME=%.*s",
                     v6 ? "IPV6:" : "", STR_ARG(session->client), STR_ARG(name), STR_ARG(name));
    struct reply reply = client_command(runner->client, line);

    /* 500 to 503 are about the command, other codes are those of a greeting */
    bool refused = reply.code == 0 || (reply.code >= 500 && reply.code <= 503) ||
                   (reply.code == 550 && str_is(reply.enhanced, "5.7.0"));
    if (!refused)
        runner->greeting = reply;
    return !refused;
}

/* is_dismissed - the greeting was 421 or 521: whoever the client says that it is, this is the end
 */
static bool is_dismissed(const struct runner *runner)
{
    return runner->greeting.code % 100 == 21;
}

/* must_answer - does the step expect something that a server does? */
static bool must_answer(const struct plan_step *step)
{
    return step->outcome == PLAN_REPLY || step->outcome == PLAN_TLS_GOOD ||
           (step->outcome == PLAN_UNDETERMINED && step->alternatives.count > 0 &&
            !str_list_has(&step->alternatives, str_of("silence")));
}

static bool expects_silence(const struct plan_session *session)
{
    for (size_t i = 0; i < session->step_count; i++)
        if (session->steps[i].outcome == PLAN_SILENCE)
            return true;
    return false;
}

static void set_not_asked(struct livetest_answer *answers, const struct plan_session *session,
                          const char *why)
{
    for (size_t i = 0; i < session->step_count; i++)
        answers[i] = (struct livetest_answer){.detail = str_of(why), .received = STR("")};
}

static void run_session(struct runner *runner, struct livetest_answer *answers)
{
    const struct plan_session *session = runner->session;
    /* the issuer of the certificate is not checked, and reading a bundle takes long */
    struct client_options options = {.host = runner->endpoint->host,
                                     .port = runner->endpoint->local_port,
                                     .ca_file = STR("/dev/null"),
                                     .timeout_ms = runner->target->timeout_ms,
                                     .insist = true,
                                     .min_protocol = session->min_protocol,
                                     .max_protocol = session->max_protocol};

    if (expects_silence(session))
        options.timeout_ms = SILENCE_MS;
    runner->client = client_open(runner->arena, &options,
                                 session->tls == PLAN_TLS_IMPLICIT   ? CLIENT_IMPLICIT
                                 : session->tls == PLAN_TLS_STARTTLS ? CLIENT_STARTTLS
                                                                     : CLIENT_PLAIN);
    runner->greeting = client_greeting(runner->client);
    runner->last = (struct reply){.code = 0};
    runner->over = false;
    if (client_failure(runner->client) == CLIENT_NO_CONNECTION) {
        set_not_asked(answers, session, "no connection");
        runner->silent[runner->endpoint - runner->target->endpoints] = true;
    } else if (!needs_no_xclient(session) && runner->target->xclient && !is_dismissed(runner) &&
               client_failure(runner->client) == CLIENT_GOOD && !assume_client_identity(runner)) {
        set_not_asked(answers, session, "the server rejected XCLIENT");
    } else {
        for (size_t i = 0; i < session->step_count; i++) {
            answers[i] = run_step(runner, &session->steps[i]);
            if (answers[i].failure == CLIENT_TIMEOUT && must_answer(&session->steps[i]))
                runner->silent[runner->endpoint - runner->target->endpoints] = true;
        }
        if (!runner->over && runner->last.code != 221 && runner->last.code != 354)
            client_command(runner->client, str_of("QUIT"));
    }
    client_close(runner->client);
}

/* can_assume_client - without XCLIENT, only a stranger can be represented */
static bool can_assume_client(const struct plan_session *session,
                              const struct engine_target *target)
{
    return target->xclient || needs_no_xclient(session) || plan_is_stranger(session);
}

struct livetest_answer **livetest_run(struct arena *arena, const struct plan *plan,
                                      const struct engine_target *target)
{
    struct livetest_answer **answers =
        arena_alloc(arena, (plan->session_count + 1) * sizeof *answers);
    struct runner runner = {.arena = arena, .plan = plan, .target = target};

    runner.silent = arena_alloc(arena, (target->endpoint_count + 1) * sizeof *runner.silent);

    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        answers[i] = arena_alloc(arena, (session->step_count + 1) * sizeof **answers);
        runner.session = session;
        runner.endpoint = find_endpoint(target, session);
        if (runner.endpoint == NULL)
            set_not_asked(answers[i], session, "the server does not have the service");
        else if (runner.silent[runner.endpoint - target->endpoints])
            set_not_asked(answers[i], session, "the server does not answer any more");
        else if (!can_assume_client(session, target))
            set_not_asked(answers[i], session, "the server does not accept XCLIENT");
        else
            run_session(&runner, answers[i]);
    }
    return answers;
}
