/*
 * domains - the domains of this host, the domains that it relays, and domaintable
 *
 * Class w becomes mydestination.  Class R allows relaying in both directions: to these domains
 * (relay_domains), and from clients with these names and networks (a client access table in
 * smtpd_relay_restrictions, and mynetworks).
 */
#include "convert/addresses/modules.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"
#include "parser/text/token.h"

#define LOCAL_TABLE "local-host-names"
#define RELAY_TABLE "relay-domains"

/* --- class w ---------------------------------------------------------------------------------- */

static bool is_literal(struct str word)
{
    return word.len > 2 && word.at[0] == '[' && word.at[word.len - 1] == ']' &&
           str_span(word, 1, "0123456789abcdefABCDEF.:IPv6") == word.len - 1;
}

static void add_local_name(struct draft *draft, const struct class_member *member)
{
    const struct sendmail_item *item = member->item;

    if (feature_is_on(draft, "nullclient")) {
        draft_fate(draft, item, FATE_MEANINGLESS, "a null client accepts no mail");
        return;
    }
    if (str_find(member->word, '$', 0) < member->word.len) {
        draft_open_point(draft, item, "add the name that it stands for to mydestination",
                         "Sendmail determines the name %.*s at run time", STR_ARG(member->word));
        return;
    }
    if (!addresses_is_host(member->word) && !is_literal(member->word)) {
        draft_open_point(draft, item, "add it to mydestination if it is a name of this host",
                         "%.*s is not a valid host name", STR_ARG(member->word));
        return;
    }
    addresses_begin_destinations(draft);
    if (str_is_nocase(member->word, "localhost")) {
        draft_fate(draft, item, FATE_ALREADY, "localhost is in mydestination by default");
    } else if (item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, LOCAL_TABLE, DRAFT_LIST);
        draft_entry(draft, table, item, member->word, str_of(""));
        draft_add(draft, item->table, PARAM_MYDESTINATION, 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
        draft_fate(draft, item, FATE_MAPPED, "a line of the file " LOCAL_TABLE " in mydestination");
    } else {
        draft_add(draft, item, PARAM_MYDESTINATION, 200, "%.*s", STR_ARG(member->word));
        draft_fate(draft, item, FATE_MAPPED, "%.*s in mydestination", STR_ARG(member->word));
    }
}

static void map_local_names(struct draft *draft)
{
    struct class_members members;

    class_read(draft, &class_local, &members);
    for (size_t i = 0; i < members.count; i++)
        add_local_name(draft, &members.at[i]);
    class_decide_files(draft, &class_local, "its names are in mydestination");
}

/* --- class R ---------------------------------------------------------------------------------- */

static void begin_relay_list(struct draft *draft)
{
    draft_add(draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_LAST, "reject_unauth_destination");
}

/* read_network - "192.168.1" is 192.168.1.0/24 in Sendmail, "IPv6:2001:db8" is 2001:db8::/32;
   STR_NONE if WORD is not a network */
static struct str read_network(struct arena *arena, struct str word)
{
    size_t parts = 1;

    if (word.len > 5 && str_is_nocase(str_slice(word, 0, 5), "IPv6:")) {
        struct str rest = str_slice(word, 5, word.len);
        for (size_t i = 0; i < rest.len; i++)
            parts += rest.at[i] == ':';
        if (str_span(rest, 0, "0123456789abcdefABCDEF:") < rest.len || parts > 8)
            return STR_NONE;
        if (str_search(rest, "::") < rest.len || parts == 8)
            return arena_printf(arena, "[%.*s]/128", STR_ARG(rest));
        return arena_printf(arena, "[%.*s::]/%zu", STR_ARG(rest), parts * 16);
    }
    if (str_span(word, 0, "0123456789.") < word.len)
        return STR_NONE;
    for (size_t i = 0, at = 0; at <= word.len; at++)
        if (at == word.len || word.at[at] == '.') {
            if (at == i || at - i > 3)
                return STR_NONE;
            parts += at < word.len;
            i = at + 1;
        }
    if (parts > 4)
        return STR_NONE;
    static const char *const zeros[] = {"", ".0.0.0/8", ".0.0/16", ".0/24", ""};
    return arena_printf(arena, "%.*s%s", STR_ARG(word), zeros[parts]);
}

