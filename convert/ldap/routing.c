/*
 * routing - LDAP routing: the directory gives the new address and the mail host for an address
 *
 * Sendmail queries two maps for each address in class LDAPRoute: for a new address and for a mail
 * host.  These keys are tried in order until one of the maps answers: the complete address, the
 * address without "+detail" (strip, preserve), "@domain" (m4/proto.m4, LDAPExpand).
 *
 * Postfix looks up the address in virtual_alias_maps, and the result in transport_maps for the
 * host.  Each key is a pipemap of its own: a table of patterns makes the key, and the directory is
 * queried with it.  Patterns make Postfix look up complete addresses only, in this order.  The two
 * separate lookups have three consequences:
 *   - an address that has a host but no new address is an alias of itself, so that no further key
 *     is tried and smtpd(8) accepts it; if there are no further keys and the names of this host are
 *     known, addresses whose host is this one are left out;
 *   - the host of an address that was replaced is found by a reverse lookup of the new address;
 *   - an address that must exist is rejected by the transport error(8), at the end of
 *     transport_maps.
 */
#include "convert/ldap/routing.h"

#include <string.h>

#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"
#include "parser/text/token.h"

#define FILTER "(&(objectClass=inetLocalMailRecipient)(mailLocalAddress=%%0))"

/* the left-hand side of the rules that look up the address without its detail */
#define STRIP_RULE "<> <> <$+> <$+ + $* @ $+> <>"

static const struct class_kind class_routed = {"LDAPRoute", "LDAPROUTE_DOMAIN",
                                               "LDAPROUTE_DOMAIN_FILE", "LDAPROUTE_DOMAIN_FILE"};
static const struct class_kind class_equivalent = {"LDAPRouteEquiv", "LDAPROUTE_EQUIVALENT",
                                                   "LDAPROUTE_EQUIVALENT_FILE",
                                                   "LDAPROUTE_EQUIVALENT_FILE"};

/* --- the source ------------------------------------------------------------------------------- */

/* has_rule - does a sendmail.cf have a rule whose left-hand side starts with LEFT and whose
   right-hand side contains RIGHT? */
static bool has_rule(const struct draft *draft, const char *left, const char *right)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, ITEM_CF_LINE, "R", item)) != NULL)
        if (str_starts(sendmail_argument(item, 0), left) &&
            str_search(sendmail_argument(item, 1), right) < sendmail_argument(item, 1).len)
            return true;
    return false;
}

static void read_arguments(struct routing *routing)
{
    const struct draft *draft = routing->draft;
    struct str bounce = str_trim(sendmail_argument(routing->item, 2));
    struct str detail = str_trim(sendmail_argument(routing->item, 3));

    routing->must_exist = bounce.len > 0 && !str_is(bounce, "passthru");
    routing->sender_too = str_is(bounce, "sendertoo");
    routing->preserves = str_is(detail, "preserve");
    routing->strips = routing->preserves || str_is(detail, "strip");
    routing->whole_only = str_trim(sendmail_argument(routing->item, 4)).len > 0;
    routing->queues = !str_is(str_trim(sendmail_argument(routing->item, 5)), "tempfail");
    if (!draft->sendmail->is_cf)
        return;
    routing->must_exist = has_rule(draft, "<?> <e r>", "User unknown");
    routing->sender_too = has_rule(draft, "<?> <e s>", "User unknown");
    routing->preserves = has_rule(draft, "<$+@$+> <$=w>", "$6");
    routing->strips = has_rule(draft, STRIP_RULE, "<$2 @ $4>");
    routing->whole_only = !has_rule(draft, "<> <> <$+> <$+ @ $+> <$*>", "LDAPExpand");
    routing->queues = !has_rule(draft, "$={SMTPOpModes} $| TMPF", "4.3.0");
}

/* read_map_text - the specification in Kldapmh or Kldapmra */
static struct str read_map_text(const struct routing *routing, const char *name, size_t argument,
                                const char *attribute)
{
    const struct draft *draft = routing->draft;
    const struct sendmail_item *line = NULL;
    struct str text = str_trim(sendmail_argument(routing->item, argument));

    while ((line = sendmail_next(draft->sendmail, ITEM_CF_LINE, "K", line)) != NULL)
        if (str_is(sendmail_argument(line, 0), name))
            return arena_printf(draft->arena, "%.*s %.*s", STR_ARG(sendmail_argument(line, 1)),
                                STR_ARG(sendmail_argument(line, 2)));
    if (text.len > 0)
        return text;
    return arena_printf(draft->arena, "ldap -1 -T<TMPF> -v %s -k " FILTER, attribute);
}

