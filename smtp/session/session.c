#include "smtp/session/session.h"

#include <string.h>

#include "smtp/address/form.h"
#include "smtp/address/match.h"
#include "smtp/session/parts.h"
#include "smtp/start/start.h"

/* --- the beginning -------------------------------------------------------------------- */

struct session *session_begin(struct arena *arena, const struct policy_service *service,
                              struct world *world, const struct session_client *client,
                              const struct session_options *options)
{
    struct session *session = arena_alloc(arena, sizeof *session);
    struct session_settings *settings = session_settings(service);

    state_init(&session->state, service, arena, world);
    session->state.trace = options->trace;
    session->state.no_verify = settings->no_verify;
    session->state.find_silence = start_silence_of;
    session_set_client(&session->state, client);
    session->settings = settings;
    session->capabilities = settings->capabilities;
    session->options = options;
    session->where = "CONNECT";
    buffer_init(&session->reply_text, arena);
    buffer_init(&session->footer_text, arena);
    session_admit(session, false);
    return session;
}

/* --- steps ---------------------------------------------------------------------------- */

/* ends_session - does Postfix close the connection after the reply?  RFC 5321, 3.8 */
static bool ends_session(struct reply reply)
{
    return reply.code == 421 || reply.code == 521;
}

static long find_delay(const struct session *session)
{
    const struct session_settings *settings = session->settings;

    return session->errors >= settings->soft_errors && settings->error_sleep > 0
               ? settings->error_sleep
               : 0;
}

/* refuse_too_many_errors - sent without waiting for another command */
static struct reply refuse_too_many_errors(struct session *session)
{
    struct arena *arena = session->state.arena;

    return session_finish(session, reply_printf(arena, 421, "4.7.0", "%.*s Error: too many errors",
                                                STR_ARG(session->settings->hostname)));
}

/* trace_silence - says why no reply follows */
static void trace_silence(struct session *session)
{
    struct trace_step *step = state_trace(&session->state, STAGE_RCPT);

    if (step == NULL)
        return;
    step->restriction = str_of("smtpd(8)");
    step->said = str_of("no reply");
    step->why = session->state.silence;
    step->decided = true;
}

static struct session_step make_step(struct session *session, struct reply reply)
{
    const struct session_settings *settings = session->settings;
    struct session_step step = {.next = session->next, .chunk_size = session->chunk_size};

    if (session->state.silence.at != NULL) {
        session->closing = true;
        trace_silence(session);
        return (struct session_step){.next = NEXT_SILENCE};
    }
    if (reply.code != 0) {
        step.delay = find_delay(session);
        step.reply = session_finish(session, reply);
    }
    if (session->failed)
        session->errors++;
    if (session->command != NULL && (session->command->flags & COMMAND_LIMIT) != 0 &&
        session->junk++ > settings->junk_limit)
        session->errors++;
    session->failed = false;
    if (session->closing || ends_session(step.reply)) {
        session->closing = true;
        step.next = NEXT_CLOSE;
    } else if (step.next == NEXT_COMMAND && session->errors >= settings->hard_errors) {
        step.reply.text = arena_copy(session->state.arena, step.reply.text);
        step.last = refuse_too_many_errors(session);
        session->closing = true;
        step.next = NEXT_CLOSE;
    }
    return step;
}

static struct session_step close_with(struct session *session, struct reply reply)
{
    session->closing = true;
    return make_step(session, reply);
}

void session_input(struct session *session, bool waiting)
{
    session->waiting = waiting;
}

/* is_pipelining - the client sent commands too early; kept for reject_unauth_pipelining */
static bool is_pipelining(struct session *session)
{
    if (!session->waiting || session->state.pipelined)
        return false;
    session->state.pipelined = true;
    return session->settings->forbid_pipelining;
}

static struct reply refuse_pipelining(void)
{
    return session_accept(554, "5.5.0", "Error: SMTP protocol synchronization");
}

static struct reply refuse_certificate(struct session *session)
{
    return session_printf(session, 421, "4.7.1", "%.*s Error: %s",
                          STR_ARG(session->settings->hostname),
                          session->state.tls.has_certificate ? "Client certificate not trusted"
                                                             : "No client certificate presented");
}

