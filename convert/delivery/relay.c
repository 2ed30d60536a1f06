/*
 * relay - the hosts that take mail: SMART_HOST, MAIL_HUB, LOCAL_RELAY, LUSER_RELAY
 *
 * Sources: cf/README, on these defines; cf/m4/proto.m4, rulesets parse and localaddr; postconf(5),
 * relayhost, mailbox_transport, fallback_transport, luser_relay; local(8).
 */
#include "convert/delivery/relay.h"

#include <string.h>

#include "convert/delivery/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

/* --- next hops -------------------------------------------------------------------------------- */

static const struct {
    const char *mailer, *arguments;
} mailers[] = {
    {"relay", "RELAY_MAILER_ARGS"}, {"esmtp", "ESMTP_MAILER_ARGS"}, {"smtp", "SMTP_MAILER_ARGS"},
    {"smtp8", "SMTP8_MAILER_ARGS"}, {"dsmtp", "DSMTP_MAILER_ARGS"},
};

static const char *find_arguments(struct str mailer)
{
    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++)
        if (str_is_nocase(mailer, mailers[i].mailer))
            return mailers[i].arguments;
    return NULL;
}

/* get_word - the N-th word of a mailer's arguments, "TCP $h 587" */
static struct str get_word(struct str text, int number)
{
    size_t at = str_span(text, 0, " \t");

    for (; number > 0 && at < text.len; number--)
        at = str_span(text, str_span_not(text, at, " \t"), " \t");
    return str_slice(text, at, str_span_not(text, at, " \t"));
}

static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (!is_alnum(host.at[i]) && strchr(".-_:[]", host.at[i]) == NULL)
            return false;
    return host.len > 0;
}

/* find_port - the port in the arguments of a mailer, else "25" */
static struct str find_port(const struct draft *draft, struct str mailer)
{
    const char *arguments = find_arguments(mailer);
    struct str port =
        arguments != NULL ? get_word(sendmail_value(draft->sendmail, arguments), 2) : str_of("");

    return port.len > 0 ? port : str_of("25");
}

/* find_common_mailer - the mailer for mail that no other line routes */
static struct str find_common_mailer(const struct draft *draft)
{
    struct str mailer = sendmail_value(draft->sendmail, "confSMTP_MAILER");

    return mailer.len > 0 ? mailer : str_of("esmtp");
}

/* find_common_port - the value of smtp_tcp_port, the port of next hops without one */
static struct str find_common_port(const struct draft *draft)
{
    const struct parameter *parameter = facts_parameter(str_of("smtp_tcp_port"));
    struct str port = find_port(draft, find_common_mailer(draft));

    return platform_has(draft->platform, parameter) && sendmail_is_plain(port) ? port
                                                                               : str_of("25");
}

struct str relay_port(const struct draft *draft, struct str mailer)
{
    struct str port = find_port(draft, mailer);

    return str_eq(port, find_common_port(draft)) ? str_of("") : port;
}

/* [IPv6:2001:db8::1] has the same syntax in Postfix */
static struct str make_hop(struct arena *arena, struct str host, struct str port)
{
    if (host.len > 0 && host.at[host.len - 1] == '.')
        host.len--;
    return port.len == 0 ? host : arena_printf(arena, "%.*s:%.*s", STR_ARG(host), STR_ARG(port));
}

/* find_host_end - the end of the host at AT: a colon outside of brackets */
static size_t find_host_end(struct str text, size_t at)
{
    size_t bracket = at < text.len && text.at[at] == '[' ? str_find(text, ']', at) : at;

    return str_find(text, ':', bracket);
}

struct relay_hop relay_hop_read(const struct draft *draft, struct str value)
{
    struct relay_hop hop = {.mailer = sendmail_value(draft->sendmail, "confRELAY_MAILER")};
    size_t colon = find_host_end(value, 0);
    struct str port, fixed = str_of("");
    struct buffer rest;

    if (hop.mailer.len == 0)
        hop.mailer = str_of("relay");
    /* the part before the first colon is a mailer, even if a host was meant */
    if (colon < value.len) {
        hop.mailer = str_trim(str_slice(value, 0, colon));
        value = str_slice(value, colon + 1, value.len);
    }
    const char *arguments = find_arguments(hop.mailer);
    if (arguments == NULL) {
        hop.problem = "the mailer is not an SMTP client";
        return hop;
    }
    struct str words = sendmail_value(draft->sendmail, arguments);
    port = relay_port(draft, hop.mailer);
    if (get_word(words, 1).len > 0 && get_word(words, 1).at[0] != '$')
        fixed = get_word(words, 1);
    buffer_init(&rest, draft->arena);
    for (size_t at = 0; at < value.len;) {
        size_t end = find_host_end(value, at);
        struct str host = fixed.len > 0 ? fixed : str_trim(str_slice(value, at, end));
        at = end + 1;
        if (!is_host(host) || (port.len > 0 && port.at[0] == '$')) {
            hop.problem = "it contains something that is not a host name or port";
            return hop;
        }
        struct str text = make_hop(draft->arena, host, port);
        if (hop.first.len == 0)
            hop.first = text;
        else
            buffer_printf(&rest, "%s%.*s", rest.len > 0 ? ", " : "", STR_ARG(text));
    }
    hop.rest = arena_copy(draft->arena, buffer_str(&rest));
    if (hop.first.len == 0)
        hop.problem = "it names no host";
    return hop;
}

