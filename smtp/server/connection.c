/* connection - the events of a connection, and its end: see connection.h */
#include "smtp/server/connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "smtp/tls/exchange.h"

enum { MOST_READS = 8, POOLED_MOST = 4096 };

/* --- the pool ---------------------------------------------------------------------------- */

static struct connection *take_from_pool(struct server *server)
{
    struct connection *connection = server->pool;
    struct arena *arena;

    if (connection != NULL) {
        server->pool = connection->next;
        server->pooled--;
        arena = connection->arena;
    } else {
        connection = malloc(sizeof *connection);
        if (connection == NULL)
            abort();
        arena = arena_create(NULL);
    }
    *connection = (struct connection){.server = server, .arena = arena, .delivery.file = -1};
    connection->next = server->first;
    if (server->first != NULL)
        server->first->previous = connection;
    server->first = connection;
    server->connected++;
    return connection;
}

static void return_to_pool(struct connection *connection)
{
    struct server *server = connection->server;

    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        server->first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    server->connected--;
    if (server->pooled >= POOLED_MOST || arena_held(connection->arena) > ARENA_KEPT) {
        arena_destroy(connection->arena);
        free(connection);
        return;
    }
    arena_reset(connection->arena);
    connection->next = server->pool;
    server->pool = connection;
    server->pooled++;
}

void connection_free_pool(struct server *server)
{
    while (server->pool != NULL) {
        struct connection *connection = server->pool;
        server->pool = connection->next;
        arena_destroy(connection->arena);
        free(connection);
    }
    server->pooled = 0;
}

/* --- beginning and end ------------------------------------------------------------------- */

static void watch(struct connection *connection, short what)
{
    if (connection->watched == what)
        return;
    if (connection->watched != 0)
        event_del(&connection->event);
    connection->watched = what;
    if (what == 0)
        return;
    event_assign(&connection->event, connection->server->base, connection->socket,
                 (short)(what | EV_PERSIST), connection_event, connection);
    event_add(&connection->event, NULL);
}

/* linger - the last reply is sent, but would be lost if the socket were closed while the client
   still sends */
static void linger(struct connection *connection)
{
    connection_end_output(connection);
    connection->phase = PHASE_LINGER;
    connection_restart_timer(connection);
    watch(connection, EV_READ);
}

/* finish_event - sends output, and waits for the next event; may close the connection.  MORE: there
   is input that causes no event, since TLS has already read it */
static void finish_event(struct connection *connection, bool more)
{
    if (connection->paused) {
        connection_keep_output(connection);
        watch(connection, 0);
        return;
    }
    if (!connection_flush(connection)) {
        log_lost(connection, "lost connection");
        connection_close(connection);
        return;
    }
    if (connection->pending_len > 0 && !connection->read_for_write) {
        watch(connection, EV_WRITE);
        return;
    }
    if (connection->phase == PHASE_CLOSE && connection->pending_len == 0) {
        if (connection->lingers || more)
            linger(connection);
        else
            connection_close(connection);
        return;
    }
    watch(connection, EV_READ);
    if (more && connection_has_input(connection))
        event_active(&connection->event, EV_READ, 0);
}

static void describe_client(struct connection *connection, const struct sockaddr_in *peer)
{
    struct session_client *client = &connection->client;
    char address[INET_ADDRSTRLEN] = "127.0.0.1";

    inet_ntop(AF_INET, &peer->sin_addr, address, sizeof address);
    *client = (struct session_client){
        .address = arena_copy(connection->arena, str_of(address)),
        .port = arena_printf(connection->arena, "%u", ntohs(peer->sin_port)),
        .server_address = str_of("127.0.0.1"),
        .server_port = arena_printf(
            connection->arena, "%d",
            connection->server->listeners[connection->listening - connection->server->listening]
                .local_port),
    };
    if (connection->listening->known_name)
        client->name = client->reverse_name = str_of("localhost");
}