/* greet - the last step of a greeting: nothing at all where smtpd exits */
static struct session_step greet(struct session *session)
{
    struct reply reply = {0};

    if (!session->closing)
        reply = session_greet(session);
    if (reply.code == 0)
        session->closing = true;
    return make_step(session, reply);
}

struct session_step session_greeting(struct session *session)
{
    const struct start_fault *fault = start_fault_of_listener(session->state.service);
    bool wrapped = session->settings->wrapped;

    session->command = NULL;
    session->next = NEXT_COMMAND;
    if (fault != NULL)
        return (struct session_step){.next = fault->problem == START_CONNECT ? NEXT_CLOSE
                                                                             : NEXT_SILENCE};
    if (wrapped && !session->state.tls.active) {
        bool can = session_can_tls(session);
        return (struct session_step){.next = can ? NEXT_TLS : NEXT_CLOSE};
    }
    if (session->certificate_refused) {
        struct session_step step = close_with(session, refuse_certificate(session));
        step.last = session_greet(session);
        return step;
    }
    if (!wrapped && is_pipelining(session))
        return close_with(session, refuse_pipelining());
    return greet(session);
}

bool session_is_wrapped(const struct session *session)
{
    return session->settings->wrapped && start_fault_of_listener(session->state.service) == NULL;
}

/* --- one line ------------------------------------------------------------------------- */

/* read_line - as Postfix reads it: up to the length limit or a NUL, without CRs at the end if bare
   newlines are accepted */
static struct str read_line(const struct session *session, struct str line)
{
    if (session->auth == AUTH_NONE || session->settings->response_length == 0)
        line = str_slice(line, 0, (size_t)session->settings->line_length);
    if (session->bare_newline == BARE_NEWLINE_ACCEPT)
        while (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
    return str_slice(line, 0, str_find(line, '\0', 0));
}

/* is_header - a header name, such as an HTTP client sends */
static bool is_header(struct str word)
{
    size_t colon = str_find(word, ':', 0);

    for (size_t i = 0; i < colon; i++)
        if (word.at[i] <= ' ' || word.at[i] > '~')
            return false;
    return colon > 0 && colon < word.len;
}

static bool is_listed(struct session *session, struct str list, struct str word)
{
    return list.len > 0 && match_string(&session->state, list, word) == MATCH_YES;
}

static struct reply refuse_denied(struct session *session)
{
    static const struct str none = STR("");
    const struct state *state = &session->state;

    if (session->denied.code % 100 == 21)
        return session->denied;
    struct str port = session->settings->log_port ? state->client_port : none;
    return session_refuse_printf(session, 503, "5.7.0", "Error: access denied for %.*s[%.*s]%s%.*s",
                                 STR_ARG(state->client_name), STR_ARG(state->client_address),
                                 port.len > 0 ? ":" : "", STR_ARG(port));
}

/* refuse_word - the first word is not a command */
static struct reply refuse_word(struct session *session, struct str word)
{
    const struct session_settings *settings = session->settings;

    session->where = "UNKNOWN";
    if (is_header(word) || is_listed(session, settings->forbidden_commands, word)) {
        session->closing = true;
        return session_accept(221, "2.7.0", "Error: I can break rules, too. Goodbye.");
    }
    if (session->denied.code != 0)
        return refuse_denied(session);
    return session_refuse(session, settings->unknown_code, "5.5.2",
                          "Error: command not recognized");
}

/* run_command - a command of the table */
static struct reply run_command(struct session *session, const struct session_command *command)
{
    bool extended = str_is(session->state.protocol, "ESMTP");

