/* socket - connecting, waiting, and unencrypted input and output */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "smtp/client/parts.h"

static int64_t read_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void client_step(struct client *client, struct str doing)
{
    client->doing = doing;
    client->deadline = read_clock_ms() + client->timeout_ms;
}

int client_time_left(const struct client *client)
{
    int64_t left = client->deadline - read_clock_ms();

    return left < 0 ? 0 : (int)left;
}

/* --- failures ---------------------------------------------------------------------------- */

static void keep_failure(struct client *client, enum client_failure failure, const char *format,
                         va_list arguments)
{
    char text[1024];

    if (client->failure != CLIENT_GOOD)
        return;
    vsnprintf(text, sizeof text, format, arguments);
    client->failure = failure;
    client->detail = arena_copy(client->arena, str_of(text));
}

bool client_fail(struct client *client, enum client_failure failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (!client->ended)
        client->failure =
            CLIENT_GOOD; /* it is more important than a failure that did not end the session */
    keep_failure(client, failure, format, arguments);
    va_end(arguments);
    client->ended = true;
    return false;
}

bool client_note(struct client *client, enum client_failure failure, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    keep_failure(client, failure, format, arguments);
    va_end(arguments);
    return false;
}

/* --- waiting ------------------------------------------------------------------------------ */

int client_wait(struct client *client, int socket, short events, int socket2, int until_ms,
                int *which)
{
    struct pollfd polled[2] = {{.fd = socket, .events = events}, {.fd = socket2, .events = POLLIN}};
    int64_t end = read_clock_ms() + until_ms;

    for (;;) {
        int64_t left = end - read_clock_ms();
        int left_of_step = client_time_left(client);
        if (left > left_of_step)
            left = left_of_step;
        int ready = poll(polled, socket2 >= 0 ? 2 : 1, left > 0 ? (int)left : 0);
        if (ready > 0) {
            if (which != NULL)
                *which = polled[0].revents != 0 ? 0 : 1;
            return 1;
        }
        if (ready == 0 || errno != EINTR)
            return 0;
    }
}

/* --- connecting ---------------------------------------------------------------------------- */

/* connect_one - to one address, before the deadline; -1 with errno */
static int connect_one(struct client *client, const struct addrinfo *address)
{
    int made = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int problem = 0;
    socklen_t len = sizeof problem;

    if (made < 0)
        return -1;
    if (connect(made, address->ai_addr, address->ai_addrlen) == 0)
        return made;
    if (errno != EINPROGRESS) {
        problem = errno;
    } else if (client_wait(client, made, POLLOUT, -1, client->timeout_ms, NULL) == 0) {
        problem = ETIMEDOUT;
    } else {
        getsockopt(made, SOL_SOCKET, SO_ERROR, &problem, &len);
    }
    if (problem == 0)
        return made;
    close(made);
    errno = problem;
    return -1;
}

int client_connect(struct client *client, struct str *why)
{
    struct arena *arena = client->arena;
    struct str host = client->options.host;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    char port[16];
    int connected = -1;

    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        host = str_slice(host, 1, host.len - 1);
    snprintf(port, sizeof port, "%d", client->options.port);
    int problem = getaddrinfo(arena_cstr(arena, host), port, &hints, &list);
    if (problem != 0) {
        *why = arena_printf(arena, "%.*s: %s", STR_ARG(host), gai_strerror(problem));
        return -1;
    }
    for (const struct addrinfo *address = list; address != NULL && connected < 0;
         address = address->ai_next) {
        client_step(client, client->doing);
        connected = connect_one(client, address);
    }
    if (connected < 0)
        *why = arena_printf(arena, "%.*s port %s: %s", STR_ARG(host), port, strerror(errno));
    freeaddrinfo(list);
    return connected;
}

int client_connect_again(struct client *client)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;

    if (getpeername(client->socket, (struct sockaddr *)&address, &len) != 0)
        return -1;
    struct addrinfo again = {
        .ai_family = address.ss_family, .ai_addr = (struct sockaddr *)&address, .ai_addrlen = len};
    return connect_one(client, &again);
}

/* --- bytes ---------------------------------------------------------------------------------- */

static bool fail_closed(struct client *client, const char *how)
{
    return client_fail(client, CLIENT_CLOSED, "the connection was closed while waiting for %.*s%s",
                       STR_ARG(client->doing), how);
}

bool client_write_raw(struct client *client, const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len > 0) {
        ssize_t sent = send(client->socket, from, len, MSG_NOSIGNAL);
        if (sent > 0) {
            from += sent;
            len -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
            return fail_closed(client, " (while sending)");
        if (client_wait(client, client->socket, POLLOUT, -1, client->timeout_ms, NULL) == 0)
            return client_fail(client, CLIENT_TIMEOUT, "the server accepts no data for %d seconds",
                               client->timeout_ms / 1000);
    }
    return true;
}

size_t client_read_raw(struct client *client, void *bytes, size_t size)
{
    for (;;) {
        ssize_t got = recv(client->socket, bytes, size, 0);
        if (got > 0)
            return (size_t)got;
        if (got == 0) {
            fail_closed(client, "");
            return 0;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            fail_closed(client, errno == ECONNRESET ? " (reset by the server)" : "");
            return 0;
        }
        if (client_wait(client, client->socket, POLLIN, -1, client->timeout_ms, NULL) == 0) {
            client_fail(
                client, CLIENT_TIMEOUT, "no answer within %d.%d seconds, while waiting for %.*s",
                client->timeout_ms / 1000, client->timeout_ms % 1000 / 100, STR_ARG(client->doing));
            return 0;
        }
    }
}
