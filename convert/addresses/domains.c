/*
 * domains - which domains are this host's own, which it relays, which stand for others
 *
 * Class w becomes mydestination.  Class R says in Sendmail whose mail is relayed in both ways: to
 * those domains (relay_domains), and from clients of those names and networks (a client access
 * table in smtpd_relay_restrictions, mynetworks).
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

static void map_local(struct draft *draft, const struct class_member *member)
{
    const struct sendmail_item *item = member->item;

    if (feature_is_on(draft, "nullclient")) {
        draft_fate(draft, item, FATE_MEANINGLESS, "a null client takes mail for no domain");
        return;
    }
    if (str_find(member->word, '$', 0) < member->word.len) {
        draft_open_point(draft, item, "add the name that it stands for to mydestination",
                         "the name %.*s is made when Sendmail runs", STR_ARG(member->word));
        return;
    }
    if (!addresses_is_host(member->word) && !is_literal(member->word)) {
        draft_open_point(draft, item, "add it to mydestination if it is a name of this host",
                         "%.*s is no host name", STR_ARG(member->word));
        return;
    }
    addresses_begin_destinations(draft);
    if (str_is_nocase(member->word, "localhost")) {
        draft_fate(draft, item, FATE_ALREADY, "localhost is always in mydestination");
    } else if (item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, LOCAL_TABLE, DRAFT_LIST);
        draft_entry(draft, table, item, member->word, str_of(""));
        draft_add(draft, item->table, "mydestination", 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
        draft_fate(draft, item, FATE_MAPPED, "a line of the file " LOCAL_TABLE " in mydestination");
    } else {
        draft_add(draft, item, "mydestination", 200, "%.*s", STR_ARG(member->word));
        draft_fate(draft, item, FATE_MAPPED, "%.*s in mydestination", STR_ARG(member->word));
    }
}

static void map_locals(struct draft *draft)
{
    struct class_members members;

    class_read(draft, &class_local, &members);
    for (size_t i = 0; i < members.count; i++)
        map_local(draft, &members.at[i]);
    class_decide_files(draft, &class_local, "its names are in mydestination");
}

/* --- class R ---------------------------------------------------------------------------------- */

static void begin_relay(struct draft *draft)
{
    draft_add(draft, NULL, "smtpd_relay_restrictions", RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(draft, NULL, "smtpd_relay_restrictions", RANK_LAST, "reject_unauth_destination");
}

/* network_of - "192.168.1" is 192.168.1.0/24 to Sendmail, "IPv6:2001:db8" 2001:db8::/32; else
   STR_NONE */
static struct str network_of(struct arena *arena, struct str word)
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
    draft_add(draft, NULL, "mynetworks", 100, "127.0.0.0/8");
    draft_add(draft, NULL, "mynetworks", 101, "[::1]/128");
    if (item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, "relay_networks", DRAFT_CIDR);
        struct buffer key;
        buffer_init(&key, draft->arena); /* cidr_table(5) has no brackets */
        for (size_t i = 0; i < network.len; i++)
            if (network.at[i] != '[' && network.at[i] != ']')
                buffer_add_char(&key, network.at[i]);
        draft_entry(draft, table, item, buffer_str(&key), str_of("OK"));
        draft_add(draft, item->table, "mynetworks", 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, item, "mynetworks", 200, "%.*s", STR_ARG(network));
    }
    draft_fate(draft, item, FATE_MAPPED, "%.*s in mynetworks: its clients may relay",
               STR_ARG(network));
}

/* smtpd tries the patterns of a table one by one, for each recipient */
enum { PATTERNS_MAX = 1000 };

/* what the relay rules of one configuration share */
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
    begin_relay(draft);
    draft_add(draft, member->item, "smtpd_relay_restrictions", RANK_RELAY,
              "check_client_access %.*s", STR_ARG(draft_table_ref(draft, table)));
}

/* add_below - mail to a domain of class VirtHost is taken anyway, and it must not stand in
   relay_domains; what is below it may */
