/*
 * daemon_service - one daemon's modifiers and keys as overrides of its service
 *
 * M=a refuses MAIL without AUTH (sendmail/srvrsmtp.c).  It becomes smtpd_relay_restrictions of the
 * service where clients that did AUTH may relay: all other checks stay as they are.  Where they may
 * not, it becomes smtpd_client_restrictions.
 */
#include <string.h>

#include "convert/sendmail/feature.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/auth.h"
#include "convert/server/daemon.h"
#include "convert/server/milter.h"
#include "parser/text/token.h"

enum { SMTP_PORT = 25 };

bool daemon_has(const struct daemon *daemon, char modifier)
{
    return str_find(daemon->modifiers, modifier, 0) < daemon->modifiers.len;
}

/* override - one -o of the service; REASON where no line of the source asks for it */
static void override(struct draft *draft, struct daemon *daemon, const char *name, struct str value,
                     const char *reason)
{
    struct draft_service *service = daemon->service;

    draft_override(draft, service, daemon->item, name, "%.*s", STR_ARG(value));
    if (daemon->item == NULL)
        for (size_t i = 0; i < service->override_count; i++)
            if (str_is(service->overrides[i].name, name))
                service->overrides[i].reason = str_of(reason);
    draft_fate(draft, daemon->item, FATE_MAPPED, "%s = %.*s", name, STR_ARG(value));
}

/* list_of - what a list will be in main.cf, without WITHOUT */
static struct str list_of(struct draft *draft, const char *name, const char *without)
{
    const struct draft_part **parts;
    size_t count = draft_parts(draft, str_of(name), &parts);
    struct str set = draft_value(draft, name);
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

static struct str longer(struct draft *draft, struct str list, const char *more)
{
    return arena_printf(draft->arena, "%.*s%s%s", STR_ARG(list), list.len > 0 ? ", " : "", more);
}

/* --- TLS and AUTH ----------------------------------------------------------------------------- */

static void map_tls(struct draft *draft, struct daemon *daemon)
{
    bool offered = session_offers_tls(draft);

    if (daemon_has(daemon, 's')) {
        override(draft, daemon, "smtpd_tls_wrappermode", str_of("yes"), "");
        if (!offered) {
            daemon->service->disabled = true;
            draft_open_point(draft, daemon->item,
                             "set smtpd_tls_cert_file and smtpd_tls_key_file, and take the # in "
                             "front of the service away",
                             "Sendmail has no certificate for this port: it needs confSERVER_CERT, "
                             "confSERVER_KEY, confCACERT and confCACERT_PATH");
        }
    } else if (daemon_has(daemon, 'S')) {
        override(draft, daemon, "smtpd_tls_security_level", str_of("none"), "");
    } else if (daemon_has(daemon, 'a') && !daemon_has(daemon, 'A') && offered) {
        override(draft, daemon, "smtpd_tls_security_level", str_of("encrypt"), "");
        draft_fate(draft, daemon->item, FATE_MAPPED,
                   "passwords go within TLS alone, which M=a by itself does not ask for");
    }
}

static void map_auth(struct draft *draft, struct daemon *daemon)
{
    if (daemon_has(daemon, 'A')) {
        if (session_offers_auth(draft))
            override(draft, daemon, "smtpd_sasl_auth_enable", str_of("no"), "");
        if (daemon_has(daemon, 'a'))
            override(draft, daemon, "smtpd_client_restrictions", str_of("reject"), "");
        return;
    }
    if (!daemon_has(daemon, 'a'))
        return;
    override(draft, daemon, "smtpd_sasl_auth_enable", str_of("yes"), "");
    override(draft, daemon,
             auth_relays(draft) ? "smtpd_relay_restrictions" : "smtpd_client_restrictions",
             str_of("permit_sasl_authenticated, reject"), "");
}

/* --- addresses -------------------------------------------------------------------------------- */

/* f, r and u: what check_mail and check_rcpt ask ${daemon_flags} for (m4/proto.m4) */
static void map_addresses(struct draft *draft, struct daemon *daemon)
{
    static const char SENDER[] = "reject_non_fqdn_sender";
    struct str senders = list_of(draft, "smtpd_sender_restrictions", NULL);

    if (daemon_has(daemon, 'u')) {
        if (str_search(senders, SENDER) < senders.len)
            override(draft, daemon, "smtpd_sender_restrictions",
                     list_of(draft, "smtpd_sender_restrictions", SENDER), "");
        else
            draft_fate(draft, daemon->item, FATE_ALREADY,
                       "senders without a domain are taken (M=u)");
    } else if (daemon_has(daemon, 'f') && feature_is_on(draft, "accept_unqualified_senders")) {
        draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                   "M=f does nothing beside FEATURE(`accept_unqualified_senders')");
    } else if (daemon_has(daemon, 'f')) {
        if (str_search(senders, SENDER) == senders.len)
            override(draft, daemon, "smtpd_sender_restrictions",
                     longer(draft, senders, "permit_mynetworks, reject_non_fqdn_sender"), "");
        else
            draft_fate(draft, daemon->item, FATE_ALREADY,
                       "senders without a full domain are refused (M=f)");
    }
    if (!daemon_has(daemon, 'r'))
        return;
    if (sendmail_define(draft->sendmail, "_REQUIRE_QUAL_RCPT_") == NULL)
        draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                   "M=r does nothing unless _REQUIRE_QUAL_RCPT_ is defined");
    else
        override(draft, daemon, "smtpd_recipient_restrictions",
                 longer(draft, list_of(draft, "smtpd_recipient_restrictions", NULL),
                        "permit_mynetworks, reject_non_fqdn_recipient"),
                 "");
}

