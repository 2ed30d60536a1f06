#include "smtp/address/match.h"
#include "smtp/policy/restriction.h"
#include "smtp/session/parts.h"

/* characters of a HELO name that must not get into a Received: header */
static const char unwanted[] = " <>()\\\";@";

/* --- greeting ------------------------------------------------------------------------- */

/*
 * has_mechanism - smtpd exits if the settings leave no mechanism.  Where they leave neither PLAIN
 * nor LOGIN, it depends on the others of the SASL server: Cyrus SASL comes with some, Dovecot
 * without.
 */
static bool has_mechanism(struct session *session)
{
    static const char *const answers[2] = {"fail", "ok"};
    const struct session_settings *settings = session->settings;
    struct world *world = session->state.world;
    struct str subject;

    if (settings->mechanisms[session->state.tls.active] != 0)
        return true;
    subject = arena_printf(session->state.arena, "other mechanisms than PLAIN and LOGIN: %.*s",
                           STR_ARG(settings->auth_need));
    return settings->dovecot ? world_ask(world, QUESTION_SERVICE, subject, answers, 2) == 1
                             : world_has(world, subject);
}

bool session_activate_auth(struct session *session)
{
    const struct session_settings *settings = session->settings;
    bool tls = session->state.tls.active;

    session->sasl_active = settings->mechanisms[tls] != 0;
    return !settings->auth_fatal[tls] && world_has(session->state.world, settings->auth_need) &&
           has_mechanism(session);
}

/* find_discarded - the capabilities that are not offered to this client */
static unsigned find_discarded(struct session *session)
{
    const struct session_settings *settings = session->settings;
    struct state *state = &session->state;

    if (settings->discard_maps.len == 0)
        return settings->discard;
    struct lookup found = tables_find(state->service->policy->tables, state->arena,
                                      settings->discard_maps, state->client_address, TABLE_FOLD);
    session->discard_fails = found.status == LOOKUP_ERROR ||
                             (found.status == LOOKUP_UNKNOWN &&
                              !state_table_works(state, settings->discard_maps,
                                                 PARAM_SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS));
    return found.status == LOOKUP_FOUND ? session_keywords(found.value) : settings->discard;
}

/* greet_by_milters - the greeting, if the milters permit it */
static struct reply greet_by_milters(struct session *session)
{
    const struct session_settings *settings = session->settings;

    session->milter = session_ask_milters(session);
    if (session->milter.code == 421)
        return session_printf(session, 421, "", "%.*s Service unavailable - try again later",
                              STR_ARG(settings->hostname));
    if (session->milter.code / 100 == 5)
        return session_printf(session, 554, "", "%.*s ESMTP not accepting connections",
                              STR_ARG(settings->hostname));
    return (struct reply){.code = 220, .text = settings->banner};
}

struct reply session_greet(struct session *session)
{
    const struct session_settings *settings = session->settings;

    session->discard = find_discarded(session);
    struct reply reply = restriction_check(&session->state, STAGE_CONNECT);
    if (reply.code != 0)
        session->denied = reply;
    else
        reply = greet_by_milters(session);
    session->errors += reply.code / 100 == 5 || session->denied.code != 0;
    /* AUTH without TLS, unless it requires TLS; the reply is not yet sent if smtpd exits */
    if (settings->auth && !session->state.tls.active && !settings->auth_only &&
        !session_activate_auth(session))
        return (struct reply){0};
    return reply;
}

/* --- HELO and EHLO -------------------------------------------------------------------- */

/* accept_helo - the common part of HELO and EHLO; code 0: the name was accepted */
static struct reply accept_helo(struct session *session, const char *command)
{
    struct state *state = &session->state;

    if (session->token_count < 2)
        return session_refuse_printf(session, 501, "", "Syntax: %s hostname", command);
    struct str name = session_join(session, 1), before = state->helo;
    state->helo = name;
    struct reply reply = restriction_check(state, STAGE_HELO);
    if (reply.code != 0) {
        state->helo = before;
        return session_refuse_reply(session, reply);
    }
    session_reset_transaction(session);
    state->helo = session_keep_printable(session, &session->slot_helo, name, unwanted);
    return (struct reply){0};
}

