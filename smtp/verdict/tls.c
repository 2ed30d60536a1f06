/* tls - is TLS on each port what its number means, and of which versions? */
#include <string.h>

#include "smtp/start/start.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

static void note(struct judge *judge, const struct verdict_port *port, const char *kind,
                 enum verdict_state state, struct str text, struct span place)
{
    judge_note(judge, &(struct note){.kind = kind,
                                     .state = state,
                                     .text = text,
                                     .subject = none,
                                     .port = port,
                                     .place = place});
}

/* ask_tls - does a client that uses TLS in this way get a reply to EHLO over it?  The session may
   have any TLS version */
static struct asked ask_tls(const struct judge *judge, const struct verdict_port *port,
                            enum plan_tls tls)
{
    const struct plan *plan = judge->input->plan;

    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        if (session->port != port->number || !str_eq(session->service, port->service) ||
            session->tls != tls || session->min_protocol.len > 0)
            continue;
        enum plan_action action = tls == PLAN_TLS_IMPLICIT ? PLAN_HANDSHAKE : PLAN_STARTTLS;
        struct asked asked = judge_ask(judge, i, judge_find_step(session, action, ""));
        if (asked.result != ASKED_NOT)
            return asked;
    }
    return (struct asked){.result = ASKED_NOT};
}

/* offers_starttls - in the reply to EHLO without TLS */
static bool offers_starttls(const struct judge *judge, const struct verdict_port *port, bool *asked)
{
    for (size_t at = 0; judge_next(judge, port, "capabilities", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        size_t step = judge_find_step(session, PLAN_SEND, "EHLO");
        if (step == session->step_count || session->tls != PLAN_TLS_NONE)
            continue;
        struct str reply = judge->input->answers[at][step].reply.text;
        *asked = *asked || judge->input->answers[at][step].reply.code != 0;
        if (str_search(reply, "\nSTARTTLS") < reply.len)
            return true;
    }
    return false;
}

static void judge_submissions(struct judge *judge, const struct verdict_port *port)
{
    struct asked asked = ask_tls(judge, port, PLAN_TLS_IMPLICIT);
    bool wrapped = port->policy != NULL && policy_flag(port->policy, PARAM_SMTPD_TLS_WRAPPERMODE);

    if (asked.result == ASKED_YES)
        note(judge, port, "tls", VERDICT_OK, str_of("$p speak$3 TLS from the start (SSL/TLS)"),
             SPAN_NONE);
    else if (asked.result != ASKED_NOT && wrapped)
        note(judge, port, "tls", VERDICT_FAIL,
             str_of("TLS does not work on $p: mail programs set to \"SSL/TLS\" fail"),
             judge_place(judge, port, PARAM_SMTPD_TLS_CERT_FILE));
    else if (asked.result != ASKED_NOT)
        note(judge, port, "tls", VERDICT_FAIL,
             str_of("port 465 does not speak TLS: mail programs set to \"SSL/TLS\" fail"),
             judge_place(judge, port, PARAM_SMTPD_TLS_WRAPPERMODE));
}

/* note_no_starttls - by the role of the port */
static void note_no_starttls(struct judge *judge, const struct verdict_port *port, bool wrapped)
{
    struct span place = judge_place(
        judge, port, wrapped ? PARAM_SMTPD_TLS_WRAPPERMODE : PARAM_SMTPD_TLS_SECURITY_LEVEL);

    if (wrapped)
        note(judge, port, "tls", VERDICT_FAIL,
             str_of(port->role == PORT_EXCHANGE
                        ? "$p speak$3 TLS from the start: no other server can deliver mail"
                        : "$p speak$3 TLS from the start: mail programs set to STARTTLS fail"),
             place);
    else if (port->role == PORT_EXCHANGE)
        note(judge, port, "tls", VERDICT_WARN,
             str_of("$p offer$3 no TLS: all mail arrives unencrypted"), place);
    else
        note(judge, port, "tls", VERDICT_FAIL,
             str_of("$p offer$3 no TLS: mail programs set to STARTTLS fail"), place);
}

/* judge_mandatory - RFC 3207, 4: a public mail exchanger must not require TLS */
static void judge_mandatory(struct judge *judge, const struct verdict_port *port)
{
    size_t at = 0;

    if (port->role != PORT_EXCHANGE || !judge_next(judge, port, "plaintext", &at))
        return;
    const struct plan_session *session = &judge->input->plan->sessions[at];
    struct asked asked = judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "MAIL FROM:"));
    if (asked.result == ASKED_NO && asked.certain)
        note(judge, port, "tls", VERDICT_WARN,
             str_of("TLS is mandatory on $p: servers without it cannot deliver (RFC 3207)"),
             judge_place(judge, port, PARAM_SMTPD_TLS_SECURITY_LEVEL));
}

