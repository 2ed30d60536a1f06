/*
 * restriction_walk - parsed restriction lists, their evaluation and its results
 *
 * This header is private to smtp/policy.  Lists are evaluated as by generic_checks() in
 * smtpd_check.c: a restriction permits, rejects or has no opinion ("dunno").  On errors on which
 * smtpd leaves the evaluation by longjmp() (a table that does not work, an unknown name), JUMPED is
 * set, and every caller returns at once.
 */
#ifndef SMTP_POLICY_RESTRICTION_WALK_H
#define SMTP_POLICY_RESTRICTION_WALK_H

#include "smtp/address/address.h"
#include "smtp/address/match.h"
#include "smtp/policy/restriction.h"

enum restriction_status {
    RESTRICTION_LOOKUP_ERROR = -1, /* a table of a list does not work: 451 */
    RESTRICTION_DUNNO,
    RESTRICTION_OK,
    RESTRICTION_REJECT,
};

/* Postfix's error classes: the last two reject even after warn_if_reject */
enum restriction_error { ERROR_POLICY, ERROR_DATA, ERROR_SOFTWARE };

struct restriction_walk;

/* a restriction that is built into smtpd; facts.h has its argument and its releases */
struct restriction_builtin {
    const char *name;
    enum restriction_status (*apply)(struct restriction_walk *walk);
};

/* the keys of check_ccert_access (search_order) */
enum certificate_key { KEY_NONE, KEY_CERTIFICATE, KEY_PUBLIC_KEY, KEY_OTHER };

struct restriction_item {
    struct str text;
    struct span span;                          /* where it is written; no source: a default */
    const struct restriction_builtin *builtin; /* NULL: a class, or not a restriction */
    enum restriction_argument argument;        /* that the built-in restriction takes */
    const struct restriction_list *class;
    bool has_colon;
    bool loops;                     /* the class contains the list that this item is in */
    bool warns;                     /* warn_if_reject */
    const struct table *table;      /* of "type:name" without braces */
    const struct table *map_search; /* of "{type:name {search_order=...}}" too; NULL: invalid */
    enum certificate_key search[8]; /* ended by KEY_NONE */
};

/* does a list have one of the restrictions without which smtpd does not start? */
enum required { REQUIRED_UNKNOWN, REQUIRED_IN_SEARCH, REQUIRED_MISSING, REQUIRED_PRESENT };

struct restriction_list {
    const char *parameter; /* "smtpd_client_restrictions" */
    struct restriction_item *items;
    size_t count;
    enum required required;
    enum class_search { CLASS_NEW, CLASS_OPEN, CLASS_DONE } search; /* for loops of classes */
};

/* a list under evaluation, and the one that it was reached from */
struct restriction_frame {
    const struct restriction_list *list;
    const struct restriction_frame *outer;
};

/* the lists and settings of a service */
struct restriction_lists {
    const struct policy_service *service;
    const struct restriction_builtin *const *builtins;
    struct restriction_list client, helo, sender, relay, recipient, data, end_of_data, etrn;
    struct restriction_list rewrite_clients; /* local_header_rewrite_clients */
    struct map classes; /* restriction classes: name to struct restriction_list */
    bool delay_reject, soft_bounce, relay_first, utf8, untrusted_routing, reject_unlisted_recipient,
        reject_unlisted_sender, skip_unlisted, has_proxy, sasl_enabled;
    long message_size_limit;
    struct str verify_sender; /* empty if it changes over time */
    struct str myorigin;
    struct str start_error; /* why smtpd does not start; empty: it starts */
};

/*
 * The lists of a service, parsed once and kept.  BUILTINS are the restrictions that are built into
 * smtpd: tables that end with a NULL name, and a NULL at the end.
 */
const struct restriction_lists *
restriction_lists_of(const struct policy_service *service,
                     const struct restriction_builtin *const *builtins);
const struct restriction_builtin *restriction_find(const struct restriction_lists *lists,
                                                   const char *name);
/* sets LOOPS in the items of the classes that lead back to a class that they are in */
void restriction_mark_loops(const struct restriction_lists *lists);
/* a list that is the result of a table; PARAMETER is the list that names the table */
struct restriction_list restriction_list_of_result(const struct restriction_lists *lists,
                                                   struct arena *arena, const char *parameter,
                                                   struct str value);
/* the lists of a service, with all built-in restrictions: restriction.c */
const struct restriction_lists *restriction_lists_for(const struct policy_service *service);
/* what a restriction that takes EXPECTED requires, "a number", or NULL if ARGUMENT is that;
   ARGUMENT is the next item, NULL at the end of the list */
const char *restriction_needs(enum restriction_argument expected,
                              const struct restriction_item *argument);
/* why smtpd exits when it asks the list of "zone=PATTERN" (ip_match_parse(3)); NULL: it does not */
const char *restriction_pattern_fault(struct str zone);
/* the action of access(5) that a result begins with: its name in capitals, or NULL */
const char *restriction_action(const struct restriction_lists *lists, struct str word);

