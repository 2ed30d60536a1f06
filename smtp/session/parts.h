/*
 * session_parts - private to smtp/session: the session, its commands and its tools
 *
 * A handler answers one command.  It returns the reply; session_refuse() and similar functions
 * count an error of the client.  The next step is NEXT_COMMAND unless the handler sets
 * session->next.
 *
 * A session may be long: data of a transaction is kept in slots, whose memory is reused.
 */
#ifndef SMTP_SESSION_PARTS_H
#define SMTP_SESSION_PARTS_H

#include "smtp/session/session.h"

/* keywords of smtpd_discard_ehlo_keywords */
enum session_keyword {
    KEYWORD_PIPELINING = 1 << 0,
    KEYWORD_SIZE = 1 << 1,
    KEYWORD_VRFY = 1 << 2,
    KEYWORD_ETRN = 1 << 3,
    KEYWORD_STARTTLS = 1 << 4,
    KEYWORD_AUTH = 1 << 5,
    KEYWORD_VERP = 1 << 6,
    KEYWORD_XCLIENT = 1 << 7,
    KEYWORD_XFORWARD = 1 << 8,
    KEYWORD_ENHANCEDSTATUSCODES = 1 << 9,
    KEYWORD_8BITMIME = 1 << 10,
    KEYWORD_DSN = 1 << 11,
    KEYWORD_SMTPUTF8 = 1 << 12,
    KEYWORD_CHUNKING = 1 << 13,
    KEYWORD_REQUIRETLS = 1 << 14,
};

/* the keywords in a list; unknown ones are ignored */
unsigned session_keywords(struct str list);

enum session_family { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };
enum session_mechanism { MECHANISM_PLAIN = 1, MECHANISM_LOGIN = 2 };

/* the last list of capabilities, which is the same for most clients */
struct session_capabilities {
    bool known;
    unsigned offered;
    struct str text;
};

/* the settings that a session needs, computed once for a service */
struct session_settings {
    struct str hostname, mail_name, banner;
    bool use_tls, enforce_tls, wrapped, auth_only, require_certificate, ask_certificate;
    bool auth, broken_auth, dovecot, received_tls, received_auth, hide_client, log_port;
    unsigned mechanisms[2];        /* usable without and with TLS */
    struct str mechanism_names[2]; /* that EHLO offers */
    struct str auth_exceptions;
    bool auth_fatal[2];   /* smtpd exits where it offers logins */
    struct str auth_need; /* what logins need of the host: world_has() */
    struct str milters, milter_maps;
    unsigned discard, families;
    struct str discard_maps;
    bool disable_vrfy, helo_required, strict_envelope, smtputf8, strict_smtputf8, chunking;
    bool forbid_pipelining, soft_bounce, help, requiretls, xclient_destination, ends_rejected;
    bool names_mechanism;   /* the reply to an unknown mechanism has its name */
    bool fails_temporarily; /* a failure of the SASL library itself is answered with 454 */
    bool reports_no_reason; /* the reply to a failed login says if there is no reason */
    int unknown_code;
    long size_limit, recipient_limit, recipient_overshoot, junk_limit, hard_errors, soft_errors;
    long error_sleep, timeout, line_length, response_length;
    enum bare_newline bare_newline;
    int bare_newline_code;
    struct str bare_newline_exclusions;
    struct str noop_commands, forbidden_commands, verp_clients, verp_delimiters, verp_filter;
    struct str xclient_hosts, xforward_hosts;
    struct str footer, footer_maps, filter_maps;
    const struct table *command_filter;
    struct str no_rewrite, no_cleanup, no_verify; /* why the service does not answer, or STR_NONE */
    struct session_capabilities capabilities[2];
};

struct session_settings *session_settings(const struct policy_service *service);

struct session_token {
    struct str text;
    bool broken; /* a quote or bracket is not closed */
};

/* a text whose memory is reused */
struct session_slot {
    char *at;
    size_t capacity;
};

enum session_auth_step { AUTH_NONE, AUTH_PLAIN, AUTH_LOGIN_USER, AUTH_LOGIN_PASSWORD };
enum session_bdat { BDAT_NONE, BDAT_GOOD, BDAT_FAILED };

struct session_command;

struct session {
    struct state state;
    const struct session_settings *settings;
    struct session_capabilities *capabilities;
    const struct session_options *options;
    enum session_next next;
    long chunk_size;
    bool failed; /* the current command counts as an error */
    bool closing;
    bool waiting; /* the client has already sent more */
    bool certificate_refused;
    bool sasl_active, xclient_allowed, xforward_allowed, verp_allowed;
    unsigned discard;
    bool discard_fails; /* its table does not work: EHLO fails */
    unsigned undecided; /* capabilities whose list of clients does not work: EHLO fails */
    enum bare_newline bare_newline;
    long errors, junk;
    struct reply denied; /* the reply of the client restrictions at connect */
    struct reply milter; /* the reply for a milter that does not work, until the session ends */
    const char *where;
    struct str exchange; /* TLS key exchange, for Received: */
    const struct session_command *command;
    struct str line; /* the command line that came, for tables */

    struct session_token *tokens;
    size_t token_count, token_capacity;

    enum session_auth_step auth;
    struct str auth_user;

    struct str *recipients;
    struct session_slot *recipient_slots;
    size_t recipient_count, recipient_capacity, slot_capacity;
    size_t slot_count;
    long overshoot;
    bool verp;