static void map_etrn(struct draft *draft, struct daemon *daemon)
{
    struct str words = list_of(draft, "smtpd_discard_ehlo_keywords", NULL);

    if (!daemon_has(daemon, 'E'))
        return;
    override(draft, daemon, "smtpd_discard_ehlo_keywords",
             str_search(words, "etrn") < words.len ? words : longer(draft, words, "etrn"),
             "Sendmail's own daemon for submission refuses ETRN (M=E)");
    override(draft, daemon, "smtpd_etrn_restrictions", str_of("reject"), "");
}

/* --- the other modifiers and keys ------------------------------------------------------------- */

bool daemon_knows(char modifier)
{
    return modifier != '\0' && (strchr("abcfhrsuACEOS", modifier) != NULL || is_space(modifier));
}

static void look_at_modifiers(struct draft *draft, const struct daemon *daemon)
{
    static const struct {
        char letter;
        const char *says;
    } known[] = {
        {'c', "addresses are not looked up to make them canonical (M=c)"},
        {'C', "addresses are not looked up to make them canonical (M=C)"},
        {'h', "the client says its own name in EHLO (M=h is for CLIENT_OPTIONS)"},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (daemon_has(daemon, known[i].letter))
            draft_fate(draft, daemon->item, FATE_ALREADY, "%s", known[i].says);
    if (daemon_has(daemon, 'O') && daemon->address.len > 0)
        draft_open_point(draft, daemon->item,
                         "make sure that the target has the address before Postfix starts",
                         "Postfix does not start without it, where M=O passes over it");
    else if (daemon_has(daemon, 'O'))
        draft_fate(draft, daemon->item, FATE_ALREADY,
                   "Postfix passes over a protocol that the machine has not (M=O)");
    for (size_t i = 0; i < daemon->modifiers.len; i++)
        if (!daemon_knows(daemon->modifiers.at[i]))
            draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                       "Sendmail's daemons know no modifier %c", daemon->modifiers.at[i]);
}

