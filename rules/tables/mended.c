/* what the configuration says once hash and btree are mended; see berkeley_db.h */
#include "rules/tables/berkeley_db.h"

struct str mend_key(const struct mend *mend, struct str value)
{
    return arena_printf(mend->check->arena, "%p", (const void *)value.at);
}

/* replace_types - TEXT, which is VALUE's, with the types in PLACES replaced */
static struct str replace_types(struct mend *mend, struct str value,
                                const struct mend_place *places)
{
    struct arena *arena = mend->check->arena;
    const struct source *source = source_of(arena, STR_NONE, arena_copy(arena, value));
    struct str result = value;
    struct edit *edits = NULL;
    size_t count = 0, capacity = 0;

    for (const struct mend_place *place = places; place != NULL; place = place->next) {
        edits = arena_grow(arena, edits, count, &capacity, sizeof *edits);
        edits[count++] =
            (struct edit){{source, (size_t)(place->word.at - value.at), place->word.len},
                          tables_replacement(mend->check, place->word)};
    }
    if (count > 0 && !edit_apply(arena, source, edits, count, &result, NULL))
        return value;
    return result;
}

/* mended - a value of a file as it will be */
static struct str mended(struct mend *mend, struct str value)
{
    const struct mend_place *places = map_get(&mend->places, mend_key(mend, value));

    return places != NULL ? replace_types(mend, value, places) : value;
}

/* --- expansion ------------------------------------------------------------------------------- */

struct scope {
    struct mend *mend;
    const struct service *service;
};

static enum expand_found find_mended(void *context, struct str name, struct str *value)
{
    const struct scope *scope = context;
    const struct config *config = scope->mend->check->config;
    struct setting setting = config_find(config, scope->service, name);
    const struct str *appended = map_get(&scope->mend->appended, name);

    if (setting.origin == ORIGIN_NONE)
        return EXPAND_UNDEFINED;
    if (setting.value.at == NULL)
        return EXPAND_UNDETERMINED;
    if (setting.line == NULL && appended != NULL)
        *value = *appended;
    else
        *value = mended(scope->mend, setting.value);
    if (setting.parameter != NULL && setting.parameter->type == PARAMETER_RAW &&
        release_has(config->release, "raw-not-expanded"))
        return EXPAND_RAW_TEXT;
    return EXPAND_TEXT;
}

/* mend_expand - a value of a file or a default, expanded for SERVICE, as it will be */
static struct str mend_expand(struct mend *mend, const struct service *service, struct str value)
{
    struct scope scope = {mend, service};
    const struct expand_names names = {
        .find = find_mended, .context = &scope, .release = mend->check->config->release};
    struct buffer out;

    buffer_init(&out, mend->check->arena);
    expand(&names, mended(mend, value), &out, NULL);
    return buffer_str(&out);
}

/* --- defaults -------------------------------------------------------------------------------- */

/* the types in a default that need Berkeley DB */
struct default_types {
    struct mend *mend;
    struct mend_place *places;
};

static void see_default_ref(void *context, const struct table_ref *ref)
{
    struct default_types *types = context;
    struct mend_place *place;

    if (!tables_needs_berkeley_db(types->mend->check, ref->type))
        return;
    place = arena_alloc(types->mend->check->arena, sizeof *place);
    *place = (struct mend_place){.word = ref->type_text, .next = types->places};
    types->places = place;
}

/* default_types_of - in TEXT, which may be a type itself */
static struct mend_place *default_types_of(struct mend *mend, struct str text)
{
    struct default_types types = {.mend = mend};
    const struct table_type *type = facts_table_type(text);

    if (type != NULL && tables_needs_berkeley_db(mend->check, type)) {
        types.places = arena_alloc(mend->check->arena, sizeof *types.places);
        types.places->word = text;
    } else {
        tables_written(text, see_default_ref, &types);
    }
    return types.places;
}

