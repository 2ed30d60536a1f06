#include "smtp/client/client.h"

#include <openssl/err.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base64.h"
#include "smtp/client/parts.h"
#include "smtp/policy/users.h"

enum {
    STEP_MS = 10000,    /* the default for each step */
    GREETING_MS = 3000, /* without a greeting, until a second connection tries TLS */
    MESSAGE_PART = 16 * 1024,
    SHOWN_MAX = 80, /* bytes of a line in messages */
};

/* --- lines and replies ------------------------------------------------------------------------ */

static bool send_bytes(struct client *client, const void *bytes, size_t len)
{
    if (client->ended)
        return false;
    return client->secured ? client_write_tls(client, bytes, len)
                           : client_write_raw(client, bytes, len);
}

/* make_printable - the first line of the input, without control characters */
static struct str make_printable(struct arena *arena, struct str bytes)
{
    struct buffer text;

    buffer_init(&text, arena);
    size_t end = str_span_not(bytes, 0, "\r\n");
    for (size_t i = 0; i < end && i < SHOWN_MAX; i++)
        buffer_add_char(&text, bytes.at[i] >= ' ' && bytes.at[i] < 127 ? bytes.at[i] : '?');
    buffer_add_cstr(&text, end > SHOWN_MAX ? "..." : "");
    return buffer_str(&text);
}

/* fail_unexpected - the input is not a reply: is it TLS? */
static bool fail_unexpected(struct client *client, struct str bytes)
{
    struct str text = make_printable(client->arena, bytes);

    if (!client->secured && client_is_tls(bytes.at, bytes.len))
        return client_fail(client, CLIENT_TLS_NOT_PLAIN, "TLS instead of %.*s",
                           STR_ARG(client->doing));
    return client_fail(client, CLIENT_NOT_SMTP, "instead of %.*s, the server sent \"%.*s\"",
                       STR_ARG(client->doing), STR_ARG(text));
}

/* read_more - reads after the input in the buffer */
static bool read_more(struct client *client)
{
    if (client->in_at > 0) {
        memmove(client->in, client->in + client->in_at, client->in_len - client->in_at);
        client->in_len -= client->in_at;
        client->in_at = 0;
    }
    if (client->in_len >= CLIENT_LINE_MAX)
        return client_fail(client, CLIENT_NOT_SMTP, "%.*s has a line of more than %d bytes",
                           STR_ARG(client->doing), CLIENT_LINE_MAX);
    size_t room = sizeof client->in - client->in_len;
    size_t got = client->secured ? client_read_tls(client, client->in + client->in_len, room)
                                 : client_read_raw(client, client->in + client->in_len, room);
    client->in_len += got;
    return got > 0;
}

/* read_line - the next line without its end; valid until the next one is read */
static bool read_line(struct client *client, struct str *line)
{
    for (;;) {
        struct str have = {client->in + client->in_at, client->in_len - client->in_at};
        size_t end = str_find(have, '\n', 0);
        if (have.len > 0 && !client_is_reply(have.at, have.len))
            return fail_unexpected(client, have);
        if (end < have.len) {
            client->in_at += end + 1;
            *line = str_slice(have, 0, end > 0 && have.at[end - 1] == '\r' ? end - 1 : end);
            return true;
        }
        if (!read_more(client))
            return false;
    }
}

/* read_reply - all lines of a reply; code 0: a failure */
static struct reply read_reply(struct client *client)
{
    struct reply reply = {0};
    struct str line = STR("");
    size_t bytes = 0;

    if (client->ended)
        return reply;
    for (int lines = 1; read_line(client, &line); lines++) {
        bytes += line.len;
        int last = reply_read(&reply, client->arena, line);
        if (last > 0)
            return reply;
        if (last < 0) {
            fail_unexpected(client, line);
            break;
        }
        if (lines == CLIENT_LINES_MAX || bytes > CLIENT_REPLY_MAX) {
            client_fail(client, CLIENT_NOT_SMTP, "%.*s has more than %d lines or %d KB",
                        STR_ARG(client->doing), CLIENT_LINES_MAX, CLIENT_REPLY_MAX >> 10);
            break;
        }
    }
    return (struct reply){0};
}

/* --- the beginning --------------------------------------------------------------------------- */

/*
 * check_second - reads the answer to the ClientHello on the second connection: a server that
 * answers with TLS waits for TLS on the first connection too
 */
static bool check_second(struct client *client, int second)
{
    char bytes[512];
    ssize_t got = recv(second, bytes, sizeof bytes, 0);

    if (got > 0 && client_is_tls(bytes, (size_t)got))
        return client_fail(client, CLIENT_TLS_NOT_PLAIN,
                           "no greeting, and the server answers a TLS ClientHello");
    if (got > 0 && !client_is_reply(bytes, (size_t)got))
        return fail_unexpected(client, (struct str){bytes, (size_t)got});
    return true;
}

