/* users - can a user log in and send, and is the password protected? */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

/* --- sending ----------------------------------------------------------------------------- */

/* offers_login - was AUTH answered by anything but that there is none? */
static bool offers_login(const struct judge *judge, const struct verdict_port *port)
{
    size_t at = 0;

    for (; judge_next(judge, port, "login", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        size_t step = judge_find_step(session, PLAN_AUTH, "");
        struct asked asked = judge_ask(judge, at, step);
        if (asked.step != step || (asked.code != 503 && asked.code != 502 && asked.code != 500))
            return asked.result != ASKED_NOT;
    }
    return false;
}

/* ask_login - can a user send, to the end of a message? */
static struct asked ask_login(const struct judge *judge, const struct verdict_port *port)
{
    size_t at = 0;

    if (!judge_next(judge, port, "login", &at))
        return (struct asked){.result = ASKED_NOT};
    const struct plan_session *session = &judge->input->plan->sessions[at];
    return judge_ask(judge, at, judge_find_step(session, PLAN_MESSAGE, ""));
}

static size_t count_sending_ports(const struct judge *judge)
{
    size_t count = 0;

    for (size_t i = 0; i < judge->port_count; i++)
        count += judge->ports[i].outside && !judge->ports[i].dead &&
                 ask_login(judge, &judge->ports[i]).result == ASKED_YES;
    return count;
}

/* neighbours_send - where no user can log in, the port may be for a network */
static bool neighbours_send(const struct judge *judge, const struct verdict_port *port)
{
    for (size_t at = 0; judge_next(judge, port, "network", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        if (str_is(session->client, "127.0.0.1"))
            continue;
        if (judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "RCPT TO:")).result ==
            ASKED_YES)
            return true;
    }
    return false;
}

static void note_no_login(struct judge *judge, const struct verdict_port *port)
{
    bool network = neighbours_send(judge, port);
    struct str text =
        str_of(network ? "no user can log in on $p: only clients in mynetworks can send"
                       : "no user can send: $p offer$3 no login (AUTH)");

    judge_note(judge,
               &(struct note){.kind = "login",
                              .state = network ? VERDICT_WARN : VERDICT_FAIL,
                              .text = text,
                              .subject = none,
                              .port = port,
                              .place = judge_place(judge, port, PARAM_SMTPD_SASL_AUTH_ENABLE)});
}

static void note_login(struct judge *judge, const struct verdict_port *port,
                       const struct asked *asked)
{
    struct note note = {.kind = "login", .subject = none, .port = port};

    judge_doubt(judge, asked);
    if (asked->result == ASKED_YES) {
        note.state = VERDICT_OK;
        note.text = str_of("a user who logs in can send on $p");
    } else if (asked->certain) {
        note.state = judge_sends_out(judge, port) ? VERDICT_FAIL : VERDICT_WARN;
        note.text = arena_printf(judge->arena, "no user can send: $p %.*s to every user",
                                 STR_ARG(asked->said));
        note.place = judge_cause(judge, port, asked);
    } else {
        note.state = VERDICT_UNKNOWN;
        note.text = arena_printf(judge->arena, "whether a user can send on $p: it depends on %.*s",
                                 STR_ARG(asked->reason));
    }
    judge_note(judge, &note);
}

void judge_logins(struct judge *judge)
{
    bool others = count_sending_ports(judge) > 0;

    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        if (port->dead || !port->outside)
            continue;
        bool login = offers_login(judge, port);
        struct asked asked = ask_login(judge, port);
        if (asked.result == ASKED_NOT)
            continue;
        if (judge_is_for_users(port) && !login && asked.result != ASKED_YES) {
            note_no_login(judge, port);
            continue;
        }
        /* port 25 is for servers: users need it only where no other port takes their mail */
        if (judge_is_for_users(port) || asked.result == ASKED_YES || (login && !others))
            note_login(judge, port, &asked);
    }
}

/* --- mail programs ------------------------------------------------------------------------ */

void judge_programs(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        if (port->dead || !port->outside || !judge_is_for_users(port) ||
            ask_login(judge, port).result != ASKED_YES)
            continue;
        for (size_t at = 0; judge_next(judge, port, "program", &at); at++) {
            const struct plan_session *session = &judge->input->plan->sessions[at];
            if (port->role == PORT_SUBMISSIONS && session->tls != PLAN_TLS_IMPLICIT)
                continue; /* that the port does not speak TLS is a verdict of its own */
            struct asked asked =
                judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "RCPT TO:"));
            bool good = asked.result == ASKED_YES;
            judge_doubt(judge, &asked);
            if (asked.result == ASKED_NOT || (!good && !asked.certain))
                continue;
            judge_note(judge, &(struct note){
                                  .kind = "program",
                                  .state = good ? VERDICT_OK : VERDICT_FAIL,
                                  .text = good ? str_of("$s can send on $p as set up by default")
                                               : arena_printf(judge->arena,
                                                              "$s cannot send: $p %.*s to its EHLO",
                                                              STR_ARG(asked.said)),
                                  .subject = session->ask,
                                  .port = port,
                                  .place = good ? SPAN_NONE : judge_cause(judge, port, &asked)});
        }
    }
}

/* --- passwords ------------------------------------------------------------------------------ */

/* offers_password - does the reply to EHLO offer a mechanism that sends the password as it is? */
static bool offers_password(struct str reply)
{
    size_t at = str_search(reply, "\nAUTH ");
    struct str line = str_slice(reply, at + 1, str_find(reply, '\n', at + 1));
    struct str word;

    while (at < reply.len && token_next_plain(&line, TOKEN_BLANKS, &word))
        if (str_is_nocase(word, "PLAIN") || str_is_nocase(word, "LOGIN"))
            return true;
    return false;
}

static bool takes_passwords(const struct judge *judge, const struct verdict_port *port, bool *asked)
{
    for (size_t at = 0; judge_next(judge, port, "capabilities", &at); at++) {
        const struct plan_session *session = &judge->input->plan->sessions[at];
        size_t step = judge_find_step(session, PLAN_SEND, "EHLO");
        if (session->tls != PLAN_TLS_NONE || step == session->step_count)
            continue;
        *asked = *asked || judge_ask(judge, at, step).result == ASKED_YES;
        if (offers_password(judge->input->answers[at][step].reply.text))
            return true;
    }
    return false;
}

void judge_passwords(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        bool asked = false;
        if (port->dead || !port->outside || !offers_login(judge, port))
            continue;
        bool bad = takes_passwords(judge, port, &asked);
        if (!bad && !asked && port->role != PORT_SUBMISSIONS)
            continue;
        judge_note(judge, &(struct note){
                              .kind = "password",
                              .state = bad ? VERDICT_WARN : VERDICT_OK,
                              .text = str_of(bad ? "passwords are accepted unencrypted on $p"
                                                 : "passwords are accepted with TLS alone on $p"),
                              .subject = none,
                              .port = port,
                              .place = bad ? judge_place(judge, port, PARAM_SMTPD_SASL_AUTH_ENABLE)
                                           : SPAN_NONE});
    }
}