/* read_directory - returns false, with an open point, if no Postfix table can do the same query */
static bool read_directory(struct routing *routing, struct routing_map *map, struct str rest)
{
    struct draft *draft = routing->draft;

    map->spec = ldap_spec_default(draft);
    ldap_spec_read(draft->arena, rest, &map->spec);
    map->attribute = map->spec.attributes;
    if (map->attribute.len > 0 && str_span_not(map->attribute, 0, ",:") == map->attribute.len &&
        map->spec.odd.len == 0 && map->spec.filter.len > 0 &&
        ldap_filter(draft, map->spec.filter, "%s").at != NULL) {
        map->kind = ROUTING_DIRECTORY;
        return true;
    }
    draft_open_point(draft, routing->item,
                     "write an equivalent ldap_table(5) by hand and add it to virtual_alias_maps "
                     "(for the address) or transport_maps (for the host)",
                     "the map %s has no equivalent in Postfix: %.*s", map->name,
                     STR_ARG(map->spec.odd.len > 0 ? map->spec.odd : rest));
    return false;
}

static void read_map(struct routing *routing, struct routing_map *map, struct str text)
{
    struct draft *draft = routing->draft;
    struct str rest = text, type;
    const struct sendmail_table *table = sendmail_table(draft->sendmail, map->name);

    if (!token_next_plain(&rest, TOKEN_BLANKS, &type))
        return;
    if (type.len > 5 && addresses_is_ldap(str_slice(type, 0, 5))) { /* ldap:-1 -k ... */
        rest = str_slice(text, 5, text.len);
        type = str_slice(type, 0, 5);
    }
    if (addresses_is_ldap(type)) {
        read_directory(routing, map, rest);
    } else if (table != NULL && table->source != NULL) {
        map->kind = ROUTING_FILE;
        map->file = table;
    } else {
        draft_open_point(draft, routing->item,
                         "put the file next to the macro file and convert again, or create an "
                         "equivalent Postfix table",
                         "the map %s was not found: %.*s", map->name, STR_ARG(text));
    }
}

/* --- domains with tables of their own --------------------------------------------------------- */

enum { NAMES_MAX = 64 };

static void add_group(struct routing *routing, const struct class_member *members, size_t count,
                      struct str asked)
{
    struct draft *draft = routing->draft;
    struct routing_group *group;

    if (routing->group_count > ROUTING_GROUPS_MAX) {
        draft_open_point(draft, members->item, "create the tables for these domains by hand",
                         "more than %d domains need tables of their own", ROUTING_GROUPS_MAX);
        return;
    }
    routing->groups = arena_grow(draft->arena, routing->groups, routing->group_count,
                                 &routing->group_capacity, sizeof *routing->groups);
    group = &routing->groups[routing->group_count++];
    *group = (struct routing_group){.members = members, .count = count, .asked = asked};
    group->prefix = asked.at == NULL
                        ? str_of("ldap_routing")
                        : arena_printf(draft->arena, "ldap_routing%zu", routing->group_count);
}

static void read_groups(struct routing *routing)
{
    struct draft *draft = routing->draft;
    const struct sendmail_item *masquerade =
        sendmail_next(draft->sendmail, ITEM_MACRO, "MASQUERADE_AS", NULL);
    struct str name = masquerade != NULL ? str_trim(sendmail_argument(masquerade, 0)) : STR_NONE;
    struct class_members *domains = &routing->domains, *equivalents = &routing->equivalents;

    if (domains->count > 0)
        add_group(routing, domains->at, domains->count, STR_NONE);
    for (size_t i = 0; i < equivalents->count; i++)
        if (name.len > 0 && addresses_is_host(name))
            add_group(routing, &equivalents->at[i], 1, name);
        else
            draft_open_point(
                draft, equivalents->at[i].item,
                "list the domains in LDAPROUTE_DOMAIN and convert again",
                "Sendmail looks up these domains by the name in MASQUERADE_AS, which is missing");
}

/* --- fates ------------------------------------------------------------------------------------ */

static void decide_members(struct routing *routing, const struct class_members *members,
                           enum sendmail_fate fate, const char *text)
{
    for (size_t i = 0; i < members->count; i++)
        if (!routing->draft->fates[members->at[i].item->number].decided)
            draft_fate(routing->draft, members->at[i].item, fate, "%s", text);
}