/*
 * wait_for_greeting - a server in wrapper mode sends nothing, like one that does not work.  After a
 * while a second connection tries TLS, while the first one still waits for a greeting.
 */
static bool wait_for_greeting(struct client *client)
{
    int first_wait = client->timeout_ms / 2 < GREETING_MS ? client->timeout_ms / 2 : GREETING_MS;
    bool good = true;
    int which = 0;

    if (client_wait(client, client->socket, POLLIN, -1, first_wait, NULL) == 1)
        return true;
    struct str hello = client_hello(client);
    int second = client_connect_again(client);
    if (second < 0)
        return true;
    if (send(second, hello.at, hello.len, MSG_NOSIGNAL) == (ssize_t)hello.len &&
        client_wait(client, client->socket, POLLIN, second, client->timeout_ms, &which) == 1 &&
        which == 1)
        good = check_second(client, second);
    close(second);
    return good;
}

static void begin_session(struct client *client)
{
    struct str why = STR_NONE;

    client->doing = str_of("the connection");
    client->socket = client_connect(client, &why);
    if (client->socket < 0) {
        client_fail(client, CLIENT_NO_CONNECTION, "%.*s", STR_ARG(why));
        return;
    }
    if (client->tls == CLIENT_IMPLICIT && !client_handshake(client))
        return;
    client_step(client, str_of("the greeting"));
    if (client->tls != CLIENT_IMPLICIT && !wait_for_greeting(client))
        return;
    client->greeting = read_reply(client);
}

struct client *client_open(struct arena *arena, const struct client_options *options,
                           enum client_tls tls)
{
    struct client *client = arena_alloc(arena, sizeof *client);

    client->arena = arena;
    client->options = *options;
    client->tls = tls;
    client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : STEP_MS;
    client->socket = -1;
    client->capabilities = STR_NONE;
    begin_session(client);
    return client;
}

struct reply client_greeting(const struct client *client)
{
    return client->greeting;
}

/* --- commands ------------------------------------------------------------------------------- */

static bool is_word(struct str line, const char *word)
{
    return str_eq_nocase(str_slice(line, 0, str_find(line, ' ', 0)), str_of(word));
}

/* describe_reply - for messages; only the verb, which is not secret */
static struct str describe_reply(struct client *client, struct str line)
{
    struct str verb = make_printable(client->arena, str_slice(line, 0, str_find(line, ' ', 0)));

    return arena_printf(client->arena, "the reply to %.*s", STR_ARG(str_slice(verb, 0, 20)));
}

static struct reply send_command(struct client *client, struct str line, struct str doing)
{
    struct buffer text;

    client_step(client, doing);
    buffer_init(&text, client->arena);
    buffer_add(&text, line);
    buffer_add_cstr(&text, "\r\n");
    if (!send_bytes(client, text.at, text.len))
        return (struct reply){0};
    return read_reply(client);
}

struct reply client_command(struct client *client, struct str line)
{
    if (client->ended)
        return (struct reply){0};
    struct reply reply = send_command(client, line, describe_reply(client, line));
    if (is_word(line, "EHLO") && reply.code == 250)
        client->capabilities = reply.text;
    return reply;
}

bool client_send(struct client *client, struct str bytes)
{
    if (client->ended)
        return false;
    client_step(client, str_of("the server to accept bytes"));
    return send_bytes(client, bytes.at, bytes.len);
}

struct reply client_reply(struct client *client)
{
    if (client->ended)
        return (struct reply){0};
    client_step(client, str_of("a reply"));
    return read_reply(client);
}

/* offers - did the last EHLO offer the keyword, with PARAMETER (may be STR_NONE)? */
static bool offers(const struct client *client, const char *keyword, struct str parameter)
{
    struct str text = client->capabilities;

    for (size_t at = str_find(text, '\n', 0); at < text.len;) {
        size_t end = str_find(text, '\n', at + 1);
        struct str line = str_slice(text, at + 1, end);
        at = end;
        if (!is_word(line, keyword))
            continue;
        if (parameter.len == 0)
            return true;
        for (size_t from = str_find(line, ' ', 0); from < line.len;) {
            size_t to = str_find(line, ' ', from + 1);
            if (str_eq_nocase(str_slice(line, from + 1, to), parameter))
                return true;
            from = to;
        }
    }
    return false;
}

struct reply client_starttls(struct client *client)
{
    struct reply none = {0};
    char byte;

