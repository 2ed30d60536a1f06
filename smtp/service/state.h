/*
 * state - the data of one SMTP session that restrictions look at
 *
 * The words are those of Postfix's smtpd.  session.c fills it from commands, trace from the command
 * line, and the rule open-relay with clients that it tries.  Texts live at least as long as the
 * state.
 */
#ifndef SMTP_SERVICE_STATE_H
#define SMTP_SERVICE_STATE_H

#include "smtp/service/policy.h"
#include "smtp/service/reply.h"
#include "smtp/service/world.h"

/* the steps at which smtpd decides */
enum stage {
    STAGE_CONNECT,
    STAGE_HELO,
    STAGE_MAIL,
    STAGE_RCPT,
    STAGE_DATA,
    STAGE_END_OF_DATA,
    STAGE_ETRN,
    STAGE_VRFY,
};

enum name_status {
    NAME_OK,
    NAME_TEMPORARY, /* the lookup failed temporarily */
    NAME_PERMANENT, /* there is no name */
    NAME_FORGED,    /* the name does not resolve to the address */
};

struct state_tls {
    bool active;
    struct str protocol, cipher; /* "TLSv1.3", "TLS_AES_256_GCM_SHA384" */
    int bits, algorithm_bits;
    bool has_certificate, certificate_trusted;
    struct str fingerprint, key_fingerprint; /* "AB:CD:..." in smtpd_tls_fingerprint_digest */
    struct str subject_cn, issuer_cn;
};

/* one step of the walk, for trace */
struct trace_step {
    enum stage stage;
    const char *list;       /* the parameter whose list it is: "smtpd_relay_restrictions" */
    int depth;              /* 0: in the list; 1: in a restriction class or a table's result */
    struct str restriction; /* "check_client_access hash:/etc/postfix/access" */
    struct str said;        /* "permit", "dunno", "reject: 554 5.7.1 ...", "defer_if_permit" */
    struct str why;         /* "192.0.2.1 is not in mynetworks"; may be empty */
    struct span span;       /* where it is written; no source: a default */
    struct span table_span; /* the matching line of the table; may have no source */
    bool decided;           /* it decided the list */
};

struct trace {
    struct arena *arena;
    struct trace_step *steps;
    size_t count, capacity;
};

/* a deferral that a restriction asked for, in case the mail is accepted, or rejected, later */
struct state_deferral {
    bool active;
    int code;
    struct str enhanced, text;
};

struct state_checks {
    struct state_deferral defer_if_permit, defer_if_reject;
    bool client_deferred, helo_deferred, sender_deferred; /* defer_if_permit after these stages */
    int warn_if_reject; /* the depth of the list that it holds for; 0: off */
    int recursion;
    bool discard;                           /* no more restrictions in this transaction */
    bool sender_checked, recipient_checked; /* looked up in the recipient tables */
    struct str first_recipient;             /* that was accepted; STR_NONE: none */
};

struct state {
    const struct policy_service *service;
    struct arena *arena;
    struct world *world;
    struct trace *trace;  /* NULL: no trace is wanted */
    struct str no_verify; /* why verify(8) does not answer; STR_NONE where it does */
    /* why the private service NAME does not answer, though it has a socket; STR_NONE where it does
       or is not known.  NULL: nobody knows */
    struct str (*find_silence)(const struct policy_service *service, struct str name);
    struct str
        silence; /* why smtpd waits for ever, and the client too; STR_NONE while it answers */

    struct str client_address; /* "192.0.2.1", "2001:db8::1" */
    struct str client_name;    /* "unknown" unless client_name_status is NAME_OK */
    struct str reverse_client_name;
    enum name_status client_name_status, reverse_client_name_status;
    bool client_name_asked; /* the name is not known: the world is asked for it */
    struct str client_port, server_address, server_port;

    struct str protocol;                                /* "SMTP", "ESMTP" */
    struct str helo;                                    /* STR_NONE before HELO or EHLO */
    struct str sasl_method, sasl_username, sasl_sender; /* STR_NONE without AUTH */
    struct state_tls tls;

    struct str sender;      /* STR_NONE outside a transaction; without <>, as smtpd parses it */
    struct str recipient;   /* of the current RCPT; STR_NONE: none */
    size_t recipient_count; /* accepted so far */
    long message_size;      /* SIZE=, or at STAGE_END_OF_DATA the real size; 0: not known */
    bool smtputf8;
    bool pipelined; /* the client sent a command too early */
    struct str etrn_name, vrfy_name;

    struct state_checks checks; /* kept by restriction.c between the stages of one session */
    struct str discard_or_hold; /* an action of an access table: "DISCARD", "HOLD", "FILTER x:y",
                                   "REDIRECT a@b"; may be empty */
};

/* a new session with an unknown client */
void state_init(struct state *state, const struct policy_service *service, struct arena *arena,
                struct world *world);
/* the result LOOKUP of KEY in TABLE; of a table that cannot be read it is what the world answers,
   and what is found there is empty */
struct lookup state_assume(const struct state *state, struct lookup lookup, struct str table,
                           struct str key);
/* does TABLE work, which PARAMETER names and which cannot be read?  The world says it; for tables
   whose texts would be used as they are, so that it is taken to find nothing if it works */
bool state_table_works(const struct state *state, struct str table,
                       enum parameter_number parameter);
/* adds a step to the trace; NULL: no trace is wanted.  Valid until the next step is added */
struct trace_step *state_trace(struct state *state, enum stage stage);

#endif
