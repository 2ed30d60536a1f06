#include <string.h>

#include "base/base64.h"
#include "smtp/session/parts.h"

/* --- base64 --------------------------------------------------------------------------- */

/* may_be_base64 - checks only the characters, as Postfix's Dovecot client does; Cyrus SASL sees all
 */
static bool may_be_base64(const struct session *session, struct str text)
{
    if (!session->settings->dovecot)
        return true;
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.at[i]) && strchr("+/=", text.at[i]) == NULL)
            return false;
    return text.len == 0 || memchr(text.at, '\0', text.len) == NULL;
}

/* decode_response - to the slot.  NULL, or why it is not valid base64, as Cyrus SASL says it: after
   the end of the text, or of a group of four, there is more, or less than a group */
static const char *decode_response(struct session *session, struct str coded, struct str *answer)
{
    static const char bad[] = "bad protocol / cancel";
    struct str room = session_keep(session, &session->slot_auth, coded);
    struct str groups = str_slice(coded, 0, coded.len - coded.len % 4);
    size_t len = 0;

    if (groups.len > 0 && !base64_decode(groups, session->slot_auth.at, &len))
        return bad;
    if (groups.len < coded.len)
        return str_ends(groups, "=") ? bad : "another step is needed in authentication";
    *answer = str_slice(room, 0, len);
    return NULL;
}

/* --- the exchange --------------------------------------------------------------------- */

static struct reply refuse_login(struct session *session, const char *reason)
{
    session->auth = AUTH_NONE;
    return session_refuse_printf(session, 535, "5.7.8", "Error: authentication failed: %s", reason);
}

/* refuse_for - Cyrus SASL gives a reason, Dovecot none */
static struct reply refuse_for(struct session *session, const char *reason)
{
    if (!session->settings->dovecot)
        return refuse_login(session, reason);
    return refuse_login(session,
                        session->settings->reports_no_reason ? "(reason unavailable)" : "");
}

static struct reply refuse_password(struct session *session)
{
    return refuse_for(session, "authentication failure");
}

/* trim_name - Cyrus SASL reads names up to a NUL, without white space around them */
static struct str trim_name(const struct session *session, struct str name)
{
    if (session->settings->dovecot)
        return name;
    return str_trim(str_slice(name, 0, str_find(name, '\0', 0)));
}

/* refuse_nobody - the name is empty, which Cyrus SASL takes for a failure of its own */
static struct reply refuse_nobody(struct session *session)
{
    if (session->settings->dovecot || !session->settings->fails_temporarily)
        return refuse_for(session, "generic failure");
    session->auth = AUTH_NONE;
    return session_refuse(session, 454, "4.7.0",
                          "Temporary authentication failure: generic failure");
}

static struct reply finish_login(struct session *session, const char *method, struct str name,
                                 struct str password)
{
    struct state *state = &session->state;

    if (name.len == 0)
        return refuse_nobody(session);
    if (session->options->users == NULL || !users_accept(session->options->users, name, password))
        return refuse_password(session);
    session->auth = AUTH_NONE;
    state->sasl_username = session_keep_printable(session, &session->slot_user, name, "");
    state->sasl_method = session_keep_printable(session, &session->slot_method, str_of(method), "");
    return session_accept(235, "2.7.0", "Authentication successful");
}

/* answer_plain - RFC 4616: authorization identity, NUL, name, NUL, password */
static struct reply answer_plain(struct session *session, struct str coded)
{
    bool dovecot = session->settings->dovecot;
    struct str text = STR_NONE;
    const char *wrong = decode_response(session, coded, &text);

    if (wrong != NULL)
        return refuse_for(session, wrong);
    size_t at = str_find(text, '\0', 0) + 1;
    size_t password = str_find(text, '\0', at) + 1;
    if (at > text.len || password > text.len ||
        (!dovecot && str_find(text, '\0', password) < text.len))
        return refuse_for(session, "bad protocol / cancel");
    /* neither Dovecot nor Cyrus SASL lets a user act as another one, if not told to: RFC 4616 */
    struct str name = trim_name(session, str_slice(text, at, password - 1));
    struct str identity = trim_name(session, str_slice(text, 0, at - 1));
    if (identity.len > 0 && name.len > 0 && !str_eq(identity, name))
        return refuse_password(session);
    return finish_login(session, "PLAIN", name, str_slice(text, password, text.len));
}

static struct reply send_challenge(struct session *session, enum session_auth_step step,
                                   const char *challenge)
{
    session->auth = step;
    session->next = NEXT_AUTH;
    return session_accept(334, "", challenge);
}

