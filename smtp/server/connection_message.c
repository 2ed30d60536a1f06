/*
 * connection_message - writes a message to the maildir: see connection.h
 *
 * So that no message is lost after the reply 250, the file is first synced to disk in tmp/, then
 * the session decides about the message, then the file is moved to new/, and then the reply is
 * sent.
 */
#include "smtp/server/connection.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct session_step make_storage_failure(void)
{
    static const struct str enhanced = STR("4.3.0");
    static const struct str text = STR("Error: queue file write error");

    return (struct session_step){.reply = {451, enhanced, text}, .next = NEXT_COMMAND};
}

/* print_base_52 - without vowels, as in Postfix's long queue ids */
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

/* name_message - a queue id from time and inode, in one of two forms (enable_long_queue_ids) */
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

/* add_header - one header; control characters are replaced, so that they cannot begin another */
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

void connection_begin_message(struct connection *connection, bool chunked)
{
    const struct session_limits *limits = &connection->limits;

    if (chunked)
        content_init_chunked(&connection->content, limits->bare_newline,
                             connection->listening->line_limit);
    else
        content_init(&connection->content, limits->bare_newline, connection->listening->line_limit);
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

/* store_text - writes the text from content.c, unless the message will be rejected */
static void store_text(struct connection *connection)
{
    struct buffer *text = &connection->server->text;

    if (connection->stores && !is_too_large(connection) && !is_bare(connection))
        delivery_write(&connection->delivery, buffer_str(text));
    text->len = 0;
}

/* find_problem - of the complete message; without a problem, it is synced to disk */
static enum content_problem find_problem(struct connection *connection)
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

/* finish_message - moves it to new/ if it was accepted, or removes it */
static void finish_message(struct connection *connection, struct session_step *step, bool discard)
{
    bool accepted = step->reply.code >= 200 && step->reply.code < 300;

    if (connection->stores && accepted && !discard &&
        !delivery_commit(&connection->delivery, &connection->server->maildir)) {
        server_log(connection->listening, "warning: %s: write queue file: %s", connection->queue_id,
                   strerror(connection->delivery.error));
        *step = make_storage_failure();
    }
    connection_drop_message(connection);
}

static bool is_discarded(const struct connection *connection)
{
    return str_starts(session_state(connection->session)->discard_or_hold, "DISCARD");
}

static struct session_step end_data(struct connection *connection)
{
    bool discard = is_discarded(connection);
    enum content_problem problem = find_problem(connection);
    struct session_step step =
        session_end_of_data(connection->session, connection->content.size, problem,
                            arena_copy(connection->arena, str_of(connection->queue_id)));

    connection->phase = PHASE_COMMAND;
    log_reply(connection, STR_NONE, step.reply);
    finish_message(connection, &step, discard);
    return step;
}

/* find_problem_so_far - before the last chunk */
static enum content_problem find_problem_so_far(const struct connection *connection)
{
    if (is_bare(connection))
        return CONTENT_BARE_NEWLINE;
    if (is_too_large(connection))
        return CONTENT_TOO_LARGE;
    return connection->stores && connection->delivery.failed ? CONTENT_NOT_STORED : CONTENT_GOOD;
}

static struct session_step end_chunk(struct connection *connection)
{
    bool last = session_chunk_is_last(connection->session);
    bool discard = is_discarded(connection);
    enum content_problem problem = find_problem_so_far(connection);

    if (last && connection->chunk_kept) {
        content_finish(&connection->content, connection->stores ? &connection->server->text : NULL);
        store_text(connection);
        problem = find_problem(connection);
    }
    connection->phase = PHASE_COMMAND;
    struct session_step step =
        session_end_of_chunk(connection->session, connection->content.size, problem,
                             arena_copy(connection->arena, str_of(connection->queue_id)));
    log_reply(connection, STR_NONE, step.reply);
    if (last)
        finish_message(connection, &step, discard);
    else if (step.reply.code >= 400)
        connection_drop_message(connection);
    return step;
}

struct session_step connection_end_content(struct connection *connection)
{
    return connection->phase == PHASE_CHUNK ? end_chunk(connection) : end_data(connection);
}

size_t connection_add_content(struct connection *connection, struct str in, bool *end)
{
    struct buffer *text = connection->stores ? &connection->server->text : NULL;
    size_t taken;

    if (connection->phase == PHASE_CHUNK) {
        bool none;
        taken = in.len < (unsigned long)connection->chunk_left ? in.len
                                                               : (size_t)connection->chunk_left;
        if (connection->chunk_kept)
            content_add(&connection->content, str_slice(in, 0, taken), text, &none);
        connection->chunk_left -= (long)taken;
        *end = connection->chunk_left == 0;
    } else {
        taken = content_add(&connection->content, in, text, end);
    }
    store_text(connection);
    if (!connection->listening->deadline)
        connection_restart_timer(connection);
    return taken;
}
