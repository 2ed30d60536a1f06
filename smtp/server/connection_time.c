/* connection_time - the clock and time limits: see connection.h */
#include <time.h>

#include "smtp/server/connection.h"

long long clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void connection_restart_timer(struct connection *connection)
{
    const struct listening_socket *listening = connection->listening;
    long long wait = listening->timeout_ms;

    if (connection->phase == PHASE_HANDSHAKE)
        wait = listening->starttls_timeout_ms;
    else if (connection->phase == PHASE_LINGER)
        wait = LINGER_MS;
    connection->expires_ms = connection->server->now_ms + wait;
}
