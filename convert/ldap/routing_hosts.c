/*
 * routing_hosts - transport_maps: the mail host for an address; see routing.c
 *
 * Postfix does not allow tables of patterns to make keys or results there.  The directory is
 * queried with the keys that Postfix tries itself, the complete address and then the address
 * without "+detail", and returns "relay:host".  Constant patterns before it handle this host and
 * the hosts in mailertable.
 *
 * Sources: ldap_table(5), DATABASE_README on pipemap, transport(5); trivial-rewrite/transport.c on
 * the order of keys.
 */
#include <stdlib.h>

#include "convert/ldap/routing.h"
#include "convert/sendmail/class.h"

enum { RANK_UNKNOWN = RANK_ROUTING + 10 };

#define OWN_NAMES "inline:{{relay:$myhostname = :}, {relay:localhost.$mydomain = :}}"
#define ROUTING_UNKNOWN "error:5.1.1 User unknown"

static void add_route(struct draft *draft, struct draft_table *table,
                      const struct sendmail_item *item, struct str name, struct str way)
{
    const char *before = name.at[0] == '.' ? "/^relay:[^,]+" : "/^relay:";

    draft_entry(draft, table, item, addresses_pattern(draft->arena, before, name, "(,|$)/"), way);
}

/* compare_entries - complete names first, then ".parents", the longest first */
static int compare_entries(const void *left, const void *right)
{
    const struct draft_entry *a = left, *b = right;
    bool a_whole = a->key.at[0] != '.', b_whole = b->key.at[0] != '.';

    if (a_whole != b_whole)
        return a_whole ? -1 : 1;
    return a->key.len == b->key.len ? 0 : a->key.len > b->key.len ? -1 : 1;
}

/* add_mailertable - Sendmail looks up the host there before it sends mail to it */
static void add_mailertable(struct routing *routing, struct draft_table *table)
{
    struct draft *draft = routing->draft;
    const struct draft_table *transport = draft_find_table(draft, "transport");
    const struct sendmail_item *line = NULL;
    struct draft_entry *entries = NULL;
    size_t count = 0, capacity = 0;

    for (size_t i = 0; transport != NULL && i < transport->count; i++) {
        const struct draft_entry *entry = &transport->entries[i];
        if (entry->item == NULL || !str_is(entry->item->name, "mailertable") || entry->key.len < 2)
            continue;
        entries = arena_grow(draft->arena, entries, count, &capacity, sizeof *entries);
        entries[count++] = *entry;
    }
    if (count > 1)
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++) {
        struct buffer value;
        buffer_init(&value, draft->arena);
        addresses_quote_result(&value, entries[i].value);
        add_route(draft, table, entries[i].item, entries[i].key, buffer_str(&value));
    }
    while ((line = addresses_line(draft, "mailertable", line)) != NULL)
        if (str_is(line->arguments[0], "."))
            draft_open_point(draft, line,
                             "if the directory names such a host, add its route to the tables "
                             "ldap_routing_way and ldap_routing_reverse_way",
                             "this line does not apply to hosts that the directory names");
}

/* get_route_table - the routes of hosts that mail is not simply relayed to.  The address of this
   host has its own route; with SINGLE two answers are none */
static struct str get_route_table(struct routing *routing, bool single)
{
    struct draft *draft = routing->draft;
    const char *name = single ? "ldap_routing_way" : "ldap_routing_reverse_way";
    struct draft_table *table = draft_find_table(draft, name);
    const struct class_members *local = &routing->local;
    struct str own = addresses_own_name(draft);

    if (table != NULL)
        return draft_table_ref(draft, table);
    table = draft_table(draft, name, DRAFT_REGEXP);
    if (single)
        draft_entry(draft, table, routing->item, str_of("/,/"),
                    str_of(routing->must_exist ? ROUTING_UNKNOWN : ":"));
    if (own.at != NULL)
        add_route(draft, table, NULL, own, str_of(":"));
    add_route(draft, table, NULL, str_of("localhost"), str_of(":"));
    for (size_t i = 0; i < local->count; i++)
        if (addresses_is_host(local->at[i].word) && !str_is_nocase(local->at[i].word, "localhost"))
            add_route(draft, table, local->at[i].item, local->at[i].word, str_of(":"));
    add_mailertable(routing, table);
    return draft_table_ref(draft, table);
}

/* add_host - STEPS return "relay:host" for the keys that Postfix tries */
static void add_host(struct routing *routing, struct str steps, bool single)
{
    struct draft *draft = routing->draft;

    if (addresses_own_name(draft).at == NULL)
        draft_add(draft, routing->item, PARAM_TRANSPORT_MAPS, RANK_ROUTING,
                  "pipemap:{%.*s, " OWN_NAMES "}", STR_ARG(steps));
    draft_add(draft, routing->item, PARAM_TRANSPORT_MAPS, RANK_ROUTING, "pipemap:{%.*s, %.*s}",
              STR_ARG(steps), STR_ARG(get_route_table(routing, single)));
    bool made = str_search(steps, ", ") < steps.len;
    draft_add(draft, routing->item, PARAM_TRANSPORT_MAPS, RANK_ROUTING,
              made ? "pipemap:{%.*s}" : "%.*s", STR_ARG(steps));
}