static void judge_starttls(struct judge *judge, const struct verdict_port *port)
{
    struct asked asked = ask_tls(judge, port, PLAN_TLS_STARTTLS);
    bool wrapped = ask_tls(judge, port, PLAN_TLS_IMPLICIT).result == ASKED_YES;

    bool known = wrapped || asked.result == ASKED_YES;
    bool offered = offers_starttls(judge, port, &known);

    if (wrapped || (!offered && asked.result != ASKED_YES)) {
        if (known)
            note_no_starttls(judge, port, wrapped);
        return;
    }
    judge_mandatory(judge, port);
    judge_doubt(judge, &asked);
    if (asked.result == ASKED_YES)
        note(judge, port, "tls", VERDICT_OK, str_of("STARTTLS works on $p"), SPAN_NONE);
    else if (asked.result != ASKED_NOT)
        note(judge, port, "tls", VERDICT_FAIL,
             arena_printf(judge->arena, "STARTTLS is offered and does not work: $p %.*s",
                          STR_ARG(asked.said)),
             judge_place(judge, port, PARAM_SMTPD_TLS_CERT_FILE));
}

void judge_tls(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        bool greets = true;
        size_t at = 0;
        /* a port that does not greet is a port with the wrong kind of TLS, or says why elsewhere */
        if (port->policy != NULL && start_fault_of_listener(port->policy) != NULL)
            greets = false;
        if (!greets || !port->outside || !judge_next(judge, port, "banner", &at))
            continue;
        if (port->role == PORT_SUBMISSIONS)
            judge_submissions(judge, port);
        else if (port->role != PORT_OTHER)
            judge_starttls(judge, port);
    }
}

/* --- versions ---------------------------------------------------------------------------- */

static struct asked ask_version(const struct judge *judge, const struct verdict_port *port,
                                const char *version)
{
    for (size_t at = 0; judge_next(judge, port, "protocol", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        if (str_is(session->min_protocol, version))
            return judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "EHLO"));
    }
    return (struct asked){.result = ASKED_NOT};
}

static void judge_versions(struct judge *judge, const struct verdict_port *port)
{
    static const char *const old[] = {"TLSv1", "TLSv1.1"};
    struct asked usual = ask_version(judge, port, "TLSv1.2");
    struct asked newest = ask_version(judge, port, "TLSv1.3");
    struct span place = judge_place(judge, port,
                                    judge_is_for_users(port) ? PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS
                                                             : PARAM_SMTPD_TLS_PROTOCOLS);

    if (usual.result == ASKED_NOT || (usual.result != ASKED_YES && newest.result != ASKED_YES))
        return; /* judge_tls() says that TLS does not work */
    if (usual.result != ASKED_YES && usual.certain) {
        note(judge, port, "version", VERDICT_WARN,
             str_of("TLS 1.2 does not work on $p: older clients and servers fail"), place);
        return;
    }
    for (size_t i = 0; i < 2 && judge_is_for_users(port); i++) {
        struct asked asked = ask_version(judge, port, old[i]);
        if (asked.result != ASKED_YES || !asked.certain)
            continue;
        note(judge, port, "version", VERDICT_WARN,
             str_of("TLS 1.0 or 1.1 is accepted on $p (RFC 8996)"), place);
        return;
    }
    note(judge, port, "version", VERDICT_OK, str_of("TLS 1.2 works on $p"), SPAN_NONE);
}

void judge_tls_versions(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++)
        if (!judge->ports[i].dead && judge->ports[i].outside && judge->ports[i].role != PORT_OTHER)
            judge_versions(judge, &judge->ports[i]);
}
