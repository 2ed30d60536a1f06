/*
 * Which host takes what mail: cf/README, MAIL_HUB, SMART_HOST, LOCAL_RELAY, LUSER_RELAY;
 * cf/m4/proto.m4, rulesets parse and localaddr; postconf(5), relayhost, mailbox_transport,
 * fallback_transport, luser_relay; local(8).
 */
#include "convert/delivery/relay.h"

#include <string.h>

#include "convert/delivery/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

/* --- a next hop ------------------------------------------------------------------------------- */

static const struct {
    const char *mailer, *arguments;
} mailers[] = {
    {"relay", "RELAY_MAILER_ARGS"}, {"esmtp", "ESMTP_MAILER_ARGS"}, {"smtp", "SMTP_MAILER_ARGS"},
    {"smtp8", "SMTP8_MAILER_ARGS"}, {"dsmtp", "DSMTP_MAILER_ARGS"},
};

static const char *arguments_of(struct str mailer)
{
    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++)
        if (str_is_nocase(mailer, mailers[i].mailer))
            return mailers[i].arguments;
    return NULL;
}

/* the N-th word of a mailer's arguments, "TCP $h 587" */
static struct str word_of(struct str text, int number)
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

/* the port that a mailer's arguments say; "25" where they say none */
static struct str port_of(const struct draft *draft, struct str mailer)
{
    const char *arguments = arguments_of(mailer);
    struct str port =
        arguments != NULL ? word_of(sendmail_value(draft->sendmail, arguments), 2) : str_of("");

    return port.len > 0 ? port : str_of("25");
}

/* the mailer of all mail that no other line sends elsewhere */
static struct str common_mailer(const struct draft *draft)
{
    struct str mailer = sendmail_value(draft->sendmail, "confSMTP_MAILER");

    return mailer.len > 0 ? mailer : str_of("esmtp");
}

/* smtp_tcp_port: next hops without a port go there */
static struct str common_port(const struct draft *draft)
{
    const struct parameter *parameter = facts_parameter(str_of("smtp_tcp_port"));
    struct str port = port_of(draft, common_mailer(draft));

    return parameter_in(parameter, draft->platform->release) && sendmail_is_plain(port)
               ? port
               : str_of("25");
}

struct str relay_port(const struct draft *draft, struct str mailer)
{
    struct str port = port_of(draft, mailer);

    return str_eq(port, common_port(draft)) ? str_of("") : port;
}

/* [IPv6:2001:db8::1] is written the same way in Postfix */
static struct str hop_text(struct arena *arena, struct str host, struct str port)
{
    if (host.len > 0 && host.at[host.len - 1] == '.')
        host.len--;
    return port.len == 0 ? host : arena_printf(arena, "%.*s:%.*s", STR_ARG(host), STR_ARG(port));
}

/* the end of the host at AT: a colon outside brackets */
static size_t host_end(struct str text, size_t at)
{
    size_t bracket = at < text.len && text.at[at] == '[' ? str_find(text, ']', at) : at;

    return str_find(text, ':', bracket);
}

struct relay_hop relay_hop_read(const struct draft *draft, struct str value)
{
    struct relay_hop hop = {.mailer = sendmail_value(draft->sendmail, "confRELAY_MAILER")};
    size_t colon = host_end(value, 0);
    struct str port, fixed = str_of("");
    struct buffer rest;

    if (hop.mailer.len == 0)
        hop.mailer = str_of("relay");
    /* what stands before the first colon is a mailer, also where it is meant as a host */
    if (colon < value.len) {
        hop.mailer = str_trim(str_slice(value, 0, colon));
        value = str_slice(value, colon + 1, value.len);
    }
    const char *arguments = arguments_of(hop.mailer);
    if (arguments == NULL) {
        hop.problem = "the mailer is none that speaks SMTP";
        return hop;
    }
    struct str words = sendmail_value(draft->sendmail, arguments);
    port = relay_port(draft, hop.mailer);
    if (word_of(words, 1).len > 0 && word_of(words, 1).at[0] != '$')
        fixed = word_of(words, 1);
    buffer_init(&rest, draft->arena);
    for (size_t at = 0; at < value.len;) {
        size_t end = host_end(value, at);
        struct str host = fixed.len > 0 ? fixed : str_trim(str_slice(value, at, end));
        at = end + 1;
        if (!is_host(host) || (port.len > 0 && port.at[0] == '$')) {
            hop.problem = "it holds what is no host's name or port";
            return hop;
        }
        struct str text = hop_text(draft->arena, host, port);
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

static void ask_about_hop(struct draft *draft, const struct sendmail_item *item,
                          const char *parameter, struct relay_hop hop)
{
    draft_open_point(draft, item,
                     arena_printf(draft->arena,
                                  "set %s by hand, with a service in master.cf if it "
                                  "needs one",
                                  parameter)
                         .at,
                     "%s", hop.problem);
}

/* --- SMART_HOST ------------------------------------------------------------------------------- */

static void map_smart_host(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);

    if (!is_smtp(hop)) {
        ask_about_hop(draft, item, "relayhost", hop);
        return;
    }
    draft_set(draft, item, "relayhost", "%.*s", STR_ARG(hop.first));
    draft_reason(draft, "relayhost", "the host that takes all mail that is not for here");
    draft_fate(draft, item, FATE_MAPPED, "relayhost = %.*s", STR_ARG(hop.first));
    if (hop.rest.len == 0)
        return;
    draft_add(draft, item, "smtp_fallback_relay", RANK_CONNECT, "%.*s", STR_ARG(hop.rest));
    draft_fate(draft, item, FATE_MAPPED, "smtp_fallback_relay = %.*s", STR_ARG(hop.rest));
}

/* --- MAIL_HUB --------------------------------------------------------------------------------- */

static void accept_unknown_users(struct draft *draft, const struct sendmail_item *item)
{
    draft_set(draft, item, "local_recipient_maps", "%s", "");
    draft_reason(draft, "local_recipient_maps",
                 "users that are unknown here are taken, and known elsewhere");
}

/* the names that stay here in spite of the hub, as an expression: "root|admin" */
static struct str kept_users(struct draft *draft)
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

/* map_mailboxes - what local(8) gets all the same: the members of lists in files, for example */
static void map_mailboxes(struct draft *draft, const struct sendmail_item *item,
                          struct relay_hop hop)
{
    struct str kept = kept_users(draft);