struct restriction_walk {
    struct state *state;
    const struct restriction_lists *lists;
    struct arena *arena;
    enum stage stage;      /* the current command; delayed lists share it */
    enum stage list_stage; /* of the list */
    const char *list;      /* the parameter's name */
    struct str recipient;  /* STR_NONE at DATA if there are several */
    struct str reply_name;
    const char *reply_class;
    /* the meaning of "type:table" alone; NULL: an error */
    const struct restriction_builtin *bare_table_access;
    const struct restriction_item *argument;
    bool jumped;
    enum restriction_status left;          /* the status when it jumped */
    long steps;                            /* so far: see restriction_gives_up() */
    const struct restriction_frame *frame; /* the innermost */
    int default_action_depth;
    int result_depth; /* of lists that are results of tables */
    bool exits;       /* a class contains itself: smtpd runs out of stack */
    struct reply reply;
    struct resolved resolved_sender, resolved_recipient;
    bool knows_sender, knows_recipient;
    struct str said, why; /* for the trace */
    struct span table_span;
};

enum restriction_status restriction_walk_list(struct restriction_walk *walk,
                                              const struct restriction_list *list);
/* true if there are too many steps: they double with each class that contains the next one twice;
   the world is cut */
bool restriction_gives_up(struct restriction_walk *walk);
/* add a step for a parameter, or another word, that is not a restriction; NULL: no trace */
struct trace_step *restriction_trace_parameter(struct restriction_walk *walk,
                                               enum parameter_number number);
struct trace_step *restriction_trace_word(struct restriction_walk *walk, const char *word);

/* --- results (check_reply.c) --------------------------------------------------------- */

enum restriction_status restriction_reject(struct restriction_walk *walk,
                                           enum restriction_error error, int code,
                                           const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
enum restriction_status restriction_defer_if_reject(struct restriction_walk *walk, int code,
                                                    const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* defer_if_permit, or a deferral after warn_if_reject or if ONLY_IF_PERMIT is false */
enum restriction_status restriction_defer_if_permit(struct restriction_walk *walk,
                                                    bool only_if_permit, int code,
                                                    const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* the deferral that defer_if_permit asked for */
enum restriction_status restriction_apply_deferral(struct restriction_walk *walk);
/* 451 4.3.0 and 451 4.3.5; both end the evaluation */
enum restriction_status restriction_lookup_failure(struct restriction_walk *walk, struct str name);
enum restriction_status restriction_server_error(struct restriction_walk *walk);
/* smtpd exits, and the client loses its connection: told as a reply 421, which ends the session */
enum restriction_status restriction_exit(struct restriction_walk *walk);
/* ends the evaluation with STATUS */
enum restriction_status restriction_leave(struct restriction_walk *walk,
                                          enum restriction_status status);
/* the enhanced code at the start of *TEXT, which is removed, or CODE, fixed for REPLY_CLASS */
const char *restriction_enhanced_code(struct restriction_walk *walk, const char *code,
                                      struct str *text, const char *reply_class);
/* the reason of the decision, for the trace */
void restriction_explain(struct restriction_walk *walk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* the world's answer, one of ANSWERS */
const char *restriction_ask(struct restriction_walk *walk, enum question_kind kind,
                            struct str subject, const char *const *answers, size_t count);
int restriction_code(struct restriction_walk *walk, enum parameter_number parameter);
bool restriction_has_feature(const struct restriction_walk *walk, enum release_feature feature);

extern const char class_client[], class_reverse_client[], class_certificate[], class_login[],
    class_helo[], class_sender[], class_recipient[], class_etrn[], class_data[],
    class_end_of_data[];

/* "name[address]" */
struct str restriction_client(struct restriction_walk *walk);
/* asks the world for the client's name if it is not known */
void restriction_resolve_client_name(struct restriction_walk *walk);
/* NULL: a table does not work, and the evaluation ended with the status walk->left */
const struct resolved *restriction_resolve(struct restriction_walk *walk, bool sender);
bool restriction_is_literal(struct str domain); /* "[...]" */
struct str restriction_domain(struct str address);

/* --- access tables (access*.c) ------------------------------------------------------- */

enum access_search { ACCESS_EXACT, ACCESS_DOMAIN, ACCESS_NETWORK, ACCESS_ADDRESS, ACCESS_CLIENT };

/* looks KEY up in the table of the argument and applies the result; ADDRESS for ACCESS_CLIENT */
enum restriction_status access_check(struct restriction_walk *walk, enum access_search how,
                                     struct str key, struct str address, struct str reply_name,
                                     const char *reply_class);
/* the same in TABLE, whose name is TEXT; *FOUND: there was a result, which may be DUNNO */
enum restriction_status access_check_table(struct restriction_walk *walk, const struct table *table,
                                           struct str text, struct str key, struct str reply_name,
                                           const char *reply_class, bool *found);
/* applies the result VALUE of TABLE */
enum restriction_status access_apply_result(struct restriction_walk *walk, struct str table,
                                            struct str value, struct str reply_name,
                                            const char *reply_class);
/* mail_addr_find(3) in a list of tables, such as smtpd_sender_login_maps */
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
