#include "convert/access/access.h"

#include "base/map.h"
#include "convert/access/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

/* --- features that set no table --------------------------------------------------------------- */

static void set_feature_fate(struct draft *draft, const char *feature, enum sendmail_fate fate,
                             const char *text)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, feature);

    if (item != NULL)
        draft_fate(draft, item, fate, "%s", text);
}

static void open_feature(struct draft *draft, const char *feature, const char *advice,
                         const char *text)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, feature);

    if (item != NULL)
        draft_open_point(draft, item, advice, "%s", text);
}

/* a feature above the access_db that it needs has no effect (cf/feature) */
static bool is_before_table(const struct access *access, const struct sendmail_item *item)
{
    return access->feature == NULL || item->number < access->feature->number;
}

static void map_blocklist(struct access *access)
{
    static const char *const names[] = {"blocklist_recipients", "blacklist_recipients"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sendmail_item *item = sendmail_feature(access->draft->sendmail, names[i]);
        if (item == NULL)
            continue;
        if (is_before_table(access, item)) {
            access->blocks_recipients = false;
            draft_fate(access->draft, item, FATE_MEANINGLESS,
                       "it is above FEATURE(`access_db'), where Sendmail ignores it");
        } else {
            draft_fate(
                access->draft, item, FATE_MAPPED,
                "recipients are looked up in the access table: smtpd_recipient_restrictions");
        }
    }
}

static void map_delay(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "delay_checks");

    if (item == NULL)
        return;
    draft_fate(draft, item, FATE_MAPPED,
               "clients and senders are checked at RCPT, senders first, in %s",
               access_sender_list(draft));
}

static void map_relay_features(struct draft *draft)
{
    open_feature(draft, "promiscuous_relay",
                 "list the hosts that may relay in mynetworks, or require authentication; no "
                 "server on the Internet should relay for everyone",
                 "relays mail for everyone");
    open_feature(draft, "relay_local_from",
                 "require authentication from these users (smtpd_sasl_auth_enable), or list their "
                 "networks in mynetworks.  To keep the old behaviour, create a table with \"DOMAIN "
                 "OK\" for each name in mydestination and use it with check_sender_access before "
                 "reject_unauth_destination in smtpd_relay_restrictions; the server is then an "
                 "open relay for anyone who knows one of the domains",
                 "relays mail for anyone who uses a local sender address, which anyone can forge");
    open_feature(
        draft, "relay_mail_from",
        arena_printf(
            draft->arena,
            "require authentication from these senders (smtpd_sasl_auth_enable), or list their "
            "networks in mynetworks.  To keep the old behaviour, put \"check_sender_access "
            "%.*s:%.*s/relay_from\" before reject_unauth_destination in smtpd_relay_restrictions, "
            "with \"ADDRESS OK\" in that table for each sender; the server is then an open relay "
            "for anyone who knows one of the addresses",
            STR_ARG(draft->platform->default_database_type),
            STR_ARG(draft->platform->config_directory))
            .at,
        "relays mail for the senders in the access table, which anyone can forge");
}

/*
 * defer_forged_clients - a client whose name does not resolve to its address is deferred, one
 * without a name is rejected (m4/proto.m4, require_rdns); unknown_client_reject_code covers both.
 * The table is also looked up with the address.
 */
static void defer_forged_clients(struct draft *draft, const struct sendmail_item *item,
                                 const char *list, int rank)
{
    struct draft_table *unknown = draft_table(draft, "access_unknown_client", DRAFT_INDEXED);
    struct draft_table *named = draft_table(draft, "access_forged_client", DRAFT_REGEXP);

    draft_entry(draft, unknown, item, str_of("unknown"), str_of("forged_client"));
    draft_entry(draft, named, item, str_of("!/^(unknown|[0-9.]+|.*:.*)$/"),
                str_of("451 4.1.8 Possibly forged hostname"));
    draft_add(draft, item, PARAM_SMTPD_RESTRICTION_CLASSES, RANK_CONNECT, "forged_client");
    draft_set_named(draft, item, "forged_client", "check_reverse_client_hostname_access %.*s",
                    STR_ARG(draft_table_ref(draft, named)));
    draft_add_named(draft, item, list, rank, "check_client_access %.*s",
                    STR_ARG(draft_table_ref(draft, unknown)));
}