struct reply session_helo(struct session *session)
{
    struct reply reply = accept_helo(session, "HELO");

    if (reply.code != 0)
        return reply;
    return (struct reply){.code = 250, .text = session->settings->hostname};
}

/* find_offered - the capabilities that are offered to this client */
static unsigned find_offered(struct session *session)
{
    const struct session_settings *settings = session->settings;
    const struct state *state = &session->state;
    unsigned all = KEYWORD_PIPELINING | KEYWORD_SIZE | KEYWORD_ETRN | KEYWORD_ENHANCEDSTATUSCODES |
                   KEYWORD_8BITMIME | KEYWORD_DSN;

    if (!settings->disable_vrfy)
        all |= KEYWORD_VRFY;
    if (settings->use_tls && !state->tls.active)
        all |= KEYWORD_STARTTLS;
    if (session->sasl_active &&
        (settings->auth_exceptions.len == 0 ||
         !session_matches_client(session, settings->auth_exceptions, PARAM_NONE)))
        all |= KEYWORD_AUTH;
    if (session->verp_allowed)
        all |= KEYWORD_VERP;
    if (session->xclient_allowed)
        all |= KEYWORD_XCLIENT;
    if (session->xforward_allowed)
        all |= KEYWORD_XFORWARD;
    if (settings->smtputf8)
        all |= KEYWORD_SMTPUTF8;
    if (settings->chunking)
        all |= KEYWORD_CHUNKING;
    if (settings->requiretls && state->tls.active)
        all |= KEYWORD_REQUIRETLS;
    if (session->milter.code / 100 == 5)
        all = KEYWORD_ENHANCEDSTATUSCODES;
    return all & ~session->discard;
}

static void add_line(struct buffer *out, unsigned offered_mask, enum session_keyword keyword,
                     const char *line)
{
    if ((offered_mask & keyword) == 0)
        return;
    buffer_add_char(out, '\n');
    buffer_add_cstr(out, line);
}

static void add_size(struct buffer *out, const struct session_settings *settings)
{
    if (settings->size_limit > 0)
        buffer_printf(out, "\nSIZE %ld", settings->size_limit);
    else
        buffer_add_cstr(out, "\nSIZE");
}

static void add_auth(struct buffer *out, const struct session_settings *settings, bool tls)
{
    struct str names = settings->mechanism_names[tls];

    buffer_printf(out, "\nAUTH %.*s", STR_ARG(names));
    if (settings->broken_auth)
        buffer_printf(out, "\nAUTH=%.*s", STR_ARG(names));
}

/* print_capabilities - in Postfix's order */
static struct str print_capabilities(const struct session *session, unsigned mask)
{
    const struct session_settings *settings = session->settings;
    struct buffer out;

    /* kept for the service */
    buffer_init(&out, session->state.service->policy->arena);
    buffer_add(&out, settings->hostname);
    add_line(&out, mask, KEYWORD_PIPELINING, "PIPELINING");
    if ((mask & KEYWORD_SIZE) != 0)
        add_size(&out, settings);
    add_line(&out, mask, KEYWORD_VRFY, "VRFY");
    add_line(&out, mask, KEYWORD_ETRN, "ETRN");
    add_line(&out, mask, KEYWORD_STARTTLS, "STARTTLS");
    if ((mask & KEYWORD_AUTH) != 0)
        add_auth(&out, settings, session->state.tls.active);
    add_line(&out, mask, KEYWORD_VERP, "XVERP");
    add_line(&out, mask, KEYWORD_XCLIENT,
             settings->xclient_destination
                 ? "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT"
                 : "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN");
    add_line(&out, mask, KEYWORD_XFORWARD, "XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT");
    add_line(&out, mask, KEYWORD_ENHANCEDSTATUSCODES, "ENHANCEDSTATUSCODES");
    add_line(&out, mask, KEYWORD_8BITMIME, "8BITMIME");
    add_line(&out, mask, KEYWORD_DSN, "DSN");
    add_line(&out, mask, KEYWORD_SMTPUTF8, "SMTPUTF8");
    add_line(&out, mask, KEYWORD_CHUNKING, "CHUNKING");
    add_line(&out, mask, KEYWORD_REQUIRETLS, "REQUIRETLS");
    return buffer_str(&out);
}

