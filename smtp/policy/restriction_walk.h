/*
 * restriction_walk - what the files of restriction.c share: parsed lists, the walk over them, its
 * results
 *
 * The walk is that of smtpd_check.c's generic_checks(): a restriction permits, rejects or says
 * nothing ("dunno").  Where smtpd jumps out of the walk (a table that does not work, a name that
 * it does not know), JUMPED is set and every caller returns at once.
 */
#ifndef SMTP_POLICY_RESTRICTION_WALK_H
#define SMTP_POLICY_RESTRICTION_WALK_H

#include "smtp/address/address.h"
#include "smtp/address/match.h"
#include "smtp/policy/restriction.h"

enum restriction_status {
    RESTRICTION_LOOKUP_ERROR = -1, /* a list's table does not work: 451 */
    RESTRICTION_DUNNO,
    RESTRICTION_OK,
    RESTRICTION_REJECT,
};

/* Postfix's classes of errors: the last two are told also behind warn_if_reject */
enum restriction_error { ERROR_POLICY, ERROR_DATA, ERROR_SOFTWARE };

struct restriction_walk;

/* a restriction that is built into smtpd; facts.h has its argument and its releases */
struct restriction_builtin {
    const char *name;
    enum restriction_status (*apply)(struct restriction_walk *walk);
};

/* how check_ccert_access asks its table (search_order) */
enum certificate_key { KEY_NONE, KEY_CERTIFICATE, KEY_PUBLIC_KEY, KEY_OTHER };

struct restriction_item {
    struct str text;
    struct span span;                          /* where it is written; may have no source */
    const struct restriction_builtin *builtin; /* NULL: a class, or no restriction */
    enum restriction_argument argument;        /* that the built-in restriction takes */
    const struct restriction_list *class;
    bool has_colon;
    bool warns;                     /* warn_if_reject */
    const struct table *table;      /* of "type:name" outside of braces */
    const struct table *map_search; /* of "{type:name {search_order=...}}" too; NULL: malformed */
    enum certificate_key search[8]; /* ended by KEY_NONE */
};

struct restriction_list {
    const char *parameter; /* "smtpd_client_restrictions" */
    struct restriction_item *items;
    size_t count;
};

/* what restriction.c keeps of a service */
struct restriction_lists {
    const struct policy_service *service;
    const struct restriction_builtin *const *builtins;
    struct restriction_list client, helo, sender, relay, recipient, data, end_of_data, etrn;
    struct restriction_list rewrite_clients; /* local_header_rewrite_clients */
    struct map classes; /* restriction classes: name to struct restriction_list */
    bool delay_reject, soft_bounce, relay_first, utf8, untrusted_routing, reject_unlisted_recipient,
        reject_unlisted_sender, skip_unlisted, has_proxy, sasl_enabled;
    long message_size_limit;
    struct str verify_sender; /* empty where it changes with the time */
    struct str myorigin;
    struct str start_error; /* why smtpd would not start; empty if it would */
};

/*
 * Read when they are asked for first, and kept.  BUILTINS are the restrictions that smtpd has:
 * tables that end with an empty name, up to NULL.
 */
const struct restriction_lists *
restriction_lists_of(const struct policy_service *service,
                     const struct restriction_builtin *const *builtins);
const struct restriction_builtin *restriction_find(const struct restriction_lists *lists,
                                                   const char *name);
/* the words of a list in a table's result */
struct restriction_list restriction_list_of_result(struct restriction_walk *walk, struct str value);

struct restriction_walk {
    struct state *state;
    const struct restriction_lists *lists;
    struct arena *arena;
    enum stage stage;      /* the command at hand, which delayed lists share */
    enum stage list_stage; /* whose list it is */
    const char *list;      /* the parameter's name */
    struct str recipient;  /* at DATA with several there is none */
    struct str reply_name;
    const char *reply_class;
    /* what "type:table" alone stands for; NULL: an error */
    const struct restriction_builtin *bare_table_access;
    const struct restriction_item *argument;
    bool jumped;
    enum restriction_status left; /* what it was when it jumped */
    long steps;                   /* so far: classes may hold classes many times */
    int default_action_depth;
    struct reply reply;
    struct resolved resolved_sender, resolved_recipient;
    bool knows_sender, knows_recipient;
    struct str said, why; /* for the trace */
    struct span table_span;
};