static void map_rdns(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "require_rdns");
    const char *list = access_client_list(draft);
    int rank = access_client_rank(draft, ACCESS_RANK_RDNS);

    if (!feature_is_on(draft, "require_rdns"))
        return;
    draft_add_named(draft, item, list, rank, "permit_mynetworks");
    defer_forged_clients(draft, item, list, rank + 1);
    draft_add_named(draft, item, list, rank + 2, "reject_unknown_client_hostname");
    draft_set(draft, item, PARAM_UNKNOWN_CLIENT_REJECT_CODE, "550");
    draft_fate(draft, item, FATE_MAPPED,
               "%s: reject_unknown_client_hostname, except for mynetworks", list);
}

/* --- block_bad_helo --------------------------------------------------------------------------- */

static const char HELO_LIST[] = "smtpd_helo_restrictions";

/* networks of class R are exempt; networks that the access table lets relay are not */
static void spare_relay_networks(struct draft *draft, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "access_helo_client", DRAFT_CIDR);

    draft_entry(draft, table, item, str_of("127.0.0.0/8"), str_of("OK"));
    draft_entry(draft, table, item, str_of("::1"), str_of("OK"));
    draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_RECIPIENT,
              "check_client_access %.*s", STR_ARG(draft_table_ref(draft, table)));
    for (size_t i = 0; i < draft->part_count; i++) {
        struct str value = draft->parts[i].value, network = value;
        const struct sendmail_item *from = draft->parts[i].item;
        if (!str_is(draft->parts[i].list, "mynetworks") || from == NULL ||
            str_is(from->name, "access") || str_is(from->name, "access_db"))
            continue;
        if (str_starts(value, "cidr:")) {
            draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_RECIPIENT + 1,
                      "check_client_access %.*s", STR_ARG(value));
            continue;
        }
        if (value.len > 0 && value.at[0] == '[') {
            size_t end = str_find(value, ']', 0);
            network = arena_printf(draft->arena, "%.*s%.*s", STR_ARG(str_slice(value, 1, end)),
                                   STR_ARG(str_slice(value, end + 1, value.len)));
        }
        draft_entry(draft, table, item, network, str_of("OK"));
    }
}

/* An OK for the sender, spam friends and authenticated clients are exempt as well, as in
   check_rcpt.  Other results of these tables are found again in the lists that they belong to. */
static void spare_senders(struct draft *draft, const struct sendmail_item *item)
{
    static const char *const tables[] = {"access_sender", "access_sender_domain"};

    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        struct str ref = draft_table_ref(draft, table);
        if (str_is(table->name, "access_spam") && access_delay_kind(draft) == 'f')
            draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_CONNECT,
                      "check_recipient_access %.*s", STR_ARG(ref));
        for (int j = 0; j < 2; j++)
            if (str_is(table->name, tables[j]))
                draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_SENDER + j,
                          "check_sender_access %.*s", STR_ARG(ref));
    }
    if (sendmail_next(draft->sendmail, ITEM_MACRO, "TRUST_AUTH_MECH", NULL) != NULL)
        draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_AUTH,
                  "permit_sasl_authenticated");
}

static void refuse_own_names(struct draft *draft, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "access_helo", DRAFT_REGEXP);
    size_t count;
    const struct str *names = access_local_names(draft, &count);
    struct map seen; /* patterns, because a subdomain is another host */

    map_init(&seen, draft->arena);
    for (size_t i = 0; i < count; i++)
        if (map_get(&seen, names[i]) == NULL) {
            map_put(&seen, names[i], table);
            draft_entry(draft, table, item, addresses_pattern(draft->arena, "/^", names[i], "$/"),
                        str_of("550 5.7.1 bogus HELO name used"));
        }
    if (count > 0)
        draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_RECIPIENT + 10,
                  "check_helo_access %.*s", STR_ARG(draft_table_ref(draft, table)));
}

/* Sendmail adds its rules for this after those of check_rcpt only if checks are delayed; otherwise
   they follow Relay_ok, which is reached only by mail that is rejected anyway */