    if (kept.len > 0) {
        struct draft_table *table = draft_table(draft, "mail_hub_mailboxes", DRAFT_REGEXP);
        draft_entry(draft, table, item, arena_printf(draft->arena, "!/^(%.*s)$/", STR_ARG(kept)),
                    arena_printf(draft->arena, "smtp:%.*s", STR_ARG(hop.first)));
        draft_set(draft, item, "mailbox_transport_maps", "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_set(draft, item, "mailbox_transport", "smtp:%.*s", STR_ARG(hop.first));
    }
    draft_set(draft, item, "forward_path", "%s", "");
    draft_reason(draft, "forward_path", "the hub follows its users' .forward files");
    accept_unknown_users(draft, item);
    draft_fate(draft, item, FATE_MAPPED, "mailbox_transport%s: smtp:%.*s, behind the aliases",
               kept.len > 0 ? "_maps" : "", STR_ARG(hop.first));
}

static void map_hub(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);

    if (str_starts(value, "local:") || !is_smtp(hop)) {
        ask_about_hop(draft, item, "mailbox_transport", hop);
        return;
    }
    map_mailboxes(draft, item, hop);
    if (!relay_hub_map(draft, item, hop) && !feature_is_on(draft, "stickyhost"))
        draft_open_point(draft, item,
                         "put the alias file beside the source and convert again; or see that the "
                         "hub takes mail for this host's domains: Sendmail gave the addresses the "
                         "hub's name, Postfix leaves them as they are",
                         "recipients keep their domain on the way to the hub");
    if (hop.rest.len > 0)
        draft_open_point(draft, item, "give the hosts one name with several MX records",
                         "a transport has one next hop: not used are %.*s", STR_ARG(hop.rest));
}

static void decide_local_users(struct draft *draft, const char *name, enum sendmail_item_kind kind,
                               bool has_hub)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, kind, name, item)) != NULL)
        if (has_hub)
            draft_fate(draft, item, FATE_MAPPED, "these names stay here: mailbox_transport_maps");
        else
            draft_fate(draft, item, FATE_MEANINGLESS, "local mail stays here anyway");
}

/* a file that was not given is what draft_finish() and the class say */
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
                     "put the file beside the source and convert again, or add its names to the "
                     "tables mail_hub and mail_hub_mailboxes",
                     "a file of names that stay here, which was not given");
}

/* --- LUSER_RELAY ------------------------------------------------------------------------------ */

static void map_unknown_users(struct draft *draft, const struct sendmail_item *item,
                              struct str value)
{
    struct relay_hop hop = relay_hop_read(draft, value);
    size_t colon = str_find(value, ':', 0);

    if (str_is_nocase(str_slice(value, 0, colon), "local") && colon + 1 < value.len) {
        struct str user = str_slice(value, colon + 1, value.len);
        draft_map(draft, item, "luser_relay", "%.*s", STR_ARG(user));
    } else if (str_is_nocase(str_slice(value, 0, colon), "error") && colon < value.len) {
        draft_fate(draft, item, FATE_ALREADY, "unknown users are refused (local_recipient_maps)");
        return;
    } else if (!is_smtp(hop)) {
        ask_about_hop(draft, item, "luser_relay", hop);
        return;
    } else if (relay_domain_of(hop.first).at == NULL) {
        draft_open_point(draft, item,
                         "set luser_relay = $user@domain with a domain whose mail goes to that "
                         "host, by transport_maps if need be",
                         "unknown users get the address of %.*s", STR_ARG(hop.first));
        return;
    } else {
        struct str domain = relay_domain_of(hop.first);
        draft_set(draft, item, "luser_relay", "$user@%.*s", STR_ARG(domain));
        draft_fate(draft, item, FATE_MAPPED, "luser_relay = $user@%.*s", STR_ARG(domain));
        if (domain.len < hop.first.len || domain.at[0] == '[' ||
            sendmail_value(draft->sendmail, "SMART_HOST").len > 0)
            relay_send_to(draft, item, hop.first);
    }
    accept_unknown_users(draft, item);
}

