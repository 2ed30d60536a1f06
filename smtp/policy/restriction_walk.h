/*
 * check_walk - what the files of check.c share: parsed lists, the walk over them, its results
 *
 * The walk is that of smtpd_check.c's generic_checks(): a restriction permits, rejects or says
 * nothing ("dunno").  Where smtpd jumps out of the walk (a table that does not work, a name that
 * it does not know), JUMPED is set and every caller returns at once.
 */
#ifndef SMTP_POLICY_CHECK_WALK_H
#define SMTP_POLICY_CHECK_WALK_H

#include "smtp/address/address.h"
#include "smtp/address/match.h"
#include "smtp/policy/check.h"

enum check_status {
    CHECK_LOOKUP_ERROR = -1, /* a list's table does not work: 451 */
    CHECK_DUNNO,
    CHECK_OK,
    CHECK_REJECT,
};

/* Postfix's classes of errors: the last two are told also behind warn_if_reject */
enum check_error { ERROR_POLICY, ERROR_DATA, ERROR_SOFTWARE };

struct check;

enum check_argument {
    ARGUMENT_NONE,
    ARGUMENT_TABLE,   /* must hold a colon: else 451 */
    ARGUMENT_DOMAIN,  /* without one the restriction is skipped */
    ARGUMENT_SERVICE, /* must hold a colon: else 451 */
    ARGUMENT_NUMBER,
};

/* a restriction that is built into smtpd */
struct builtin {
    const char *name;
    enum check_argument argument;
    enum check_status (*apply)(struct check *check);
};

/* upper and lower case are the same; NULL: the release has none of this name */
const struct builtin *builtin_find(const struct release *release, struct str name);

/* how check_ccert_access asks its table (search_order) */
enum certificate_key { KEY_NONE, KEY_CERTIFICATE, KEY_PUBLIC_KEY, KEY_OTHER };

struct check_word {
    struct str text;
    struct span span; /* where it is written; may have no source */
    const struct builtin *builtin;
    const struct check_list *class;
    bool has_colon;
    bool warns;                     /* warn_if_reject */
    const struct table *table;      /* of "type:name" outside of braces */
    const struct table *map_search; /* of "{type:name {search_order=...}}" too; NULL: malformed */
    enum certificate_key search[8]; /* ended by KEY_NONE */
};

struct check_list {
    const char *parameter; /* "smtpd_client_restrictions" */
    struct check_word *words;
    size_t count;
};

/* what check.c keeps of a service */
struct check_lists {
    struct check_list client, helo, sender, relay, recipient, data, end_of_data, etrn;
    struct check_list rewrite_clients; /* local_header_rewrite_clients */
    struct map classes;                /* restriction classes: name to struct check_list */
    bool delay_reject, soft_bounce, relay_first, utf8, untrusted_routing, reject_unlisted_recipient,
        reject_unlisted_sender, skip_unlisted, has_proxy, sasl_enabled;
    long message_size_limit;
    struct str verify_sender; /* empty where it changes with the time */
    struct str myorigin;
    struct str broken; /* why smtpd would not start; empty if it would */
};

const struct check_lists *check_lists_of(const struct policy_service *service);
/* the words of a list in a table's result */
struct check_list check_list_of_result(struct check *check, struct str value);

struct check {
    struct state *state;
    const struct check_lists *lists;
    struct arena *arena;
    enum stage stage;      /* the command at hand, which delayed lists share */
    enum stage list_stage; /* whose list it is */
    const char *list;      /* the parameter's name */
    struct str recipient;  /* at DATA with several there is none */
    struct str reply_name;
    const char *reply_class;
    const char *default_access; /* what a bare "type:table" stands for; NULL: an error */
    const struct check_word *word, *argument;
    bool jumped;
    enum check_status left; /* what it was when it jumped */
    long steps;             /* so far: classes may hold classes many times */
    int default_action_depth;
    struct reply reply;
    struct resolved resolved_sender, resolved_recipient;
    bool knows_sender, knows_recipient;
    struct str said, why; /* for the trace */
    struct span table_span;
};

