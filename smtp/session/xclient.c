/* xclient - XCLIENT_README and XFORWARD_README */
#include "parser/text/hostname.h"
#include "smtp/address/form.h"
#include "smtp/session/parts.h"

static const char unwanted[] = " <>()\\\";@";

enum xclient_slot {
    SLOT_NAME,
    SLOT_REVERSE,
    SLOT_ADDRESS,
    SLOT_PORT,
    SLOT_SERVER,
    SLOT_SERVER_PORT
};

struct xclient {
    bool helo, protocol, login;
};

/* read_attribute - "NAME=value" with the value decoded; code 0: the syntax is valid */
static struct reply read_attribute(struct session *session, struct str token, struct str *name,
                                   struct str *value)
{
    size_t equals = str_find(token, '=', 0);
    struct str raw = str_slice(token, equals + 1, token.len);

    *name = str_slice(token, 0, equals);
    if (equals == token.len || raw.len == 0)
        return session_refuse(session, 501, "5.5.4", "Error: attribute=value expected");
    if (raw.len > 255)
        return session_refuse(session, 501, "5.5.4", "Error: attribute value too long");
    if (session_xtext(&session->reply_text, raw))
        raw = buffer_str(&session->reply_text);
    *value = session_keep_printable(session, &session->slot_scratch, raw, "");
    return (struct reply){0};
}

static struct reply refuse_value(struct session *session, const char *name, struct str value)
{
    return session_refuse_printf(session, 501, "5.5.4", "Bad %s syntax: %.*s", name,
                                 STR_ARG(value));
}

static bool is_port(struct str text)
{
    return str_is_digits(text) && text.len <= 5;
}

/* --- one attribute each --------------------------------------------------------------- */

static struct reply set_name(struct session *session, bool reverse, struct str value)
{
    struct state *state = &session->state;
    enum name_status status = str_is_nocase(value, "[UNAVAILABLE]")   ? NAME_PERMANENT
                              : str_is_nocase(value, "[TEMPUNAVAIL]") ? NAME_TEMPORARY
                                                                      : NAME_OK;

    if (status == NAME_OK && hostname_fault(value, false) != NULL)
        return refuse_value(session, reverse ? "REVERSE_NAME" : "NAME", value);
    if (status != NAME_OK)
        value = str_of("unknown");
    if (reverse || status == NAME_OK) {
        state->reverse_client_name =
            session_keep(session, &session->slot_client[SLOT_REVERSE], value);
        state->reverse_client_name_status = status;
    }
    if (!reverse) {
        state->client_name = session_keep(session, &session->slot_client[SLOT_NAME], value);
        state->client_name_status = status;
        state->client_name_asked = false;
    }
    return (struct reply){0};
}

static struct reply set_address(struct session *session, bool server, struct str value)
{
    struct state *state = &session->state;
    struct str *address = server ? &state->server_address : &state->client_address;
    struct session_slot *slot = &session->slot_client[server ? SLOT_SERVER : SLOT_ADDRESS];

    if (str_is_nocase(value, "[UNAVAILABLE]"))
        *address = str_of("unknown");
    else if (!session_read_address(session, slot, value, address))
        return refuse_value(session, server ? "DESTADDR" : "ADDR", value);
    return (struct reply){0};
}

static struct reply set_port(struct session *session, bool server, struct str value)
{
    struct str *port = server ? &session->state.server_port : &session->state.client_port;

    if (str_is_nocase(value, "[UNAVAILABLE]"))
        value = str_of("unknown");
    else if (!is_port(value))
        return refuse_value(session, server ? "DESTPORT" : "PORT", value);
    *port =
        session_keep(session, &session->slot_client[server ? SLOT_SERVER_PORT : SLOT_PORT], value);
    return (struct reply){0};
}

static struct reply set_helo(struct session *session, struct xclient *got, struct str value)
{
    if (str_is_nocase(value, "[UNAVAILABLE]")) {
        session->state.helo = STR_NONE;
    } else {
        if (value.len > 255)
            return refuse_value(session, "HELO", value);
        session->state.helo = session_keep_printable(session, &session->slot_helo, value, unwanted);
    }
    got->helo = true;
    return (struct reply){0};
}

static struct reply set_protocol(struct session *session, struct xclient *got, struct str value)
{
    static const struct str smtp = STR("SMTP"), esmtp = STR("ESMTP");

    if (!str_eq_nocase(value, smtp) && !str_eq_nocase(value, esmtp))
        return refuse_value(session, "PROTO", value);
    session->state.protocol = str_eq_nocase(value, smtp) ? smtp : esmtp;
    got->protocol = true;
    return (struct reply){0};
}