static struct reply answer_login_user(struct session *session, struct str coded)
{
    struct str name = STR_NONE;
    const char *wrong = decode_response(session, coded, &name);

    if (wrong != NULL)
        return refuse_for(session, wrong);
    session->auth_user = session_keep(session, &session->slot_user, trim_name(session, name));
    return send_challenge(session, AUTH_LOGIN_PASSWORD, "UGFzc3dvcmQ6");
}

static struct reply answer_login_password(struct session *session, struct str coded)
{
    struct str password = STR_NONE;
    const char *wrong = decode_response(session, coded, &password);

    if (wrong != NULL)
        return refuse_for(session, wrong);
    if (!session->settings->dovecot)
        password = str_slice(password, 0, str_find(password, '\0', 0));
    return finish_login(session, "LOGIN", session->auth_user, password);
}

/* find_mechanism - 0: the client may not use a mechanism of this name now */
static unsigned find_mechanism(const struct session *session, struct str name)
{
    unsigned allowed = session->settings->mechanisms[session->state.tls.active];

    if (str_is_nocase(name, "PLAIN"))
        return allowed & MECHANISM_PLAIN;
    return str_is_nocase(name, "LOGIN") ? allowed & MECHANISM_LOGIN : 0;
}

/* begin_auth - the AUTH command, which may have an initial response */
static struct reply begin_auth(struct session *session)
{
    struct str name = session->tokens[1].text;
    bool has_response = session->token_count == 3;
    struct str response = has_response ? session->tokens[2].text : STR_NONE;
    unsigned found = find_mechanism(session, name);

    if (found == 0) {
        struct str shown = session_keep_printable(session, &session->slot_scratch, name, "");
        if (!session->settings->dovecot)
            return refuse_login(session, "no mechanism available");
        if (!session->settings->names_mechanism)
            return refuse_login(session, "Invalid authentication mechanism");
        return session_refuse_printf(session, 535, "5.7.8",
                                     "Error: authentication failed: Invalid authentication "
                                     "mechanism: '%.*s'",
                                     STR_ARG(shown));
    }
    if (has_response && !may_be_base64(session, response))
        return refuse_login(session, "Invalid base64 data in initial response");
    /* RFC 4954: "=" is an empty response; Cyrus SASL takes it for the rest of a group */
    if (has_response && session->settings->dovecot && str_is(response, "="))
        response = str_of("");
    if (found == MECHANISM_PLAIN)
        return has_response ? answer_plain(session, response)
                            : send_challenge(session, AUTH_PLAIN, "");
    return has_response ? answer_login_user(session, response)
                        : send_challenge(session, AUTH_LOGIN_USER, "VXNlcm5hbWU6");
}

struct reply session_auth(struct session *session)
{
    const struct session_settings *settings = session->settings;
    const struct state *state = &session->state;

    if (settings->helo_required && state->helo.at == NULL)
        return session_refuse(session, 503, "5.5.1", "Error: send HELO/EHLO first");
    if (!session->sasl_active || (session->discard & KEYWORD_AUTH) != 0)
        return session_refuse(session, 503, "5.5.1", "Error: authentication not enabled");
    if (session_in_transaction(session))
        return session_refuse(session, 503, "5.5.1", "Error: MAIL transaction in progress");
    if (session->milter.code != 0)
        return session_milter_454(session);
    if (settings->auth_only && !state->tls.active)
        return session_refuse(session, 504, "5.5.4",
                              "Encryption required for requested authentication mechanism");
    if (state->sasl_username.at != NULL)
        return session_refuse(session, 503, "5.5.1", "Error: already authenticated");
    if (session->token_count < 2 || session->token_count > 3)
        return session_refuse(session, 501, "5.5.4", "Syntax: AUTH mechanism");
    return begin_auth(session);
}

struct reply session_auth_line(struct session *session, struct str line)
{
    enum session_auth_step step = session->auth;

    if (session->settings->response_length > 0 &&
        line.len > (size_t)session->settings->response_length) {
        session->auth = AUTH_NONE;
        return session_refuse(session, 500, "5.5.6", "SASL response limit exceeded");
    }
    if (str_is(line, "*")) {
        session->auth = AUTH_NONE;
        return session_refuse(session, 501, "5.7.0", "Authentication aborted");
    }
    if (!may_be_base64(session, line))
        return refuse_login(session, "Invalid base64 data in continued response");
    switch (step) {
    case AUTH_LOGIN_USER:
        return answer_login_user(session, line);
    case AUTH_LOGIN_PASSWORD:
        return answer_login_password(session, line);
    default:
        return answer_plain(session, line);
    }
}
