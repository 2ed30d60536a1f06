/*
 * hub - MAIL_HUB, and LOCAL_RELAY without stickyhost: users with a mailbox on another host
 *
 * Sendmail follows aliases, keeps mail for the users in LOCAL_USER, and sends all other names of
 * this host to the hub as user@hub (m4/proto.m4, ruleset localaddr).  With virtual_alias_maps, a
 * name that stays and an alias that only local(8) can follow become name@localhost, an alias of
 * plain addresses is included as it is, and everything else becomes user@hub.  So no recipient
 * needs an account on this host.
 *
 * With stickyhost user@domain goes to the hub unchanged, before any alias; names without a domain
 * are handled as above.  Postfix adds the host's own name to those, so it cannot distinguish the
 * two.
 */
#include "convert/delivery/relay.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"
#include "parser/sendmail/table.h"

#define TABLE "mail_hub"

struct hub {
    struct draft *draft;
    const struct sendmail_item *item;
    struct relay_hop hop;
    struct str domain; /* the domain of the new addresses */
    bool sticky;
    struct draft_table *table;
    struct map keys;
    struct relay_users users; /* users whose mail stays */
};

/* --- users whose mail stays ------------------------------------------------------------------- */

static void add_user(struct relay_users *users, struct arena *arena, struct str word,
                     const struct sendmail_item *item)
{
    if (!addresses_is_host(word))
        return;
    users->at = arena_grow(arena, users->at, users->count, &users->capacity, sizeof *users->at);
    users->at[users->count++] = (struct relay_user){addresses_lower(arena, word), item};
}

static bool is_class_of_users(const struct sendmail_item *item)
{
    return (item->kind == ITEM_MACRO && str_is(item->name, "LOCAL_USER")) ||
           (item->kind == ITEM_CLASS && str_is(item->name, "L"));
}

void relay_users_read(const struct draft *draft, struct relay_users *users)
{
    const struct sendmail *sendmail = draft->sendmail;

    *users = (struct relay_users){0};
    for (size_t i = 0; i < sendmail->count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (item->overridden)
            continue;
        if (item->kind == ITEM_TABLE_LINE && str_is(item->name, "LOCAL_USER_FILE"))
            add_user(users, draft->arena, item->arguments[0], item);
        for (size_t j = 0; is_class_of_users(item) && j < item->argument_count; j++) {
            struct str text = item->arguments[j];
            for (size_t at = str_span(text, 0, " \t\n"); at < text.len;) {
                size_t end = str_span_not(text, at, " \t\n");
                add_user(users, draft->arena, str_slice(text, at, end), item);
                at = str_span(text, end, " \t\n");
            }
        }
    }
}

static void put_entry(struct hub *hub, const struct sendmail_item *item, struct str key,
                      struct str value)
{
    if (map_get(&hub->keys, key) != NULL)
        return;
    map_put(&hub->keys, key, hub);
    if (key.len == 0 || key.at[0] == '#' || str_span_not(key, 0, " \t\"") < key.len) {
        draft_open_point(hub->draft, item, "rename the alias to a name without spaces and quotes",
                         "no Postfix table can have such a name as a key: its mail goes to %.*s",
                         STR_ARG(hub->domain));
        return;
    }
    draft_entry(hub->draft, hub->table, item, key, value);
}

static void keep_name(struct hub *hub, const struct sendmail_item *item, struct str name)
{
    put_entry(hub, item, name, arena_printf(hub->draft->arena, "%.*s@localhost", STR_ARG(name)));
}

static void keep_users(struct hub *hub)
{
    for (size_t i = 0; i < hub->users.count; i++) {
        const struct relay_user *user = &hub->users.at[i];
        keep_name(hub, user->item, user->name);
        draft_fate(hub->draft, user->item, FATE_MAPPED,
                   "mail for %.*s stays here, with any extension: " TABLE, STR_ARG(user->name));
    }
}

/* --- aliases ---------------------------------------------------------------------------------- */

static bool is_kept(const struct hub *hub, struct str name)
{
    for (size_t i = 0; i < hub->users.count; i++)
        if (str_eq_nocase(hub->users.at[i].name, name))
            return true;
    return false;
}

/* list_plain_targets - the addresses of an alias; STR_NONE if one of them is not plain */
static struct str list_plain_targets(struct hub *hub, const struct draft_entry *entry)
{
    struct str rest = entry->value, target;
    struct buffer out;

    buffer_init(&out, hub->draft->arena);
    while (sendmail_alias_target(&rest, &target)) {
        target = str_trim(target);
        bool quoted = target.len > 0 && target.at[0] == '\\';
        if (quoted)
            target = str_slice(target, 1, target.len);
        if (target.len == 0 || str_span_not(target, 0, "|/\":<>()\\ \t") < target.len)
            return STR_NONE;
        /* a name that is an alias of itself is the user: local(8) handles that for users who
           stay */
        bool own = str_eq_nocase(target, entry->key);
        if (own && !quoted && is_kept(hub, target))
            return STR_NONE;
        buffer_printf(&out, "%s%.*s%s%.*s", out.len > 0 ? ", " : "", STR_ARG(target),
                      own ? "@" : "", own ? (int)hub->domain.len : 0, hub->domain.at);
    }
    return arena_copy(hub->draft->arena, buffer_str(&out));
}

/* has_owner - owner-NAME replaces the sender of mail for the list, which only local(8) can do */
static bool has_owner(const struct draft_table *table, struct str name)
{
    for (size_t i = 0; i < table->count; i++) {
        struct str key = table->entries[i].key;
        if (key.len > 6 && str_is_nocase(str_slice(key, 0, 6), "owner-") &&
            str_eq_nocase(str_slice(key, 6, key.len), name))
            return true;
    }
    return false;
}

