/*
 * daemon_service - the modifiers and keys of a daemon as overrides of its service
 *
 * M=a rejects MAIL without authentication (sendmail/srvrsmtp.c).  If authenticated clients may
 * relay, it becomes smtpd_relay_restrictions of the service, and all other checks stay as they are;
 * otherwise it becomes smtpd_client_restrictions.
 */
#include <string.h>

#include "convert/sendmail/feature.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/auth.h"
#include "convert/server/daemon.h"
#include "convert/server/milter.h"
#include "parser/text/token.h"

bool daemon_has(const struct daemon *daemon, char modifier)
{
    return str_find(daemon->modifiers, modifier, 0) < daemon->modifiers.len;
}

/* set_override - sets an override of the service; REASON is for overrides that no source line asks
   for */
static void set_override(struct draft *draft, struct daemon *daemon, enum parameter_number number,
                         struct str value, const char *reason)
{
    struct draft_service *service = daemon->service;
    struct str name = parameter_name(number);

    draft_override(draft, service, daemon->item, number, "%.*s", STR_ARG(value));
    if (daemon->item == NULL)
        for (size_t i = 0; i < service->override_count; i++)
            if (str_eq(service->overrides[i].name, name))
                service->overrides[i].reason = str_of(reason);
    draft_fate(draft, daemon->item, FATE_MAPPED, "%.*s = %.*s", STR_ARG(name), STR_ARG(value));
}

/* join_list - the value that a list will have in main.cf, except for the part WITHOUT */
static struct str join_list(struct draft *draft, enum parameter_number number, const char *without)
{
    const struct draft_part **parts;
    size_t count = draft_parts(draft, parameter_name(number), &parts);
    struct str set = draft_value(draft, number);
    struct buffer out;

    buffer_init(&out, draft->arena);
    if (count == 0)
        buffer_add(&out, set.at != NULL ? set : str_of(""));
    for (size_t i = 0; i < count; i++) {
        if (without != NULL && str_is(parts[i]->value, without))
            continue;
        buffer_printf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(parts[i]->value));
    }
    return buffer_str(&out);
}

static struct str append_part(struct draft *draft, struct str list, const char *more)
{
    return arena_printf(draft->arena, "%.*s%s%s", STR_ARG(list), list.len > 0 ? ", " : "", more);
}

/* --- TLS and AUTH ----------------------------------------------------------------------------- */

static void map_tls(struct draft *draft, struct daemon *daemon)
{
    bool offered = session_offers_tls(draft);

    if (daemon_has(daemon, 's')) {
        set_override(draft, daemon, PARAM_SMTPD_TLS_WRAPPERMODE, str_of("yes"), "");
        if (!offered) {
            daemon->service->disabled = true;
            draft_open_point(draft, daemon->item,
                             "set smtpd_tls_cert_file and smtpd_tls_key_file, and remove the # "
                             "before the service",
                             "Sendmail has no certificate for this port: it needs confSERVER_CERT, "
                             "confSERVER_KEY, confCACERT and confCACERT_PATH");
        }
    } else if (daemon_has(daemon, 'S')) {
        set_override(draft, daemon, PARAM_SMTPD_TLS_SECURITY_LEVEL, str_of("none"), "");
    } else if (daemon_has(daemon, 'a') && !daemon_has(daemon, 'A') && offered) {
        set_override(draft, daemon, PARAM_SMTPD_TLS_SECURITY_LEVEL, str_of("encrypt"), "");
        draft_fate(draft, daemon->item, FATE_MAPPED,
                   "passwords are accepted only with TLS, which M=a alone does not require");
    }
}

static void map_auth(struct draft *draft, struct daemon *daemon)
{
    if (daemon_has(daemon, 'A')) {
        if (session_offers_auth(draft))
            set_override(draft, daemon, PARAM_SMTPD_SASL_AUTH_ENABLE, str_of("no"), "");
        if (daemon_has(daemon, 'a'))
            set_override(draft, daemon, PARAM_SMTPD_CLIENT_RESTRICTIONS, str_of("reject"), "");
        return;
    }
    if (!daemon_has(daemon, 'a'))
        return;
    set_override(draft, daemon, PARAM_SMTPD_SASL_AUTH_ENABLE, str_of("yes"), "");
    set_override(draft, daemon,
                 auth_relays(draft) ? PARAM_SMTPD_RELAY_RESTRICTIONS
                                    : PARAM_SMTPD_CLIENT_RESTRICTIONS,
                 str_of("permit_sasl_authenticated, reject"), "");
}