/* get_whole_table - the host, for complete addresses in the domains of the group only */
static struct str get_whole_table(struct routing *routing, const struct routing_group *group)
{
    struct draft *draft = routing->draft;
    const char *name = arena_printf(draft->arena, "%.*s_whole_host.cf", STR_ARG(group->prefix)).at;
    const char *key = "%s";
    struct buffer domains;

    if (routing->host.kind == ROUTING_FILE)
        return routing_file(routing, "ldap_routing_hosts", &routing->host, USE_HOST);
    if (group->asked.at != NULL)
        key = arena_printf(draft->arena, "%%u@%.*s", STR_ARG(group->asked)).at;
    bool made = draft_find_table(draft, name) != NULL;
    struct str ref = routing_directory(routing, name, &routing->host, key, "relay:%s");
    buffer_init(&domains, draft->arena);
    for (size_t i = 0; i < group->count; i++) {
        buffer_add_cstr(&domains, i > 0 ? ", " : "");
        buffer_add(&domains, addresses_lower(draft->arena, group->members[i].word));
    }
    if (!made)
        draft_entry(draft, draft_find_table(draft, name), routing->item, str_of("domain"),
                    buffer_str(&domains));
    return ref;
}

/* make_domain_steps - "@domain": looked up with the complete address or, after the address without
   its detail, with the domain */
static struct str make_domain_steps(struct routing *routing, const struct routing_group *group)
{
    struct draft *draft = routing->draft;
    const char *name = arena_printf(draft->arena, "%.*s_%s", STR_ARG(group->prefix),
                                    routing->strips ? "domains" : "domain_hosts")
                           .at;
    struct draft_table *table =
        draft_table(draft, name, routing->strips ? DRAFT_INDEXED : DRAFT_REGEXP);

    for (size_t i = 0; table->count < group->count && i < group->count; i++) {
        const struct class_member *member = &group->members[i];
        struct str word = addresses_lower(draft->arena, member->word);
        struct str asked = group->asked.at != NULL ? group->asked : word;
        draft_entry(draft, table, member->item,
                    routing->strips ? word : addresses_pattern(draft->arena, "/@", word, "$/"),
                    arena_printf(draft->arena, "@%.*s", STR_ARG(asked)));
    }
    return arena_printf(draft->arena, "%.*s, %.*s", STR_ARG(draft_table_ref(draft, table)),
                        STR_ARG(routing_host(routing)));
}

/* make_reverse_filter - the filter for addresses, with the new address as its key.  STR_NONE if the
   two maps do not query the same entries, or not by "(attribute=%0)" */
static struct str make_reverse_filter(const struct routing *routing)
{
    struct draft *draft = routing->draft;
    struct str filter = routing->address.spec.filter;
    struct buffer out;
    size_t at = 0, end;

    if (routing->address.kind != ROUTING_DIRECTORY || routing->host.kind != ROUTING_DIRECTORY ||
        !str_eq(filter, routing->host.spec.filter) ||
        !str_eq(routing->address.spec.base, routing->host.spec.base))
        return STR_NONE;
    buffer_init(&out, draft->arena);
    while ((end = str_find(filter, '%', at)) < filter.len) {
        size_t name = end;
        while (name > at && filter.at[name - 1] != '(')
            name--;
        if (name == at || end == name || filter.at[end - 1] != '=')
            return STR_NONE;
        buffer_add(&out, str_slice(filter, at, name));
        buffer_printf(&out, "%.*s=%%0", STR_ARG(routing->address.attribute));
        at = end + 2;
    }
    buffer_add(&out, str_slice(filter, at, filter.len));
    return ldap_filter(draft, buffer_str(&out), "%u@%d"); /* not for a bare domain */
}

/* get_reverse_file - the hosts of the new addresses, if both maps are files */
static struct str get_reverse_file(struct routing *routing)
{
    struct draft *draft = routing->draft;
    const struct sendmail_table *addresses = routing->address.file, *hosts = routing->host.file;
    struct sendmail_item *items = draft->sendmail->items;
    struct draft_table *table = draft_table(draft, "ldap_routing_reverse", DRAFT_INDEXED);
    struct map by_key, written;