    if (client->ended)
        return none;
    if (!client->options.insist && client->capabilities.at != NULL &&
        !offers(client, "STARTTLS", STR_NONE)) {
        client_note(client, CLIENT_NO_STARTTLS, "EHLO does not offer STARTTLS");
        return none;
    }
    struct reply reply = send_command(client, str_of("STARTTLS"), str_of("the reply to STARTTLS"));
    if (reply.code == 0)
        return reply;
    if (reply.code != 220) {
        struct str text = make_printable(client->arena, reply.text);
        client_note(client, CLIENT_STARTTLS_REFUSED, "the reply to STARTTLS is %d %.*s %.*s",
                    reply.code, STR_ARG(reply.enhanced), STR_ARG(text));
        return reply;
    }
    /* RFC 3207, 4.2: the server must not send anything before the ClientHello */
    if (client->in_at < client->in_len ||
        recv(client->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
        struct str text =
            make_printable(client->arena, (struct str){client->in + client->in_at,
                                                       client->in_len - client->in_at});
        client_fail(client, CLIENT_INJECTED, "plaintext between STARTTLS and the handshake: %.*s",
                    STR_ARG(text));
        return reply;
    }
    if (client_handshake(client)) {
        client->in_at = client->in_len = 0;
        client->capabilities = STR_NONE; /* RFC 3207, 4.2: must be discarded */
    }
    return reply;
}

/* --- AUTH ----------------------------------------------------------------------------------- */

static struct reply send_auth_login(struct client *client, struct str user, struct str password)
{
    struct str doing = str_of("the reply to AUTH");
    struct reply reply = send_command(client, str_of("AUTH LOGIN"), doing);

    if (reply.code == 334)
        reply = send_command(client, base64_encode(client->arena, user), doing);
    if (reply.code == 334)
        reply = send_command(client, base64_encode(client->arena, password), doing);
    return reply;
}

static struct reply send_auth_plain(struct client *client, struct str user, struct str password)
{
    struct str secret = users_plain_response(client->arena, user, password);

    return send_command(client, arena_printf(client->arena, "AUTH PLAIN %.*s", STR_ARG(secret)),
                        str_of("the reply to AUTH"));
}

struct reply client_auth(struct client *client, struct str mechanism, struct str user,
                         struct str password)
{
    struct reply none = {0};

    if (client->ended)
        return none;
    if (!client->secured && !client->options.plaintext_auth) {
        client_note(client, CLIENT_NO_AUTH,
                    "the password is not sent over an unencrypted connection");
        return none;
    }
    if (client->capabilities.at != NULL && !offers(client, "AUTH", mechanism)) {
        client_note(client, CLIENT_NO_AUTH, "EHLO does not offer AUTH %.*s", STR_ARG(mechanism));
        return none;
    }
    if (str_is_nocase(mechanism, "PLAIN"))
        return send_auth_plain(client, user, password);
    if (str_is_nocase(mechanism, "LOGIN"))
        return send_auth_login(client, user, password);
    client_note(client, CLIENT_NO_AUTH, "AUTH %.*s is not supported by this client",
                STR_ARG(mechanism));
    return none;
}

/* --- the message ---------------------------------------------------------------------------- */

struct reply client_message(struct client *client, struct str message)
{
    char part[MESSAGE_PART + 4];
    size_t len = 0;
    bool line_begins = true;

    for (size_t i = 0; i <= message.len && !client->ended; i++) {
        if (len >= MESSAGE_PART || i == message.len) {
            client_step(client, str_of("the server to accept the message"));
            send_bytes(client, part, len);
            len = 0;
        }
        if (i == message.len)
            break;
        char c = message.at[i];
        if (c == '.' && line_begins)
            part[len++] = '.';
        if (c == '\n' && (i == 0 || message.at[i - 1] != '\r'))
            part[len++] = '\r';
        part[len++] = c;
        line_begins = c == '\n';
    }
    if (client->ended)
        return (struct reply){0};
    return send_command(client, str_of(line_begins ? "." : "\r\n."),
                        str_of("the reply to the message"));
}

/* --- the end, and the results --------------------------------------------------------------- */

void client_close(struct client *client)
{
    char bytes[1024];
    int len;

    if (client->secured && !client->ended) {
        SSL_shutdown(client->ssl);
        while ((len = BIO_read(SSL_get_wbio(client->ssl), bytes, sizeof bytes)) > 0)
            if (send(client->socket, bytes, (size_t)len, MSG_NOSIGNAL) < 0)
                break;
    }
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    if (client->socket >= 0)
        close(client->socket);
    client->ssl = NULL;
    client->context = NULL;
    client->socket = -1;
    client->ended = true;
    ERR_clear_error();
}

enum client_failure client_failure(const struct client *client)
{
    return client->failure;
}

struct str client_detail(const struct client *client)
{
    return client->detail.at != NULL ? client->detail : str_of("");
}

const struct client_report *client_report(const struct client *client)
{
    return &client->report;
}