/* --- addresses -------------------------------------------------------------------------------- */

/* map_addresses - f, r and u, which check_mail and check_rcpt look up in ${daemon_flags}
   (m4/proto.m4) */
static void map_addresses(struct draft *draft, struct daemon *daemon)
{
    static const char SENDER[] = "reject_non_fqdn_sender";
    struct str senders = join_list(draft, PARAM_SMTPD_SENDER_RESTRICTIONS, NULL);

    if (daemon_has(daemon, 'u')) {
        if (str_search(senders, SENDER) < senders.len)
            set_override(draft, daemon, PARAM_SMTPD_SENDER_RESTRICTIONS,
                         join_list(draft, PARAM_SMTPD_SENDER_RESTRICTIONS, SENDER), "");
        else
            draft_fate(draft, daemon->item, FATE_ALREADY,
                       "senders without a domain are accepted (M=u)");
    } else if (daemon_has(daemon, 'f') && feature_is_on(draft, "accept_unqualified_senders")) {
        draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                   "M=f has no effect together with FEATURE(`accept_unqualified_senders')");
    } else if (daemon_has(daemon, 'f')) {
        if (str_search(senders, SENDER) == senders.len)
            set_override(draft, daemon, PARAM_SMTPD_SENDER_RESTRICTIONS,
                         append_part(draft, senders, "permit_mynetworks, reject_non_fqdn_sender"),
                         "");
        else
            draft_fate(draft, daemon->item, FATE_ALREADY,
                       "senders without a fully qualified domain are rejected (M=f)");
    }
    if (!daemon_has(daemon, 'r'))
        return;
    if (sendmail_define(draft->sendmail, "_REQUIRE_QUAL_RCPT_") == NULL)
        draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                   "M=r has no effect unless _REQUIRE_QUAL_RCPT_ is defined");
    else
        set_override(draft, daemon, PARAM_SMTPD_RECIPIENT_RESTRICTIONS,
                     append_part(draft, join_list(draft, PARAM_SMTPD_RECIPIENT_RESTRICTIONS, NULL),
                                 "permit_mynetworks, reject_non_fqdn_recipient"),
                     "");
}

static void map_etrn(struct draft *draft, struct daemon *daemon)
{
    struct str words = join_list(draft, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS, NULL);

    if (!daemon_has(daemon, 'E'))
        return;
    set_override(draft, daemon, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS,
                 str_search(words, "etrn") < words.len ? words : append_part(draft, words, "etrn"),
                 "Sendmail's default submission daemon rejects ETRN (M=E)");
    set_override(draft, daemon, PARAM_SMTPD_ETRN_RESTRICTIONS, str_of("reject"), "");
}

/* --- other modifiers and keys ----------------------------------------------------------------- */

bool daemon_knows(char modifier)
{
    return modifier != '\0' && (strchr("abcfhrsuACEOS", modifier) != NULL || is_space(modifier));
}