/* keep_hosts - drops members that cannot be written as patterns */
static void keep_hosts(struct draft *draft, struct class_members *members)
{
    size_t kept = 0;

    for (size_t i = 0; i < members->count; i++)
        if (addresses_is_host(members->at[i].word))
            members->at[kept++] = members->at[i];
        else
            draft_open_point(
                draft, members->at[i].item,
                "add the domain to the tables ldap_routing_whole, ldap_routing_plain and so on",
                "%.*s is not a valid domain name", STR_ARG(members->at[i].word));
    members->count = kept;
}

/* decide_waiting - what happens to mail while the directory does not answer */
static void decide_waiting(struct routing *routing)
{
    struct draft *draft = routing->draft;

    if (routing->host.kind != ROUTING_DIRECTORY && routing->address.kind != ROUTING_DIRECTORY)
        return;
    if (routing->queues || routing->asks_all)
        draft_fate(draft, routing->item, FATE_MAPPED,
                   "if the directory does not answer, %s deferred with 451; Sendmail %s",
                   routing->asks_all ? "all mail is" : "mail for these domains is",
                   routing->queues
                       ? "accepts the mail, and keeps mail for these domains in the queue"
                       : "defers mail for these domains");
    if (routing->asks_all)
        draft_step(draft, STEP_AFTER, str_of(""),
                   str_of("ldap_routing_reverse.cf is queried for every address, so all mail waits "
                          "while the directory does not answer. If no entry has both a host and a "
                          "new address, remove it from transport_maps."));
}

/* the rules of LDAPExpand that depend on the arguments of the feature, as far as all releases
   agree */
static const struct routing_rule {
    const char *left, *right;
} rules[] = {
    {"$={SMTPOpModes} $| TMPF <e r> $| $+", "$#error $@ 4.3.0"},
    {"<$+@$+> <$=w> <$+> <$+> <$*>", "$@ $>Parse0 $>canonify $1 $6 @ $2"},
    {"<$+@$+> <> <$+> <$+> <$*>", "$@ $>Parse0 $>canonify $1 $5 @ $2"},
    {"<$+@$+> <$+> <$+> <$+> <$*>", "$>LDAPMailertable <$3> $>canonify $1 $6 @ $2"},
    {"<$+@$+> <$+> <$+> <$+> <$*>", "$#relay $@ $3 $: $>canonify $1 $6 @ $2"},
    {STRIP_RULE, "$@ $>LDAPExpand <$1> <$2 @ $4> <+$3>"},
    {STRIP_RULE, "$@ $>LDAPExpand <$1> <@ $4> <+$3>"},
    {"<> <> <$+> <$+ @ $+> <$*>", "$: <> <> <$1> <@ $3> <$4>"},
    {"<> <> <$+> <@ $+> <$*>", "$: <?> < $&{addr_type} > < $1 >"},
    {"<?> <e r> <$+>", "$#error $@ nouser $: \"550 User unknown\""},
    {"<?> <e s> <$+>", "$#error $@ nouser $: \"550 User unknown\""},
    {"<?> <$*> <$+>", "$@ $2"},
};

/* decide_lines - the two maps and the rules of a sendmail.cf */
static void decide_lines(struct draft *draft)
{
    const struct sendmail_item *line = NULL;

    while ((line = sendmail_next(draft->sendmail, ITEM_CF_LINE, "K", line)) != NULL)
        if (str_is(sendmail_argument(line, 0), "ldapmh") ||
            str_is(sendmail_argument(line, 0), "ldapmra"))
            draft_fate(draft, line, FATE_MAPPED, "the tables ldap_routing_... do the same query");
    line = NULL;
    while ((line = sendmail_next(draft->sendmail, ITEM_CF_LINE, "R", line)) != NULL)
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
            if (str_is(str_trim(sendmail_argument(line, 0)), rules[i].left) &&
                str_starts(str_trim(sendmail_argument(line, 1)), rules[i].right)) {
                draft_fate(draft, line, FATE_MAPPED, "the tables ldap_routing_... replace it");
                break;
            }
}

/* decide_virtual - virtusertable applies to addresses that the directory does not change: Sendmail
   queries the directory first */