static void begin_session(struct connection *connection)
{
    const struct server *server = connection->server;

    connection->session_options = (struct session_options){
        .users = server->options.users,
        .xclient = server->options.xclient,
        .can_tls = connection->listening->can_tls,
    };
    world_init(&connection->world, connection->arena, server->options.assumptions);
    connection->session =
        session_begin(connection->arena, connection->listening->service, &connection->world,
                      &connection->client, &connection->session_options);
    connection->limits = session_limits(connection->session);
}

void connection_open(struct listening_socket *listening, int socket, const struct sockaddr_in *peer)
{
    struct server *server = listening->server;
    struct connection *connection = take_from_pool(server);

    server->sessions++;
    connection->listening = listening;
    connection->socket = socket;
    connection->command = -1;
    describe_client(connection, peer);
    begin_session(connection);
    struct str shown = server->options.log != NULL ? log_client(connection) : STR_NONE;
    server_log(listening, "connect from %.*s", STR_ARG(shown));
    if (!session_is_wrapped(connection->session)) {
        connection_greet(connection);
    } else if (!listening->can_tls || !connection_begin_tls(connection)) {
        server_log(listening,
                   "warning: Wrapper-mode request dropped from %.*s for service %.*s. TLS context "
                   "initialization failed. For details see earlier warnings in your logs.",
                   STR_ARG(shown), STR_ARG(listening->name));
        connection_close(connection);
        return;
    }
    connection_restart_timer(connection);
    finish_event(connection, false);
}

void connection_close(struct connection *connection)
{
    connection_drop_message(connection);
    log_disconnect(connection);
    if (connection->watched != 0)
        event_del(&connection->event);
    if (connection->ssl != NULL) {
        if (connection->phase != PHASE_LINGER && connection->encrypted)
            SSL_shutdown(connection->ssl);
        SSL_free(connection->ssl);
    }
    close(connection->socket);
    free(connection->pending);
    free(connection->kept);
    connection->server->output.len = 0;
    return_to_pool(connection);
}

/* --- waiting ----------------------------------------------------------------------------- */

/* resume - after a pause: sends the delayed replies, and answers the input of the meantime */
static void resume(struct connection *connection)
{
    char *kept = connection->kept;
    struct str in = {kept, connection->kept_len};

    connection->paused = false;
    connection->kept = NULL;
    connection->kept_len = 0;
    connection_restart_timer(connection);
    if (connection->pending_len > 0 && !connection_send_pending(connection)) {
        free(kept);
        log_lost(connection, "lost connection");
        connection_close(connection);
        return;
    }
    connection_input(connection, in);
    free(kept);
    finish_event(connection, false);
}

/* --- events ------------------------------------------------------------------------------ */

/* continue_handshake - false: the connection is closed, or waits */
static bool continue_handshake(struct connection *connection)
{
    int result = connection_handshake(connection);

    if (result == 0) {
        watch(connection, connection->read_for_write ? EV_READ : EV_WRITE);
        return false;
    }
    if (result < 0) {
        log_lost(connection, "lost connection");
        connection_close(connection);
        return false;
    }
    struct state_tls tls =
        tls_describe(connection->listening->service, connection->arena, connection->ssl);
    struct str exchange = tls_exchange(
        connection->arena, connection->server->policy->config->release, connection->ssl);
    log_tls(connection, &tls, exchange);
    session_tls(connection->session, &tls);
    session_tls_exchange(connection->session, exchange);
    connection->line_len = 0;
    connection->line_cut = false;
    connection->phase = PHASE_COMMAND;
    connection_restart_timer(connection);
    if (session_is_wrapped(connection->session))
        connection_greet(connection);
    return true;
}

/* drain - discards input after the end; false: the connection is closed */
static bool drain(struct connection *connection)
{
    char *input = connection->server->input;

    for (int i = 0; i < MOST_READS; i++) {
        ssize_t got = recv(connection->socket, input, INPUT_SIZE, 0);
        if (got > 0)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        connection_close(connection);
        return false;
    }
    return true;
}