static void add_network(struct draft *draft, const struct sendmail_item *item, struct str network)
{
    draft_add(draft, NULL, PARAM_MYNETWORKS, 100, "127.0.0.0/8");
    draft_add(draft, NULL, PARAM_MYNETWORKS, 101, "[::1]/128");
    if (item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, "relay_networks", DRAFT_CIDR);
        struct buffer key;
        buffer_init(&key, draft->arena); /* cidr_table(5) does not use brackets */
        for (size_t i = 0; i < network.len; i++)
            if (network.at[i] != '[' && network.at[i] != ']')
                buffer_add_char(&key, network.at[i]);
        draft_entry(draft, table, item, buffer_str(&key), str_of("OK"));
        draft_add(draft, item->table, PARAM_MYNETWORKS, 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, item, PARAM_MYNETWORKS, 200, "%.*s", STR_ARG(network));
    }
    draft_fate(draft, item, FATE_MAPPED, "%.*s in mynetworks: its clients may relay",
               STR_ARG(network));
}

/* smtpd tries the patterns of a table one by one, for each recipient */
enum { PATTERNS_MAX = 1000 };

/* what the relay rules of a configuration share */
struct relaying {
    struct draft *draft;
    struct class_members local, virtual, relayed;
    bool hosts_only, dot_keys;
};

static void add_client(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;
    struct draft_table *table =
        draft_table(draft, relaying->hosts_only ? "relay_hosts" : "relay_clients",
                    relaying->hosts_only ? DRAFT_REGEXP : DRAFT_INDEXED);
    struct str key = relaying->hosts_only
                         ? addresses_pattern(draft->arena, "/^", member->word, "$/")
                         : addresses_lower(draft->arena, member->word);

    draft_entry(draft, table, member->item, key, str_of("OK"));
    if (relaying->dot_keys && !relaying->hosts_only)
        draft_entry(draft, table, member->item, arena_printf(draft->arena, ".%.*s", STR_ARG(key)),
                    str_of("OK"));
    begin_relay_list(draft);
    draft_add(draft, member->item, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_RELAY,
              "check_client_access %.*s", STR_ARG(draft_table_ref(draft, table)));
}

/* add_below - mail for a domain of class VirtHost is accepted anyway, and the domain must not be in
   relay_domains; its subdomains may */
static void add_below(struct draft *draft, const struct class_member *member)
{
    struct draft_table *table = draft_table(draft, "relay_below_virtual", DRAFT_NAMES);

    draft_entry(draft, table, member->item,
                addresses_pattern(draft->arena, "/.\\.", member->word, "$/"), str_of("OK"));
    draft_add(draft, member->item, PARAM_RELAY_DOMAINS, 400, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
}

/* add_domain - allows relaying to the domain and its subdomains */
static void add_domain(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;

    if (relaying->hosts_only &&
        (class_has(&relaying->local, member->word) || class_has(&relaying->virtual, member->word)))
        return; /* mail for it is accepted anyway */
    if (class_has(&relaying->virtual, member->word)) {
        add_below(draft, member);
    } else if (relaying->hosts_only) {
        draft_add(draft, member->item, PARAM_RELAY_DOMAINS, 200, "%.*s",
                  STR_ARG(draft_table_ref(draft, draft_table(draft, "relay_hosts", DRAFT_REGEXP))));
    } else if (member->item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, RELAY_TABLE, DRAFT_LIST);
        draft_entry(draft, table, member->item, member->word, str_of(""));
        draft_add(draft, member->item->table, PARAM_RELAY_DOMAINS, 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, member->item, PARAM_RELAY_DOMAINS, 200, "%.*s", STR_ARG(member->word));
    }
}