static void decide_modifiers(struct draft *draft, const struct daemon *daemon)
{
    static const struct {
        char letter;
        const char *says;
    } known[] = {
        {'c', "addresses are not canonified (M=c)"},
        {'C', "addresses are not canonified (M=C)"},
        {'h', "the client sends its own name in EHLO (M=h is for CLIENT_OPTIONS)"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (daemon_has(daemon, known[i].letter))
            draft_fate(draft, daemon->item, FATE_ALREADY, "%s", known[i].says);
    if (daemon_has(daemon, 'O') && daemon->address.len > 0)
        draft_open_point(
            draft, daemon->item,
            "make sure that the address is configured on the target before Postfix starts",
            "Postfix does not start without the address; M=O would ignore that");
    else if (daemon_has(daemon, 'O'))
        draft_fate(draft, daemon->item, FATE_ALREADY,
                   "Postfix ignores a protocol that the host does not support (M=O)");
    for (size_t i = 0; i < daemon->modifiers.len; i++)
        if (!daemon_knows(daemon->modifiers.at[i]))
            draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                       "Sendmail's daemons have no modifier %c", daemon->modifiers.at[i]);
}

static void map_children(struct draft *draft, struct daemon *daemon)
{
    struct str text = sendmail_pair(daemon->text, 'c');
    long number;

    if (text.at == NULL)
        return;
    if (!sendmail_number(text, &number) || number > PROCESSES_MAX) {
        draft_open_point(draft, daemon->item, "set the process limit in master.cf",
                         "children=\"%.*s\" is not a number up to %d", STR_ARG(text),
                         PROCESSES_MAX);
    } else if (number > 0) {
        daemon->service->fields[4] = arena_printf(draft->arena, "%ld", number);
        draft_fate(draft, daemon->item, FATE_MAPPED, "at most %ld processes", number);
    }
}

/* decide_keys - keys without use in Postfix, and keys that Sendmail does not have */
static void decide_keys(struct draft *draft, const struct daemon *daemon)
{
    static const struct {
        char key;
        const char *says;
    } idle[] = {
        {'L', "Postfix sets the listen queue size itself (Listen)"},
        {'S', "the kernel adjusts the size of buffers (SndBufSize)"},
        {'R', "the kernel adjusts the size of buffers (RcvBufSize)"},
        {'d', "Postfix limits its processes and ignores the load average (delayLA)"},
        {'q', "Postfix limits its processes and ignores the load average (queueLA)"},
        {'r', "Postfix limits its processes and ignores the load average (refuseLA)"},
        {'T', "Postfix writes mail to disk before it replies (SuperSafe)"},
    };
    struct str mode = sendmail_pair(daemon->text, 'D'), rest = daemon->text, pair;

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (sendmail_pair(daemon->text, idle[i].key).at != NULL)
            draft_fate(draft, daemon->item, FATE_MEANINGLESS, "%s", idle[i].says);
    if (mode.len > 0 && (mode.at[0] == 'q' || mode.at[0] == 'd'))
        draft_open_point(draft, daemon->item,
                         "put its mail on hold (check_client_access static:HOLD), or leave it out",
                         "mail from this daemon waits for a queue run (DeliveryMode)");
    else if (mode.len > 0)
        draft_fate(draft, daemon->item, FATE_ALREADY,
                   "mail is queued and delivered immediately (DeliveryMode)");
    while (token_next_plain(&rest, ",", &pair)) {
        pair = str_trim(pair);
        if (pair.len > 0 &&
            (pair.at[0] == '\0' || strchr("AacDdFfIiLlMmNnPpqRrSsT", pair.at[0]) == NULL))
            draft_fate(draft, daemon->item, FATE_MEANINGLESS, "Sendmail has no key \"%.*s\"",
                       STR_ARG(pair));
    }
}

static void map_filters(struct draft *draft, struct daemon *daemon)
{
    struct str name = sendmail_pair(daemon->text, 'N');
    bool filtered = draft_value(draft, PARAM_SMTPD_MILTERS).len > 0;

    if (daemon->filters.at != NULL) {
        struct str list = milter_list(draft, daemon->item, daemon->filters);
        filtered = list.len > 0;
        set_override(draft, daemon, PARAM_SMTPD_MILTERS, list, "");
    }
    if (!filtered || !sendmail_is_plain(name) || str_span_not(name, 0, " \t{}") < name.len)
        return;
    set_override(draft, daemon, PARAM_MILTER_MACRO_DAEMON_NAME, name,
                 "the name of Sendmail's default daemon, for milters");
}

void daemon_fill_service(struct draft *draft, struct daemon *daemon)
{
    struct str name = daemon->service->name;

    if (daemon->port != SMTP_PORT && str_find(name, ':', 0) == name.len)
        set_override(
            draft, daemon, PARAM_SYSLOG_NAME,
            arena_printf(draft->arena, "postfix/%.*s", STR_ARG(name)),
            "Sendmail's default submission daemon, which FEATURE(`no_default_msa') removes");
    map_tls(draft, daemon);
    map_auth(draft, daemon);
    map_etrn(draft, daemon);
    map_addresses(draft, daemon);
    map_filters(draft, daemon);
    map_children(draft, daemon);
    decide_modifiers(draft, daemon);
    decide_keys(draft, daemon);
}