    map_init(&by_key, draft->arena);
    map_init(&written, draft->arena);
    for (size_t i = hosts->first; i < hosts->first + hosts->count; i++)
        if (!items[i].overridden)
            map_put(&by_key, addresses_lower(draft->arena, items[i].arguments[0]), &items[i]);
    for (size_t i = addresses->first; i < addresses->first + addresses->count; i++) {
        const struct sendmail_item *host =
            map_get(&by_key, addresses_lower(draft->arena, items[i].arguments[0]));
        struct str address =
            addresses_lower(draft->arena, str_trim(sendmail_argument(&items[i], 1)));
        if (host == NULL || items[i].overridden || map_get(&written, address) != NULL)
            continue;
        map_put(&written, address, &items[i]);
        draft_entry(draft, table, &items[i], address,
                    arena_printf(draft->arena, "relay:%.*s",
                                 STR_ARG(str_trim(sendmail_argument(host, 1)))));
    }
    return draft_table_ref(draft, table);
}

static struct str get_reverse_directory(struct routing *routing, struct str filter)
{
    struct draft *draft = routing->draft;

    routing->asks_all = true;
    return draft_table_ref(draft, ldap_table(draft, routing->item, "ldap_routing_reverse.cf",
                                             &routing->host.spec, filter, routing->host.attribute,
                                             "relay:%s"));
}

/* write_reverse - mail for the new address goes to the host in the same entry */
static void write_reverse(struct routing *routing)
{
    struct draft *draft = routing->draft;
    struct str filter = make_reverse_filter(routing);

    if (routing->address.kind == ROUTING_FILE && routing->host.kind == ROUTING_FILE)
        add_host(routing, get_reverse_file(routing), false);
    else if (filter.at != NULL)
        add_host(routing, get_reverse_directory(routing, filter), false);
    else
        draft_open_point(
            draft, routing->item,
            "create a table that returns the host for the new address and add it to transport_maps",
            "the maps for host and address find different entries: an address that has both is "
            "replaced, and mail goes to the host of the new address");
}

/* add_detailed - without strip Sendmail does not look up the address without its detail; Postfix
   does unless an entry comes first */
static void add_detailed(struct routing *routing, const struct routing_group *group)
{
    struct draft *draft = routing->draft;
    struct draft_table *table = draft_table(draft, "ldap_routing_detailed", DRAFT_REGEXP);

    for (size_t i = 0; i < group->count; i++) {
        const struct class_member *member = &group->members[i];
        draft_entry(draft, table, member->item,
                    addresses_pattern(draft->arena, "/^[^@]+\\+.*@", member->word, "$/"),
                    str_of(":"));
    }
    draft_add(draft, routing->item, PARAM_TRANSPORT_MAPS, RANK_UNKNOWN, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
}

static void write_hosts(struct routing *routing)
{
    for (size_t i = 0; i < routing->group_count; i++)
        add_host(routing, get_whole_table(routing, &routing->groups[i]), true);
    if (routing->address.kind != ROUTING_NO_MAP)
        write_reverse(routing);
    for (size_t i = 0; i < routing->group_count; i++) {
        if (!routing->whole_only)
            add_host(routing, make_domain_steps(routing, &routing->groups[i]), true);
        if (!routing->strips && !routing->must_exist)
            add_detailed(routing, &routing->groups[i]);
    }
}

/* --- addresses that must exist ---------------------------------------------------------------- */

static void add_unknown(struct routing *routing, const struct class_members *members)
{
    struct draft *draft = routing->draft;
    struct draft_table *unknown =
        draft_table(draft, "ldap_routing_unknown", routing->strips ? DRAFT_INDEXED : DRAFT_REGEXP);

    for (size_t i = 0; i < members->count; i++) {
        const struct class_member *member = &members->at[i];
        struct str word = addresses_lower(draft->arena, member->word);
        draft_entry(draft, unknown, member->item,
                    routing->strips ? word : addresses_pattern(draft->arena, "/@", word, "$/"),
                    str_of(ROUTING_UNKNOWN));
        if (routing->sender_too)
            draft_entry(draft, draft_table(draft, "ldap_routing_senders", DRAFT_REGEXP),
                        member->item, addresses_pattern(draft->arena, "/@", word, "$/"),
                        str_of("reject_unlisted_sender"));
    }
}

static void write_unknown(struct routing *routing)
{
    struct draft *draft = routing->draft;

    add_unknown(routing, &routing->domains);
    add_unknown(routing, &routing->equivalents);
    draft_add(draft, routing->item, PARAM_TRANSPORT_MAPS, RANK_UNKNOWN, "%.*s",
              STR_ARG(draft_table_ref(draft, draft_find_table(draft, "ldap_routing_unknown"))));
    if (routing->sender_too)
        draft_add(draft, routing->item, PARAM_SMTPD_SENDER_RESTRICTIONS, RANK_SENDER,
                  "check_sender_access %.*s",
                  STR_ARG(draft_table_ref(draft, draft_find_table(draft, "ldap_routing_senders"))));
}

void routing_write_hosts(struct routing *routing)
{
    if (routing->host.kind != ROUTING_NO_MAP)
        write_hosts(routing);
    if (routing->must_exist)
        write_unknown(routing);
}
