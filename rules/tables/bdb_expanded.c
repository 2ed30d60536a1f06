/* what the configuration says once hash and btree are mended; see bdb.h */
#include "rules/tables/bdb.h"

struct str bdb_value_key(const struct bdb_fixes *fixes, struct str value)
{
    return arena_printf(fixes->check->arena, "%p", (const void *)value.at);
}

/* replace_types - TEXT, which is VALUE's, with the types in PLACES replaced */
static struct str replace_types(struct bdb_fixes *fixes, struct str value,
                                const struct bdb_place *places)
{
    struct arena *arena = fixes->check->arena;
    const struct source *source = source_of(arena, STR_NONE, arena_copy(arena, value));
    struct str result = value;
    struct edit *edits = NULL;
    size_t count = 0, capacity = 0;

    for (const struct bdb_place *place = places; place != NULL; place = place->next) {
        edits = arena_grow(arena, edits, count, &capacity, sizeof *edits);
        edits[count++] =
            (struct edit){{source, (size_t)(place->word.at - value.at), place->word.len},
                          tables_replacement(fixes->check, place->word)};
    }
    if (count > 0 && !edit_apply(arena, source, edits, count, &result, NULL))
        return value;
    return result;
}

/* fix_types - a value of a file as it will be */
static struct str fix_types(struct bdb_fixes *fixes, struct str value)
{
    const struct bdb_place *places = map_get(&fixes->places, bdb_value_key(fixes, value));

    return places != NULL ? replace_types(fixes, value, places) : value;
}

/* --- expansion ------------------------------------------------------------------------------- */

struct fixed_scope {
    struct bdb_fixes *fixes;
    const struct service *service;
};

static enum expand_found find_fixed(void *context, struct str name, struct str *value)
{
    const struct fixed_scope *scope = context;
    const struct config *config = scope->fixes->check->config;
    struct setting setting = config_find_named(config, scope->service, name);
    const struct str *appended = map_get(&scope->fixes->appended, name);

    if (setting.origin == ORIGIN_NONE)
        return EXPAND_UNDEFINED;
    if (setting.value.at == NULL)
        return EXPAND_UNDETERMINED;
    if (setting.line == NULL && appended != NULL)
        *value = *appended;
    else
        *value = fix_types(scope->fixes, setting.value);
    if (setting.parameter != NULL && setting.parameter->type == PARAMETER_RAW &&
        release_has(config->release, FEATURE_RAW_NOT_EXPANDED))
        return EXPAND_RAW_TEXT;
    return EXPAND_TEXT;
}

/* expand_fixed - a value of a file or a default, expanded for SERVICE, as it will be */
static struct str expand_fixed(struct bdb_fixes *fixes, const struct service *service,
                               struct str value)
{
    struct fixed_scope scope = {fixes, service};
    const struct expand_names names = {
        .find = find_fixed, .context = &scope, .release = fixes->check->config->release};
    struct buffer out;

    buffer_init(&out, fixes->check->arena);
    expand(&names, fix_types(fixes, value), &out, NULL);
    return buffer_str(&out);
}

/* --- defaults -------------------------------------------------------------------------------- */

/* the types in a default that need Berkeley DB */
struct default_types {
    struct bdb_fixes *fixes;
    struct bdb_place *places;
};

static void see_default_ref(void *context, const struct table_ref *ref)
{
    struct default_types *types = context;
    struct bdb_place *place;

    if (!tables_needs_berkeley_db(types->fixes->check, ref->type))
        return;
    place = arena_alloc(types->fixes->check->arena, sizeof *place);
    *place = (struct bdb_place){.word = ref->type_text, .next = types->places};
    types->places = place;
}

/* default_types_of - in TEXT, which may be a type itself */
static struct bdb_place *default_types_of(struct bdb_fixes *fixes, struct str text)
{
    struct default_types types = {.fixes = fixes};
    const struct table_type *type = facts_table_type(text);

    if (type != NULL && tables_needs_berkeley_db(fixes->check, type)) {
        types.places = arena_alloc(fixes->check->arena, sizeof *types.places);
        types.places->word = text;
    } else {
        tables_written(text, see_default_ref, &types);
    }
    return types.places;
}

/* append - a line for a parameter that stands at its default, which says TEXT */
static void append(struct bdb_fixes *fixes, const struct service *service, struct str name,
                   struct str text, struct bdb_place *places)
{
    struct check *check = fixes->check;
    struct str *value = arena_alloc_raw(check->arena, sizeof *value);
    const struct source *source = check->config->main_cf.source;