static void map_children(struct draft *draft, struct daemon *daemon)
{
    struct str text = sendmail_pair(daemon->text, 'c');
    long number;

    if (text.at == NULL)
        return;
    if (!sendmail_number(text, &number) || number > 100000) {
        draft_open_point(draft, daemon->item, "set the process limit in master.cf",
                         "children=\"%.*s\" is no number of processes", STR_ARG(text));
    } else if (number > 0) {
        daemon->service->fields[4] = arena_printf(draft->arena, "%ld", number);
        draft_fate(draft, daemon->item, FATE_MAPPED, "at most %ld processes", number);
    }
}

/* look_at_keys - keys that Postfix has no use for, and those that Sendmail does not know */
static void look_at_keys(struct draft *draft, const struct daemon *daemon)
{
    static const struct {
        char key;
        const char *says;
    } idle[] = {
        {'L', "Postfix sets the length of the queue of connections by itself (Listen)"},
        {'S', "the kernel sizes its buffers by itself (SndBufSize)"},
        {'R', "the kernel sizes its buffers by itself (RcvBufSize)"},
        {'d', "Postfix bounds its processes, and does not watch the load (delayLA)"},
        {'q', "Postfix bounds its processes, and does not watch the load (queueLA)"},
        {'r', "Postfix bounds its processes, and does not watch the load (refuseLA)"},
        {'T', "Postfix writes mail to disk before it answers (SuperSafe)"},
    };
    struct str mode = sendmail_pair(daemon->text, 'D'), rest = daemon->text, pair;

    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (sendmail_pair(daemon->text, idle[i].key).at != NULL)
            draft_fate(draft, daemon->item, FATE_MEANINGLESS, "%s", idle[i].says);
    if (mode.len > 0 && (mode.at[0] == 'q' || mode.at[0] == 'd'))
        draft_open_point(draft, daemon->item,
                         "have its mail put on hold (check_client_access static:HOLD), or leave it "
                         "out",
                         "mail of this daemon waits for a queue run (DeliveryMode)");
    else if (mode.len > 0)
        draft_fate(draft, daemon->item, FATE_ALREADY,
                   "mail is queued and delivered at once (DeliveryMode)");
    while (token_next_plain(&rest, ",", &pair)) {
        pair = str_trim(pair);
        if (pair.len > 0 &&
            (pair.at[0] == '\0' || strchr("AacDdFfIiLlMmNnPpqRrSsT", pair.at[0]) == NULL))
            draft_fate(draft, daemon->item, FATE_MEANINGLESS, "Sendmail knows no key \"%.*s\"",
                       STR_ARG(pair));
    }
}

static void map_filters(struct draft *draft, struct daemon *daemon)
{
    struct str name = sendmail_pair(daemon->text, 'N');
    bool filtered = draft_value(draft, "smtpd_milters").len > 0;

    if (daemon->filters.at != NULL) {
        struct str list = milter_list(draft, daemon->item, daemon->filters);
        filtered = list.len > 0;
        override(draft, daemon, "smtpd_milters", list, "");
    }
    if (!filtered || !sendmail_is_plain(name) || str_span_not(name, 0, " \t{}") < name.len)
        return;
    override(draft, daemon, "milter_macro_daemon_name", name,
             "the name that Sendmail's own daemon tells milters");
}

void daemon_fill_service(struct draft *draft, struct daemon *daemon)
{
    struct str name = daemon->service->name;

    if (daemon->port != SMTP_PORT && str_find(name, ':', 0) == name.len)
        override(draft, daemon, "syslog_name",
                 arena_printf(draft->arena, "postfix/%.*s", STR_ARG(name)),
                 "Sendmail's own daemon for submission: FEATURE(`no_default_msa') takes it away");
    map_tls(draft, daemon);
    map_auth(draft, daemon);
    map_etrn(draft, daemon);
    map_addresses(draft, daemon);
    map_filters(draft, daemon);
    map_children(draft, daemon);
    look_at_modifiers(draft, daemon);
    look_at_keys(draft, daemon);
}
