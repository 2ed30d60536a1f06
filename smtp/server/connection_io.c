/* connection_io - input and output, unencrypted and with TLS: see connection.h */
#include "smtp/server/connection.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* find_tls_result - the meaning of a failed TLS call */
static int find_tls_result(struct connection *connection, int result, bool writing)
{
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        connection->read_for_write = writing;
        return IO_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        return IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    default:
        ERR_clear_error();
        return IO_FAILED;
    }
}

ssize_t connection_receive(struct connection *connection)
{
    char *input = connection->server->input;

    if (connection->ssl != NULL) {
        ERR_clear_error();
        int got = SSL_read(connection->ssl, input, INPUT_SIZE);
        return got > 0 ? got : find_tls_result(connection, got, false);
    }
    for (;;) {
        ssize_t got = recv(connection->socket, input, INPUT_SIZE, 0);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? IO_AGAIN : IO_FAILED;
    }
}

bool connection_has_input(const struct connection *connection)
{
    return connection->ssl != NULL && SSL_has_pending(connection->ssl);
}

bool connection_is_readable(const struct connection *connection)
{
    int waiting = 0;

    return !connection->encrypted && ioctl(connection->socket, FIONREAD, &waiting) == 0 &&
           waiting > 0;
}

/* send_some - returns how much was sent, IO_AGAIN or IO_FAILED */
static ssize_t send_some(struct connection *connection, const char *at, size_t len)
{
    if (connection->encrypted) {
        size_t done = 0;
        ERR_clear_error();
        int result = SSL_write_ex(connection->ssl, at, len, &done);
        if (result > 0)
            return (ssize_t)done;
        int why = find_tls_result(connection, result, true);
        return why == 0 ? IO_FAILED : why;
    }
    for (;;) {
        ssize_t done = send(connection->socket, at, len, MSG_NOSIGNAL);
        if (done >= 0)
            return done;
        if (errno != EINTR)
            return errno == EAGAIN || errno == EWOULDBLOCK ? IO_AGAIN : IO_FAILED;
    }
}

/* keep_pending - for a slow client, so speed does not matter */
static void keep_pending(struct connection *connection, const char *at, size_t len)
{
    char *more = realloc(connection->pending, connection->pending_len + len);

    if (more == NULL)
        abort(); /* as the arenas do */
    memcpy(more + connection->pending_len, at, len);
    connection->pending = more;
    connection->pending_len += len;
}

void connection_keep_output(struct connection *connection)
{
    struct buffer *output = &connection->server->output;

    if (output->len > 0)
        keep_pending(connection, output->at, output->len);
    output->len = 0;
}

bool connection_flush(struct connection *connection)
{
    struct buffer *output = &connection->server->output;
    size_t from = 0;

    connection->read_for_write = false;
    while (connection->pending_len == 0 && from < output->len) {
        ssize_t done = send_some(connection, output->at + from, output->len - from);
        if (done == IO_FAILED) {
            output->len = 0;
            return false;
        }
        if (done == IO_AGAIN)
            break;
        from += (size_t)done;
    }
    if (from < output->len)
        keep_pending(connection, output->at + from, output->len - from);
    output->len = 0;
    return true;
}

bool connection_send_pending(struct connection *connection)
{
    connection->read_for_write = false;
    while (connection->pending_from < connection->pending_len) {
        ssize_t done = send_some(connection, connection->pending + connection->pending_from,
                                 connection->pending_len - connection->pending_from);
        if (done == IO_FAILED)
            return false;
        if (done == IO_AGAIN)
            return true;
        connection->pending_from += (size_t)done;
        connection_restart_timer(connection);
    }
    free(connection->pending);
    connection->pending = NULL;
    connection->pending_from = connection->pending_len = 0;
    return true;
}

/* --- waiting ----------------------------------------------------------------------------- */

void connection_pause(struct connection *connection, long seconds)
{
    /* earlier replies are not delayed */
    if (!connection->paused)
        connection_flush(connection);
    connection->paused = true;
    connection->resumes_ms = connection->server->now_ms + seconds * 1000;
}

void connection_keep_input(struct connection *connection, struct str in)
{
    char *more = realloc(connection->kept, connection->kept_len + in.len);

    if (more == NULL)
        abort();
    memcpy(more + connection->kept_len, in.at, in.len);
    connection->kept = more;
    connection->kept_len += in.len;
}

/* --- TLS --------------------------------------------------------------------------------- */

bool connection_begin_tls(struct connection *connection)
{
    SSL *ssl = SSL_new(connection->listening->tls.context);

    if (ssl == NULL)
        return false;
    connection->ssl = ssl;
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_RELEASE_BUFFERS);
    /* a client must not be able to cause one handshake after another */
    SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
    SSL_set_read_ahead(ssl, 1);
    SSL_set_accept_state(ssl);
    return SSL_set_fd(ssl, connection->socket) == 1;
}

int connection_handshake(struct connection *connection)
{
    ERR_clear_error();
    errno = 0;
    int result = SSL_accept(connection->ssl);
    if (result == 1) {
        connection->encrypted = true;
        return 1;
    }
    connection->read_for_write = true;
    switch (SSL_get_error(connection->ssl, result)) {
    case SSL_ERROR_WANT_WRITE:
        connection->read_for_write = false;
        return 0;
    case SSL_ERROR_WANT_READ:
        return 0;
    default:
        log_tls_failure(connection);
        ERR_clear_error();
        return -1;
    }
}

void connection_end_output(struct connection *connection)
{
    if (connection->encrypted) {
        ERR_clear_error();
        SSL_shutdown(connection->ssl);
        ERR_clear_error();
    }
    shutdown(connection->socket, SHUT_WR);
}