    *value = replace_types(fixes, text, places);
    map_put(&fixes->appended, name, value);
    struct str by = service != NULL                  ? service_process_name(service)
                    : str_is(name, "alias_database") ? (struct str)STR("newaliases")
                                                     : (struct str)STR("Postfix");
    struct str line = arena_printf(check->arena, "%.*s = %.*s", STR_ARG(name), STR_ARG(*value));
    struct finding *finding = check_report(
        check, (struct span){source, source->bytes.len, 0},
        arena_printf(check->arena,
                     "%.*s uses %.*s, which is left at its default %.*s: that needs Berkeley DB, "
                     "which Postfix on %.*s is built without",
                     STR_ARG(by), STR_ARG(name), STR_ARG(text),
                     STR_ARG(check->config->platform->title)),
        arena_printf(check->arena, "add %.*s", STR_ARG(line)));
    if (str_is(name, "alias_database"))
        finding->severity = SEVERITY_WARNING; /* mail is delivered all the same */
    finding_append_main(check, finding, line);
    fixes->changed = true;
}

struct reference_walk {
    struct bdb_fixes *fixes;
    const struct service *service;
    int level;
    int values;
};

enum { LEVELS_MAX = 8, VALUES_MAX = 200 };

/* see_reference - a name whose value, or default, a value refers to */
static void see_reference(void *context, struct str name, struct str reference)
{
    struct reference_walk *walk = context;
    const struct config *config = walk->fixes->check->config;
    struct setting setting = config_find_named(config, walk->service, name);

    (void)reference;
    if (setting.value.at == NULL || map_get(&walk->fixes->appended, name) != NULL ||
        walk->level == LEVELS_MAX || walk->values == VALUES_MAX)
        return;
    struct bdb_place *places =
        setting.line == NULL ? default_types_of(walk->fixes, setting.value) : NULL;
    if (places != NULL) {
        append(walk->fixes, walk->service, name, setting.value, places);
        return;
    }
    walk->level++;
    walk->values++;
    expand_scan(config->release, config->arena, setting.value, see_reference, walk, NULL);
    walk->level--;
}

/* fix_references - the defaults that VALUE refers to, perhaps by way of other values */
static void fix_references(struct bdb_fixes *fixes, const struct service *service, struct str value)
{
    const struct config *config = fixes->check->config;
    struct reference_walk walk = {.fixes = fixes, .service = service};

    if (config->main_cf.source != NULL)
        expand_scan(config->release, config->arena, value, see_reference, &walk, NULL);
}

void bdb_fix_default(struct bdb_fixes *fixes, const struct service *service, struct str name)
{
    const struct config *config = fixes->check->config;
    struct setting setting = config_find_named(config, service, name);

    if (setting.line != NULL || setting.value.at == NULL || config->main_cf.source == NULL ||
        map_get(&fixes->appended, name) != NULL)
        return;
    struct bdb_place *places = default_types_of(fixes, setting.value);
    if (places != NULL)
        append(fixes, service, name, setting.value, places);
    else
        fix_references(fixes, service, setting.value);
}

/* --- tables whose type is made of pieces ----------------------------------------------------- */

static void keep_rest(void *context, const struct table_ref *ref)
{
    struct bdb_fixes *fixes = context;

    if (tables_needs_berkeley_db(fixes->check, ref->type))
        map_put(&fixes->rest, ref->text, fixes);
}

/* expand_rest - which tables of the use's value still need Berkeley DB when all is mended? */
static void expand_rest(struct bdb_fixes *fixes, const struct used_table *use)
{
    map_init(&fixes->rest, fixes->check->arena);
    fixes->rest_of = use->written.at;
    fixes->rest_for = use->service;
    table_refs(expand_fixed(fixes, use->service, use->written), keep_rest, fixes);
}

static bool is_left(const struct bdb_fixes *fixes, const struct used_table *use)
{
    return map_get(&fixes->rest, use->ref->text) != NULL;
}

/* look_at_value - once a value and service: expands it, and again with the defaults it refers to */
static void look_at_value(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (fixes->rest_of == use->written.at && fixes->rest_for == use->service)
        return;
    expand_rest(fixes, use);
    if (fixes->rest.count == 0)
        return;
    fix_references(fixes, use->service, use->written);
    expand_rest(fixes, use);
}

static void report_left(struct bdb_fixes *fixes, const struct used_table *use)
{
    struct check *check = fixes->check;
    struct span span = tables_span(check, use);
    struct str place = tables_place(check, span);

    if (map_get(&fixes->reported, place) != NULL)
        return;
    map_put(&fixes->reported, place, fixes);
    struct str type = tables_replacement(check, use->ref->type_text);
    check_report(
        check, span,
        arena_printf(check->arena,
                     "this becomes %.*s, and Postfix on %.*s is built without Berkeley DB: "
                     "\"unsupported dictionary type: %.*s\"",
                     STR_ARG(use->ref->text), STR_ARG(check->config->platform->title),
                     STR_ARG(use->ref->type_text)),
        arena_printf(check->arena,
                     "change the pieces that it is made of, so that it becomes %.*s:%.*s",
                     STR_ARG(type), STR_ARG(use->ref->name)));
}

void bdb_report_unfixed(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (use->file.at != NULL || !tables_needs_berkeley_db(fixes->check, use->ref->type) ||
        !expand_needed(use->written))
        return;
    look_at_value(fixes, use);
    if (is_left(fixes, use))
        report_left(fixes, use);
}
