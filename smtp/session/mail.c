#include <string.h>

#include "smtp/address/address.h"
#include "smtp/address/form.h"
#include "smtp/policy/restriction.h"
#include "smtp/session/parts.h"

/* --- addresses ------------------------------------------------------------------------ */

/* is_plain_domain - letters, digits and single dots between labels that begin with a letter */
static bool is_plain_domain(struct str domain)
{
    size_t label = 0;

    for (size_t i = 0; i < domain.len; i++) {
        char c = domain.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '.' && label > 0)
            label = 0;
        else if (letter || (label > 0 && c >= '0' && c <= '9'))
            label++;
        else
            return false;
        if (label > 63)
            return false;
    }
    return domain.len > 0 && domain.len < 250 && label > 0;
}

/* is_plain - an address so simple that neither parsing nor resolving it can fail */
static bool is_plain(struct str address)
{
    size_t at = str_find(address, '@', 0);

    if (at == 0 || at == address.len || at > 64)
        return false;
    for (size_t i = 0; i < at; i++)
        if (!is_alnum(address.at[i]) && address.at[i] != '-' && address.at[i] != '_')
            return false;
    return is_plain_domain(str_slice(address, at + 1, address.len));
}

bool session_address(struct session *session, struct str path, bool empty_allowed, bool strict,
                     bool smtputf8, struct str *address)
{
    struct state *state = &session->state;

    if (path.len > 2 && path.at[0] == '<' && path.at[path.len - 1] == '>') {
        struct str inner = str_slice(path, 1, path.len - 1);
        if (is_plain(inner)) {
            *address = inner;
            return true;
        }
    }
    if (address_is_too_long(state, path) ||
        !address_read_path(state->arena, path, empty_allowed, strict, address))
        return false;
    return address_is_acceptable(state, *address, smtputf8);
}

/* --- MAIL ----------------------------------------------------------------------------- */

/* the parameters of MAIL */
struct mail_parameters {
    long size;
    bool has_ret, has_envid, verp;
    struct str sasl_sender;
    bool has_sasl_sender;
};

static bool read_value(struct str parameter, const char *name, struct str *value)
{
    size_t len = strlen(name);

    if (!str_is_nocase(str_slice(parameter, 0, len), name))
        return false;
    *value = str_slice(parameter, len, parameter.len);
    return true;
}

static bool allows_smtputf8(const struct session *session)
{
    return session->settings->smtputf8 && (session->discard & KEYWORD_SMTPUTF8) == 0;
}

static struct reply read_size(struct session *session, struct mail_parameters *parameters,
                              struct str value)
{
    parameters->size = session_number(value);
    if (parameters->size == -1)
        return session_refuse(session, 501, "5.5.4", "Bad message size syntax");
    if (parameters->size < 0)
        return session_refuse(session, 552, "5.3.4",
                              "Message size exceeds file system imposed limit");
    return (struct reply){0};
}

static bool is_printable(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            return false;
    return text.len > 0;
}

/* read_dsn - RET= and ENVID=, RFC 3461 */
static struct reply read_dsn(struct session *session, struct mail_parameters *parameters, bool ret,
                             struct str value)
{
    if ((session->discard & KEYWORD_DSN) != 0)
        return session_refuse(session, 501, "5.7.1", "DSN support is disabled");
    if (ret) {
        if (parameters->has_ret || (!str_is_nocase(value, "FULL") && !str_is_nocase(value, "HDRS")))
            return session_refuse(session, 501, "5.5.4", "Bad RET parameter syntax");
        parameters->has_ret = true;
        return (struct reply){0};
    }
    struct buffer *plain = &session->reply_text;
    if (parameters->has_envid || !session_xtext(plain, value) || !is_printable(buffer_str(plain)))
        return session_refuse(session, 501, "5.5.4", "Bad ENVID parameter syntax");
    parameters->has_envid = true;
    return (struct reply){0};
}

/* is_verp - XVERP or XVERP=delimiters, VERP_README */
static bool is_verp(const struct session *session, struct str parameter, struct str *delimiters)
{
    if (!session->verp_allowed)
        return false;
    if (str_is_nocase(parameter, "XVERP")) {
        *delimiters = session->settings->verp_delimiters;
        return true;
    }
    return read_value(parameter, "XVERP=", delimiters);
}

static struct reply read_verp(struct session *session, struct mail_parameters *parameters,
                              struct str delimiters)
{
    struct str filter = session->settings->verp_filter;

    parameters->verp = true;
    if (delimiters.len == 2 && str_find(filter, delimiters.at[0], 0) < filter.len &&
        str_find(filter, delimiters.at[1], 0) < filter.len)
        return (struct reply){0};
    return session_refuse_printf(session, 501, "5.5.4",
                                 "Error: XVERP needs two characters from %.*s", STR_ARG(filter));
}

static struct reply read_mail_parameter(struct session *session, struct mail_parameters *parameters,
                                        struct str parameter)
{
    struct str value;

