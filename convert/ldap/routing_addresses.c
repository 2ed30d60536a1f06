/*
 * routing_addresses - virtual_alias_maps: the new address; see routing.c
 *
 * Sources: ldap_table(5), DATABASE_README on pipemap, virtual(5).
 */
#include "convert/ldap/routing.h"
#include "convert/sendmail/class.h"

/* get_pattern_table - a table with a single pattern, as main.cf refers to it */
static struct str get_pattern_table(struct routing *routing, const char *name, const char *pattern,
                                    const char *result)
{
    struct draft *draft = routing->draft;
    struct draft_table *table = draft_find_table(draft, name);

    if (table == NULL) {
        table = draft_table(draft, name, DRAFT_REGEXP);
        draft_entry(draft, table, routing->item, str_of(pattern),
                    arena_copy(draft->arena, str_of(result)));
    }
    return draft_table_ref(draft, table);
}

/* get_address_table - the table that returns the new address for a key */
static struct str get_address_table(struct routing *routing)
{
    if (routing->address.kind == ROUTING_FILE)
        return routing_file(routing, "ldap_routing_addresses", &routing->address, USE_ADDRESS);
    return routing_directory(routing, "ldap_routing_address.cf", &routing->address, "%s", NULL);
}

/* add_one_answer - "-1": Sendmail ignores the answer if there are several entries */
static void add_one_answer(struct routing *routing, const struct routing_map *map,
                           struct buffer *steps)
{
    if (map->kind == ROUTING_DIRECTORY && map->spec.single) {
        buffer_add_cstr(steps, ", ");
        buffer_add(steps, get_pattern_table(routing, "ldap_routing_single", "/^([^,]+)$/", "${1}"));
    }
}

static void add_address(struct routing *routing, const struct routing_group *group,
                        enum routing_level level)
{
    struct draft *draft = routing->draft;
    struct buffer steps;

    if (routing->address.kind == ROUTING_NO_MAP)
        return;
    buffer_init(&steps, draft->arena);
    buffer_add(&steps, routing_key(routing, group, level));
    buffer_add_cstr(&steps, ", ");
    buffer_add(&steps, get_address_table(routing));
    add_one_answer(routing, &routing->address, &steps);
    draft_add(draft, routing->item, PARAM_VIRTUAL_ALIAS_MAPS, RANK_ROUTING, "pipemap:{%.*s}",
              STR_ARG(buffer_str(&steps)));
}

/* exclude_own - the map of hosts without the entries whose host is this one */
static struct routing_map exclude_own(struct routing *routing)
{
    struct draft *draft = routing->draft;
    struct routing_map map = routing->host;
    struct str own = addresses_own_name(draft);
    struct buffer out;

    buffer_init(&out, draft->arena);
    buffer_printf(&out, "(&%.*s", STR_ARG(map.spec.filter));
    buffer_printf(&out, "(!(%.*s=localhost))(!(%.*s=%.*s))", STR_ARG(map.attribute),
                  STR_ARG(map.attribute), STR_ARG(own));
    for (size_t i = 0; i < routing->local.count; i++)
        if (addresses_is_host(routing->local.at[i].word))
            buffer_printf(&out, "(!(%.*s=%.*s))", STR_ARG(map.attribute),
                          STR_ARG(routing->local.at[i].word));
    buffer_add_char(&out, ')');
    map.spec.filter = buffer_str(&out);
    return map;
}

/* add_kept - an address with a host keeps its name: the result "@domain" does not change the user
   part */
static void add_kept(struct routing *routing, const struct routing_group *group,
                     enum routing_level level)
{
    struct draft *draft = routing->draft;
    struct buffer steps;

