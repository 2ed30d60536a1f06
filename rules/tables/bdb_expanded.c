/* values as they are after the fixes; see bdb.h */
#include "rules/tables/bdb.h"

struct str bdb_value_key(const struct bdb_fixes *fixes, struct str value)
{
    return arena_printf(fixes->check->arena, "%p", (const void *)value.at);
}

/* replace_types - VALUE with the types in PLACES replaced */
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

/* fix_types - a value of a file as it is after the fixes */
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

/* expand_fixed - a value of a file or a default, expanded for SERVICE as after the fixes */
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

/* find_default_types - the types in TEXT, which may be a type itself */
static struct bdb_place *find_default_types(struct bdb_fixes *fixes, struct str text)
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

/* append_setting - sets NAME, whose default is TEXT, in main.cf */
static void append_setting(struct bdb_fixes *fixes, const struct service *service, struct str name,
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
    struct finding *finding =
        check_report(check, (struct span){source, source->bytes.len, 0},
                     arena_printf(check->arena,
                                  "%.*s uses %.*s, whose default %.*s needs Berkeley DB, which "
                                  "Postfix on %.*s is built without",
                                  STR_ARG(by), STR_ARG(name), STR_ARG(text),
                                  STR_ARG(check->config->platform->title)),
                     arena_printf(check->arena, "add %.*s", STR_ARG(line)));
    if (str_is(name, "alias_database"))
        finding->severity = SEVERITY_WARNING; /* mail is still delivered */
    finding_append_main(check, finding, line);
    fixes->changed = true;
}

struct reference_walk {
    struct bdb_fixes *fixes;
    const struct service *service;
    int level;
    int values;
};

/* beyond them a default has no fix; the table itself is reported (see is_unfixed()) */
enum { LEVELS_MAX = 8, VALUES_MAX = 200 };

/* see_reference - fixes the default of a name that a value refers to */
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
        setting.line == NULL ? find_default_types(walk->fixes, setting.value) : NULL;
    if (places != NULL) {
        append_setting(walk->fixes, walk->service, name, setting.value, places);
        return;
    }
    walk->level++;
    walk->values++;
    expand_scan(config->release, config->arena, setting.value, see_reference, walk, NULL);
    walk->level--;
}

/* fix_references - fixes the defaults that VALUE refers to, also through other values */
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
    struct bdb_place *places = find_default_types(fixes, setting.value);
    if (places != NULL)
        append_setting(fixes, service, name, setting.value, places);
    else
        fix_references(fixes, service, setting.value);
}

/* --- tables whose type is composed of several values ----------------------------------------- */

static void keep_unfixed(void *context, const struct table_ref *ref)
{
    struct bdb_fixes *fixes = context;

    if (tables_needs_berkeley_db(fixes->check, ref->type))
        map_put(&fixes->unfixed, ref->text, fixes);
}

/* expand_use - finds the tables in the use's value that still need Berkeley DB after the fixes */
static void expand_use(struct bdb_fixes *fixes, const struct used_table *use)
{
    map_init(&fixes->unfixed, fixes->check->arena);
    fixes->unfixed_value = use->written.at;
    fixes->unfixed_service = use->service;
    table_refs(expand_fixed(fixes, use->service, use->written), keep_unfixed, fixes);
}

static bool is_unfixed(const struct bdb_fixes *fixes, const struct used_table *use)
{
    return map_get(&fixes->unfixed, use->ref->text) != NULL;
}

/* find_unfixed - once for each value and service; tries the defaults that the value refers to */
static void find_unfixed(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (fixes->unfixed_value == use->written.at && fixes->unfixed_service == use->service)
        return;
    expand_use(fixes, use);
    if (fixes->unfixed.count == 0)
        return;
    fix_references(fixes, use->service, use->written);
    expand_use(fixes, use);
}

static void report_unfixed(struct bdb_fixes *fixes, const struct used_table *use)
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
                     "look-ups fail with \"unsupported dictionary type: %.*s\": this expands to "
                     "%.*s, and Postfix on %.*s is built without Berkeley DB",
                     STR_ARG(use->ref->type_text), STR_ARG(use->ref->text),
                     STR_ARG(check->config->platform->title)),
        arena_printf(check->arena,
                     "change the values that it is composed of, so that it expands to %.*s:%.*s",
                     STR_ARG(type), STR_ARG(use->ref->name)));
}

void bdb_report_unfixed(struct bdb_fixes *fixes, const struct used_table *use)
{
    if (use->file.at != NULL || !tables_needs_berkeley_db(fixes->check, use->ref->type) ||
        !expand_needed(use->written))
        return;
    find_unfixed(fixes, use);
    if (is_unfixed(fixes, use))
        report_unfixed(fixes, use);
}