static void set_login(struct session *session, struct xclient *got, struct str value)
{
    if (str_is_nocase(value, "[UNAVAILABLE]"))
        return;
    session->state.sasl_username = session_keep(session, &session->slot_user, value);
    session->state.sasl_method = str_of("XCLIENT");
    got->login = true;
}

static struct reply set_attribute(struct session *session, struct xclient *got, struct str name,
                                  struct str value)
{
    bool destination = session->settings->xclient_destination;

    if (str_is_nocase(name, "NAME"))
        return set_name(session, false, value);
    if (str_is_nocase(name, "REVERSE_NAME"))
        return set_name(session, true, value);
    if (str_is_nocase(name, "ADDR"))
        return set_address(session, false, value);
    if (str_is_nocase(name, "PORT"))
        return set_port(session, false, value);
    if (str_is_nocase(name, "HELO"))
        return set_helo(session, got, value);
    if (str_is_nocase(name, "PROTO"))
        return set_protocol(session, got, value);
    if (str_is_nocase(name, "LOGIN")) {
        set_login(session, got, value);
        return (struct reply){0};
    }
    if (destination && str_is_nocase(name, "DESTADDR"))
        return set_address(session, true, value);
    if (destination && str_is_nocase(name, "DESTPORT"))
        return set_port(session, true, value);
    return session_refuse_printf(session, 501, "5.5.4", "Bad XCLIENT attribute name: %.*s",
                                 STR_ARG(name));
}

/* --- the commands --------------------------------------------------------------------- */

/* check_command - the common part of both commands; code 0: continue */
static struct reply check_command(struct session *session, const char *command, bool allowed)
{
    if (session_in_transaction(session))
        return session_refuse(session, 503, "5.5.1", "Error: MAIL transaction in progress");
    if (session->token_count < 2)
        return session_refuse_printf(session, 501, "5.5.4", "Syntax: %s attribute=value...",
                                     command);
    if (!allowed)
        return session_refuse(session, 550, "5.7.0", "Error: insufficient authorization");
    return (struct reply){0};
}

/* restart_session - back to the greeting, with the new client */
static struct reply restart_session(struct session *session, const struct xclient *got)
{
    struct state *state = &session->state;

    if (!got->helo)
        state->helo = STR_NONE;
    if (!got->protocol)
        state->protocol = str_of("SMTP");
    if (!got->login)
        session_reset_auth(session);
    session_admit(session, true);
    session_reset_transaction(session);
    session->command = NULL;
    return session_greet(session);
}

struct reply session_xclient(struct session *session)
{
    struct xclient got = {0};
    struct reply reply = check_command(session, "XCLIENT", session->xclient_allowed);

    for (size_t i = 1; reply.code == 0 && i < session->token_count; i++) {
        struct str name = STR_NONE, value = STR_NONE;
        reply = read_attribute(session, session->tokens[i].text, &name, &value);
        if (reply.code == 0)
            reply = set_attribute(session, &got, name, value);
    }
    return reply.code != 0 ? reply : restart_session(session, &got);
}

/* check_attribute - forwarded attributes are only logged; their syntax is checked */
static struct reply check_attribute(struct session *session, struct str name, struct str value)
{
    bool none = str_is_nocase(value, "[UNAVAILABLE]");
    struct str address;
    const char *known;
    bool good;

    if (str_is_nocase(name, known = "NAME"))
        good = none || hostname_fault(value, false) == NULL;
    else if (str_is_nocase(name, known = "ADDR"))
        good = none || session_read_address(session, &session->slot_auth, value, &address);
    else if (str_is_nocase(name, known = "PORT"))
        good = none || is_port(value);
    else if (str_is_nocase(name, known = "PROTO"))
        good = value.len <= 64;
    else if (str_is_nocase(name, known = "SOURCE"))
        good = none || str_is_nocase(value, "LOCAL") || str_is_nocase(value, "REMOTE");
    else if (str_is_nocase(name, "HELO") || str_is_nocase(name, "IDENT"))
        good = true;
    else
        return session_refuse_printf(session, 501, "5.5.4", "Bad XFORWARD attribute name: %.*s",
                                     STR_ARG(name));
    if (!good)
        return refuse_value(session, known, value);
    return (struct reply){0};
}

struct reply session_xforward(struct session *session)
{
    struct reply reply = check_command(session, "XFORWARD", session->xforward_allowed);

    for (size_t i = 1; reply.code == 0 && i < session->token_count; i++) {
        struct str name = STR_NONE, value = STR_NONE;
        reply = read_attribute(session, session->tokens[i].text, &name, &value);
        if (reply.code == 0)
            reply = check_attribute(session, name, value);
    }
    return reply.code != 0 ? reply : session_accept(250, "2.0.0", "Ok");
}