/* append - a line for a parameter that stands at its default, which says TEXT */
static void append(struct mend *mend, const struct service *service, struct str name,
                   struct str text, struct mend_place *places)
{
    struct check *check = mend->check;
    struct str *value = arena_alloc_raw(check->arena, sizeof *value);
    const struct source *source = check->config->main_cf.source;

    *value = replace_types(mend, text, places);
    map_put(&mend->appended, name, value);
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
    mend->changed = true;
}

struct reference_walk {
    struct mend *mend;
    const struct service *service;
    int level;
    int values;
};

enum { LEVELS_MAX = 8, VALUES_MAX = 200 };

/* see_reference - a name whose value, or default, a value refers to */
static void see_reference(void *context, struct str name, struct str reference)
{
    struct reference_walk *walk = context;
    const struct config *config = walk->mend->check->config;
    struct setting setting = config_find(config, walk->service, name);

    (void)reference;
    if (setting.value.at == NULL || map_get(&walk->mend->appended, name) != NULL ||
        walk->level == LEVELS_MAX || walk->values == VALUES_MAX)
        return;
    struct mend_place *places =
        setting.line == NULL ? default_types_of(walk->mend, setting.value) : NULL;
    if (places != NULL) {
        append(walk->mend, walk->service, name, setting.value, places);
        return;
    }
    walk->level++;
    walk->values++;
    expand_scan(config->release, config->arena, setting.value, see_reference, walk, NULL);
    walk->level--;
}

/* mend_references - the defaults that VALUE refers to, perhaps by way of other values */
static void mend_references(struct mend *mend, const struct service *service, struct str value)
{
    const struct config *config = mend->check->config;
    struct reference_walk walk = {.mend = mend, .service = service};

    if (config->main_cf.source != NULL)
        expand_scan(config->release, config->arena, value, see_reference, &walk, NULL);
}

void mend_default(struct mend *mend, const struct service *service, struct str name)
{
    const struct config *config = mend->check->config;
    struct setting setting = config_find(config, service, name);

    if (setting.line != NULL || setting.value.at == NULL || config->main_cf.source == NULL ||
        map_get(&mend->appended, name) != NULL)
        return;
    struct mend_place *places = default_types_of(mend, setting.value);
    if (places != NULL)
        append(mend, service, name, setting.value, places);
    else
        mend_references(mend, service, setting.value);
}

/* --- tables whose type is made of pieces ----------------------------------------------------- */

static void keep_rest(void *context, const struct table_ref *ref)
{
    struct mend *mend = context;

    if (tables_needs_berkeley_db(mend->check, ref->type))
        map_put(&mend->rest, ref->text, mend);
}

/* expand_rest - which tables of the use's value still need Berkeley DB when all is mended? */
static void expand_rest(struct mend *mend, const struct table_use *use)
{
    map_init(&mend->rest, mend->check->arena);
    mend->rest_of = use->written.at;
    mend->rest_for = use->service;
    table_refs(mend_expand(mend, use->service, use->written), keep_rest, mend);
}

static bool is_left(const struct mend *mend, const struct table_use *use)
{
    return map_get(&mend->rest, use->ref->text) != NULL;
}

/* look_at_value - once a value and service: expands it, and again with the defaults it refers to */
static void look_at_value(struct mend *mend, const struct table_use *use)
{
    if (mend->rest_of == use->written.at && mend->rest_for == use->service)
        return;
    expand_rest(mend, use);
    if (mend->rest.count == 0)
        return;
    mend_references(mend, use->service, use->written);
    expand_rest(mend, use);
}

static void report_left(struct mend *mend, const struct table_use *use)
{
    struct check *check = mend->check;
    struct span span = tables_span(check, use);
    struct str place = tables_place(check, span);

    if (map_get(&mend->reported, place) != NULL)
        return;
    map_put(&mend->reported, place, mend);
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

void mend_rest(struct mend *mend, const struct table_use *use)
{
    if (use->file.at != NULL || !tables_needs_berkeley_db(mend->check, use->ref->type) ||
        !expand_needed(use->written))
        return;
    look_at_value(mend, use);
    if (is_left(mend, use))
        report_left(mend, use);
}
