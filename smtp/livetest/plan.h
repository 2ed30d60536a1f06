/*
 * plan - sessions with an SMTP server, and their expected answers: livetest.yaml
 *
 *     postmend plan: 1
 *     platform: rhel10
 *     hostname: mail.example.com
 *     configuration: ../postfix        # relative to the plan; default: the directory of the plan
 *     assume: [dns=ok]
 *     users:
 *       - {name: livetest, password: not-a-secret}
 *     intended:                        # intended differences from the old server
 *       - {service: submission, kind: protocol, rule: tls-minimum, why: "TLS 1.0 is gone"}
 *     sessions:
 *       - ask: a stranger may not relay
 *         kind: relay
 *         service: smtp                # as in master.cf
 *         port: 25
 *         tls: none                    # or starttls, with a step STARTTLS, or implicit
 *         max-protocol: TLSv1.1        # min-protocol, max-protocol: of the client
 *         client: 198.51.100.7         # by XCLIENT, if the server accepts it
 *         client-name: stranger.example
 *         user: livetest               # for steps with auth
 *         wanted: refused              # or accepted: what the site expects, whatever the files say
 *         steps:
 *           - {do: greeting, expect: "220"}
 *           - {send: EHLO probe.example, expect: "250", has: [PIPELINING], lacks: [AUTH]}
 *           - {send: "MAIL FROM:<a@example.org>", expect: 250 2.1.0}
 *           - {send: "RCPT TO:<b@example.net>", one-of: [250 2.1.5, 450 4.1.2], because: dns}
 *           - {do: starttls, expect: tls}
 *           - {do: handshake, expect: no tls}
 *           - {auth: PLAIN, expect: 235 2.7.0}
 *           - {message: "Subject: x\n\ny\n", expect: 250 2.0.0, received: with ESMTPSA}
 *
 * "expect" is "220" or "250 2.1.0", a reply with this code and enhanced code; "tls": the handshake
 * succeeds, after the reply 220 to STARTTLS; "no tls": it fails; "silence": no reply, while the
 * connection stays open; or "nothing": the step cannot be run, since the session is over or DATA
 * was not accepted.  A step without "expect" and "one-of" has no expectation.
 *
 * "has" and "lacks" have keywords of the reply to EHLO, with or without parameters: "AUTH" is any
 * AUTH line, "AUTH PLAIN" a line with PLAIN, "SIZE 1000" this number.
 *
 * A session begins when the client connects; with tls: implicit, its first step is {do: handshake}.
 * The client "127.0.0.1" is this host, without XCLIENT; a client without a client-name has no name
 * in DNS.
 *
 * Texts are UTF-8.  plan_read() reads what plan_write() writes.
 */
#ifndef SMTP_LIVETEST_PLAN_H
#define SMTP_LIVETEST_PLAN_H

#include "base/yaml.h"

enum plan_tls { PLAN_TLS_NONE, PLAN_TLS_STARTTLS, PLAN_TLS_IMPLICIT };

/* the action of a step */
enum plan_action {
    PLAN_SEND,      /* text: a command line */
    PLAN_GREETING,  /* reads the greeting */
    PLAN_STARTTLS,  /* STARTTLS and the handshake */
    PLAN_HANDSHAKE, /* the handshake of implicit TLS, which may have to fail */
    PLAN_AUTH,      /* text: the mechanism, for the user of the session */
    PLAN_MESSAGE,   /* text: the message after DATA */
};

enum plan_outcome {
    PLAN_ANY,          /* no expectation */
    PLAN_REPLY,        /* a reply with this code */
    PLAN_UNDETERMINED, /* depends on REASON: one of ALTERNATIVES, or any answer if there are none */
    PLAN_TLS_GOOD,     /* the handshake succeeds */
    PLAN_TLS_FAILS,
    PLAN_SILENCE, /* no reply: the server waits for TLS */
    PLAN_NOTHING, /* the step cannot be run: the session is over, or DATA was not accepted */
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
    struct str received; /* PLAN_MESSAGE: must be in the Received: line of the message; without id,
                            date and TLS parameters */
};

struct plan_session {
    struct str ask;  /* what is tested */
    struct str kind; /* "banner", "capabilities", "starttls", "auth", "relay", "recipient",
                        "delivery", "size", "protocol", ... */
    struct str service;
    int port;
    enum plan_tls tls;
    struct str min_protocol, max_protocol; /* of the client; empty: all */
    struct str client, client_name;        /* empty: this host */
    struct str user;                       /* for PLAN_AUTH; empty: none */
    struct str wanted; /* what the site expects, whatever the files say: "accepted" or "refused";
                          empty: nothing */
    struct plan_step *steps;
    size_t step_count, step_capacity;
};

struct plan_user {
    struct str name, password;
};

/* an intended difference between the old and the new server */
struct plan_intended {
    struct str service; /* empty: any */
    struct str kind;    /* of the session; empty: any */
    struct str rule, why;
};

struct plan {
    struct str platform, hostname; /* STR_NONE: not set */
    struct str configuration;      /* as written; STR_NONE: the directory of the plan */
    struct str_list assume;
    struct plan_intended *intended;
    size_t intended_count, intended_capacity;
    struct plan_user *users;
    size_t user_count, user_capacity;
    struct plan_session *sessions;
    size_t session_count, session_capacity;
    struct str_list sampled;  /* tables and parameters of which only some entries are tried */
    struct str_list left_out; /* services without sessions, as there are too many of these */
};

enum {
    PLAN_MAX_SESSIONS = 2000, /* of a plan that is created */
    PLAN_MAX_STEPS = 100,     /* of a session that is read */
    PLAN_MAX_KEYS = 4,        /* of an access table that are tried, with different results */
    PLAN_MAX_ENTRIES = 2,     /* of a table of recipients that are tried */
    PLAN_MAX_DOMAINS = 20,    /* of a list or table of domains that are tried */
};

/* adds a copy of TEXT to one of the lists of a plan, unless it is there */
void plan_add_text(struct str_list *list, struct arena *arena, struct str text);
/* what the plan does not try, as one line for people; empty: nothing */
struct str plan_left_out(const struct plan *plan, struct arena *arena);

/* a zeroed session or step at the end; texts are not copied */
struct plan_session *plan_add_session(struct plan *plan, struct arena *arena);
struct plan_step *plan_add_step(struct plan_session *session, struct arena *arena,
                                enum plan_action action, struct str text);

/* the expectation in the form of "expect": "250 2.1.0", "tls"; empty for PLAN_ANY and
   PLAN_UNDETERMINED */
struct str plan_expected(const struct plan_step *step, struct arena *arena);
/* does the session compare the capabilities of EHLO?  In others, only the code counts */
bool plan_asks_capabilities(const struct plan_session *session);
/* may the session be run with a server that runs already?  It sends no message and does not log in,
   and its client is not that server's own network */
bool plan_is_harmless(const struct plan_session *session);
/* is its client of a network that is reserved for documentation (RFC 5737)? */
bool plan_is_stranger(const struct plan_session *session);
const char *plan_tls_name(enum plan_tls tls); /* "none", "starttls", "implicit" */

/* on false *ERROR is one line "file: line N, column N: ..." */
bool plan_read(struct plan *plan, struct arena *arena, struct str path, struct str *error);
void plan_write(struct buffer *out, const struct plan *plan);

#endif
