#include "parser/text/hostname.h"
#include "smtp/address/form.h"
#include "smtp/address/match.h"
#include "smtp/policy/restriction.h"
#include "smtp/session/parts.h"

static struct reply answer_rset(struct session *session)
{
    if (session->token_count != 1)
        return session_refuse(session, 501, "5.5.4", "Syntax: RSET");
    session_reset_transaction(session);
    return session_accept(250, "2.0.0", "Ok");
}

static struct reply answer_noop(struct session *session)
{
    (void)session;
    return session_accept(250, "2.0.0", "Ok");
}

static struct reply answer_quit(struct session *session)
{
    session->closing = true;
    return session_accept(221, "2.0.0", "Bye");
}

static struct reply answer_help(struct session *session)
{
    (void)session;
    return session_accept(214, "2.0.0",
                          "Commands: AUTH BDAT DATA EHLO ETRN HELO HELP MAIL NOOP QUIT RCPT RSET "
                          "STARTTLS VRFY XCLIENT XFORWARD");
}

/* --- VRFY ----------------------------------------------------------------------------- */

/* check_address - applies the restrictions of RCPT to the address of VRFY */
static struct reply check_address(struct session *session, struct str address, bool smtputf8)
{
    struct state *state = &session->state;
    struct str recipient = state->recipient;
    bool before = state->smtputf8;

    state->smtputf8 |= smtputf8;
    state->recipient = state->vrfy_name = address;
    struct reply reply = restriction_check(state, STAGE_VRFY);
    state->recipient = recipient;
    state->vrfy_name = STR_NONE;
    state->smtputf8 = before;
    return reply;
}

struct reply session_vrfy(struct session *session)
{
    const struct session_settings *settings = session->settings;
    bool smtputf8 = false;
    struct str address;

    if (settings->disable_vrfy)
        return session_refuse(session, 502, "5.5.1", "VRFY command is disabled");
    if (settings->smtputf8 && (session->discard & KEYWORD_SMTPUTF8) == 0 &&
        session->token_count > 1 &&
        str_is_nocase(session->tokens[session->token_count - 1].text, "SMTPUTF8")) {
        session->token_count--;
        smtputf8 = true;
    }
    if (session->token_count < 2)
        return session_refuse_printf(session, 501, "5.5.4", "Syntax: VRFY address%s",
                                     settings->smtputf8 ? " [SMTPUTF8]" : "");
    if (session->milter.code != 0)
        return session_refuse_reply(session, session->milter);
    struct str name = session_join(session, 1);
    if (!session_address(session, name, false, false, smtputf8, &address))
        return session_refuse(session, 501, "5.1.3", "Bad recipient address syntax");
    if (!smtputf8 && settings->strict_smtputf8 && !address_is_ascii(address)) {
        session_reset_mail(session);
        return session_refuse(session, 553, "5.6.7",
                              "Must declare SMTPUTF8 to send unicode address");
    }
    struct reply reply = check_address(session, address, smtputf8);
    if (reply.code != 0)
        return session_refuse_reply(session, reply);
    return session_printf(session, 252, "2.0.0", "%.*s", STR_ARG(name));
}

/* --- ETRN ----------------------------------------------------------------------------- */

/* is_flushed - in fast_flush_domains of smtpd, and of flush(8), which reads main.cf only */
static enum match is_flushed(struct state *state, struct str domain)
{
    const struct policy_service *services[] = {state->service, state->service->policy->all};
    enum match found = MATCH_YES;

    for (size_t i = 0; i < 2 && found == MATCH_YES; i++)
        found = match_domain(state, policy_str(services[i], PARAM_FAST_FLUSH_DOMAINS),
                             PARAM_FAST_FLUSH_DOMAINS, domain);
    return found;
}

struct reply session_etrn(struct session *session)
{
    struct state *state = &session->state;

    if (session->settings->helo_required && state->helo.at == NULL)
        return session_refuse(session, 503, "", "Error: send HELO/EHLO first");
    if (session->milter.code != 0)
        return session_refuse_reply(session, session->milter);
    if (session_in_transaction(session))
        return session_refuse(session, 503, "", "Error: MAIL transaction in progress");
    if (session->token_count != 2)
        return session_refuse(session, 500, "", "Syntax: ETRN domain");
    struct str name = session->tokens[1].text;
    if (name.at[0] == '@' || name.at[0] == '#')
        name = str_slice(name, 1, name.len);
    if (hostname_fault(name, false) != NULL && !session_is_address_literal(name))
        return session_refuse(session, 501, "", "Error: invalid parameter syntax");
    state->etrn_name = name;
    struct reply reply = restriction_check(state, STAGE_ETRN);
    state->etrn_name = STR_NONE;
    if (reply.code != 0)
        return session_refuse_reply(session, reply);
    switch (is_flushed(state, name)) {
    case MATCH_YES:
        return session_accept(250, "", "Queuing started");
    case MATCH_NO:
        return session_refuse_printf(session, 459, "", "<%.*s>: service unavailable",
                                     STR_ARG(name));
    default:
        return session_refuse(session, 458, "", "Unable to queue messages");
    }
}

/* --- the table ------------------------------------------------------------------------ */

const struct session_command *session_command(const struct session *session, struct str name)
{
    static const struct session_command commands[] = {
        {"MAIL", session_mail, 0},
        {"RCPT", session_rcpt, 0},
        {"DATA", session_data, COMMAND_LAST},
        {"EHLO", session_ehlo, COMMAND_LIMIT | COMMAND_PRE_TLS | COMMAND_LAST},
        {"QUIT", answer_quit, COMMAND_PRE_TLS},
        {"RSET", answer_rset, COMMAND_LIMIT},
        {"STARTTLS", session_starttls, COMMAND_PRE_TLS},
        {"AUTH", session_auth, 0},
        {"HELO", session_helo, COMMAND_LIMIT | COMMAND_PRE_TLS | COMMAND_LAST},
        {"NOOP", answer_noop, COMMAND_LIMIT | COMMAND_PRE_TLS | COMMAND_LAST},
        {"VRFY", session_vrfy, COMMAND_LIMIT | COMMAND_LAST},
        {"ETRN", session_etrn, COMMAND_LIMIT},
        {"XCLIENT", session_xclient, COMMAND_PRE_TLS},
        {"XFORWARD", session_xforward, 0},
        {"BDAT", session_bdat, 0},
        {"HELP", answer_help, COMMAND_PRE_TLS},
    };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!str_is_nocase(name, commands[i].name))
            continue;
        if ((commands[i].answer == session_bdat && !session->settings->chunking) ||
            (commands[i].answer == answer_help && !session->settings->help))
            return NULL;
        return &commands[i];
    }
    return NULL;
}