static void map_relay(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;
    struct str word = member->word;

    if (is_literal(word))
        word = str_slice(word, 1, word.len - 1);
    struct str network = read_network(draft->arena, word);
    if (network.at != NULL) {
        add_network(draft, member->item, network);
        return;
    }
    if (!addresses_is_host(member->word)) {
        draft_open_point(
            draft, member->item, "add a network to mynetworks, a domain to relay_domains",
            "Sendmail would read %.*s neither as a domain nor as a network", STR_ARG(member->word));
        return;
    }
    add_client(relaying, member);
    add_domain(relaying, member);
    draft_fate(draft, member->item, FATE_MAPPED,
               "mail for %.*s is relayed (relay_domains), and mail from clients with that name "
               "(check_client_access in smtpd_relay_restrictions)",
               STR_ARG(member->word));
}

/*
 * map_virtual - class VirtHost is part of class R: clients with these names may relay, and mail for
 * their subdomains is relayed (m4/proto.m4, CR$={VirtHost})
 */
static void map_virtual(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;
    /* with virtuser_entire_domain the subdomains are in virtual_alias_domains */
    bool below = !relaying->hosts_only && relaying->virtual.count <= PATTERNS_MAX &&
                 !feature_is_on(draft, "virtuser_entire_domain");

    if (!addresses_is_host(member->word) || class_covers(&relaying->relayed, member->word))
        return;
    add_client(relaying, member);
    if (below)
        add_below(draft, member);
    draft_fate(draft, member->item, FATE_MAPPED,
               "mail from clients in %.*s is relayed%s: it is part of class R",
               STR_ARG(member->word), below ? ", and mail for its subdomains" : "");
}

/* map_own_client - clients with one of the names of this host may relay; subdomains may not */
static void map_own_client(struct draft *draft, struct str name, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "relay_own_names", DRAFT_NAMES);

    if (table->count == 0)
        draft_add(draft, item, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_RELAY,
                  "check_client_access %.*s", STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, item, addresses_pattern(draft->arena, "/^", name, "$/"),
                str_of("OK"));
    if (item->kind != ITEM_DEFINE) /* the host's own name becomes myhostname */
        draft_fate(draft, item, FATE_MAPPED, "a client with exactly this name may relay");
}

static void map_own_clients(struct draft *draft)
{
    struct class_members locals;
    struct str own = addresses_own_name(draft);
    bool few;

    if (feature_is_on(draft, "nullclient"))
        return;
    class_read(draft, &class_local, &locals);
    if (own.at != NULL && addresses_is_host(own) && !class_has(&locals, own))
        map_own_client(draft, own, sendmail_define(draft->sendmail, "confDOMAIN_NAME"));
    few = locals.count <= PATTERNS_MAX;
    if (!few)
        draft_remark(
            draft,
            arena_printf(draft->arena,
                         "Sendmail relays for clients whose name is one of this host's names. "
                         "There are more than %d names, too many to check in each session: add the "
                         "addresses of clients that need it to mynetworks.",
                         PATTERNS_MAX)
                .at);
    for (size_t i = 0; few && i < locals.count; i++)
        if (addresses_is_host(locals.at[i].word) && !str_is_nocase(locals.at[i].word, "localhost"))
            map_own_client(draft, locals.at[i].word, locals.at[i].item);
}