static bool is_smtp(struct relay_hop hop)
{
    return hop.problem == NULL;
}

static void open_hop(struct draft *draft, const struct sendmail_item *item, const char *parameter,
                     struct relay_hop hop)
{
    draft_open_point(draft, item,
                     arena_printf(draft->arena,
                                  "set %s by hand, with a service in master.cf if needed",
                                  parameter)
                         .at,
                     "%s", hop.problem);
}

/* --- SMART_HOST ------------------------------------------------------------------------------- */

static void map_smart_host(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);

    if (!is_smtp(hop)) {
        open_hop(draft, item, "relayhost", hop);
        return;
    }
    draft_set(draft, item, PARAM_RELAYHOST, "%.*s", STR_ARG(hop.first));
    draft_reason(draft, PARAM_RELAYHOST, "all mail for other hosts is sent to this host");
    draft_fate(draft, item, FATE_MAPPED, "relayhost = %.*s", STR_ARG(hop.first));
    if (hop.rest.len == 0)
        return;
    draft_add(draft, item, PARAM_SMTP_FALLBACK_RELAY, RANK_CONNECT, "%.*s", STR_ARG(hop.rest));
    draft_fate(draft, item, FATE_MAPPED, "smtp_fallback_relay = %.*s", STR_ARG(hop.rest));
}

/* --- MAIL_HUB --------------------------------------------------------------------------------- */

static void accept_unknown_users(struct draft *draft, const struct sendmail_item *item)
{
    draft_set(draft, item, PARAM_LOCAL_RECIPIENT_MAPS, "%s", "");
    draft_reason(draft, PARAM_LOCAL_RECIPIENT_MAPS,
                 "recipients without a local account are accepted, because their mailbox is on "
                 "another host");
}

/* list_kept_users - users whose mail is not sent to the hub, as an expression: "root|admin" */
static struct str list_kept_users(struct draft *draft)
{
    struct relay_users users;
    struct buffer names;

    relay_users_read(draft, &users);
    buffer_init(&names, draft->arena);
    for (size_t i = 0; i < users.count; i++) {
        if (i > 0)
            buffer_add_char(&names, '|');
        addresses_quote(&names, users.at[i].name);
    }
    return arena_copy(draft->arena, buffer_str(&names));
}

/* map_mailboxes - for mail that still reaches local(8), such as for the members of :include:
   files */
static void map_mailboxes(struct draft *draft, const struct sendmail_item *item,
                          struct relay_hop hop)
{
    struct str kept = list_kept_users(draft);

    if (kept.len > 0) {
        struct draft_table *table = draft_table(draft, "mail_hub_mailboxes", DRAFT_REGEXP);
        draft_entry(draft, table, item, arena_printf(draft->arena, "!/^(%.*s)$/", STR_ARG(kept)),
                    arena_printf(draft->arena, "smtp:%.*s", STR_ARG(hop.first)));
        draft_set(draft, item, PARAM_MAILBOX_TRANSPORT_MAPS, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_set(draft, item, PARAM_MAILBOX_TRANSPORT, "smtp:%.*s", STR_ARG(hop.first));
    }
    draft_set(draft, item, PARAM_FORWARD_PATH, "%s", "");
    draft_reason(draft, PARAM_FORWARD_PATH, "the hub handles .forward files");
    accept_unknown_users(draft, item);
    draft_fate(draft, item, FATE_MAPPED, "mailbox_transport%s: smtp:%.*s, after alias expansion",
               kept.len > 0 ? "_maps" : "", STR_ARG(hop.first));
}

static void map_hub(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);

    if (str_starts(value, "local:") || !is_smtp(hop)) {
        open_hop(draft, item, "mailbox_transport", hop);
        return;
    }
    map_mailboxes(draft, item, hop);
    if (!relay_hub_map(draft, item, hop) && !feature_is_on(draft, "stickyhost"))
        draft_open_point(draft, item,
                         "put the alias file next to the source and convert again; or make sure "
                         "that the hub accepts mail for the domains of this host: Sendmail "
                         "replaced the domain with the name of the hub, Postfix does not",
                         "recipients keep their domain on the way to the hub");
    if (hop.rest.len > 0)
        draft_open_point(draft, item, "create a name with several MX records for these hosts",
                         "a transport has only one next hop: %.*s is not used", STR_ARG(hop.rest));
}

