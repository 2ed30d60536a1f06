/*
 * routing_tables - the tables of LDAP routing: those that make the keys and those that are looked
 * up with them; see routing.c
 *
 * Sources: ldap_table(5), DATABASE_README on pipemap.
 */
#include "convert/ldap/routing.h"

/* --- keys ------------------------------------------------------------------------------------- */

/* how a key is made from "user@domain": BEFORE, the domain for the query, AFTER */
static const struct routing_shape {
    const char *name, *user, *before, *after;
    bool domain;
} shapes[] = {
    [LEVEL_WHOLE] = {"whole", "(.+)", "${1}@", "", true},
    [LEVEL_PLAIN] = {"plain", "([^+]+)\\+.*", "${1}@", "", true},
    [LEVEL_DOMAIN] = {"domain", ".+", "@", "", true},
    [LEVEL_PLAIN_DETAIL] = {"plain_detail", "([^+]+)\\+([^@]+)", "${1}@${2}", "", false},
    [LEVEL_DOMAIN_DETAIL] = {"domain_detail", "[^+]+\\+([^@]+)", "", "@${1}", true},
};

static void add_key(struct draft *draft, struct draft_table *table,
                    const struct class_member *member, const struct routing_shape *shape,
                    struct str asked)
{
    struct buffer pattern, result;

    buffer_init(&pattern, draft->arena);
    buffer_init(&result, draft->arena);
    buffer_printf(&pattern, "/^%s@", shape->user);
    addresses_quote(&pattern, addresses_lower(draft->arena, member->word));
    buffer_add_cstr(&pattern, "$/");
    buffer_add_cstr(&result, shape->before);
    if (shape->domain)
        addresses_quote_result(&result, addresses_lower(draft->arena, asked));
    buffer_add_cstr(&result, shape->after);
    draft_entry(draft, table, member->item, buffer_str(&pattern), buffer_str(&result));
}

struct str routing_key(const struct routing *routing, const struct routing_group *group,
                       enum routing_level level)
{
    struct draft *draft = routing->draft;
    const char *name =
        arena_printf(draft->arena, "%.*s_%s", STR_ARG(group->prefix), shapes[level].name).at;
    struct draft_table *table = draft_find_table(draft, name);

    if (table != NULL)
        return draft_table_ref(draft, table);
    table = draft_table(draft, name, DRAFT_REGEXP);
    for (size_t i = 0; i < group->count; i++) {
        const struct class_member *member = &group->members[i];
        add_key(draft, table, member, &shapes[level],
                group->asked.at != NULL ? group->asked : member->word);
    }
    return draft_table_ref(draft, table);
}

/* --- lookups ---------------------------------------------------------------------------------- */

struct str routing_directory(struct routing *routing, const char *name,
                             const struct routing_map *map, const char *key, const char *format)
{
    struct draft *draft = routing->draft;

    return draft_table_ref(draft, ldap_table(draft, routing->item, name, &map->spec,
                                             ldap_filter(draft, map->spec.filter, key),
                                             map->attribute, format));
}

/* add_line - adds a line of a map that is a file */
static void add_line(struct draft *draft, struct draft_table *table,
                     const struct sendmail_item *line, struct str key, enum routing_use use)
{
    struct str value = str_trim(sendmail_argument(line, 1));

    if (use == USE_KEPT)
        value = arena_printf(draft->arena, "@%.*s", STR_ARG(addresses_domain(key)));
    else if (use == USE_HOST)
        value = arena_printf(draft->arena, "relay:%.*s", STR_ARG(value));
    draft_entry(draft, table, line, key, value);
    draft_fate(draft, line, FATE_MAPPED, "a line of %.*s", STR_ARG(table->name));
}

/* add_lines - adds the line for each domain that uses this key; hosts are also looked up by
   complete addresses, with the original domain */
static void add_lines(struct routing *routing, struct draft_table *table,
                      const struct sendmail_item *line, enum routing_use use)
{
    struct draft *draft = routing->draft;
    struct str key = addresses_lower(draft->arena, line->arguments[0]);
    struct str domain = addresses_domain(key);
    bool asked = class_has(&routing->domains, domain);

    if (use == USE_KEPT && routing->skips_own &&
        class_has(&routing->local, str_trim(sendmail_argument(line, 1))))
        return;
    for (size_t i = 0; i < routing->group_count; i++) {
        const struct routing_group *group = &routing->groups[i];
        if (group->asked.at == NULL || !str_eq_nocase(group->asked, domain))
            continue;
        asked = true;
        if (use == USE_HOST && key.len > domain.len + 1)
            add_line(draft, table, line,
                     arena_printf(draft->arena, "%.*s%.*s", (int)(key.len - domain.len), key.at,
                                  STR_ARG(addresses_lower(draft->arena, group->members->word))),
                     use);
    }
    if (asked)
        add_line(draft, table, line, key, use);
    else
        draft_fate(draft, line, FATE_MEANINGLESS,
                   "Sendmail looks up only addresses in LDAPROUTE_DOMAIN in this table");
}

struct str routing_file(struct routing *routing, const char *name, const struct routing_map *map,
                        enum routing_use use)
{
    struct draft *draft = routing->draft;
    struct draft_table *table = draft_find_table(draft, name);
    size_t first = map->file->first;

    if (table != NULL)
        return draft_table_ref(draft, table);
    table = draft_table(draft, name, DRAFT_INDEXED);
    for (size_t i = first; i < first + map->file->count; i++)
        if (!draft->sendmail->items[i].overridden)
            add_lines(routing, table, &draft->sendmail->items[i], use);
    return draft_table_ref(draft, table);
}

struct str routing_host(struct routing *routing)
{
    if (routing->host.kind == ROUTING_FILE)
        return routing_file(routing, "ldap_routing_hosts", &routing->host, USE_HOST);
    return routing_directory(routing, "ldap_routing_host.cf", &routing->host, "%s", "relay:%s");
}