static void map_bad_helo(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "block_bad_helo");

    if (!feature_is_on(draft, "block_bad_helo"))
        return;
    if (!access_delayed(draft)) {
        draft_fate(
            draft, item, FATE_MEANINGLESS,
            "without FEATURE(`delay_checks') it rejects only mail that would not be relayed "
            "anyway; smtpd_helo_restrictions with reject_non_fqdn_helo_hostname is stricter");
        return;
    }
    draft_set(draft, item, PARAM_SMTPD_HELO_REQUIRED, "yes");
    spare_senders(draft, item);
    spare_relay_networks(draft, item);
    refuse_own_names(draft, item);
    draft_add(draft, item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_RECIPIENT + 11,
              "reject_non_fqdn_helo_hostname");
    draft_fate(draft, item, FATE_MAPPED,
               "%s: rejects the names of this host and names without a dot", HELO_LIST);
}

static void map_bad_mx(struct draft *draft)
{
    static const char *const networks[] = {"127.0.0.0/8", "10.0.0.0/8", "0.0.0.0"};
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "badmx");

    if (item == NULL)
        return;
    if (str_trim(sendmail_argument(item, 0)).len > 0) {
        draft_open_point(
            draft, item,
            "use check_sender_mx_access with a cidr: table of the networks that the expression "
            "matches",
            "rejects senders whose MX host has an address that matches a regular expression");
        return;
    }
    struct draft_table *table = draft_table(draft, "access_bad_mx", DRAFT_CIDR);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        draft_entry(draft, table, item, str_of(networks[i]),
                    str_of("550 5.1.2 Invalid MX record for host"));
    draft_add_named(draft, item, access_sender_list(draft), RANK_SENDER + 20,
                    "check_sender_mx_access %.*s", STR_ARG(draft_table_ref(draft, table)));
    draft_fate(draft, item, FATE_MAPPED,
               "%s: check_sender_mx_access, which accepts mail if the name server does not answer",
               access_sender_list(draft));
}

/* --- the other lines of the table ------------------------------------------------------------- */

static void open_other_tag(struct draft *draft, const struct access_line *line)
{
    struct str key = sendmail_argument(line->item, 0);
    struct str tag = str_slice(key, 0, str_find(key, ':', 0));

    if (str_is_nocase(tag, "CERTISSUER") || str_is_nocase(tag, "CERTSUBJECT"))
        draft_open_point(
            draft, line->item,
            "add the certificate fingerprints of the clients to relay_clientcerts and "
            "permit_tls_clientcerts to smtpd_relay_restrictions",
            "Postfix identifies clients that may relay by their certificate fingerprints");
    else if (str_is_nocase(tag, "compat"))
        draft_open_point(
            draft, line->item, "use smtpd_restriction_classes or a policy service",
            "a Postfix table cannot be looked up with a sender and a recipient together");
    else if (str_is_nocase(tag, "bcc"))
        draft_open_point(draft, line->item, "add it to recipient_bcc_maps",
                         "sends copies of mail to a domain");
    else
        draft_open_point(
            draft, line->item, "find out what uses it and convert that by hand",
            "the tag \"%.*s:\" belongs to a feature or ruleset without equivalent in Postfix",
            STR_ARG(tag));
}

static const char *explain_no_effect(const struct access *access, const struct access_line *line)
{
    if (line->tag == ACCESS_TO)
        return access->blocks_recipients ? "it is an exception to a rule that does not exist"
                                         : "without FEATURE(`blocklist_recipients') recipients are "
                                           "looked up only for RELAY";
    if (line->tag == ACCESS_CONNECT || line->tag == ACCESS_FROM)
        return "no client or sender matches this key";
    if (line->tag == ACCESS_UNTAGGED)
        return "no lookup without a tag finds this key, or lines with tags take precedence";
    return "nothing looks it up";
}

static void finish_lines(struct access *access)
{
    struct draft *draft = access->draft;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (draft->fates[line->item->number].decided)
            continue;
        if (line->tag == ACCESS_OTHER)
            open_other_tag(draft, line);
        else if (line->tag == ACCESS_AUTH_INFO)
            draft_open_point(draft, line->item,
                             "add it to smtp_sasl_password_maps: host, then user:password",
                             "a name and password for a server");
        else if (line->tag < ACCESS_SPAM)
            draft_fate(draft, line->item, FATE_MEANINGLESS, "%s", explain_no_effect(access, line));
    }
}

