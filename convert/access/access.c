#include "convert/access/access.h"

#include "base/map.h"
#include "convert/access/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

/* --- features that the tables need no more than mention --------------------------------------- */

static void say(struct draft *draft, const char *feature, enum sendmail_fate fate, const char *text)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, feature);

    if (item != NULL)
        draft_fate(draft, item, fate, "%s", text);
}

static void ask(struct draft *draft, const char *feature, const char *advice, const char *text)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, feature);

    if (item != NULL)
        draft_open_point(draft, item, advice, "%s", text);
}

/* features that stand before the access_db that they need have no effect (cf/feature) */
static bool stands_before_table(const struct access *access, const struct sendmail_item *item)
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
        if (stands_before_table(access, item)) {
            access->blocks_recipients = false;
            draft_fate(access->draft, item, FATE_MEANINGLESS,
                       "it stands before FEATURE(`access_db'), and Sendmail refuses it there");
        } else {
            draft_fate(access->draft, item, FATE_MAPPED,
                       "the table is asked for recipients too: smtpd_recipient_restrictions");
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
    ask(draft, "promiscuous_relay",
        "name those who may relay in mynetworks, or let them authenticate: nothing in Postfix "
        "relays for everyone unasked, and no server on the Internet should",
        "relays for everyone");
    ask(draft, "relay_local_from",
        "let these users authenticate (smtpd_sasl_auth_enable), or name their networks in "
        "mynetworks.  Who wants it all the same writes a table with a line \"DOMAIN OK\" for each "
        "name of mydestination, and check_sender_access with it before reject_unauth_destination "
        "in smtpd_relay_restrictions: that is an open relay to all who know the domain's name",
        "relays for whoever names a local sender, and anybody can");
    ask(draft, "relay_mail_from",
        arena_printf(
            draft->arena,
            "let these senders authenticate (smtpd_sasl_auth_enable), or name their "
            "networks in mynetworks.  Who wants it all the same writes \"check_sender_access "
            "%.*s:%.*s/relay_from\" before reject_unauth_destination in "
            "smtpd_relay_restrictions, with \"ADDRESS OK\" in that table for each sender: "
            "that is an open relay to all who know one of the names",
            STR_ARG(draft->platform->default_database_type),
            STR_ARG(draft->platform->config_directory))
            .at,
        "relays for senders that the access table names, and anybody can claim to be one");
}

/*
 * defer_forged - a client whose name does not lead back to it may come again, one without a name
 * not (m4/proto.m4, require_rdns); unknown_client_reject_code is one for both.  The
 * table is asked for the address too.
 */
static void defer_forged(struct draft *draft, const struct sendmail_item *item, const char *list,
                         int rank)
{
    struct draft_table *unknown = draft_table(draft, "access_unknown_client", DRAFT_INDEXED);
    struct draft_table *named = draft_table(draft, "access_forged_client", DRAFT_REGEXP);

    draft_entry(draft, unknown, item, str_of("unknown"), str_of("forged_client"));
    draft_entry(draft, named, item, str_of("!/^(unknown|[0-9.]+|.*:.*)$/"),
                str_of("451 4.1.8 Possibly forged hostname"));
    draft_add(draft, item, "smtpd_restriction_classes", RANK_CONNECT, "forged_client");
    draft_set(draft, item, "forged_client", "check_reverse_client_hostname_access %.*s",
              STR_ARG(draft_table_ref(draft, named)));
    draft_add(draft, item, list, rank, "check_client_access %.*s",
              STR_ARG(draft_table_ref(draft, unknown)));
}

static void map_rdns(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "require_rdns");
    const char *list = access_client_list(draft);
    int rank = access_client_rank(draft, ACCESS_RANK_RDNS);

    if (!feature_is_on(draft, "require_rdns"))
        return;
    draft_add(draft, item, list, rank, "permit_mynetworks");
    defer_forged(draft, item, list, rank + 1);
    draft_add(draft, item, list, rank + 2, "reject_unknown_client_hostname");
    draft_set(draft, item, "unknown_client_reject_code", "550");
    draft_fate(draft, item, FATE_MAPPED, "%s: reject_unknown_client_hostname, but for mynetworks",
               list);
}

/* --- block_bad_helo --------------------------------------------------------------------------- */

static const char HELO_LIST[] = "smtpd_helo_restrictions";