/* read_input - up to a limit, so that other connections get their turn; false: closed */
static bool read_input(struct connection *connection, bool *more)
{
    *more = false;
    for (int i = 0; i < MOST_READS; i++) {
        enum connection_phase before = connection->phase;
        ssize_t got = connection_receive(connection);
        if (got == IO_AGAIN)
            return true;
        if (got <= 0) {
            /* input before the end is answered: the client may have closed only its sending side */
            connection_flush(connection);
            if (connection->phase != PHASE_CLOSE)
                log_lost(connection, "lost connection");
            connection_close(connection);
            return false;
        }
        connection_input(connection, (struct str){connection->server->input, (size_t)got});
        *more = got == INPUT_SIZE || connection_has_input(connection);
        if (connection->phase != before && connection->phase == PHASE_HANDSHAKE)
            return true;
        if (connection->phase == PHASE_CLOSE || connection->paused || !*more)
            return true;
    }
    return true;
}

static void on_readable(struct connection *connection)
{
    bool more = false;

    if (connection->phase == PHASE_LINGER) {
        drain(connection);
        return;
    }
    if (connection->phase == PHASE_HANDSHAKE && !continue_handshake(connection))
        return;
    if (read_input(connection, &more))
        finish_event(connection, more);
}

void connection_event(evutil_socket_t socket, short what, void *argument)
{
    struct connection *connection = argument;
    struct server *server = connection->server;

    (void)socket;
    (void)what;
    server->now_ms = clock_ms();
    server->output.len = 0;
    arena_reset(server->scratch);
    buffer_init(&server->output, server->scratch);
    buffer_init(&server->text, server->scratch);
    if (connection->pending_len > 0) {
        if (!connection_send_pending(connection)) {
            log_lost(connection, "lost connection");
            connection_close(connection);
            return;
        }
        if (connection->pending_len > 0) {
            finish_event(connection, false);
            return;
        }
        if (connection->phase == PHASE_CLOSE) {
            linger(connection);
            return;
        }
    }
    on_readable(connection);
}

/* --- time -------------------------------------------------------------------------------- */

static void expire(struct connection *connection)
{
    if (connection->phase == PHASE_LINGER || connection->phase == PHASE_CLOSE ||
        connection->phase == PHASE_HANDSHAKE || connection->phase == PHASE_SILENT ||
        connection->pending_len > 0) {
        if (connection->phase != PHASE_LINGER && connection->phase != PHASE_CLOSE)
            log_lost(connection,
                     connection->phase == PHASE_HANDSHAKE ? "lost connection" : "timeout");
        connection_close(connection);
        return;
    }
    log_lost(connection, "timeout");
    connection_step(connection, session_timeout(connection->session));
    connection_drop_message(connection);
    connection->phase = PHASE_CLOSE;
    if (connection_flush(connection) && connection->pending_len == 0)
        linger(connection);
    else
        connection_close(connection);
}

void connection_expire_all(struct server *server)
{
    struct connection *next;

    for (struct connection *connection = server->first; connection != NULL; connection = next) {
        next = connection->next;
        if (connection->paused && connection->resumes_ms <= server->now_ms)
            resume(connection);
        else if (!connection->paused && connection->expires_ms <= server->now_ms)
            expire(connection);
    }
}

void connection_stop_all(struct server *server)
{
    static const struct str enhanced = STR("4.3.2"), text = STR("Service shutting down");
    struct connection *next;

    for (struct connection *connection = server->first; connection != NULL; connection = next) {
        next = connection->next;
        if (connection->phase == PHASE_DATA || connection->phase == PHASE_CHUNK)
            continue;
        if (connection->phase == PHASE_COMMAND && connection->pending_len == 0) {
            reply_print(&server->output, (struct reply){421, enhanced, text});
            connection_flush(connection);
        }
        connection_close(connection);
    }
}