static void decide_local_users(struct draft *draft, const char *name, enum sendmail_item_kind kind,
                               bool has_hub)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, kind, name, item)) != NULL)
        if (has_hub)
            draft_fate(draft, item, FATE_MAPPED,
                       "mail for these users stays here: mailbox_transport_maps");
        else
            draft_fate(draft, item, FATE_MEANINGLESS, "local mail stays here anyway");
}

/* the open point for a file that was not found comes from draft_finish() and class.c */
static void map_local_users(struct draft *draft, bool has_hub)
{
    const struct sendmail_table *table = sendmail_table(draft->sendmail, "LOCAL_USER_FILE");

    decide_local_users(draft, "LOCAL_USER", ITEM_MACRO, has_hub);
    decide_local_users(draft, "L", ITEM_CLASS, has_hub);
    decide_local_users(draft, "LOCAL_USER_FILE", ITEM_TABLE_LINE, has_hub);
    if (table == NULL || table->source != NULL || !has_hub) {
        decide_local_users(draft, "LOCAL_USER_FILE", ITEM_MACRO, has_hub);
        return;
    }
    draft_open_point(draft, table->from,
                     "put the file next to the source and convert again, or add its names to the "
                     "tables mail_hub and mail_hub_mailboxes",
                     "the file with users whose mail stays here was not found");
}

/* --- LUSER_RELAY ------------------------------------------------------------------------------ */

static void map_unknown_users(struct draft *draft, const struct sendmail_item *item,
                              struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);
    size_t colon = str_find(value, ':', 0);

    if (str_is_nocase(str_slice(value, 0, colon), "local") && colon + 1 < value.len) {
        struct str user = str_slice(value, colon + 1, value.len);
        draft_map(draft, item, PARAM_LUSER_RELAY, "%.*s", STR_ARG(user));
    } else if (str_is_nocase(str_slice(value, 0, colon), "error") && colon < value.len) {
        draft_fate(draft, item, FATE_ALREADY, "unknown users are rejected (local_recipient_maps)");
        return;
    } else if (!is_smtp(hop)) {
        open_hop(draft, item, "luser_relay", hop);
        return;
    } else if (relay_domain_of(hop.first).at == NULL) {
        draft_open_point(draft, item,
                         "set luser_relay = $user@domain, where mail for the domain is sent to "
                         "that host (with transport_maps if needed)",
                         "mail for unknown users is sent to %.*s", STR_ARG(hop.first));
        return;
    } else {
        struct str domain = relay_domain_of(hop.first);
        draft_set(draft, item, PARAM_LUSER_RELAY, "$user@%.*s", STR_ARG(domain));
        draft_fate(draft, item, FATE_MAPPED, "luser_relay = $user@%.*s", STR_ARG(domain));
        if (domain.len < hop.first.len || domain.at[0] == '[' ||
            sendmail_value(draft->sendmail, "SMART_HOST").len > 0)
            relay_send_to(draft, item, hop.first);
    }
    accept_unknown_users(draft, item);
}

/* --- LOCAL_RELAY ------------------------------------------------------------------------------ */

/* map_bare_names - LOCAL_RELAY applies after MAIL_HUB, and does the same unless addresses stick to
   their host */
static void map_bare_names(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (sendmail_value(draft->sendmail, "MAIL_HUB").len > 0)
        draft_fate(draft, item, FATE_MEANINGLESS, "MAIL_HUB takes precedence for these names");
    else if (!feature_is_on(draft, "stickyhost"))
        map_hub(draft, item, value);
    else
        draft_open_point(draft, item,
                         "set myorigin to a domain whose mail is sent to that host; or set "
                         "mailbox_transport if all local mail may go there",
                         "mail for names without a domain was sent to another host; Postfix adds a "
                         "domain before it routes mail");
}

static void map_sticky(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "stickyhost");
    bool has_relay = sendmail_value(draft->sendmail, "LOCAL_RELAY").len > 0;
    bool has_hub = sendmail_value(draft->sendmail, "MAIL_HUB").len > 0;

    if (item != NULL && has_hub)
        draft_fate(draft, item, FATE_MAPPED,
                   "mail for a domain of this host is sent to the hub unchanged: see MAIL_HUB");
    else if (item != NULL && has_relay)
        draft_open_point(draft, item, "see LOCAL_RELAY",
                         "mail for names in the domain of this host is not sent to LOCAL_RELAY");
    else if (item != NULL)
        draft_fate(draft, item, FATE_ALREADY, "there is no MAIL_HUB and no LOCAL_RELAY");
    item = sendmail_feature(draft->sendmail, "notsticky");
    if (item != NULL)
        draft_fate(draft, item, FATE_ALREADY, "the default in Sendmail since 8.7");
    item = sendmail_feature(draft->sendmail, "preserve_luser_host");
    if (item == NULL)
        return;
    draft_fate(draft, item, FATE_MEANINGLESS,
               "it keeps the host part for the local mailer, which gets none: users of LUSER_RELAY "
               "still have its name");
}

