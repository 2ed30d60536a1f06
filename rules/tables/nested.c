#include "rules/tables/nested.h"

/* the file that is being read */
struct nested_file {
    struct table_sources *sources;
    const struct table_source *file;
    const struct line *line;
};

static void add_file(struct table_sources *sources, enum table_source_kind kind,
                     const struct used_table *use)
{
    struct check *check = sources->check;
    bool inside;

    if (sources->known.arena == NULL)
        map_init(&sources->known, check->arena);
    if (use->ref->name.len == 0 || use->ref->name.at[0] != '/' ||
        tables_look(check, use->ref->name, (struct str)STR(""), &inside) != TABLE_FILE_PRESENT ||
        !inside)
        return;
    struct str identity = tables_identity(check, use->ref->name);
    if (map_get(&sources->known, identity) != NULL)
        return;
    map_put(&sources->known, identity, sources);
    sources->files = arena_grow(check->arena, sources->files, sources->count, &sources->capacity,
                                sizeof *sources->files);
    sources->files[sources->count++] =
        (struct table_source){kind, use->ref->name, use->parameter, use->service};
}

void table_sources_access(struct table_sources *sources, const struct used_table *use)
{
    if (use->ref->type->kind == TABLE_INDEXED || use->ref->type->kind == TABLE_TEXT)
        add_file(sources, TABLE_SOURCE_ACCESS, use);
}

void table_sources_settings(struct table_sources *sources, const struct used_table *use)
{
    static const struct str backup = STR("backup");

    if (str_list_has(&use->ref->type->settings, backup))
        add_file(sources, TABLE_SOURCE_SETTINGS, use);
}

static void see_ref(void *context, const struct table_ref *ref)
{
    struct nested_file *reading = context;
    struct used_table use = {.ref = ref,
                             .parameter = reading->file->parameter,
                             .service = reading->file->service,
                             .line = reading->line,
                             .file = reading->file->path};

    reading->sources->seen(reading->sources->context, &use);
    if (reading->file->kind == TABLE_SOURCE_ACCESS)
        table_sources_access(reading->sources, &use);
}

/* read_access - each line is a key or pattern, followed by a result */
static void read_access(struct nested_file *reading, const struct source *source)
{
    struct line_reader reader = {.source = source};
    struct arena *arena = reading->sources->check->arena;
    struct line line;

    while (line_next(&reader, arena, &line)) {
        if (str_find(line.text, ':', 0) == line.text.len)
            continue;
        struct line *kept = arena_alloc_raw(arena, sizeof *kept);
        *kept = line;
        reading->line = kept;
        table_refs_restrictions(kept->text, see_ref, reading);
    }
}

static void read_settings(struct nested_file *reading, const struct source *source)
{
    struct arena *arena = reading->sources->check->arena;
    struct main_cf *settings = arena_alloc(arena, sizeof *settings);

    main_cf_parse(settings, arena, source);
    for (size_t i = 0; i < settings->count; i++) {
        reading->line = &settings->entries[i]->line;
        if (str_is(settings->entries[i]->name, "backup"))
            table_refs(settings->entries[i]->value, see_ref, reading);
    }
}

void table_sources_read(struct table_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct table_source file = sources->files[i];
        const struct source *source = tables_read(sources->check, file.path);
        struct nested_file reading = {.sources = sources, .file = &file};
        if (source == NULL)
            continue;
        if (file.kind == TABLE_SOURCE_ACCESS)
            read_access(&reading, source);
        else
            read_settings(&reading, source);
    }
}