    if (str_is_nocase(parameter, "BODY=8BITMIME") || str_is_nocase(parameter, "BODY=7BIT"))
        return (struct reply){0};
    if (read_value(parameter, "SIZE=", &value))
        return read_size(session, parameters, value);
    if (allows_smtputf8(session) && str_is_nocase(parameter, "SMTPUTF8"))
        return (struct reply){0};
    if (session->settings->requiretls && session->state.tls.active &&
        (session->discard & KEYWORD_REQUIRETLS) == 0 && str_is_nocase(parameter, "REQUIRETLS"))
        return (struct reply){0};
    if (read_value(parameter, "AUTH=", &value)) {
        if (session->state.sasl_sender.at != NULL)
            return session_refuse(session, 503, "5.5.4", "Error: multiple AUTH= options");
        if (!str_is(value, "<>"))
            session->state.sasl_sender =
                session_keep_printable(session, &session->slot_sasl_sender, value, "");
        return (struct reply){0};
    }
    if (is_verp(session, parameter, &value))
        return read_verp(session, parameters, value);
    if (read_value(parameter, "RET=", &value))
        return read_dsn(session, parameters, true, value);
    if (read_value(parameter, "ENVID=", &value))
        return read_dsn(session, parameters, false, value);
    return session_refuse_printf(session, 555, "5.5.4", "Unsupported option: %.*s",
                                 STR_ARG(parameter));
}

/* check_mail - is MAIL permitted now, and is its syntax valid? */
static struct reply check_mail(struct session *session)
{
    if (session->settings->helo_required && session->state.helo.at == NULL)
        return session_refuse(session, 503, "5.5.1", "Error: send HELO/EHLO first");
    if (session_in_transaction(session))
        return session_refuse(session, 503, "5.5.1", "Error: nested MAIL command");
    if (session->bdat != BDAT_NONE)
        return session_refuse(session, 503, "5.5.1", "Error: MAIL after BDAT");
    if (session->token_count < 3 || !str_is_nocase(session->tokens[1].text, "from:"))
        return session_refuse(session, 501, "5.5.4", "Syntax: MAIL FROM:<address>");
    if (session->tokens[2].broken)
        return session_refuse(session, 501, "5.1.7", "Bad sender address syntax");
    return (struct reply){0};
}

static bool requests_smtputf8(const struct session *session)
{
    for (size_t i = 3; allows_smtputf8(session) && i < session->token_count; i++)
        if (str_is_nocase(session->tokens[i].text, "SMTPUTF8"))
            return true;
    return false;
}

static bool needs_smtputf8(const struct session *session, struct str address)
{
    return session->settings->strict_smtputf8 && !session->state.smtputf8 &&
           !address_is_ascii(address);
}

/* begin_transaction - if the restrictions permit it */
static struct reply begin_transaction(struct session *session, struct str sender,
                                      const struct mail_parameters *parameters)
{
    struct state *state = &session->state;
    const struct session_settings *settings = session->settings;

    if (str_starts(policy_str(state->service, PARAM_MESSAGE_SIZE_LIMIT), "-"))
        return session_refuse(session, 452, "4.3.1", "Insufficient system storage");
    if (settings->size_limit > 0 && state->message_size > settings->size_limit)
        return session_refuse(session, 552, "5.3.4", "Message size exceeds fixed limit");
    if (parameters->verp && sender.len == 0)
        return session_refuse(session, 503, "5.5.4", "Error: XVERP requires non-null sender");
    state->sender = session_keep(session, &session->slot_sender, sender);
    if (sender.len > 0 && session->settings->no_rewrite.at != NULL) {
        state->silence = session->settings->no_rewrite;
        return (struct reply){0};
    }
    struct reply reply = restriction_check(state, STAGE_MAIL);
    if (reply.code != 0) {
        session_reset_mail(session);
        return session_refuse_reply(session, reply);
    }
    if (session->milter.code != 0) {
        session_reset_mail(session);
        return session_refuse_reply(session, session->milter);
    }
    if (needs_smtputf8(session, sender)) {
        state->sender = STR_NONE;
        return session_refuse(session, 553, "5.6.7",
                              "Must declare SMTPUTF8 to send unicode address");
    }
    return session_accept(250, "2.1.0", "Ok");
}

struct reply session_mail(struct session *session)
{
    struct state *state = &session->state;
    struct mail_parameters parameters = {0};
    struct reply reply = check_mail(session);
    struct str sender;

    state->smtputf8 = false;
    if (reply.code != 0)
        return reply;
    state->smtputf8 = requests_smtputf8(session);
    if (!session_address(session, session->tokens[2].text, true, session->settings->strict_envelope,
                         state->smtputf8, &sender))
        return session_refuse(session, 501, "5.1.7", "Bad sender address syntax");
    for (size_t i = 3; i < session->token_count; i++) {
        reply = read_mail_parameter(session, &parameters, session->tokens[i].text);
        /* if this MAIL fails, the size is kept for the next one without SIZE=, as in Postfix */
        if (parameters.size > 0)
            state->message_size = parameters.size;
        if (reply.code != 0)
            return reply;
    }
    return begin_transaction(session, sender, &parameters);
}