    if (session->denied.code != 0 && strcmp(command->name, "QUIT") != 0)
        return refuse_denied(session);
    if (session->settings->enforce_tls && !session->state.tls.active &&
        (command->flags & COMMAND_PRE_TLS) == 0)
        return session_refuse(session, 530, "5.7.0", "Must issue a STARTTLS command first");
    session->where = command->name;
    if ((!extended || (command->flags & COMMAND_LAST) != 0) && is_pipelining(session)) {
        session->closing = true;
        return refuse_pipelining();
    }
    session->command = command;
    return command->answer(session);
}

/* filter_line - smtpd_command_filter; false: its table does not work */
static bool filter_line(struct session *session, struct str *line)
{
    const struct table *table = session->settings->command_filter;

    if (table == NULL)
        return true;
    struct str key = str_slice(*line, str_span(*line, 0, " \t"), line->len);
    struct lookup found = table_find(table, session->state.arena, key);
    if (found.status == LOOKUP_FOUND)
        *line = found.value;
    if (found.status == LOOKUP_UNKNOWN) {
        struct str name = policy_str(session->state.service, PARAM_SMTPD_COMMAND_FILTER);
        return state_table_works(&session->state, name, PARAM_SMTPD_COMMAND_FILTER);
    }
    return found.status != LOOKUP_ERROR;
}

static struct reply answer_line(struct session *session, struct str line)
{
    const struct session_settings *settings = session->settings;
    static const struct session_command noop = {.name = "", .flags = COMMAND_LIMIT};

    if (settings->smtputf8 && !address_is_utf8(line)) {
        session->where = "UNKNOWN";
        return session_refuse(session, 500, "5.5.2", "Error: bad UTF-8 syntax");
    }
    if (!filter_line(session, &line))
        return session_printf(session, 421, "4.3.0", "%.*s Server local data error",
                              STR_ARG(settings->hostname));
    session_tokenize(session, line);
    if (session->token_count == 0) {
        session->where = "UNKNOWN";
        return session_refuse(session, 500, "5.5.2", "Error: bad syntax");
    }
    struct str word = session->tokens[0].text;
    if (is_listed(session, settings->noop_commands, word)) {
        session->command = &noop;
        return session_accept(250, "2.0.0", "Ok");
    }
    const struct session_command *command = session_command(session, word);
    return command == NULL ? refuse_word(session, word) : run_command(session, command);
}

struct session_step session_line(struct session *session, struct str line, bool ended_lf)
{
    const struct session_settings *settings = session->settings;

    if (session->closing)
        return (struct session_step){.next = session->state.silence.at != NULL ? NEXT_SILENCE
                                                                               : NEXT_CLOSE};
    session->failed = false;
    session->next = NEXT_COMMAND;
    if (session->auth != AUTH_NONE)
        return make_step(session, session_auth_line(session, read_line(session, line)));
    session->command = NULL;
    if (session->certificate_refused)
        return make_step(session, refuse_certificate(session));
    if (ended_lf && session->bare_newline == BARE_NEWLINE_REJECT)
        return close_with(session, session_printf(session, settings->bare_newline_code, "5.5.2",
                                                  "%.*s Error: bare <LF> received",
                                                  STR_ARG(settings->hostname)));
    return make_step(session, answer_line(session, read_line(session, line)));
}

struct session_step session_timeout(struct session *session)
{
    session->command = NULL;
    return close_with(session, session_printf(session, 421, "4.4.2", "%.*s Error: timeout exceeded",
                                              STR_ARG(session->settings->hostname)));
}

/* --- a message, or a chunk of one ------------------------------------------------------ */

/* begin_reply - to input that is not a command line */
static void begin_reply(struct session *session)
{
    session->failed = false;
    session->command = NULL;
    session->next = NEXT_COMMAND;
}

struct session_step session_end_of_data(struct session *session, long size,
                                        enum content_problem problem, struct str queue_id)
{
    begin_reply(session);
    return make_step(session, session_end_message(session, size, problem, queue_id));
}

struct session_step session_end_of_chunk(struct session *session, long size,
                                         enum content_problem problem, struct str queue_id)
{
    begin_reply(session);
    return make_step(session, session_end_chunk(session, size, problem, queue_id));
}

/* --- the state of the session --------------------------------------------------------- */

const struct state *session_state(const struct session *session)
{
    return &session->state;
}

const char *session_where(const struct session *session)
{
    return session->where;
}

struct session_limits session_limits(const struct session *session)
{
    const struct session_settings *settings = session->settings;
    bool response = session->auth != AUTH_NONE && settings->response_length > 0;

    return (struct session_limits){
        .line_length = (size_t)(response ? settings->response_length : settings->line_length),
        .timeout = settings->timeout,
        .message_size = settings->size_limit > 0 ? settings->size_limit : 0,
        .bare_newline = session->bare_newline,
    };
}
