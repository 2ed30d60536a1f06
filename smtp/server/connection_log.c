/*
 * connection_log - logs as Postfix's smtpd does: see connection.h
 *
 * Sources: smtpd.c (connect, disconnect with its counts, lost connection), smtpd_check.c (reject),
 * tls_misc.c (tls_log_summary), tls_server.c (SSL_accept error).
 */
#include "smtp/server/connection.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <time.h>

const char *const command_words[COMMAND_KINDS] = {
    "helo", "ehlo", "xclient", "xforward", "starttls", "auth", "mail", "rcpt",    "data",
    "bdat", "rset", "noop",    "vrfy",     "etrn",     "quit", "help", "unknown",
};

void server_log(const struct listening_socket *listening, const char *format, ...)
{
    struct server *server = listening->server;
    FILE *log = server->options.log;
    va_list arguments;
    time_t now = time(NULL);

    if (log == NULL)
        return;
    if (now != server->log_second) {
        struct tm parts;
        localtime_r(&now, &parts);
        strftime(server->log_time, sizeof server->log_time, "%b %e %H:%M:%S", &parts);
        server->log_second = now;
    }
    fprintf(log, "%s %.*s %.*s[%ld]: ", server->log_time, STR_ARG(server->log_host),
            STR_ARG(listening->log_name), (long)server->process);
    va_start(arguments, format);
    vfprintf(log, format, arguments);
    va_end(arguments);
    fputc('\n', log);
}

struct str log_printable(struct arena *arena, struct str text)
{
    char *copy = arena_alloc_raw(arena, text.len + 1);

    for (size_t i = 0; i < text.len; i++)
        copy[i] = text.at[i] >= ' ' && text.at[i] < 127 ? text.at[i] : '?';
    return (struct str){copy, text.len};
}

struct str log_client(const struct connection *connection)
{
    const struct state *state = session_state(connection->session);

    return arena_printf(connection->server->scratch, "%.*s[%.*s]", STR_ARG(state->client_name),
                        STR_ARG(state->client_address));
}

int command_of(struct str line)
{
    size_t from = 0, to;

    while (from < line.len && is_space(line.at[from]))
        from++;
    for (to = from; to < line.len && !is_space(line.at[to]) && line.at[to] != '\0';)
        to++;
    struct str word = str_slice(line, from, to);
    for (int i = 0; i < COMMAND_KINDS - 1; i++)
        if (str_is_nocase(word, command_words[i]))
            return i;
    return COMMAND_KINDS - 1;
}

void log_disconnect(struct connection *connection)
{
    unsigned done = 0, asked = 0;
    struct buffer text;

    if (connection->server->options.log == NULL)
        return;
    buffer_init(&text, connection->server->scratch);
    for (int i = 0; i < COMMAND_KINDS; i++) {
        if (connection->asked[i] == 0)
            continue;
        buffer_printf(&text, " %s=%u", command_words[i], connection->done[i]);
        if (connection->done[i] != connection->asked[i])
            buffer_printf(&text, "/%u", connection->asked[i]);
        done += connection->done[i];
        asked += connection->asked[i];
    }
    buffer_printf(&text, " commands=%u", done);
    if (done != asked || asked == 0)
        buffer_printf(&text, "/%u", asked);
    if (connection->limits.bare_newline == BARE_NEWLINE_NOTE && connection->content.bare_newline)
        buffer_add_cstr(&text, " notes=bare_lf");
    struct str client = log_client(connection);
    server_log(connection->listening, "disconnect from %.*s%.*s", STR_ARG(client),
               STR_ARG(buffer_str(&text)));
}

void log_lost(struct connection *connection, const char *reason)
{
    if (connection->server->options.log == NULL)
        return;
    struct str client = log_client(connection);
    struct arena *scratch = connection->server->scratch;
    const char *where = session_where(connection->session);
    const struct release *release = connection->server->policy->config->release;
    struct str id = STR("");
    if (release_has(release, FEATURE_QUEUE_ID_IN_LOST_CONNECTION))
        id = arena_printf(scratch,
                          "%s: ", connection->in_message ? connection->queue_id : "NOQUEUE");
    if (connection->phase == PHASE_DATA || connection->phase == PHASE_CHUNK)
        server_log(connection->listening, "%.*s%s after %s (%ld bytes) from %.*s", STR_ARG(id),
                   reason, connection->phase == PHASE_DATA ? "DATA" : "BDAT",
                   connection->content.size, STR_ARG(client));
    else if (strcmp(where, "END-OF-MESSAGE") != 0 || strcmp(reason, "lost connection") != 0)
        server_log(connection->listening, "%.*s%s after %s from %.*s", STR_ARG(id), reason, where,
                   STR_ARG(client));
}