/* --- RCPT ----------------------------------------------------------------------------- */

struct rcpt_parameters {
    bool has_notify, has_orcpt;
};

/* is_notify - NEVER alone, or any of the other keywords */
static bool is_notify(struct str value)
{
    bool never = false, others = false;

    for (size_t at = str_span(value, 0, ", \t\r\n"); at < value.len;) {
        size_t end = str_span_not(value, at, ", \t\r\n");
        struct str word = str_slice(value, at, end);
        if (str_is_nocase(word, "NEVER"))
            never = true;
        else if (str_is_nocase(word, "SUCCESS") || str_is_nocase(word, "FAILURE") ||
                 str_is_nocase(word, "DELAY"))
            others = true;
        else
            return false;
        at = str_span(value, end, ", \t\r\n");
    }
    return never != others;
}

/* is_orcpt - "type;address" with the address in xtext */
static bool is_orcpt(struct session *session, struct str value)
{
    size_t semicolon = str_find(value, ';', 0);
    struct str type = str_slice(value, 0, semicolon);
    struct str coded = str_slice(value, semicolon + 1, value.len);

    if (semicolon == 0 || semicolon == value.len)
        return false;
    return str_is_nocase(type, "utf-8") ? session_is_utf8_xtext(coded)
                                        : session_xtext(&session->reply_text, coded);
}

static struct reply read_rcpt_parameter(struct session *session, struct rcpt_parameters *parameters,
                                        struct str parameter)
{
    struct str value;
    bool notify = read_value(parameter, "NOTIFY=", &value);

    if (!notify && !read_value(parameter, "ORCPT=", &value))
        return session_refuse_printf(session, 555, "5.5.4", "Unsupported option: %.*s",
                                     STR_ARG(parameter));
    if ((session->discard & KEYWORD_DSN) != 0)
        return session_refuse(session, 501, "5.7.1", "DSN support is disabled");
    if (notify) {
        if (parameters->has_notify || !is_notify(value))
            return session_refuse(session, 501, "5.5.4", "Error: Bad NOTIFY parameter syntax");
        parameters->has_notify = true;
    } else {
        if (parameters->has_orcpt || !is_orcpt(session, value))
            return session_refuse(session, 501, "5.5.4", "Error: Bad ORCPT parameter syntax");
        parameters->has_orcpt = true;
    }
    return (struct reply){0};
}

static struct reply check_rcpt(struct session *session)
{
    if (!session_in_transaction(session))
        return session_refuse(session, 503, "5.5.1", "Error: need MAIL command");
    if (session->bdat != BDAT_NONE)
        return session_refuse(session, 503, "5.5.1", "Error: RCPT after BDAT");
    if (session->token_count < 3 || !str_is_nocase(session->tokens[1].text, "to:"))
        return session_refuse(session, 501, "5.5.4", "Syntax: RCPT TO:<address>");
    if (session->tokens[2].broken)
        return session_refuse(session, 501, "5.1.3", "Bad recipient address syntax");
    return (struct reply){0};
}

static struct reply refuse_recipient(struct session *session)
{
    session->failed = session->overshoot++ >= session->settings->recipient_overshoot;
    return session_accept(452, "4.5.3", "Error: too many recipients");
}

struct reply session_rcpt(struct session *session)
{
    const struct session_settings *settings = session->settings;
    struct state *state = &session->state;
    struct rcpt_parameters parameters = {0};
    struct reply reply = check_rcpt(session);
    struct str recipient;

    if (reply.code != 0)
        return reply;
    if (!session_address(session, session->tokens[2].text, false, settings->strict_envelope,
                         state->smtputf8, &recipient))
        return session_refuse(session, 501, "5.1.3", "Bad recipient address syntax");
    for (size_t i = 3; i < session->token_count; i++) {
        reply = read_rcpt_parameter(session, &parameters, session->tokens[i].text);
        if (reply.code != 0)
            return reply;
    }
    if (settings->recipient_limit > 0 &&
        session->recipient_count >= (size_t)settings->recipient_limit)
        return refuse_recipient(session);
    if (needs_smtputf8(session, recipient))
        return session_refuse(session, 553, "5.6.7",
                              "Must declare SMTPUTF8 to send unicode address");
    state->recipient = recipient;
    if (session->settings->no_rewrite.at != NULL) {
        state->silence = session->settings->no_rewrite;
        return (struct reply){0};
    }
    reply = restriction_check(state, STAGE_RCPT);
    if (reply.code == 0 && session->settings->no_cleanup.at != NULL &&
        policy_str(state->service, PARAM_SMTPD_PROXY_FILTER).len == 0)
        state->silence = session->settings->no_cleanup;
    if (state->silence.at != NULL)
        return (struct reply){0};
    if (reply.code != 0) {
        session_set_first_recipient(session);
        return session_refuse_reply(session, reply);
    }
    if (session->recipient_count == 0 && !session_can_receive(session, &reply))
        return reply;
    session_add_recipient(session, recipient);
    session_set_first_recipient(session);
    return session_accept(250, "2.1.5", "Ok");
}