/* networks of class R are spared; those that the access table lets relay are not */
static void spare_relay_networks(struct draft *draft, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "access_helo_client", DRAFT_CIDR);

    draft_entry(draft, table, item, str_of("127.0.0.0/8"), str_of("OK"));
    draft_entry(draft, table, item, str_of("::1"), str_of("OK"));
    draft_add(draft, item, HELO_LIST, RANK_RECIPIENT, "check_client_access %.*s",
              STR_ARG(draft_table_ref(draft, table)));
    for (size_t i = 0; i < draft->part_count; i++) {
        struct str value = draft->parts[i].value, network = value;
        const struct sendmail_item *from = draft->parts[i].item;
        if (!str_is(draft->parts[i].list, "mynetworks") || from == NULL ||
            str_is(from->name, "access") || str_is(from->name, "access_db"))
            continue;
        if (str_starts(value, "cidr:")) {
            draft_add(draft, item, HELO_LIST, RANK_RECIPIENT + 1, "check_client_access %.*s",
                      STR_ARG(value));
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

/* an OK for the sender, a friend of spam and who has logged in are spared too, as in check_rcpt;
   what else the tables say is said again by the lists that have them */
static void spare_senders(struct draft *draft, const struct sendmail_item *item)
{
    static const char *const tables[] = {"access_sender", "access_sender_domain"};

    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        struct str ref = draft_table_ref(draft, table);
        if (str_is(table->name, "access_spam") && access_delay_kind(draft) == 'f')
            draft_add(draft, item, HELO_LIST, RANK_CONNECT, "check_recipient_access %.*s",
                      STR_ARG(ref));
        for (int j = 0; j < 2; j++)
            if (str_is(table->name, tables[j]))
                draft_add(draft, item, HELO_LIST, RANK_SENDER + j, "check_sender_access %.*s",
                          STR_ARG(ref));
    }
    if (sendmail_next(draft->sendmail, ITEM_MACRO, "TRUST_AUTH_MECH", NULL) != NULL)
        draft_add(draft, item, HELO_LIST, RANK_AUTH, "permit_sasl_authenticated");
}

static void refuse_own_names(struct draft *draft, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "access_helo", DRAFT_REGEXP);
    size_t count;
    const struct str *names = access_local_names(draft, &count);
    struct map seen; /* patterns, for what is below a name is another host */

    map_init(&seen, draft->arena);
    for (size_t i = 0; i < count; i++)
        if (map_get(&seen, names[i]) == NULL) {
            map_put(&seen, names[i], table);
            draft_entry(draft, table, item, addresses_pattern(draft->arena, "/^", names[i], "$/"),
                        str_of("550 5.7.1 bogus HELO name used"));
        }
    if (count > 0)
        draft_add(draft, item, HELO_LIST, RANK_RECIPIENT + 10, "check_helo_access %.*s",
                  STR_ARG(draft_table_ref(draft, table)));
}

/* Sendmail's rules for it hang behind those of check_rcpt only where checks are delayed; else they
   hang behind Relay_ok, which gets there with what it refuses anyway */
static void map_bad_helo(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "block_bad_helo");

    if (!feature_is_on(draft, "block_bad_helo"))
        return;
    if (!access_delayed(draft)) {
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "without FEATURE(`delay_checks') it refuses only what is not relayed anyway; "
                   "smtpd_helo_restrictions with reject_non_fqdn_helo_hostname would do more");
        return;
    }
    draft_set(draft, item, "smtpd_helo_required", "yes");
    spare_senders(draft, item);
    spare_relay_networks(draft, item);
    refuse_own_names(draft, item);
    draft_add(draft, item, HELO_LIST, RANK_RECIPIENT + 11, "reject_non_fqdn_helo_hostname");
    draft_fate(draft, item, FATE_MAPPED,
               "%s: the host's own names and names without a dot are refused", HELO_LIST);
}

static void map_bad_mx(struct draft *draft)
{
    static const char *const networks[] = {"127.0.0.0/8", "10.0.0.0/8", "0.0.0.0"};
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "badmx");

    if (item == NULL)
        return;
    if (str_trim(sendmail_argument(item, 0)).len > 0) {
        draft_open_point(draft, item,
                         "use check_sender_mx_access with a cidr: table of the networks that the "
                         "expression stands for",
                         "refuses senders whose MX has an address that a regular expression "
                         "matches");
        return;
    }
    struct draft_table *table = draft_table(draft, "access_bad_mx", DRAFT_CIDR);
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
        draft_entry(draft, table, item, str_of(networks[i]),
                    str_of("550 5.1.2 Invalid MX record for host"));
    draft_add(draft, item, access_sender_list(draft), RANK_SENDER + 20,
              "check_sender_mx_access %.*s", STR_ARG(draft_table_ref(draft, table)));
    draft_fate(draft, item, FATE_MAPPED,
               "%s: check_sender_mx_access, which takes mail where the name server does not answer",
               access_sender_list(draft));
}

/* --- what is left of the table ---------------------------------------------------------------- */

