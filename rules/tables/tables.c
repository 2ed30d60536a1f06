#include "rules/tables/tables.h"

#include "parser/postfix/names.h"
#include "rules/tables/nested.h"

/* a walk over a configuration */
struct tables_walk {
    struct check *check;
    table_seen *seen;
    void *context;
    struct used_table use; /* the value that is searched; all but the ref */
    struct table_sources sources;
};

static void see_ref(void *context, const struct table_ref *ref)
{
    struct tables_walk *walk = context;
    struct used_table use = walk->use;

    use.ref = ref;
    walk->seen(walk->context, &use);
    table_sources_settings(&walk->sources, &use);
}

static void see_access_ref(void *context, const struct table_ref *ref)
{
    struct tables_walk *walk = context;
    struct used_table use = walk->use;

    use.ref = ref;
    table_sources_access(&walk->sources, &use);
}

/* see_value - the tables in an expanded value */
static void see_value(struct tables_walk *walk, struct str value)
{
    if (str_find(value, ':', 0) == value.len)
        return;
    walk->use.places = tables_places(walk->check);
    table_refs(value, see_ref, walk);
    /* a restriction list may name a table without a restriction before it */
    if (str_ends(walk->use.parameter, "_restrictions"))
        table_refs(value, see_access_ref, walk);
    else
        table_refs_restrictions(value, see_access_ref, walk);
}

/* --- values that Postfix reads ---------------------------------------------------------------- */

/* is_read - does Postfix itself read the parameter?  A user-defined name is read at its use */
static bool is_read(const struct check *check, const struct service *service, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    if (parameter != NULL && parameter->type != PARAMETER_READ_ONLY &&
        (platform_has(check->config->platform, parameter) ||
         parameter_legacy_in(parameter, check->config->release)))
        return true;
    return config_service_parameter(check->config, name, NULL) != NULL ||
           config_is_class(check->config, service, name);
}

static bool may_hold_table(struct str value)
{
    return str_find(value, ':', 0) < value.len || expand_needed(value);
}

static void see_main(struct tables_walk *walk)
{
    const struct config *config = walk->check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (entry->overridden || !may_hold_table(entry->value) ||
            !is_read(walk->check, NULL, entry->name))
            continue;
        walk->use = (struct used_table){
            .parameter = entry->name, .written = entry->value, .line = &entry->line};
        see_value(walk, config_expand(config, NULL, entry->value, NULL, NULL));
    }
}

static void see_overrides(struct tables_walk *walk, const struct service *service)
{
    const struct config *config = walk->check->config;

    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        if (o->overridden || !may_hold_table(o->value) || !is_read(walk->check, service, o->name))
            continue;
        walk->use = (struct used_table){
            .parameter = o->name, .service = service, .written = o->value, .line = &service->line};
        see_value(walk, config_expand(config, service, o->value, NULL, NULL));
    }
}

/* changes_main - does an -o of the service set a name that values in main.cf refer to? */
static bool changes_main(const struct check *check, const struct service *service)
{
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (map_get(&check->config->names->in_main, o->name) != NULL)
            return true;
    return false;
}

/* see_changed_main - values in main.cf that expand differently for the service */
static void see_changed_main(struct tables_walk *walk, const struct service *service)
{
    const struct config *config = walk->check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (entry->overridden || !expand_needed(entry->value) ||
            service_override_named(service, entry->name) != NULL ||
            !is_read(walk->check, service, entry->name))
            continue;
        struct str value = config_expand(config, service, entry->value, NULL, NULL);
        if (str_eq(value, config_expand(config, NULL, entry->value, NULL, NULL)))
            continue;
        walk->use = (struct used_table){.parameter = entry->name,
                                        .service = service,
                                        .written = entry->value,
                                        .line = &entry->line};
        see_value(walk, value);
    }
}

/* --- all of them, once for a configuration ---------------------------------------------------- */

struct used_tables {
    struct arena *arena;
    struct used_table *items;
    size_t count, capacity;
};

/* keep_ref - with what it is inside, which is on the stack of the walk and has its bound */
static const struct table_ref *keep_ref(struct arena *arena, const struct table_ref *ref)
{
    if (ref == NULL)
        return NULL;
    struct table_ref *kept = arena_alloc_raw(arena, sizeof *kept);
    *kept = *ref;
    kept->inside = keep_ref(arena, ref->inside);
    return kept;
}

static void keep_use(void *context, const struct used_table *use)
{
    struct used_tables *tables = context;

    tables->items = arena_grow(tables->arena, tables->items, tables->count, &tables->capacity,
                               sizeof *tables->items);
    struct used_table *kept = &tables->items[tables->count++];
    *kept = *use;
    kept->ref = keep_ref(tables->arena, use->ref);
}

static const struct used_tables *collect_tables(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    struct used_tables *tables = arena_alloc(check->arena, sizeof *tables);
    struct tables_walk walk = {.check = check, .seen = keep_use, .context = tables};

    tables->arena = check->arena;
    walk.sources = (struct table_sources){.check = check, .seen = keep_use, .context = tables};
    see_main(&walk);
    for (size_t i = 0; i < master_cf->count; i++) {
        see_overrides(&walk, master_cf->services[i]);
        if (changes_main(check, master_cf->services[i]))
            see_changed_main(&walk, master_cf->services[i]);
    }
    table_sources_read(&walk.sources);
    return tables;
}

void tables_each(struct check *check, table_seen *seen, void *context)
{
    if (check->shared->tables == NULL)
        check->shared->tables = collect_tables(check);
    for (size_t i = 0; i < check->shared->tables->count; i++)
        seen(context, &check->shared->tables->items[i]);
}

/* --- questions about a table ----------------------------------------------------------------- */

bool tables_is_cache(const struct used_table *use)
{
    struct str name = use->parameter;

    return str_ends(name, "_cache_map") || str_ends(name, "_cache_database") ||
           str_ends(name, "_cache_name") || str_is(name, "address_verify_map") ||
           (use->file.at != NULL && use->ref->inside == NULL && str_is(name, "backup"));
}

bool tables_only_allows(struct str parameter)
{
    return str_is(parameter, "proxy_read_maps") || str_is(parameter, "proxy_write_maps");
}

bool tables_needs_berkeley_db(const struct check *check, const struct table_type *type)
{
    return type->berkeley_db && !check->config->platform->berkeley_db;
}

struct str tables_replacement(const struct check *check, struct str type)
{
    struct setting cache = config_default(check->config, PARAM_DEFAULT_CACHE_DB_TYPE);
    const struct table_type *cache_type =
        cache.value.at != NULL ? facts_table_type(cache.value) : NULL;

    /* caches are btree tables, and daemons cannot write to every type */
    if (str_is(type, "btree") && cache_type != NULL && !cache_type->berkeley_db)
        return cache.value;
    return check->config->platform->default_database_type;
}

struct str tables_shell_word(struct arena *arena, struct str text)
{
    struct buffer out;
    bool plain = text.len > 0;

    for (size_t i = 0; i < text.len && plain; i++)
        plain = is_alnum(text.at[i]) ||
                str_find((struct str)STR("_-./:@%+=,"), text.at[i], 0) < sizeof "_-./:@%+=," - 1;
    if (plain)
        return text;
    buffer_init(&out, arena);
    buffer_add_char(&out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            buffer_add_cstr(&out, "'\\''");
        else
            buffer_add_char(&out, text.at[i]);
    }
    buffer_add_char(&out, '\'');
    return buffer_str(&out);
}