static void add_below(struct draft *draft, const struct class_member *member)
{
    struct draft_table *table = draft_table(draft, "relay_below_virtual", DRAFT_NAMES);

    draft_entry(draft, table, member->item,
                addresses_pattern(draft->arena, "/.\\.", member->word, "$/"), str_of("OK"));
    draft_add(draft, member->item, "relay_domains", 400, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
}

/* add_domain - where mail may be relayed to: the domain, and what is below it */
static void add_domain(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;

    if (relaying->hosts_only &&
        (class_has(&relaying->local, member->word) || class_has(&relaying->virtual, member->word)))
        return; /* mail for it is taken anyway */
    if (class_has(&relaying->virtual, member->word)) {
        add_below(draft, member);
    } else if (relaying->hosts_only) {
        draft_add(draft, member->item, "relay_domains", 200, "%.*s",
                  STR_ARG(draft_table_ref(draft, draft_table(draft, "relay_hosts", DRAFT_REGEXP))));
    } else if (member->item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, RELAY_TABLE, DRAFT_LIST);
        draft_entry(draft, table, member->item, member->word, str_of(""));
        draft_add(draft, member->item->table, "relay_domains", 300, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, member->item, "relay_domains", 200, "%.*s", STR_ARG(member->word));
    }
}

static void map_relay(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;
    struct str word = member->word;

    if (is_literal(word))
        word = str_slice(word, 1, word.len - 1);
    struct str network = network_of(draft->arena, word);
    if (network.at != NULL) {
        add_network(draft, member->item, network);
        return;
    }
    if (!addresses_is_host(member->word)) {
        draft_open_point(
            draft, member->item, "a network belongs into mynetworks, a domain into relay_domains",
            "%.*s is neither a domain nor a network as Sendmail reads them", STR_ARG(member->word));
        return;
    }
    add_client(relaying, member);
    add_domain(relaying, member);
    draft_fate(draft, member->item, FATE_MAPPED,
               "mail to %.*s is relayed (relay_domains), and mail from clients of that name "
               "(check_client_access in smtpd_relay_restrictions)",
               STR_ARG(member->word));
}

/*
 * map_virtual - class R takes in class VirtHost: clients of these names may relay, and mail to what
 * is below them is relayed (m4/proto.m4, CR$={VirtHost})
 */
static void map_virtual(struct relaying *relaying, const struct class_member *member)
{
    struct draft *draft = relaying->draft;
    /* virtual_alias_domains has what is below them too with virtuser_entire_domain */
    bool below = !relaying->hosts_only && relaying->virtual.count <= PATTERNS_MAX &&
                 !feature_is_on(draft, "virtuser_entire_domain");

    if (!addresses_is_host(member->word) || class_covers(&relaying->relayed, member->word))
        return;
    add_client(relaying, member);
    if (below)
        add_below(draft, member);
    draft_fate(draft, member->item, FATE_MAPPED,
               "mail from clients of %.*s is relayed%s, as it is in class R too",
               STR_ARG(member->word), below ? ", and mail to hosts below it" : "");
}

/* map_own_client - clients whose name is one of this host's own may relay; those below it not */
static void map_own_client(struct draft *draft, struct str name, const struct sendmail_item *item)
{
    struct draft_table *table = draft_table(draft, "relay_own_names", DRAFT_NAMES);

    if (table->count == 0)
        draft_add(draft, item, "smtpd_relay_restrictions", RANK_RELAY, "check_client_access %.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, item, addresses_pattern(draft->arena, "/^", name, "$/"),
                str_of("OK"));
    if (item->kind != ITEM_DEFINE) /* of the host's own name: that becomes myhostname */
        draft_fate(draft, item, FATE_MAPPED, "a client of that very name may relay");
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
        draft_remark(draft, "Sendmail lets a client relay whose name is one of this host's. It has "
                            "so many that they would slow each session down: list in mynetworks "
                            "the addresses of clients that need it.");
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
        draft_remark(draft,
                     "Sendmail relays mail to hosts below the domains of virtual users. There "
                     "are so many that they would slow each session down: list in "
                     "relay_domains those that need it.");
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
        begin_relay(draft);
        draft_add(draft, item, "relay_domains", 100, "$mydomain");
        if (draft_has_table_type(draft, "inline")) {
            draft_add(draft, item, "smtpd_relay_restrictions", RANK_RELAY,
                      "check_client_access inline:{{$mydomain = OK}}");
            draft_fate(draft, item, FATE_MAPPED,
                       "mail to and from the hosts of $mydomain is relayed");
        } else {
            draft_open_point(draft, item,
                             "let the hosts of your domain relay by a check_client_access table",
                             "mail to $mydomain is relayed; mail from its hosts is not yet");
        }
    }
    item = sendmail_feature(draft->sendmail, "relay_based_on_MX");
    if (item != NULL) /* permit_mx_backup lets any domain that names this host use it as a relay */
        draft_open_point(draft, item,
                         "list the domains that this host is a relay for in relay_domains.  Who "
                         "wants it all the same writes permit_mx_backup before "
                         "reject_unauth_destination in smtpd_relay_restrictions: then whoever has "
                         "a domain can have this host relay mail to it",
                         "mail for domains that only name this host as MX is refused");
    item = sendmail_feature(draft->sendmail, "relay_hosts_only");
    if (item != NULL)
        draft_fate(draft, item, FATE_MAPPED,
                   "relay domains match by their whole name: relay_hosts is a table of patterns");
}