enum check_status check_list_walk(struct check *check, const struct check_list *list);
/* one more step in the trace for a check that is no restriction; NULL: no one wants it */
struct trace_step *check_note(struct check *check, const char *name);

/* --- results (check_reply.c) --------------------------------------------------------- */

enum check_status check_reject(struct check *check, enum check_error error, int code,
                               const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
enum check_status check_defer_if_reject(struct check *check, int code, const char *enhanced,
                                        const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* defer_if_permit, or a plain deferral behind warn_if_reject or where ONLY_IF_PERMIT is false */
enum check_status check_defer_if_permit(struct check *check, bool only_if_permit, int code,
                                        const char *enhanced, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* what defer_if_permit of an earlier step makes of a permission */
enum check_status check_deferred(struct check *check);
/* 451 4.3.0 and 451 4.3.5; both leave the walk */
enum check_status check_lookup_failure(struct check *check, struct str name);
enum check_status check_server_error(struct check *check);
/* jumps out of the walk with STATUS */
enum check_status check_leave(struct check *check, enum check_status status);
/* the default enhanced code CODE, or that at the beginning of *TEXT, for what is rejected */
const char *check_enhanced(struct check *check, const char *code, struct str *text,
                           const char *reply_class);
/* why it decided so, for the trace */
void check_why(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* the answer of the world, in the words of ANSWERS */
const char *check_ask(struct check *check, enum question_kind kind, struct str subject,
                      const char *const *answers, size_t count);
int check_code(struct check *check, const char *parameter);
bool check_has(const struct check *check, const char *feature);

extern const char class_client[], class_reverse_client[], class_certificate[], class_login[],
    class_helo[], class_sender[], class_recipient[], class_etrn[], class_data[],
    class_end_of_data[];

/* "name[address]" */
struct str check_client(struct check *check);
/* asks for the client's name where the session does not know it */
void check_client_name(struct check *check);
/* NULL: a table fails, and the walk is left with the status check->left */
const struct resolved *check_resolve(struct check *check, bool sender);
bool check_is_literal(struct str domain); /* "[...]" */
struct str check_domain(struct str address);

/* --- access tables (access*.c) ------------------------------------------------------- */

enum access_key { ACCESS_EXACT, ACCESS_DOMAIN, ACCESS_NETWORK, ACCESS_ADDRESS, ACCESS_CLIENT };

/* looks KEY up in the argument's table, and does what the result says; ADDRESS for ACCESS_CLIENT */
enum check_status access_check(struct check *check, enum access_key how, struct str key,
                               struct str address, struct str reply_name, const char *reply_class);
/* the same in TABLE, which is called TEXT; *FOUND: there was a result, also one that says dunno */
enum check_status access_check_table(struct check *check, const struct table *table,
                                     struct str text, struct str key, struct str reply_name,
                                     const char *reply_class, bool *found);
/* does what VALUE says */
enum check_status access_result(struct check *check, struct str table, struct str value,
                                struct str reply_name, const char *reply_class);
/* smtpd_sender_login_maps and its kin: mail_addr_find(3) in a list of tables */
struct lookup access_address_maps(struct check *check, struct str list, struct str address,
                                  bool local);

/* --- restrictions (restriction_*.c) -------------------------------------------------- */

enum check_status restriction_permit_mynetworks(struct check *check);
enum check_status restriction_permit_certificates(struct check *check, bool all);
enum check_status restriction_unlisted_recipient(struct check *check);
enum check_status restriction_unlisted_sender(struct check *check);

extern const struct builtin restrictions_generic[], restrictions_client[], restrictions_helo[],
    restrictions_address[], restrictions_relay[], restrictions_dns[], restrictions_dnsbl[],
    restrictions_hosts[];

#endif