static void map_table_feature(struct access *access, bool has_table)
{
    struct draft *draft = access->draft;
    const struct sendmail_table *table = sendmail_table(draft->sendmail, "access");

    if (has_table && table->from != NULL && table->from != access->feature && table->source != NULL)
        draft_fate(draft, table->from, FATE_MAPPED, "its lines are in the tables access_...");
    if (access->feature == NULL)
        return;
    if (!has_table || table->source != NULL)
        draft_fate(draft, access->feature, FATE_MAPPED,
                   "its lines are in the tables access_...; clients and senders are rejected at "
                   "RCPT (smtpd_delay_reject)");
    else if (addresses_is_ldap(table->type))
        addresses_open_directory(draft, access->feature, table);
    else if (table->path.len == 0)
        draft_open_point(draft, access->feature,
                         "write its lines to a text file next to the source and convert again",
                         "the table is of type %.*s, which cannot be read here",
                         STR_ARG(table->type));
    else
        draft_open_point(draft, access->feature,
                         "put the table next to the source and convert again",
                         "the table %.*s was not found", STR_ARG(table->path));
}

static void map_messages(struct access *access)
{
    struct draft *draft = access->draft;
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confREJECT_MSG");

    if (item != NULL)
        draft_fate(draft, item, FATE_MAPPED, "the text of the entries that reject");
    if (access->refuses) {
        draft_set(draft, NULL, PARAM_ACCESS_MAP_REJECT_CODE, "550");
        draft_reason(draft, PARAM_ACCESS_MAP_REJECT_CODE, "Sendmail answers REJECT with 550 5.7.1");
    }
    set_feature_fate(draft, "lookupdotdomain", FATE_MAPPED,
                     access->dot_keys ? "keys that start with a dot match subdomains"
                                      : "there is no access table");
    if (feature_is_on(draft, "use_client_ptr"))
        set_feature_fate(draft, "use_client_ptr", FATE_MAPPED,
                         "check_reverse_client_hostname_access looks up the name of the client's "
                         "address without verification");
}

static void map_address_forms(struct draft *draft)
{
    static const struct {
        const char *feature;
        enum parameter_number parameter;
        const char *text;
    } forms[] = {
        {"nouucp", PARAM_SWAP_BANGPATH, "addresses with ! are not rewritten: swap_bangpath = no"},
        {"nopercenthack", PARAM_ALLOW_PERCENT_HACK,
         "addresses with % are not rewritten: allow_percent_hack = no"},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct sendmail_item *item = sendmail_feature(draft->sendmail, forms[i].feature);
        if (item == NULL)
            continue;
        draft_set(draft, item, forms[i].parameter, "no");
        draft_fate(draft, item, FATE_MAPPED, "%s", forms[i].text);
    }
}

/* a feature that is named twice: the last one is in effect */
static void decide_repeated_features(struct draft *draft)
{
    static const char *const modules[] = {"access", "limits", "greet_pause", "relay", "nullclient"};
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, ITEM_FEATURE, NULL, item)) != NULL) {
        const struct sendmail_fact *fact = sendmail_item_fact(item);
        if (fact == NULL || draft->fates[item->number].decided ||
            sendmail_feature(draft->sendmail, arena_cstr(draft->arena, item->name)) == item)
            continue;
        for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
            if (str_is(fact->module, modules[i]))
                draft_fate(draft, item, FATE_MEANINGLESS, "the feature is named again later");
    }
}

void access_convert(struct draft *draft)
{
    struct access access;
    bool has_table = access_read(&access, draft);

    map_blocklist(&access);
    map_delay(draft);
    access_map_spam(&access);
    access_map_clients(&access);
    access_map_senders(&access);
    access_map_recipients(&access);
    access_map_relay(&access);
    access_map_tls(&access);
    map_table_feature(&access, has_table);
    map_messages(&access);
    map_relay_features(draft);
    map_rdns(draft);
    map_bad_helo(draft);
    map_bad_mx(draft);
    map_address_forms(draft);
    open_feature(draft, "compat_check", "use smtpd_restriction_classes or a policy service",
                 "looks up pairs of sender and recipient in the access table");
    finish_lines(&access);
    decide_repeated_features(draft);
}