    if (routing->host.kind == ROUTING_NO_MAP)
        return;
    buffer_init(&steps, draft->arena);
    buffer_add(&steps, routing_key(routing, group, level));
    buffer_add_cstr(&steps, ", ");
    if (group->asked.at != NULL) {
        struct str word = addresses_lower(draft->arena, group->members->word);
        buffer_add(&steps, routing_host(routing));
        buffer_add_cstr(&steps, ", ");
        buffer_add(&steps,
                   get_pattern_table(
                       routing, arena_printf(draft->arena, "%.*s_kept", STR_ARG(group->prefix)).at,
                       "/^([^,]+)$/", arena_printf(draft->arena, "@%.*s", STR_ARG(word)).at));
    } else if (routing->host.kind == ROUTING_FILE) {
        buffer_add(&steps, routing_file(routing, "ldap_routing_kept", &routing->host, USE_KEPT));
    } else {
        struct routing_map map = routing->skips_own ? exclude_own(routing) : routing->host;
        buffer_add(&steps, routing_directory(routing, "ldap_routing_kept.cf", &map, "%s", "@%D"));
        add_one_answer(routing, &routing->host, &steps);
    }
    draft_add(draft, routing->item, PARAM_VIRTUAL_ALIAS_MAPS, RANK_ROUTING, "pipemap:{%.*s}",
              STR_ARG(buffer_str(&steps)));
}

/* add_detail - adds the detail to the new address: it is %D, in the place of the domain.  %u is the
   user, and the filter names the domain; or %u is the domain */
static void add_detail(struct routing *routing, const struct routing_group *group,
                       enum routing_level level)
{
    struct draft *draft = routing->draft;
    struct str domain = group->asked.at != NULL ? group->asked : group->members->word;
    struct buffer steps;

    if (routing->address.kind == ROUTING_NO_MAP)
        return;
    if (routing->address.kind == ROUTING_FILE) {
        draft_open_point(draft, routing->item, "add lines for the addresses with details",
                         "the new address loses the detail");
        return;
    }
    const char *key = arena_printf(draft->arena, "%%u@%.*s", STR_ARG(domain)).at;
    const char *name =
        arena_printf(draft->arena, "%.*s_plain_detail.cf", STR_ARG(group->prefix)).at;
    if (level == LEVEL_DOMAIN_DETAIL) {
        key = "@%u";
        name = "ldap_routing_domain_detail.cf";
    }
    buffer_init(&steps, draft->arena);
    buffer_add(&steps, routing_key(routing, group, level));
    buffer_add_cstr(&steps, ", ");
    buffer_add(&steps, routing_directory(routing, name, &routing->address, key, "%u+%D@%d"));
    add_one_answer(routing, &routing->address, &steps);
    draft_add(draft, routing->item, PARAM_VIRTUAL_ALIAS_MAPS, RANK_ROUTING, "pipemap:{%.*s}",
              STR_ARG(buffer_str(&steps)));
}

/* add_details - each domain needs a table of its own, because the filter with "user" names the
   domain */
static void add_details(struct routing *routing, const struct routing_group *group)
{
    struct draft *draft = routing->draft;

    for (size_t i = 0; i < group->count; i++) {
        struct routing_group one = *group;
        one.members = &group->members[i];
        one.count = 1;
        if (i > 0)
            one.prefix = arena_printf(draft->arena, "%.*s_%zu", STR_ARG(group->prefix), i + 1);
        if (i < ROUTING_GROUPS_MAX)
            add_detail(routing, &one, LEVEL_PLAIN_DETAIL);
        else
            draft_open_point(
                draft, one.members->item,
                "create a table like ldap_routing_plain_detail.cf for the domain",
                "more than %d domains need a table to keep the detail: the new address loses it",
                ROUTING_GROUPS_MAX);
    }
}

static void write_group(struct routing *routing, const struct routing_group *group)
{
    add_address(routing, group, LEVEL_WHOLE);
    add_kept(routing, group, LEVEL_WHOLE);
    if (routing->preserves)
        add_details(routing, group);
    if (routing->strips) {
        add_address(routing, group, LEVEL_PLAIN);
        add_kept(routing, group, LEVEL_PLAIN);
    }
    if (routing->whole_only)
        return;
    if (routing->preserves)
        add_detail(routing, group, LEVEL_DOMAIN_DETAIL);
    add_address(routing, group, LEVEL_DOMAIN);
    add_kept(routing, group, LEVEL_DOMAIN);
}

void routing_write_addresses(struct routing *routing)
{
    for (size_t i = 0; i < routing->group_count; i++)
        write_group(routing, &routing->groups[i]);
}