/*
 * is_auth_undecided - if smtpd_sasl_exceptions_networks does not work, smtpd cannot decide whether
 * to offer AUTH.  It checks for a failure even if AUTH is not available (smtpd.c, ehlo_cmd): then
 * the result depends on a failure in an earlier session of the same process.
 */
static bool is_auth_undecided(struct session *session)
{
    static const char *const answers[2] = {"no", "yes"};
    struct state *state = &session->state;
    const struct session_settings *settings = session->settings;

    if (!settings->auth || settings->auth_exceptions.len == 0 ||
        (session->discard & KEYWORD_AUTH) != 0 ||
        match_client(state, settings->auth_exceptions, PARAM_NONE, state->client_name,
                     state->client_address) != MATCH_ERROR)
        return false;
    return session->sasl_active ||
           world_ask(state->world, QUESTION_HOST,
                     str_of("a process that failed at smtpd_sasl_exceptions_networks before"),
                     answers, 2) == 1;
}

struct reply session_ehlo(struct session *session)
{
    static const struct str esmtp = STR("ESMTP");
    struct session_capabilities *known = &session->capabilities[session->state.tls.active];
    struct reply reply = accept_helo(session, "EHLO");

    if (reply.code != 0)
        return reply;
    session->state.protocol = esmtp;
    if (session->discard_fails || (session->undecided & ~session->discard) != 0 ||
        is_auth_undecided(session))
        return session_printf(session, 421, "4.3.0", "%.*s Server local data error",
                              STR_ARG(session->settings->hostname));
    unsigned mask = find_offered(session);
    if (!known->known || known->offered != mask)
        *known = (struct session_capabilities){true, mask, print_capabilities(session, mask)};
    return (struct reply){.code = 250, .text = known->text};
}

/* --- STARTTLS ------------------------------------------------------------------------- */

bool session_can_tls(const struct session *session)
{
    const struct session_options *options = session->options;
    bool can = options->can_tls;

    for (size_t i = 0; i < options->tls_needs.count && can; i++)
        can = world_has(session->state.world, options->tls_needs.items[i]);
    return can;
}

struct reply session_starttls(struct session *session)
{
    const struct session_settings *settings = session->settings;

    if (session->token_count != 1)
        return session_refuse(session, 501, "5.5.4", "Syntax: STARTTLS");
    if (session->milter.code != 0)
        return session_milter_454(session);
    if (session->state.tls.active)
        return session_refuse(session, 554, "5.5.1", "Error: TLS already active");
    if (!settings->use_tls || (session->discard & KEYWORD_STARTTLS) != 0)
        return session_refuse(session, 502, "5.5.1", "Error: command not implemented");
    if (!session_can_tls(session))
        return session_refuse(session, 454, "4.7.0", "TLS not available due to local problem");
    session->next = NEXT_TLS;
    session->state.helo = STR_NONE;
    session_reset_transaction(session);
    return session_accept(220, "2.0.0", "Ready to start TLS");
}

void session_tls_exchange(struct session *session, struct str exchange)
{
    session->exchange = exchange;
}

void session_tls(struct session *session, const struct state_tls *tls)
{
    const struct session_settings *settings = session->settings;

    session->state.tls = *tls;
    session->state.tls.active = true;
    if (settings->require_certificate && !tls->certificate_trusted) {
        session->certificate_refused = true;
        return;
    }
    if (settings->auth) {
        session_reset_auth(session);
        session->closing |= !session_activate_auth(session);
    }
}