static void ask_other(struct draft *draft, const struct access_line *line)
{
    struct str key = sendmail_argument(line->item, 0);
    struct str tag = str_slice(key, 0, str_find(key, ':', 0));

    if (str_is_nocase(tag, "CERTISSUER") || str_is_nocase(tag, "CERTSUBJECT"))
        draft_open_point(draft, line->item,
                         "put the fingerprints of the clients' certificates into relay_clientcerts "
                         "and permit_tls_clientcerts into smtpd_relay_restrictions",
                         "Postfix lets clients relay by the fingerprints of their certificates");
    else if (str_is_nocase(tag, "compat"))
        draft_open_point(draft, line->item, "use smtpd_restriction_classes, or a policy service",
                         "no table of Postfix is asked for a sender and a recipient together");
    else if (str_is_nocase(tag, "bcc"))
        draft_open_point(draft, line->item, "write it into recipient_bcc_maps",
                         "sends copies of mail to a domain");
    else
        draft_open_point(draft, line->item, "see what asks for it, and carry that over by hand",
                         "the tag \"%.*s:\" is for a feature or ruleset that has no equivalent",
                         STR_ARG(tag));
}

static const char *why_nothing(const struct access *access, const struct access_line *line)
{
    if (line->tag == ACCESS_TO)
        return access->blocks_recipients
                   ? "nothing is refused that this line could be an exception of"
                   : "without FEATURE(`blocklist_recipients') recipients are only looked up for "
                     "RELAY";
    if (line->tag == ACCESS_CONNECT || line->tag == ACCESS_FROM)
        return "no client or sender looks like this key";
    if (line->tag == ACCESS_UNTAGGED)
        return "no lookup without a tag finds this key, or lines with tags stand before it";
    return "nothing asks for it";
}

static void finish_lines(struct access *access)
{
    struct draft *draft = access->draft;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (draft->fates[line->item->number].decided)
            continue;
        if (line->tag == ACCESS_OTHER)
            ask_other(draft, line);
        else if (line->tag == ACCESS_AUTH_INFO)
            draft_open_point(draft, line->item,
                             "write it into smtp_sasl_password_maps: host, then user:password",
                             "a name and password for a server");
        else if (line->tag < ACCESS_SPAM)
            draft_fate(draft, line->item, FATE_MEANINGLESS, "%s", why_nothing(access, line));
    }
}

static void map_table_feature(struct access *access, bool has_table)
{
    struct draft *draft = access->draft;
    const struct sendmail_table *table = sendmail_table(draft->sendmail, "access");

    if (has_table && table->from != NULL && table->from != access->feature && table->source != NULL)
        draft_fate(draft, table->from, FATE_MAPPED, "its lines stand in the tables access_...");
    if (access->feature == NULL)
        return;
    if (!has_table || table->source != NULL)
        draft_fate(draft, access->feature, FATE_MAPPED,
                   "its lines stand in the tables access_...; what is refused is refused at RCPT, "
                   "as smtpd_delay_reject says");
    else if (addresses_is_ldap(table->type))
        addresses_open_directory(draft, access->feature, table);
    else if (table->path.len == 0)
        draft_open_point(draft, access->feature,
                         "write its lines to a text file beside the source, and convert again",
                         "the table is a %.*s map, which is not read here", STR_ARG(table->type));
    else
        draft_open_point(draft, access->feature,
                         "put the table beside the source, and convert again",
                         "the table %.*s is not there", STR_ARG(table->path));
}

static void map_messages(struct access *access)
{
    struct draft *draft = access->draft;
    const struct sendmail_item *item = sendmail_define(draft->sendmail, "confREJECT_MSG");

    if (item != NULL)
        draft_fate(draft, item, FATE_MAPPED, "the text of the entries that refuse");
    if (access->refuses) {
        draft_set(draft, NULL, "access_map_reject_code", "550");
        draft_reason(draft, "access_map_reject_code", "Sendmail answers REJECT with 550 5.7.1");
    }
    say(draft, "lookupdotdomain", FATE_MAPPED,
        access->dot_keys ? "keys that begin with a dot are for what is below a domain"
                         : "there is no access table");
    if (feature_is_on(draft, "use_client_ptr"))
        say(draft, "use_client_ptr", FATE_MAPPED,
            "check_reverse_client_hostname_access asks for the name that the address has");
}

static void map_address_forms(struct draft *draft)
{
    static const struct {
        const char *feature, *parameter, *text;
    } forms[] = {
        {"nouucp", "swap_bangpath", "addresses with ! are not routed: swap_bangpath = no"},
        {"nopercenthack", "allow_percent_hack",
         "addresses with % are not routed: allow_percent_hack = no"},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const struct sendmail_item *item = sendmail_feature(draft->sendmail, forms[i].feature);
        if (item == NULL)
            continue;
        draft_set(draft, item, forms[i].parameter, "no");
        draft_fate(draft, item, FATE_MAPPED, "%s", forms[i].text);
    }
}

/* a feature that is named twice: the last one says it all */
static void decide_repeated(struct draft *draft)
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
    ask(draft, "compat_check", "use smtpd_restriction_classes, or a policy service",
        "looks pairs of sender and recipient up in the access table");
    finish_lines(&access);
    decide_repeated(draft);
}