enum restriction_status restriction_walk_list(struct restriction_walk *walk,
                                              const struct restriction_list *list);
/* one more step in the trace for a check that is not a restriction; NULL: no one wants it */
struct trace_step *restriction_trace_parameter(struct restriction_walk *walk, const char *name);

/* --- results (check_reply.c) --------------------------------------------------------- */

enum restriction_status restriction_reject(struct restriction_walk *walk,
                                           enum restriction_error error, int code,
                                           const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
enum restriction_status restriction_defer_if_reject(struct restriction_walk *walk, int code,
                                                    const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* defer_if_permit, or a plain deferral behind warn_if_reject or where ONLY_IF_PERMIT is false */
enum restriction_status restriction_defer_if_permit(struct restriction_walk *walk,
                                                    bool only_if_permit, int code,
                                                    const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* what defer_if_permit of an earlier step makes of a permission */
enum restriction_status restriction_apply_deferral(struct restriction_walk *walk);
/* 451 4.3.0 and 451 4.3.5; both leave the walk */
enum restriction_status restriction_lookup_failure(struct restriction_walk *walk, struct str name);
enum restriction_status restriction_server_error(struct restriction_walk *walk);
/* jumps out of the walk with STATUS */
enum restriction_status restriction_leave(struct restriction_walk *walk,
                                          enum restriction_status status);
/* the default enhanced code CODE, or that at the beginning of *TEXT, for what is rejected */
const char *restriction_enhanced_code(struct restriction_walk *walk, const char *code,
                                      struct str *text, const char *reply_class);
/* why it decided so, for the trace */
void restriction_explain(struct restriction_walk *walk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* the answer of the world, in the words of ANSWERS */
const char *restriction_ask(struct restriction_walk *walk, enum question_kind kind,
                            struct str subject, const char *const *answers, size_t count);
int restriction_code(struct restriction_walk *walk, const char *parameter);
bool restriction_has_feature(const struct restriction_walk *walk, enum release_feature feature);

extern const char class_client[], class_reverse_client[], class_certificate[], class_login[],
    class_helo[], class_sender[], class_recipient[], class_etrn[], class_data[],
    class_end_of_data[];

/* "name[address]" */
struct str restriction_client(struct restriction_walk *walk);
/* asks for the client's name where the session does not know it */
void restriction_resolve_client_name(struct restriction_walk *walk);
/* NULL: a table fails, and the walk is left with the status walk->left */
const struct resolved *restriction_resolve(struct restriction_walk *walk, bool sender);
bool restriction_is_literal(struct str domain); /* "[...]" */
struct str restriction_domain(struct str address);

/* --- access tables (access*.c) ------------------------------------------------------- */

enum access_search { ACCESS_EXACT, ACCESS_DOMAIN, ACCESS_NETWORK, ACCESS_ADDRESS, ACCESS_CLIENT };

/* looks KEY up in the argument's table, and does what the result says; ADDRESS for ACCESS_CLIENT */
enum restriction_status access_check(struct restriction_walk *walk, enum access_search how,
                                     struct str key, struct str address, struct str reply_name,
                                     const char *reply_class);
/* the same in TABLE, which is called TEXT; *FOUND: there was a result, also one that says dunno */
enum restriction_status access_check_table(struct restriction_walk *walk, const struct table *table,
                                           struct str text, struct str key, struct str reply_name,
                                           const char *reply_class, bool *found);
/* does what VALUE says */
enum restriction_status access_apply_result(struct restriction_walk *walk, struct str table,
                                            struct str value, struct str reply_name,
                                            const char *reply_class);
/* smtpd_sender_login_maps and its kin: mail_addr_find(3) in a list of tables */
struct lookup access_address_maps(struct restriction_walk *walk, struct str list,
                                  struct str address, bool local);

/* --- restrictions (restriction_*.c) -------------------------------------------------- */

enum restriction_status restriction_permit_mynetworks(struct restriction_walk *walk);
enum restriction_status restriction_permit_certificates(struct restriction_walk *walk, bool all);
enum restriction_status restriction_unlisted_recipient(struct restriction_walk *walk);
enum restriction_status restriction_unlisted_sender(struct restriction_walk *walk);

extern const struct restriction_builtin restrictions_generic[], restrictions_client[],
    restrictions_helo[], restrictions_address[], restrictions_relay[], restrictions_dns[],
    restrictions_dnsbl[], restrictions_hosts[];

#endif