/* --- LOCAL_RELAY ------------------------------------------------------------------------------ */

/* LOCAL_RELAY comes behind MAIL_HUB, and does what that does unless addresses stick to their host
 */
static void map_bare_names(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (sendmail_value(draft->sendmail, "MAIL_HUB").len > 0)
        draft_fate(draft, item, FATE_MEANINGLESS, "MAIL_HUB takes these names before it is asked");
    else if (!feature_is_on(draft, "stickyhost"))
        map_hub(draft, item, value);
    else
        draft_open_point(draft, item,
                         "set myorigin to a domain whose mail goes to that host, or "
                         "mailbox_transport if all local mail may go there",
                         "names without a domain went to another host; Postfix gives them a domain "
                         "before it looks where they go");
}

static void map_sticky(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "stickyhost");
    bool has_relay = sendmail_value(draft->sendmail, "LOCAL_RELAY").len > 0;
    bool has_hub = sendmail_value(draft->sendmail, "MAIL_HUB").len > 0;

    if (item != NULL && has_hub)
        draft_fate(draft, item, FATE_MAPPED,
                   "mail for a domain of this host goes to the hub as it is: see MAIL_HUB");
    else if (item != NULL && has_relay)
        draft_open_point(draft, item, "see LOCAL_RELAY",
                         "names with this host's domain are not sent to LOCAL_RELAY");
    else if (item != NULL)
        draft_fate(draft, item, FATE_ALREADY, "there is no MAIL_HUB and no LOCAL_RELAY");
    item = sendmail_feature(draft->sendmail, "notsticky");
    if (item != NULL)
        draft_fate(draft, item, FATE_ALREADY, "Sendmail's default since 8.7");
    item = sendmail_feature(draft->sendmail, "preserve_luser_host");
    if (item == NULL)
        return;
    draft_fate(draft, item, FATE_MEANINGLESS,
               "it preserves the host that the local mailer gets, and that gets none: users of "
               "LUSER_RELAY have its name all the same");
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct {
    const char *define;
    void (*map)(struct draft *draft, const struct sendmail_item *item, struct str value);
} defines[] = {
    {"SMART_HOST", map_smart_host},
    {"MAIL_HUB", map_hub},
    {"LUSER_RELAY", map_unknown_users},
    {"LOCAL_RELAY", map_bare_names},
};

/* "TCP $h 587": the port of all next hops by the mailer */
static void map_mailer_arguments(struct draft *draft, const struct sendmail_item *item,
                                 struct str mailer)
{
    struct str value = sendmail_item_value(draft, item), port = word_of(value, 2);
    bool common = str_eq_nocase(mailer, common_mailer(draft));

    if (!str_is(word_of(value, 1), "$h")) {
        draft_open_point(draft, item, "set relayhost, or write the host into transport_maps",
                         "all mail by the mailer %.*s goes to one host", STR_ARG(mailer));
    } else if (port.len == 0 || str_is(port, "25")) {
        draft_fate(draft, item, FATE_ALREADY, "port 25 of the next hop");
    } else if (!common) {
        draft_fate(draft, item, FATE_MAPPED, "the port of the next hops by this mailer");
    } else if (str_eq(common_port(draft), port)) {
        draft_map(draft, item, "smtp_tcp_port", "%.*s", STR_ARG(port));
    } else {
        draft_open_point(draft, item,
                         "take a newer Postfix, or set default_transport to a service "
                         "with that port",
                         "the target's Postfix has no smtp_tcp_port for all mail");
    }
}

static void map_common_mailer(struct draft *draft, const struct sendmail_item *item)
{
    struct str mailer = sendmail_item_value(draft, item);

    if (arguments_of(mailer) == NULL || str_is_nocase(mailer, "dsmtp"))
        draft_open_point(draft, item, "set default_transport to a service that does what it does",
                         "mail for other hosts goes by the mailer %.*s", STR_ARG(mailer));
    else
        draft_fate(
            draft, item, FATE_ALREADY,
            "Postfix's smtp client speaks ESMTP and keeps eight-bit mail as its peers allow");
}

static void map_mailers(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confRELAY_MAILER");

    draft_fate(draft, item, FATE_MAPPED, "the mailer of SMART_HOST and MAIL_HUB");
    item = sendmail_define(draft->sendmail, "confSMTP_MAILER");
    if (item != NULL)
        map_common_mailer(draft, item);
    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++) {
        item = sendmail_define(draft->sendmail, mailers[i].arguments);
        if (item != NULL)
            map_mailer_arguments(draft, item, str_of(mailers[i].mailer));
    }
}

/* D lines of a sendmail.cf: S is SMART_HOST, H MAIL_HUB, L LUSER_RELAY, R LOCAL_RELAY */
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
