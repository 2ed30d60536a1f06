/*
 * plan - sessions to try against an SMTP server, and what each must be answered: livetest.yaml
 *
 *     postmend plan: 1
 *     platform: rhel10
 *     hostname: mail.example.com
 *     assume: [dns=ok]
 *     users:
 *       - {name: livetest, password: not-a-secret}
 *     sessions:
 *       - ask: a stranger may not relay
 *         kind: relay
 *         service: smtp              # as in master.cf
 *         port: 25
 *         tls: none                  # starttls, implicit
 *         client: 198.51.100.7       # by XCLIENT, where the server takes it
 *         client-name: stranger.example
 *         steps:
 *           - {send: EHLO probe.example, expect: 250, has: [PIPELINING], lacks: [AUTH]}
 *           - {send: "MAIL FROM:<a@example.org>", expect: 250 2.1.0}
 *           - {send: "RCPT TO:<b@example.net>", expect: 554 5.7.1}
 *
 * Both directions: what plan_write() writes plan_read() reads back the same.
 */
#ifndef PARSER_PLAN_H
#define PARSER_PLAN_H

#include "facts/yaml.h"

enum plan_tls { PLAN_TLS_NONE, PLAN_TLS_STARTTLS, PLAN_TLS_IMPLICIT };

/* what a step does */
enum plan_action {
    PLAN_SEND,      /* text: a command line */
    PLAN_GREETING,  /* expects the greeting */
    PLAN_STARTTLS,  /* STARTTLS and the handshake */
    PLAN_HANDSHAKE, /* the handshake of implicit TLS, or one that must fail */
    PLAN_AUTH,      /* text: mechanism; with the session's user */
    PLAN_MESSAGE,   /* text: the message after DATA */
};

enum plan_outcome {
    PLAN_REPLY,        /* a reply with this code */
    PLAN_UNDETERMINED, /* can't be told without what REASON says; any of ALTERNATIVES */
    PLAN_TLS_GOOD,     /* the handshake succeeds */
    PLAN_TLS_FAILS,
    PLAN_SILENCE, /* no reply: the server waits for TLS */
};

struct plan_step {
    enum plan_action action;
    struct str text;
    enum plan_outcome outcome;
    int code;
    struct str enhanced;          /* empty: none */
    struct str_list has, lacks;   /* capabilities of EHLO: keywords or "AUTH PLAIN" */
    struct str_list alternatives; /* PLAN_UNDETERMINED: "250 2.1.5", "450 4.1.2" */
    struct str reason;
    struct str received; /* PLAN_MESSAGE: what the message's Received: line must hold */
};

struct plan_session {
    struct str ask;  /* the question, a sentence */
    struct str kind; /* "banner", "capabilities", "starttls", "auth", "relay", "recipient",
                        "delivery", "size", "protocol", ... */
    struct str service;
    int port;
    enum plan_tls tls;
    struct str min_protocol, max_protocol; /* that the client offers; empty: all */
    struct str client, client_name;        /* empty: as it comes */
    struct str user;                       /* for PLAN_AUTH; empty: none */
    struct plan_step *steps;
    size_t step_count, step_capacity;
};

struct plan_user {
    struct str name, password;
};

struct plan {
    struct str platform, hostname;
    struct str_list assume;
    struct plan_user *users;
    size_t user_count, user_capacity;
    struct plan_session *sessions;
    size_t session_count, session_capacity;
};

/* on false *ERROR is one line "file: line N, column N: ..." */
bool plan_read(struct plan *plan, struct arena *arena, struct str path, struct str *error);
void plan_write(struct buffer *out, const struct plan *plan);

#endif
