/*
 * connection_smtp - passes lines to the session, and its replies to the client: see connection.h
 *
 * All lines of one read are answered before anything is sent, so that the replies to pipelined
 * commands are sent together.
 */
#include "smtp/server/connection.h"

#include <string.h>

/* --- commands ---------------------------------------------------------------------------- */

/* count_command - by the reply to the last command */
static void count_command(struct connection *connection, struct session_step step)
{
    bool more = step.next == NEXT_DATA || step.next == NEXT_AUTH ||
                (step.next == NEXT_CHUNK && step.reply.code == 0);

    if (connection->command < 0 || more)
        return;
    if (step.reply.code > 0 && step.reply.code < 400)
        connection->done[connection->command]++;
    connection->command = -1;
}

/* start_tls - the caller discards unencrypted input that came after STARTTLS, which may be from an
   attacker (CVE-2011-0411) */
static void start_tls(struct connection *connection)
{
    connection->phase = connection_begin_tls(connection) ? PHASE_HANDSHAKE : PHASE_CLOSE;
}

/* start_chunk - a chunk that is discarded is read only up to a limit, as in Postfix */
static void start_chunk(struct connection *connection, long size)
{
    bool kept = session_chunk_is_kept(connection->session);
    long most = connection->limits.message_size;

    connection->phase = PHASE_CHUNK;
    connection->chunk_left = size;
    connection->chunk_kept = kept;
    if (kept && !connection->in_message)
        connection_begin_message(connection, true);
    if (kept || most == 0 || size <= most + most / 2)
        return;
    struct str client = log_client(connection);
    server_log(connection->listening,
               "warning: %s: too much BDAT content -- disabling further input from %.*s",
               connection->in_message ? connection->queue_id : "NOQUEUE", STR_ARG(client));
    connection->chunk_left = 0;
    connection->input_off = true;
}

static void enter_phase(struct connection *connection, struct session_step step)
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
        connection_begin_message(connection, false);
        break;
    case NEXT_CHUNK:
        start_chunk(connection, step.chunk_size);
        break;
    case NEXT_SILENCE:
        connection->phase = PHASE_SILENT;
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

    log_undecided(connection);
    if (step.delay > 0 && !connection->server->options.no_delays)
        connection_pause(connection, step.delay);
    if (step.reply.code != 0)
        reply_print(output, step.reply);
    if (step.last.code != 0)
        reply_print(output, step.last);
    count_command(connection, step);
    enter_phase(connection, step);
    connection_restart_timer(connection);
    if (connection->phase == PHASE_CHUNK && connection->chunk_left <= 0)
        connection_step(connection, connection_end_content(connection));
    if (connection->input_off)
        connection->phase = PHASE_CLOSE;
}

void connection_greet(struct connection *connection)
{
    session_input(connection->session,
                  connection->listening->forbids_pipelining && connection_is_readable(connection));
    connection_step(connection, session_greeting(connection->session));
}

/* answer_line - ENDED_LF: it ended in a bare line feed */
static void answer_line(struct connection *connection, struct str line, bool ended_lf, bool waiting)
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
        server_log(connection->listening, "warning: session of %.*s uses more than %d MB of memory",
                   STR_ARG(client), ARENA_MOST >> 20);
        connection_step(connection,
                        (struct session_step){.reply = {421, enhanced, text}, .next = NEXT_CLOSE});
    }
}

/* find_line_limit - with one more byte, so that the session sees that the line is too long */
static size_t find_line_limit(const struct connection *connection)
{
    return session_limits(connection->session).line_length + 1;
}

/* keep_line - the start of a line, cut at the limit, as in Postfix */
static void keep_line(struct connection *connection, struct str part)
{
    size_t limit = find_line_limit(connection);
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

/* strip_end - removes one CR at the end, or all if bare line feeds are accepted */
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
               STR_ARG(client), find_line_limit(connection) - 1, STR_ARG(shown));
}

/* read_line - returns how much of IN belongs to the line, which may be incomplete */
static size_t read_line(struct connection *connection, struct str in)
{
    const char *newline = memchr(in.at, '\n', in.len);
    struct str line = {in.at, newline == NULL ? in.len : (size_t)(newline - in.at)};
    size_t taken = newline == NULL ? in.len : line.len + 1;
    bool ended_lf = false;

    if (newline == NULL || connection->line_len > 0 || line.len > find_line_limit(connection)) {
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
    answer_line(connection, line, ended_lf, taken < in.len || connection_has_input(connection));
    return taken;
}

/* read_content - returns how much of IN belongs to the message */
static size_t read_content(struct connection *connection, struct str in)
{
    bool end;
    size_t taken = connection_add_content(connection, in, &end);

    if (end)
        connection_step(connection, connection_end_content(connection));
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
            taken = read_line(connection, in);
            break;
        case PHASE_DATA:
        case PHASE_CHUNK:
            taken = read_content(connection, in);
            break;
        case PHASE_CLOSE:
            connection->lingers = true;
            break;
        case PHASE_HANDSHAKE: /* input before it is discarded */
        case PHASE_SILENT:
        case PHASE_LINGER:
            break;
        }
        in = str_slice(in, taken, in.len);
    }
}