/* --- tables of domains ------------------------------------------------------------------------ */

/* does virtusertable say something about addresses of this domain? */
static bool has_virtual_users(const struct draft *draft, struct str domain)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, "virtusertable", line)) != NULL)
        if (str_eq_nocase(addresses_domain(line->arguments[0]), domain))
            return true;
    return false;
}

/*
 * add_domain_line - smtpd(8) decides on the address as it comes, before canonical_maps: a domain
 * that stands for one of this host is made one too, so that its unknown users are refused, and
 * takes its new name where mail leaves
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

    draft_entry(draft, table, line, key, value);
    draft_add(draft, line, same ? "smtp_generic_maps" : "canonical_maps", 100, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
    if (same) {
        addresses_begin_destinations(draft);
        if (!class_has(&relaying->local, from))
            draft_add(draft, line, "mydestination", 250, "%.*s", STR_ARG(from));
        draft_fate(
            draft, line, FATE_MAPPED,
            "%.*s in mydestination, as %.*s is; smtp_generic_maps: %.*s becomes %.*s in mail "
            "that leaves (headers of mail for this host's users keep the old name)",
            STR_ARG(from), STR_ARG(to), STR_ARG(key), STR_ARG(value));
        return;
    }
    if (local || class_has(&relaying->virtual, to) || class_covers(&relaying->relayed, to))
        draft_add(draft, line, "relay_domains", 250, "%.*s", STR_ARG(from));
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
            draft_open_point(draft, line, "write the line into canonical_maps if it is of use",
                             "one of the two is no domain name");
        else
            add_domain_line(&relaying, line, to);
    }
    draft_fate(draft, sendmail_table(draft->sendmail, "domaintable")->from, FATE_MAPPED,
               "each of its lines says what it became");
    feature_decide(draft, "domaintable", FATE_MEANINGLESS, "a later line names the table again");
}

/* the two tables of old networks have no place in Postfix */
static void open_old_table(struct draft *draft, const char *name)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, name, line)) != NULL)
        draft_open_point(draft, line, "write it into canonical_maps if such mail still comes",
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
        draft_fate(draft, item, FATE_MEANINGLESS, "no feature has this file read");
    else if (table->source == NULL)
        draft_open_point(draft, item,
                         "put the file beside the macro file and convert again, or carry its "
                         "lines over by hand",
                         "the file was not given");
    else
        draft_fate(draft, item, FATE_MAPPED, "names the file that was read");
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
                             "put the file beside the macro file and convert again, or add its "
                             "names to mydestination",
                             "the file " LOCAL_TABLE " was not given");
        else
            draft_fate(draft, item, FATE_MAPPED, "its names are in mydestination");
    }
}

void domains_convert(struct draft *draft)
{
    map_locals(draft);
    decide_cw_feature(draft);
    decide_define(draft, "confCW_FILE", LOCAL_TABLE);
    begin_relay(draft);
    map_relays(draft);
    map_relay_features(draft);
    decide_define(draft, "confCR_FILE", RELAY_TABLE);
    map_domaintable(draft);
    open_old_table(draft, "bitdomain");
    open_old_table(draft, "uucpdomain");
}
