/* virthost - the domains of class VirtHost: VIRTUSER_DOMAIN and its files (see virthost.h) */
#include "convert/addresses/virthost.h"

#include "convert/addresses/modules.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"

#define DOMAINS "virtual_domains"

/* --- domains whose users are those of this host ----------------------------------------------- */

/* is_routed_by_mailertable - does mailertable route mail for the domain? */
static bool is_routed_by_mailertable(const struct draft *draft, struct str domain)
{
    const struct sendmail_item *line = NULL;

    while ((line = addresses_line(draft, "mailertable", line)) != NULL) {
        struct str key = line->arguments[0];
        if (str_eq_nocase(key, domain) || str_is(key, ".") ||
            (key.len > 1 && key.at[0] == '.' && domain.len > key.len &&
             str_eq_nocase(key, str_slice(domain, domain.len - key.len, domain.len))))
            return true;
    }
    return false;
}

/* is_own_user - is VALUE "%1", or "%1@name" with a name of this host that is not in the table? */
static bool is_own_user(const struct draft *draft, const struct class_members *local,
                        struct str value)
{
    const struct sendmail_item *line = NULL;

    if (str_is(value, "%1"))
        return true;
    if (!str_starts(value, "%1@") || !class_has(local, addresses_domain(value)))
        return false;
    while ((line = addresses_line(draft, "virtusertable", line)) != NULL)
        if (str_eq_nocase(addresses_domain(line->arguments[0]), addresses_domain(value)))
            return false;
    return true;
}

void virthost_own_users(const struct draft *draft, struct map *domains)
{
    const struct sendmail_item *line = NULL;
    struct class_members local;

    map_init(domains, draft->arena);
    class_read_local(draft, &local);
    if (feature_is_on(draft, "virtuser_entire_domain") ||
        feature_is_on(draft, "preserve_local_plus_detail"))
        return;
    while ((line = addresses_line(draft, "virtusertable", line)) != NULL) {
        struct str domain = addresses_domain(line->arguments[0]);
        bool whole = domain.len + 1 == line->arguments[0].len;
        if (whole && is_own_user(draft, &local, str_trim(sendmail_argument(line, 1))) &&
            addresses_is_host(domain) && !is_routed_by_mailertable(draft, domain))
            map_put(domains, addresses_lower(draft->arena, domain), domains);
    }
}

/* --- the class -------------------------------------------------------------------------------- */

/* is mail for unknown addresses of the domain routed by another table? */
static bool is_routed_on(const struct draft *draft, struct str domain)
{
    const struct sendmail_item *hub = sendmail_define(draft->sendmail, "SMART_HOST");

    return (hub != NULL && sendmail_argument(hub, 0).len > 0) ||
           is_routed_by_mailertable(draft, domain);
}

/* add_local - a domain of VirtHost whose users are those of this host */
static void add_local(struct draft *draft, const struct class_member *member)
{
    struct str word = addresses_lower(draft->arena, member->word);

    addresses_begin_destinations(draft);
    if (member->item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table = draft_table(draft, "virtual_local_domains", DRAFT_LIST);
        draft_entry(draft, table, member->item, word, str_of(""));
        draft_add(draft, member->item->table, PARAM_MYDESTINATION, 350, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, member->item, PARAM_MYDESTINATION, 250, "%.*s", STR_ARG(word));
    }
    draft_fate(draft, member->item, FATE_MAPPED,
               "%.*s in mydestination: virtusertable maps all of its users to users of this host",
               STR_ARG(word));
}

static void add_virtual(struct draft *draft, const struct class_member *member, bool entire)
{
    const struct sendmail_item *item = member->item;
    struct str word = addresses_lower(draft->arena, member->word);
    bool relayed = is_routed_on(draft, member->word);
    enum parameter_number list = relayed ? PARAM_RELAY_DOMAINS : PARAM_VIRTUAL_ALIAS_DOMAINS;

    if (entire) {
        struct draft_table *table = draft_table(
            draft, relayed ? "virtual_relay_domains" : DOMAINS "_patterns", DRAFT_REGEXP);
        draft_entry(draft, table, item, addresses_pattern(draft->arena, "/^(.+\\.)?", word, "$/"),
                    str_of("OK"));
        draft_add(draft, item, list, 400, "%.*s", STR_ARG(draft_table_ref(draft, table)));
    } else if (item->kind == ITEM_TABLE_LINE) {
        struct draft_table *table =
            draft_table(draft, relayed ? "virtual_relay_list" : DOMAINS, DRAFT_LIST);
        draft_entry(draft, table, item, word, str_of(""));
        draft_add(draft, item->table, list, 300, "%.*s", STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, item, list, 200, "%.*s", STR_ARG(word));
    }
    draft_fate(draft, item, FATE_MAPPED,
               relayed ? "%.*s in %s: addresses that are not in the table are relayed"
                       : "%.*s in %s: addresses that are not in the table are rejected; Sendmail "
                         "sends them to the MX of the domain",
               STR_ARG(word), parameter_name(list).at);
}

void virthost_convert(struct draft *draft)
{
    bool entire = feature_is_on(draft, "virtuser_entire_domain");
    struct class_members local, virtual;
    struct map own_users;

    class_read_local(draft, &local);
    class_read(draft, &class_virtual, &virtual);
    virthost_own_users(draft, &own_users);
    for (size_t i = 0; i < virtual.count; i++) {
        const struct class_member *member = &virtual.at[i];
        if (class_has(&local, member->word))
            draft_fate(draft, member->item, FATE_ALREADY,
                       "%.*s is a name of this host and in mydestination", STR_ARG(member->word));
        else if (!addresses_is_host(member->word))
            draft_open_point(draft, member->item, "add it to virtual_alias_domains",
                             "%.*s is not a valid domain name", STR_ARG(member->word));
        else if (map_get(&own_users, addresses_lower(draft->arena, member->word)) != NULL)
            add_local(draft, member);
        else
            add_virtual(draft, member, entire);
    }
    class_decide_files(draft, &class_virtual, "its domains are in virtual_alias_domains");
    feature_decide(draft, "virtuser_entire_domain",
                   virtual.count > 0 ? FATE_MAPPED : FATE_MEANINGLESS,
                   virtual.count > 0 ? "the domains are patterns that also match their subdomains"
                                     : "there is no VIRTUSER_DOMAIN");
}