static void map_relays(struct draft *draft)
{
    struct relaying relaying = {.draft = draft};
    struct class_members members;

    relaying.hosts_only = feature_is_on(draft, "relay_hosts_only");
    relaying.dot_keys = feature_has_dot_keys(draft);
    class_read_local(draft, &relaying.local);
    class_read(draft, &class_virtual, &relaying.virtual);
    class_read(draft, &class_relay, &members);
    for (size_t i = 0; i < members.count; i++)
        map_relay(&relaying, &members.at[i]);
    relaying.relayed = members;
    if (relaying.virtual.count > PATTERNS_MAX)
        draft_remark(
            draft,
            arena_printf(draft->arena,
                         "Sendmail relays mail for subdomains of virtual domains. There are more "
                         "than %d domains, too many to check in each session: add the subdomains "
                         "that need it to relay_domains.",
                         PATTERNS_MAX)
                .at);
    for (size_t i = 0; i < relaying.virtual.count; i++)
        map_virtual(&relaying, &relaying.virtual.at[i]);
    map_own_clients(draft);
    class_decide_files(draft, &class_relay,
                       "its lines are in relay_domains, relay_clients and mynetworks");
}

static void map_relay_features(struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "relay_entire_domain");

    if (item != NULL) {
        begin_relay_list(draft);
        draft_add(draft, item, PARAM_RELAY_DOMAINS, 100, "$mydomain");
        if (draft_has_table_type(draft, "inline")) {
            draft_add(draft, item, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_RELAY,
                      "check_client_access inline:{{$mydomain = OK}}");
            draft_fate(draft, item, FATE_MAPPED,
                       "mail for and from the hosts in $mydomain is relayed");
        } else {
            draft_open_point(draft, item,
                             "add the hosts of your domain to a check_client_access table in "
                             "smtpd_relay_restrictions",
                             "mail for $mydomain is relayed; mail from its hosts is not");
        }
    }
    item = sendmail_feature(draft->sendmail, "relay_based_on_MX");
    if (item != NULL) /* with permit_mx_backup any domain can use this host as a relay by naming it
                         as MX */
        draft_open_point(draft, item,
                         "list the domains that this host relays mail for in relay_domains.  To "
                         "keep the old behaviour, put permit_mx_backup before "
                         "reject_unauth_destination in smtpd_relay_restrictions; anyone with a "
                         "domain can then relay mail for it through this host",
                         "mail for other domains that have this host as MX is rejected");
    item = sendmail_feature(draft->sendmail, "relay_hosts_only");
    if (item != NULL)
        draft_fate(draft, item, FATE_MAPPED,
                   "relay domains match complete names only: relay_hosts is a table of patterns");
}

/* --- tables of domains ------------------------------------------------------------------------ */

/* does virtusertable have addresses of this domain? */
static bool has_virtual_users(const struct draft *draft, struct str domain)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, "virtusertable", line)) != NULL)
        if (str_eq_nocase(addresses_domain(line->arguments[0]), domain))
            return true;
    return false;
}

/*
 * add_domain_line - smtpd(8) checks the address before canonical_maps rewrites it: a domain that is
 * replaced by one of this host becomes a domain of this host too, so that unknown users are
 * rejected, and outgoing mail gets the new name
 */
static void add_domain_line(struct relaying *relaying, const struct sendmail_item *line,
                            struct str to)
{
    struct draft *draft = relaying->draft;
    struct str from = addresses_lower(draft->arena, line->arguments[0]);
    struct str key = arena_printf(draft->arena, "@%.*s", STR_ARG(from));
    struct str value = arena_printf(draft->arena, "@%.*s", STR_ARG(to));
    bool local = class_has(&relaying->local, to);
    bool same = local && !has_virtual_users(draft, to);
    struct draft_table *table =
        draft_table(draft, same ? "domaintable_local" : "domaintable", DRAFT_INDEXED);

