/* make_session - adds sessions and steps: see smtp/livetest/make.h */
#include <stdio.h>

#include "smtp/livetest/make.h"

/* reserved for examples by RFC 5737 and RFC 2606 */
const struct str stranger_name = STR("stranger.example");

void maker_add_command(struct maker *maker, struct plan_session *session, const char *format, ...)
{
    va_list arguments;
    char line[512];

    va_start(arguments, format);
    int len = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (len > 0 && len < (int)sizeof line)
        plan_add_step(session, maker->arena, PLAN_SEND, arena_copy(maker->arena, str_of(line)));
}

void maker_set_client(struct plan_session *session, struct str address, struct str name)
{
    session->client = address;
    session->client_name = name;
}

struct plan_session *maker_add_session(struct maker *maker, const char *kind, struct str ask,
                                       enum plan_tls tls, const char *helo)
{
    static const struct str none = STR("");
    struct plan_session *session = plan_add_session(maker->plan, maker->arena);

    session->kind = str_of(kind);
    session->ask = ask;
    session->service = maker->service->listener->name;
    session->port = maker->service->port;
    session->tls = tls;
    session->min_protocol = session->max_protocol = session->user = session->wanted = none;
    maker_set_client(session, maker->stranger, stranger_name);
    if (tls == PLAN_TLS_IMPLICIT)
        plan_add_step(session, maker->arena, PLAN_HANDSHAKE, none);
    plan_add_step(session, maker->arena, PLAN_GREETING, none);
    if (helo[0] == '\0')
        return session;
    maker_add_command(maker, session, "EHLO %s", helo);
    if (tls == PLAN_TLS_STARTTLS) {
        plan_add_step(session, maker->arena, PLAN_STARTTLS, none);
        maker_add_command(maker, session, "EHLO %s", helo);
    }
    return session;
}
