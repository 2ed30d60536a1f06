/*
 * connection_smtp - lines to the session, its replies to the client, messages to the maildir: see
 * connection.h
 *
 * All lines of one read are answered before anything is sent, so that the replies to pipelined
 * commands go out together.
 */
#include "smtp/connection.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct session_step storage_failed(void)
{
    static const struct str enhanced = STR("4.3.0");
    static const struct str text = STR("Error: queue file write error");

    return (struct session_step){.reply = {451, enhanced, text}, .next = NEXT_COMMAND};
}

/* --- messages ---------------------------------------------------------------------------- */

/* base_52 - as in Postfix's long queue ids: no vowels */
static size_t print_base_52(char *to, unsigned long long number, int digits)
{
    static const char letters[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
    char reversed[16];
    int len = 0;

    do {
        reversed[len++] = letters[number % 52];
        number /= 52;
    } while (number > 0 && len < (int)sizeof reversed);
    while (len < digits)
        reversed[len++] = letters[0];
    for (int i = 0; i < len; i++)
        to[i] = reversed[len - 1 - i];
    to[len] = '\0';
    return (size_t)len;
}

/* name_message - a queue id in Postfix's two forms (enable_long_queue_ids): time and inode */
static void name_message(struct connection *connection)
{
    struct timespec now;
    unsigned long long unique =
        connection->stores ? connection->delivery.inode : ++connection->server->messages;
    char *id = connection->queue_id;

    clock_gettime(CLOCK_REALTIME, &now);
    if (!connection->listening->long_ids) {
        snprintf(id, sizeof connection->queue_id, "%05lX%llX", now.tv_nsec / 1000, unique);
        return;
    }
    size_t len = print_base_52(id, (unsigned long long)now.tv_sec, 6);
    len += print_base_52(id + len, (unsigned long long)(now.tv_nsec / 1000), 4);
    id[len++] = 'z';
    snprintf(id + len, sizeof connection->queue_id - len, "%llX", unique);
}

/* add_header - one line of the envelope; control characters cannot begin another */
static void add_header(struct buffer *text, const char *name, struct str value, bool brackets)
{
    buffer_add_cstr(text, name);
    buffer_add_cstr(text, brackets ? ": <" : ": ");
    for (size_t i = 0; i < value.len; i++)
        buffer_add_char(text,
                        (unsigned char)value.at[i] < ' ' || value.at[i] == 127 ? '?' : value.at[i]);
    buffer_add_cstr(text, brackets ? ">\n" : "\n");
}

static void write_envelope(struct connection *connection)
{
    struct server *server = connection->server;
    const struct str *recipients;
    size_t count = session_recipients(connection->session, &recipients);
    time_t now = time(NULL);
    char date[64];
    struct tm parts;

    localtime_r(&now, &parts);
    size_t len = strftime(date, sizeof date, "%a, %e %b %Y %H:%M:%S %z (%Z)", &parts);
    add_header(&server->text, "Return-Path", session_state(connection->session)->sender, true);
    for (size_t i = 0; i < count; i++)
        add_header(&server->text, "Delivered-To", recipients[i], false);
    struct str received = session_received(connection->session, server->scratch,
                                           str_of(connection->queue_id), (struct str){date, len});
    buffer_add(&server->text, received);
    if (!str_ends(received, "\n"))
        buffer_add_char(&server->text, '\n');
}

static void log_message(const struct connection *connection)
{
    const struct state *state = session_state(connection->session);

    if (connection->server->options.log == NULL)
        return;
    struct buffer text;
    buffer_init(&text, connection->server->scratch);
    buffer_add_cstr(&text, connection->queue_id);
    buffer_add_cstr(&text, ": client=");
    buffer_add(&text, log_client(connection));
    if (state->sasl_username.at != NULL) {
        buffer_add_cstr(&text, ", sasl_method=");
        buffer_add(&text, state->sasl_method);
        buffer_add_cstr(&text, ", sasl_username=");
        buffer_add(&text, state->sasl_username);
    }
    struct str shown = log_printable(text.arena, buffer_str(&text));
    server_log(connection->listening, "%.*s", STR_ARG(shown));
}

static void begin_message(struct connection *connection, bool chunked)
{
    const struct session_limits *limits = &connection->limits;

    if (chunked)
        content_init_chunked(&connection->content, (int)limits->bare_newline,
                             connection->listening->line_limit);
    else
        content_init(&connection->content, (int)limits->bare_newline,
                     connection->listening->line_limit);
    connection->content.replaces_cr = connection->listening->replaces_cr;
    connection->in_message = true;
    connection->stores = connection->server->stores;
    connection->server->text.len = 0;
    if (connection->stores)
        delivery_begin(&connection->delivery, &connection->server->maildir);
    name_message(connection);
    log_message(connection);
    if (connection->stores) {
        write_envelope(connection);
        delivery_write(&connection->delivery, buffer_str(&connection->server->text));
        connection->server->text.len = 0;
    }
}

void connection_drop_message(struct connection *connection)
{
    if (connection->in_message && connection->stores)
        delivery_abort(&connection->delivery, &connection->server->maildir);
    connection->in_message = connection->stores = false;
}

static bool is_too_large(const struct connection *connection)
{
    return connection->limits.message_size > 0 &&
           connection->content.size > connection->limits.message_size;
}

static bool is_bare(const struct connection *connection)
{
    return connection->limits.bare_newline == BARE_NEWLINE_REJECT &&
           connection->content.bare_newline;
}

/* store - what content.c made of the input; nothing more of a message that is refused anyway */
static void store(struct connection *connection)
{
    struct buffer *text = &connection->server->text;

    if (connection->stores && !is_too_large(connection) && !is_bare(connection))
        delivery_write(&connection->delivery, buffer_str(text));
    text->len = 0;
}

/* problem_of - what is wrong with the whole message; where nothing is, it is on the disk */
static enum content_problem problem_of(struct connection *connection)
{
    if (is_bare(connection))
        return CONTENT_BARE_NEWLINE;
    if (is_too_large(connection))
        return CONTENT_TOO_LARGE;
    if (connection->stores && !delivery_sync(&connection->delivery, &connection->server->maildir)) {
        server_log(connection->listening, "warning: %s: write queue file: %s", connection->queue_id,
                   strerror(connection->delivery.error));
        return CONTENT_NOT_STORED;
    }
    return CONTENT_GOOD;
}

/* settle - the session has judged the message: into new/, or away */
static void settle(struct connection *connection, struct session_step *step, bool discard)
{
    bool accepted = step->reply.code >= 200 && step->reply.code < 300;

    if (connection->stores && accepted && !discard &&
        !delivery_commit(&connection->delivery, &connection->server->maildir)) {
        server_log(connection->listening, "warning: %s: write queue file: %s", connection->queue_id,
                   strerror(connection->delivery.error));
        *step = storage_failed();
    }
    connection_drop_message(connection);
}

static bool is_discarded(const struct connection *connection)
{
    return str_starts(session_state(connection->session)->discard_or_hold, "DISCARD");
}

static void end_of_data(struct connection *connection)
{
    bool discard = is_discarded(connection);
    enum content_problem problem = problem_of(connection);
    struct session_step step =
        session_end_of_data(connection->session, connection->content.size, problem,
                            arena_copy(connection->arena, str_of(connection->queue_id)));

    connection->phase = PHASE_COMMAND;
    log_reply(connection, STR_NONE, step.reply);
    settle(connection, &step, discard);
    connection_step(connection, step);
}

/* problem_so_far - of a message whose last chunk has not come */
static enum content_problem problem_so_far(const struct connection *connection)
{
    if (is_bare(connection))
        return CONTENT_BARE_NEWLINE;
    if (is_too_large(connection))
        return CONTENT_TOO_LARGE;
    return connection->stores && connection->delivery.failed ? CONTENT_NOT_STORED : CONTENT_GOOD;
}

static void end_of_chunk(struct connection *connection)
{
    bool last = session_chunk_is_last(connection->session);
    bool discard = is_discarded(connection);
    enum content_problem problem = problem_so_far(connection);

    if (last && connection->chunk_kept) {
        content_finish(&connection->content, connection->stores ? &connection->server->text : NULL);
        store(connection);
        problem = problem_of(connection);
    }
    connection->phase = PHASE_COMMAND;
    struct session_step step =
        session_end_of_chunk(connection->session, connection->content.size, problem,
                             arena_copy(connection->arena, str_of(connection->queue_id)));
    log_reply(connection, STR_NONE, step.reply);
    if (last)
        settle(connection, &step, discard);
    else if (step.reply.code >= 400)
        connection_drop_message(connection);
    connection_step(connection, step);
}

/* add_content - how much of IN belonged to the message */
static size_t add_content(struct connection *connection, struct str in)
{
    struct buffer *text = connection->stores ? &connection->server->text : NULL;
    size_t taken;
    bool end = false;

    if (connection->phase == PHASE_CHUNK) {
        taken = in.len < (unsigned long)connection->chunk_left ? in.len
                                                               : (size_t)connection->chunk_left;
        if (connection->chunk_kept)
            content_add(&connection->content, str_slice(in, 0, taken), text, &end);
        connection->chunk_left -= (long)taken;
        end = connection->chunk_left == 0;
    } else {
        taken = content_add(&connection->content, in, text, &end);
    }
    store(connection);
    if (!connection->listening->deadline)
        connection_restart_timer(connection);
    if (end && connection->phase == PHASE_CHUNK)
        end_of_chunk(connection);
    else if (end)
        end_of_data(connection);
    return taken;
}

/* --- commands ---------------------------------------------------------------------------- */

/* count - the reply tells whether the command last asked for was a success */
static void count(struct connection *connection, struct session_step step)
{
    bool more = step.next == NEXT_DATA || step.next == NEXT_AUTH ||
                (step.next == NEXT_CHUNK && step.reply.code == 0);

    if (connection->command < 0 || more)
        return;
    if (step.reply.code > 0 && step.reply.code < 400)
        connection->done[connection->command]++;
    connection->command = -1;
}

/* start_tls - all that came with STARTTLS or behind it was sent in the clear, by who knows whom:
   the caller throws it away (CVE-2011-0411), and what the client said so far does not count */
static void start_tls(struct connection *connection)
{
    connection->phase = connection_begin_tls(connection) ? PHASE_HANDSHAKE : PHASE_CLOSE;
}

/* start_chunk - bytes that would only be thrown away are waited for up to a bound, as in Postfix */
static void start_chunk(struct connection *connection, long size)
{
    bool kept = session_chunk_is_kept(connection->session);
    long most = connection->limits.message_size;

    connection->phase = PHASE_CHUNK;
    connection->chunk_left = size;
    connection->chunk_kept = kept;
    if (kept && !connection->in_message)
        begin_message(connection, true);
    if (kept || most == 0 || size <= most + most / 2)
        return;
    struct str client = log_client(connection);
    server_log(connection->listening,
               "warning: %s: too much BDAT content -- disabling further input from %.*s",
               connection->in_message ? connection->queue_id : "NOQUEUE", STR_ARG(client));
    connection->chunk_left = 0;
    connection->deaf = true;
}

static void enter(struct connection *connection, struct session_step step)
{
    switch (step.next) {
    case NEXT_COMMAND:
        connection->phase = PHASE_COMMAND;
        break;
    case NEXT_AUTH:
        connection->phase = PHASE_AUTH;
        break;
    case NEXT_TLS:
        start_tls(connection);
        break;
    case NEXT_DATA:
        connection->phase = PHASE_DATA;
        begin_message(connection, false);
        break;
    case NEXT_CHUNK:
        start_chunk(connection, step.chunk_size);
        break;
    case NEXT_CLOSE:
        connection->phase = PHASE_CLOSE;
        connection->lingers = step.reply.code >= 400;
        break;
    }
}

void connection_step(struct connection *connection, struct session_step step)
{
    struct buffer *output = &connection->server->output;

    if (step.delay > 0)
        connection_pause(connection, step.delay);
    if (step.reply.code != 0)
        reply_print(output, step.reply);
    if (step.last.code != 0)
        reply_print(output, step.last);
    count(connection, step);
    enter(connection, step);
    connection_restart_timer(connection);
    if (connection->phase == PHASE_CHUNK && connection->chunk_left <= 0)
        end_of_chunk(connection);
    if (connection->deaf)
        connection->phase = PHASE_CLOSE;
}

void connection_greet(struct connection *connection)
{
    session_input(connection->session,
                  connection->listening->watches_pipelining && connection_is_readable(connection));
    connection_step(connection, session_greeting(connection->session));
}

/* hand_in - one line; ENDED_LF: in a bare line feed */
static void hand_in(struct connection *connection, struct str line, bool ended_lf, bool waiting)
{
    if (connection->phase == PHASE_COMMAND) {
        connection->command = command_of(line);
        connection->asked[connection->command]++;
    }
    session_input(connection->session, waiting);
    struct session_step step = session_line(connection->session, line, ended_lf);
    log_reply(connection, line, step.reply);
    connection_step(connection, step);
    /* RSET, EHLO and others end a transaction between two chunks */
    if (connection->in_message && connection->phase == PHASE_COMMAND &&
        session_state(connection->session)->sender.at == NULL)
        connection_drop_message(connection);
    if (arena_held(connection->arena) > ARENA_MOST && connection->phase == PHASE_COMMAND) {
        static const struct str enhanced = STR("4.3.0");
        static const struct str text = STR("Error: session too long");
        struct str client = log_client(connection);
        server_log(connection->listening, "warning: session of %.*s uses too much memory",
                   STR_ARG(client));
        connection_step(connection,
                        (struct session_step){.reply = {421, enhanced, text}, .next = NEXT_CLOSE});
    }
}

/* line_limit - one byte more than the session takes shows it that there was more */
static size_t line_limit(const struct connection *connection)
{
    return session_limits(connection->session).line_length + 1;
}

/* keep_line - the beginning of a line; what is above the limit is cut off, as in Postfix */
static void keep_line(struct connection *connection, struct str part)
{
    size_t limit = line_limit(connection);
    size_t room = limit > connection->line_len ? limit - connection->line_len : 0;

    if (part.len > room) {
        connection->line_cut = true;
        part.len = room;
    }
    if (connection->line_len + part.len > connection->line_capacity) {
        size_t capacity =
            limit > connection->line_len + part.len ? limit : connection->line_len + part.len;
        char *larger = arena_alloc_raw(connection->arena, capacity + 1);
        if (connection->line_len > 0)
            memcpy(larger, connection->line, connection->line_len);
        connection->line = larger;
        connection->line_capacity = capacity;
    }
    if (part.len > 0)
        memcpy(connection->line + connection->line_len, part.at, part.len);
    connection->line_len += part.len;
}

/* strip_end - without CR at the end: all of them where bare line feeds are taken, else one */
static struct str strip_end(const struct connection *connection, struct str line, bool *ended_lf)
{
    size_t len = line.len;

    *ended_lf = false;
    if (connection->limits.bare_newline == BARE_NEWLINE_ACCEPT) {
        while (len > 0 && line.at[len - 1] == '\r')
            len--;
    } else if (len > 0 && line.at[len - 1] == '\r') {
        len--;
    } else {
        *ended_lf = true;
    }
    return str_slice(line, 0, len);
}

static void log_cut(const struct connection *connection, struct str line)
{
    struct str client = log_client(connection);
    struct str shown = log_printable(connection->server->scratch, str_slice(line, 0, 30));

    server_log(connection->listening, "warning: %.*s: request longer than %zu: %.*s...",
               STR_ARG(client), line_limit(connection) - 1, STR_ARG(shown));
}

/* take_line - how much of IN was of one line, which need not be all there yet */
static size_t take_line(struct connection *connection, struct str in)
{
    const char *newline = memchr(in.at, '\n', in.len);
    struct str line = {in.at, newline == NULL ? in.len : (size_t)(newline - in.at)};
    size_t taken = newline == NULL ? in.len : line.len + 1;
    bool ended_lf = false;

    if (newline == NULL || connection->line_len > 0 || line.len > line_limit(connection)) {
        keep_line(connection, line);
        if (newline == NULL)
            return taken;
        line = (struct str){connection->line, connection->line_len};
    }
    bool cut = connection->line_cut;
    connection->line_len = 0;
    connection->line_cut = false;
    if (cut)
        log_cut(connection, line);
    else
        line = strip_end(connection, line, &ended_lf);
    hand_in(connection, line, ended_lf, taken < in.len || connection_has_input(connection));
    return taken;
}

void connection_input(struct connection *connection, struct str in)
{
    while (in.len > 0) {
        size_t taken = in.len;
        if (connection->paused && connection->phase != PHASE_CLOSE) {
            connection_keep_input(connection, in);
            return;
        }
        switch (connection->phase) {
        case PHASE_COMMAND:
        case PHASE_AUTH:
            taken = take_line(connection, in);
            break;
        case PHASE_DATA:
        case PHASE_CHUNK:
            taken = add_content(connection, in);
            break;
        case PHASE_CLOSE:
            connection->lingers = true;
            break;
        case PHASE_HANDSHAKE: /* what came before it is thrown away */
        case PHASE_LINGER:
            break;
        }
        in = str_slice(in, taken, in.len);
    }
}