    if (table->count == 0)
        draft_add(draft, line, same ? PARAM_SMTP_GENERIC_MAPS : PARAM_CANONICAL_MAPS, 100, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, line, key, value);
    if (same) {
        addresses_begin_destinations(draft);
        if (!class_has(&relaying->local, from))
            draft_add(draft, line, PARAM_MYDESTINATION, 250, "%.*s", STR_ARG(from));
        draft_fate(draft, line, FATE_MAPPED,
                   "%.*s in mydestination, like %.*s; smtp_generic_maps: %.*s becomes %.*s in "
                   "outgoing mail (mail for users of this host keeps the old name in its headers)",
                   STR_ARG(from), STR_ARG(to), STR_ARG(key), STR_ARG(value));
        return;
    }
    if (local || class_has(&relaying->virtual, to) || class_covers(&relaying->relayed, to))
        draft_add(draft, line, PARAM_RELAY_DOMAINS, 250, "%.*s", STR_ARG(from));
    addresses_rewrite_all_headers(draft, line);
    draft_fate(draft, line, FATE_MAPPED, "canonical_maps: %.*s becomes %.*s", STR_ARG(key),
               STR_ARG(value));
}

static void map_domaintable(struct draft *draft)
{
    struct relaying relaying = {.draft = draft};
    const struct sendmail_item *line = NULL;

    if (!addresses_table(draft, "domaintable"))
        return;
    class_read_local(draft, &relaying.local);
    class_read(draft, &class_virtual, &relaying.virtual);
    class_read(draft, &class_relay, &relaying.relayed);
    while ((line = addresses_line(draft, "domaintable", line)) != NULL) {
        struct str to = str_trim(sendmail_argument(line, 1));
        if (!addresses_is_host(line->arguments[0]) || !addresses_is_host(to))
            draft_open_point(draft, line, "add the line to canonical_maps if it is still needed",
                             "one of the two is not a valid domain name");
        else
            add_domain_line(&relaying, line, to);
    }
    draft_fate(draft, sendmail_table(draft->sendmail, "domaintable")->from, FATE_MAPPED,
               "each line of the table has its own entry");
    feature_decide(draft, "domaintable", FATE_MEANINGLESS, "a later line names the table again");
}

/* open_old_table - Postfix has no equivalent for the tables of old networks */
static void open_old_table(struct draft *draft, const char *name)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, name, line)) != NULL)
        draft_open_point(draft, line, "add it to canonical_maps if such mail still arrives",
                         "Postfix has no %s", name);
}

/* --- defines ---------------------------------------------------------------------------------- */

static void decide_define(struct draft *draft, const char *define, const char *table_name)
{
    const struct sendmail_item *item = sendmail_define(draft->sendmail, define);
    const struct sendmail_table *table = sendmail_table(draft->sendmail, table_name);

    if (item == NULL || draft->fates[item->number].decided)
        return;
    if (table == NULL)
        draft_fate(draft, item, FATE_MEANINGLESS, "no feature reads this file");
    else if (table->source == NULL)
        draft_open_point(
            draft, item,
            "put the file next to the macro file and convert again, or convert its lines by hand",
            "the file was not found");
    else
        draft_fate(draft, item, FATE_MAPPED, "the name of a file that was read");
}

static void decide_cw_feature(struct draft *draft)
{
    const struct sendmail_item *item = NULL;
    const struct sendmail_table *table = sendmail_table(draft->sendmail, LOCAL_TABLE);

    while ((item = sendmail_next(draft->sendmail, ITEM_FEATURE, "use_cw_file", item)) != NULL) {
        if (draft->fates[item->number].decided)
            continue;
        if (table == NULL || table->source == NULL)
            draft_open_point(draft, item,
                             "put the file next to the macro file and convert again, or add its "
                             "names to mydestination",
                             "the file " LOCAL_TABLE " was not found");
        else
            draft_fate(draft, item, FATE_MAPPED, "its names are in mydestination");
    }
}

void domains_convert(struct draft *draft)
{
    map_local_names(draft);
    decide_cw_feature(draft);
    decide_define(draft, "confCW_FILE", LOCAL_TABLE);
    begin_relay_list(draft);
    map_relays(draft);
    map_relay_features(draft);
    decide_define(draft, "confCR_FILE", RELAY_TABLE);
    map_domaintable(draft);
    open_old_table(draft, "bitdomain");
    open_old_table(draft, "uucpdomain");
}
