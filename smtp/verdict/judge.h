/*
 * judge - private to smtp/verdict: the answers to questions, and notes that become verdicts
 *
 * Each kind of verdict is a function that is called once.  It looks at the answers and adds notes;
 * notes of the same text are then joined: "mail for a.example and b.example is accepted on port
 * 25".
 */
#ifndef SMTP_VERDICT_JUDGE_H
#define SMTP_VERDICT_JUDGE_H

#include "smtp/verdict/verdict.h"

/* what people expect of a port by its number */
enum port_role {
    PORT_EXCHANGE,    /* 25: other servers */
    PORT_SUBMISSION,  /* 587: users, with STARTTLS */
    PORT_SUBMISSIONS, /* 465: users, with implicit TLS */
    PORT_OTHER,       /* filters, other clients */
};

/* a service that was asked */
struct verdict_port {
    struct str service;
    int number;
    enum port_role role;
    const struct policy_service *policy; /* NULL: there is only a plan */
    bool outside;                        /* a client elsewhere can connect */
    bool outside6;                       /* by IPv6 */
    bool dead;                           /* does not start, does not greet, or refuses everybody */
};

/* a verdict about a subject on a port, before those that say the same are joined */
struct note {
    const char *kind;
    enum verdict_state state;
    struct str text; /* "$s": the subjects; "$p": the ports, as in "port 25"; "$3": the s of a verb
                        after them */
    struct str subject;
    const struct verdict_port *port; /* NULL: none */
    struct span place;
};

struct judge {
    struct arena *arena;
    const struct verdict_input *input;
    struct verdict_port *ports;
    size_t port_count;
    struct note *notes;
    size_t note_count, note_capacity;
    struct str_list doubts; /* reasons on which good verdicts depend */
};

void judge_note(struct judge *judge, const struct note *note);
/* joins the notes to verdicts */
void judge_join(struct judge *judge, struct verdict_list *list);

/* --- questions */

enum asked_result {
    ASKED_NOT,     /* nobody asked, or the question is not in the plan */
    ASKED_YES,     /* accepted */
    ASKED_NO,      /* refused: 5xx */
    ASKED_LATER,   /* deferred: 4xx */
    ASKED_SILENCE, /* no answer, or the connection was closed */
    ASKED_NO_TLS,  /* the handshake fails */
};

struct asked {
    enum asked_result result;
    bool certain;         /* no other answer is possible */
    struct str said;      /* "answers 451 4.3.5", "does not answer" */
    struct str reason;    /* unless it is certain: what it depends on */
    int code;             /* of the reply; 0: none */
    size_t session, step; /* the step that decided */
};

/* the answer to a step, which is that of the first step before it that was not accepted */
struct asked judge_ask(const struct judge *judge, size_t session, size_t step);
/* to the last step of that action whose text begins so; step_count where there is none */
size_t judge_find_step(const struct plan_session *session, enum plan_action action,
                       const char *start);
/* the next session of a port with this kind, from *AT on; false: there is none */
bool judge_next(const struct judge *judge, const struct verdict_port *port, const char *kind,
                size_t *at);
/* notes the reason on which an answer that is good depends */
void judge_doubt(struct judge *judge, const struct asked *asked);
/* the setting or the line of a table that decided, or that of the service */
struct span judge_cause(const struct judge *judge, const struct verdict_port *port,
                        const struct asked *asked);
/* where the value of a parameter is written, or the line of the service where it is a default */
struct span judge_place(const struct judge *judge, const struct verdict_port *port,
                        enum parameter_number number);
/* has mail for others a transport that sends it, on purpose or not? */
bool judge_sends_out(const struct judge *judge, const struct verdict_port *port);
/* the first table or file of the service that cannot be opened, or that another program has; empty:
   there is none */
struct str judge_broken_table(const struct judge *judge, const struct policy_service *service);
/* is it a port at which a user should be able to send? */
bool judge_is_for_users(const struct verdict_port *port);

/* --- the kinds of verdicts; each may use what those before it found out */

void judge_starts(struct judge *judge);
void judge_greetings(struct judge *judge);
void judge_refusals(struct judge *judge);
void judge_domains(struct judge *judge);
void judge_required_addresses(struct judge *judge);
void judge_unknown_users(struct judge *judge);
void judge_bounces(struct judge *judge);
void judge_recipient_count(struct judge *judge);
void judge_messages(struct judge *judge);
void judge_ipv6(struct judge *judge);
void judge_sizes(struct judge *judge);
void judge_logins(struct judge *judge);
void judge_programs(struct judge *judge);
void judge_passwords(struct judge *judge);
void judge_relay(struct judge *judge);
void judge_strangers_at_submission(struct judge *judge);
void judge_networks(struct judge *judge);
void judge_tls(struct judge *judge);
void judge_tls_versions(struct judge *judge);
void judge_certificates(struct judge *judge);
void judge_promises(struct judge *judge);
void judge_expectations(struct judge *judge);
void judge_doubts(struct judge *judge);

#endif