static void add_aliases(struct hub *hub)
{
    struct draft *draft = hub->draft;

    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        bool moved = str_is(table->name, "relocated");
        for (size_t j = 0; (moved || table->kind == DRAFT_ALIASES) && j < table->count; j++) {
            const struct draft_entry *entry = &table->entries[j];
            struct str name = addresses_lower(draft->arena, entry->key);
            struct str targets =
                moved || has_owner(table, name) ? STR_NONE : list_plain_targets(hub, entry);
            if (targets.len > 0)
                put_entry(hub, entry->item, name, targets);
            else
                keep_name(hub, entry->item, name);
        }
    }
}

/* if an alias file was not found, its names are not known */
static bool aliases_are_known(const struct draft *draft)
{
    for (size_t i = 0; i < draft->sendmail->table_count; i++)
        if (str_is(draft->sendmail->tables[i].name, "aliases") &&
            draft->sendmail->tables[i].source == NULL)
            return false;
    return true;
}

/* --- all other names -------------------------------------------------------------------------- */

/* add_sticky_domain - with stickyhost: mail for the domain is not changed, and no alias applies */
static void add_sticky_domain(struct hub *hub, const struct class_member *member)
{
    struct draft *draft = hub->draft;
    struct draft_table *same = draft_table(draft, "mail_hub_sticky", DRAFT_REGEXP);
    struct draft_table *transport = draft_table(draft, "transport_hub", DRAFT_INDEXED);

    draft_entry(draft, same, member->item,
                addresses_pattern(draft->arena, "/^(.*@", member->word, ")$/"), str_of("${1}"));
    draft_add(draft, hub->item, PARAM_VIRTUAL_ALIAS_MAPS, 140, "%.*s",
              STR_ARG(draft_table_ref(draft, same)));
    draft_entry(draft, transport, member->item, addresses_lower(draft->arena, member->word),
                arena_printf(draft->arena, "smtp:%.*s", STR_ARG(hub->hop.first)));
}

static void send_domains(struct hub *hub)
{
    struct draft *draft = hub->draft;
    struct str own = addresses_own_name(draft);
    struct class_members local;

    class_read(draft, &class_local, &local);
    for (size_t i = 0; i < local.count; i++) {
        struct str name = addresses_lower(draft->arena, local.at[i].word);
        if (!addresses_is_host(name) || str_is(name, "localhost") || str_eq(name, own))
            continue;
        if (hub->sticky)
            add_sticky_domain(hub, &local.at[i]);
        else
            put_entry(hub, local.at[i].item, arena_printf(draft->arena, "@%.*s", STR_ARG(name)),
                      arena_printf(draft->arena, "@%.*s", STR_ARG(hub->domain)));
    }
    if (own.at != NULL)
        put_entry(hub, hub->item, arena_printf(draft->arena, "@%.*s", STR_ARG(own)),
                  arena_printf(draft->arena, "@%.*s", STR_ARG(hub->domain)));
    else
        draft_add(draft, hub->item, PARAM_VIRTUAL_ALIAS_MAPS, 160,
                  "inline:{{@$myhostname = @%.*s}}", STR_ARG(hub->domain));
}

struct str relay_domain_of(struct str hop)
{
    size_t end = hop.at[0] == '[' ? str_find(hop, ']', 0) + 1 : str_find(hop, ':', 0);

    if (hop.at[0] == '[' && str_span(hop, 1, "0123456789.") != end - 1)
        return STR_NONE;
    return str_slice(hop, 0, end);
}

void relay_send_to(struct draft *draft, const struct sendmail_item *item, struct str hop)
{
    struct draft_table *transport = draft_table(draft, "transport_hub", DRAFT_INDEXED);

    draft_entry(draft, transport, item, addresses_lower(draft->arena, relay_domain_of(hop)),
                arena_printf(draft->arena, "smtp:%.*s", STR_ARG(hop)));
    draft_add(draft, item, PARAM_TRANSPORT_MAPS, 45, "%.*s",
              STR_ARG(draft_table_ref(draft, transport)));
}

bool relay_hub_map(struct draft *draft, const struct sendmail_item *item, struct relay_hop hop)
{
    struct hub hub = {
        .draft = draft, .item = item, .hop = hop, .domain = relay_domain_of(hop.first)};
    bool has_inline = draft_has_table_type(draft, "inline");

    if (hub.domain.at == NULL || !aliases_are_known(draft) ||
        (!has_inline && addresses_own_name(draft).at == NULL) ||
        sendmail_value(draft->sendmail, "LUSER_RELAY").len > 0)
        return false;
    hub.sticky = feature_is_on(draft, "stickyhost");
    hub.table = draft_table(draft, TABLE, DRAFT_INDEXED);
    map_init(&hub.keys, draft->arena);
    relay_users_read(draft, &hub.users);
    add_aliases(&hub);
    keep_users(&hub);
    send_domains(&hub);
    if (hub.table->count > 0)
        draft_add(draft, item, PARAM_VIRTUAL_ALIAS_MAPS, 150, "%.*s",
                  STR_ARG(draft_table_ref(draft, hub.table)));
    relay_send_to(draft, item, hop.first);
    draft_fate(draft, item, FATE_MAPPED,
               "virtual_alias_maps: after alias expansion users become user@%.*s; transport_maps: "
               "that domain is sent to smtp:%.*s",
               STR_ARG(hub.domain), STR_ARG(hop.first));
    if (hub.sticky)
        draft_fate(
            draft, item, FATE_MAPPED,
            "mail for a domain of this host is sent there unchanged; Postfix does not distinguish "
            "the host's own name from a missing domain, and replaces it with the name of the hub");
    return true;
}