void log_tls(const struct connection *connection, const struct state_tls *tls, struct str exchange)
{
    if (!connection->listening->logs_tls || connection->server->options.log == NULL)
        return;
    struct str client = log_client(connection);
    struct buffer text;
    buffer_init(&text, connection->server->scratch);
    buffer_printf(&text,
                  "%s TLS connection established from %.*s: %.*s with cipher %.*s (%d/%d bits)",
                  !tls->has_certificate      ? "Anonymous"
                  : tls->certificate_trusted ? "Trusted"
                                             : "Untrusted",
                  STR_ARG(client), STR_ARG(tls->protocol), STR_ARG(tls->cipher), tls->bits,
                  tls->algorithm_bits);
    /* as in Received:, but on one line */
    for (size_t i = 0; i < exchange.len; i++)
        if (exchange.at[i] != '\t' && exchange.at[i] != '\n')
            buffer_add_char(&text, exchange.at[i]);
    server_log(connection->listening, "%.*s", STR_ARG(buffer_str(&text)));
}

void log_tls_failure(const struct connection *connection)
{
    int problem = errno;
    char text[256];
    const char *file, *data;
    int line, flags;
    unsigned long code;

    if (connection->server->options.log == NULL)
        return;
    struct str client = log_client(connection);
    if (ERR_peek_error() == 0) {
        server_log(connection->listening, "SSL_accept error from %.*s: %s", STR_ARG(client),
                   problem != 0 ? strerror(problem) : "lost connection");
        return;
    }
    server_log(connection->listening, "SSL_accept error from %.*s: -1", STR_ARG(client));
    while ((code = ERR_get_error_all(&file, &line, NULL, &data, &flags)) != 0) {
        ERR_error_string_n(code, text, sizeof text);
        server_log(connection->listening, "warning: TLS library problem: %s:%s:%d:%s%s", text, file,
                   line, (flags & ERR_TXT_STRING) != 0 ? data : "",
                   (flags & ERR_TXT_STRING) != 0 ? ":" : "");
    }
}

void log_undecided(struct connection *connection)
{
    struct world *world = &connection->world;

    if (world->cut.len > 0 && connection->server->options.log != NULL) {
        struct str client = log_client(connection);
        server_log(connection->listening,
                   "warning: the answer to %.*s after %s is not decided: %.*s", STR_ARG(client),
                   session_where(connection->session), STR_ARG(world->cut));
    }
    world_forget(world);
}

/* is_policy - is it a reply of smtpd_check.c?  Others, about syntax, are not logged */
static bool is_policy(struct reply reply)
{
    return reply.code >= 400 && (str_starts(reply.text, "<") ||
                                 str_starts(reply.text, "Message size exceeds fixed limit") ||
                                 str_starts(reply.text, "Insufficient system storage"));
}

static void add_attribute(struct buffer *text, const char *name, struct str value, bool brackets)
{
    struct str shown = log_printable(text->arena, value);

    if (value.at != NULL)
        buffer_printf(text, brackets ? " %s=<%.*s>" : " %s=%.*s", name, STR_ARG(shown));
}

void log_reply(const struct connection *connection, struct str line, struct reply reply)
{
    const struct state *state = session_state(connection->session);
    struct buffer text;

    if (connection->server->options.log == NULL || !is_policy(reply))
        return;
    buffer_init(&text, connection->server->scratch);
    buffer_printf(&text, "%s: reject: ", connection->in_message ? connection->queue_id : "NOQUEUE");
    buffer_add_cstr(&text, session_where(connection->session));
    struct str client = log_client(connection);
    buffer_printf(&text, " from %.*s: %d %.*s%s", STR_ARG(client), reply.code,
                  STR_ARG(reply.enhanced), reply.enhanced.len > 0 ? " " : "");
    buffer_add(&text, log_printable(text.arena, reply.text));
    buffer_add_char(&text, ';');
    add_attribute(&text, "from", state->sender, true);
    if (strcmp(session_where(connection->session), "RCPT") == 0) {
        struct str path = str_slice(line, str_find(line, ':', 0) + 1, line.len);
        path = str_trim(str_slice(path, 0, str_find(path, '>', 0)));
        add_attribute(&text, "to", str_slice(path, str_starts(path, "<") ? 1 : 0, path.len), true);
    }
    add_attribute(&text, "proto", state->protocol, false);
    add_attribute(&text, "helo", state->helo, true);
    add_attribute(&text, "sasl_method", state->sasl_method, false);
    add_attribute(&text, "sasl_username", state->sasl_username, false);
    server_log(connection->listening, "%.*s", STR_ARG(buffer_str(&text)));
}