/* --- the module ------------------------------------------------------------------------------- */

static const struct {
    const char *define;
    void (*map)(struct draft *draft, const struct sendmail_item *item, struct str value);
} defines[] = {
    {"SMART_HOST", map_smart_host},
    {"MAIL_HUB", map_hub},
    {"LUSER_RELAY", map_unknown_users},
    {"LOCAL_RELAY", map_bare_names},
};

/* map_mailer_arguments - "TCP $h 587": the port of all next hops of the mailer */
static void map_mailer_arguments(struct draft *draft, const struct sendmail_item *item,
                                 struct str mailer)
{
    struct str value = sendmail_item_value(draft, item), port = get_word(value, 2);
    bool common = str_eq_nocase(mailer, find_common_mailer(draft));

    if (!str_is(get_word(value, 1), "$h")) {
        draft_open_point(draft, item, "set relayhost, or add the host to transport_maps",
                         "all mail for the mailer %.*s is sent to one host", STR_ARG(mailer));
    } else if (port.len == 0 || str_is(port, "25")) {
        draft_fate(draft, item, FATE_ALREADY, "the next hop uses port 25");
    } else if (!common) {
        draft_fate(draft, item, FATE_MAPPED, "the port of the next hops of this mailer");
    } else if (str_eq(find_common_port(draft), port)) {
        draft_map(draft, item, PARAM_SMTP_TCP_PORT, "%.*s", STR_ARG(port));
    } else {
        draft_open_point(
            draft, item,
            "use a newer Postfix, or set default_transport to a service with that port",
            "smtp_tcp_port, the port for all outgoing mail, is not available on this platform");
    }
}

static void map_common_mailer(struct draft *draft, const struct sendmail_item *item)
{
    struct str mailer = sendmail_item_value(draft, item);

    if (find_arguments(mailer) == NULL || str_is_nocase(mailer, "dsmtp"))
        draft_open_point(draft, item, "set default_transport to an equivalent service",
                         "mail for other hosts is sent by the mailer %.*s", STR_ARG(mailer));
    else
        draft_fate(draft, item, FATE_ALREADY,
                   "Postfix's SMTP client uses ESMTP, and sends 8-bit mail unchanged if the server "
                   "supports it");
}

static void map_mailers(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confRELAY_MAILER");

    draft_fate(draft, item, FATE_MAPPED, "the mailer for SMART_HOST and MAIL_HUB");
    item = sendmail_define(draft->sendmail, "confSMTP_MAILER");
    if (item != NULL)
        map_common_mailer(draft, item);
    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++) {
        item = sendmail_define(draft->sendmail, mailers[i].arguments);
        if (item != NULL)
            map_mailer_arguments(draft, item, str_of(mailers[i].mailer));
    }
}

/* map_macros - D lines of a sendmail.cf: S is SMART_HOST, H MAIL_HUB, L LUSER_RELAY, R
   LOCAL_RELAY */
static void map_macros(struct draft *draft)
{
    static const char letters[] = "SHLR";
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, ITEM_CF_LINE, "D", item)) != NULL)
        for (size_t i = 0; i < sizeof defines / sizeof *defines; i++) {
            struct str name = sendmail_argument(item, 0), value = sendmail_argument(item, 1);
            if (name.len != 1 || name.at[0] != letters[i] || item->overridden)
                continue;
            if (str_trim(value).len == 0)
                draft_fate(draft, item, FATE_ALREADY, "it names no host");
            else
                defines[i].map(draft, item, str_trim(value));
        }
}

void relay_convert(struct draft *draft)
{
    bool has_hub = sendmail_value(draft->sendmail, "MAIL_HUB").len > 0 ||
                   (sendmail_value(draft->sendmail, "LOCAL_RELAY").len > 0 &&
                    !feature_is_on(draft, "stickyhost"));

    for (size_t i = 0; i < sizeof defines / sizeof *defines; i++) {
        const struct sendmail_item *item = sendmail_define(draft->sendmail, defines[i].define);
        if (item == NULL)
            continue;
        struct str value = sendmail_item_value(draft, item);
        if (value.len == 0)
            draft_fate(draft, item, FATE_ALREADY, "it names no host");
        else
            defines[i].map(draft, item, value);
    }
    map_macros(draft);
    map_mailers(draft);
    map_local_users(draft, has_hub);
    map_sticky(draft);
}