static void decide_virtual(struct routing *routing)
{
    struct draft *draft = routing->draft;
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, "virtusertable", line)) != NULL) {
        struct str domain = addresses_domain(line->arguments[0]);
        if (!class_has(&routing->domains, domain) && !class_has(&routing->equivalents, domain))
            continue;
        if (routing->must_exist)
            draft_open_point(
                draft, line,
                "give the addresses a mailRoutingAddress in the directory and remove the line",
                "Sendmail looks up this table only for addresses in the directory with this host "
                "as mailHost; Postfix for those that are not in the directory");
        else if (!routing->skips_own)
            draft_fate(draft, line, FATE_MAPPED,
                       "addresses in the directory with this host as mailHost are not changed; "
                       "Sendmail looks them up in this table");
    }
}

static void decide_all(struct routing *routing)
{
    struct draft *draft = routing->draft;

    decide_lines(draft);
    decide_virtual(routing);
    decide_members(routing, &routing->domains, FATE_MAPPED,
                   "the patterns in ldap_routing_whole, ldap_routing_plain and so on: LDAP is "
                   "queried for addresses in these domains");
    decide_members(routing, &routing->equivalents, FATE_MAPPED,
                   "LDAP is queried with the name in MASQUERADE_AS as their domain");
    draft_fate(
        draft, routing->item, FATE_MAPPED,
        "virtual_alias_maps looks up the new address, transport_maps the host, in Sendmail's order "
        "of keys; the host is also found by the new address if mail is sent to it directly");
    if (routing->host.kind != ROUTING_NO_MAP && !routing->skips_own)
        draft_fate(draft, routing->item, FATE_MAPPED,
                   "an address whose mailHost is this host is accepted at RCPT, and mail for it is "
                   "returned if there is no such user");
    decide_waiting(routing);
    if (routing->must_exist)
        draft_fate(draft, routing->item, FATE_MAPPED,
                   "unknown addresses are rejected with 550 5.1.1");
    if (routing->must_exist && addresses_own_name(draft).at != NULL &&
        class_has(&routing->domains, addresses_own_name(draft)))
        draft_open_point(
            draft, routing->item, "set myorigin to a name of this host that is not routed by LDAP",
            "Postfix adds the name of this host to user names without a domain, and these "
            "addresses must then be in the directory; Sendmail does not look them up");
}

static void write_tables(struct routing *routing)
{
    struct draft *draft = routing->draft;

    if (!draft_has_table_type(draft, "pipemap")) {
        draft_open_point(
            draft, routing->item,
            "choose a platform whose Postfix has pipemap; or add ldap_table(5) files with \"domain "
            "=\" to virtual_alias_maps and transport_maps and check how they handle \"+detail\" "
            "and \"@domain\"",
            "LDAP routing needs the table type pipemap, which is not available on this platform");
        return;
    }
    routing_write_addresses(routing);
    routing_write_hosts(routing);
}

void routing_map(struct draft *draft)
{
    struct routing routing = {.draft = draft,
                              .item = sendmail_feature(draft->sendmail, "ldap_routing"),
                              .host = {.name = "ldapmh"},
                              .address = {.name = "ldapmra"}};

    class_read(draft, &class_routed, &routing.domains);
    class_read(draft, &class_equivalent, &routing.equivalents);
    if (routing.item == NULL) {
        decide_members(&routing, &routing.domains, FATE_MEANINGLESS,
                       "there is no FEATURE(ldap_routing)");
        decide_members(&routing, &routing.equivalents, FATE_MEANINGLESS,
                       "there is no FEATURE(ldap_routing)");
        return;
    }
    class_decide_files(draft, &class_routed, "its domains are patterns in ldap_routing_whole");
    class_decide_files(draft, &class_equivalent, "each of its domains has patterns of its own");
    keep_hosts(draft, &routing.domains);
    keep_hosts(draft, &routing.equivalents);
    if (routing.domains.count == 0 && routing.equivalents.count == 0) {
        feature_decide(draft, "ldap_routing", FATE_MEANINGLESS,
                       "without LDAPROUTE_DOMAIN Sendmail looks up no address");
        return;
    }
    read_arguments(&routing);
    read_map(&routing, &routing.host, read_map_text(&routing, "ldapmh", 0, "mailHost"));
    read_map(&routing, &routing.address,
             read_map_text(&routing, "ldapmra", 1, "mailRoutingAddress"));
    read_groups(&routing);
    class_read_local(draft, &routing.local);
    routing.skips_own = routing.whole_only && routing.equivalents.count == 0 &&
                        addresses_own_name(draft).at != NULL && routing.local.count <= NAMES_MAX;
    write_tables(&routing);
    decide_all(&routing);
    feature_decide(draft, "ldap_routing", FATE_MEANINGLESS, "a later line repeats it");
}