    enum session_bdat bdat;
    bool chunk_last, chunk_good;
    long received; /* bytes of the chunks so far */
    struct reply chunk_reply;

    struct session_slot slot_helo, slot_sender, slot_scratch, slot_auth, slot_user, slot_method;
    struct session_slot slot_sasl_sender, slot_line, slot_client[6];
    struct buffer reply_text, footer_text;
};

/* the reply to a command; session_refuse: the command counts as an error */
struct reply session_accept(int code, const char *enhanced, const char *text);
struct reply session_refuse(struct session *session, int code, const char *enhanced,
                            const char *text);
struct reply session_printf(struct session *session, int code, const char *enhanced,
                            const char *format, ...) __attribute__((format(printf, 4, 5)));
struct reply session_refuse_printf(struct session *session, int code, const char *enhanced,
                                   const char *format, ...) __attribute__((format(printf, 4, 5)));
/* REPLY is that of the restrictions */
struct reply session_refuse_reply(struct session *session, struct reply reply);

/* copies TEXT to the slot, with a NUL after it */
struct str session_keep(struct session *session, struct session_slot *slot, struct str text);
/* the same, with "?" for bytes that are not printable or in UNWANTED */
struct str session_keep_printable(struct session *session, struct session_slot *slot,
                                  struct str text, const char *unwanted);
/* the tokens from FROM on, separated by single spaces */
struct str session_join(struct session *session, size_t from);
void session_tokenize(struct session *session, struct str line);

/* --- client.c */

void session_set_client(struct state *state, const struct session_client *client);
bool session_matches_client(struct session *session, struct str list, enum parameter_number parent);
/* sets what the address of the client permits; AGAIN: after XCLIENT */
void session_admit(struct session *session, bool again);

/* --- transaction.c */

bool session_in_transaction(const struct session *session);
/* adds a copy of the address */
void session_add_recipient(struct session *session, struct str address);
/* restrictions after RCPT see the first recipient */
void session_set_first_recipient(struct session *session);
/* forgets the sender and the parameters of MAIL, and the recipients too */
void session_reset_mail(struct session *session);
void session_reset_transaction(struct session *session);
void session_reset_auth(struct session *session);

/* applies smtpd_reject_filter_maps, smtpd_reject_footer and soft_bounce */
struct reply session_finish(struct session *session, struct reply reply);

struct session_command {
    const char *name;
    struct reply (*answer)(struct session *session);
    unsigned flags;
};

enum session_command_flag {
    COMMAND_LIMIT = 1,   /* counts for smtpd_junk_command_limit */
    COMMAND_PRE_TLS = 2, /* permitted before STARTTLS if TLS is required */
    COMMAND_LAST = 4,    /* must be last in a group of pipelined commands: RFC 2920 */
};

/* NULL: the release does not have the command */
const struct session_command *session_command(const struct session *session, struct str name);

struct reply session_helo(struct session *session);
struct reply session_ehlo(struct session *session);
struct reply session_starttls(struct session *session);
struct reply session_auth(struct session *session);
struct reply session_auth_line(struct session *session, struct str line);
struct reply session_mail(struct session *session);
struct reply session_rcpt(struct session *session);
struct reply session_data(struct session *session);
struct reply session_bdat(struct session *session);
struct reply session_end_message(struct session *session, long size, enum content_problem problem,
                                 struct str queue_id);
/* the reply to BDAT, after its bytes were read */
struct reply session_end_chunk(struct session *session, long size, enum content_problem problem,
                               struct str queue_id);
struct reply session_vrfy(struct session *session);
struct reply session_etrn(struct session *session);
struct reply session_xclient(struct session *session);
struct reply session_xforward(struct session *session);
/* code 0: smtpd exits, and nothing is sent */
struct reply session_greet(struct session *session);

/* --- milter.c */

/* the reply to most commands if a milter does not work; code 0: all of them do, or none is needed
 */
struct reply session_ask_milters(struct session *session);
/* the same for STARTTLS and AUTH */
struct reply session_milter_454(struct session *session);

/* --- receive.c */

/* with the first recipient: can mail be received?  False: *REFUSAL is the reply, or code 0 and the
   session ends without one */
bool session_can_receive(struct session *session, struct reply *refusal);

/* --- TLS and logins */

/* can a handshake succeed, as far as the host has what it needs? */
bool session_can_tls(const struct session *session);
/* offers logins from now on; false: smtpd exits */
bool session_activate_auth(struct session *session);

/* the address in a path, checked as smtpd does before its restrictions; false: bad syntax */
bool session_address(struct session *session, struct str path, bool empty_allowed, bool strict,
                     bool smtputf8, struct str *address);
/* RFC 3461's xtext, and RFC 6533's form for UTF-8; false: invalid */
bool session_xtext(struct buffer *out, struct str coded);
bool session_is_utf8_xtext(struct str coded);
/* a number without a sign; -1: not a number, -2: too large */
long session_number(struct str digits);
bool session_is_address_literal(struct str text);
/* "192.0.2.1" or "IPV6:2001:db8::1" in its usual form without "IPV6:"; false: not an address, or
   not in inet_protocols */
bool session_read_address(struct session *session, struct session_slot *slot, struct str text,
                          struct str *address);

#endif
