/* postfix_tables - builds the indexed tables of the private copy, as postmap(1) does */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/tables/ref.h"
#include "smtp/engine/postfix.h"

struct indexed_tables {
    const struct postfix *postfix;
    struct str *tables; /* "hash:/tmp/.../config/access" */
    size_t count, capacity;
    bool aliases; /* the current list has alias tables */
    struct str *alias_tables;
    size_t alias_count, alias_capacity;
};

static bool has_text(const struct str *list, size_t count, struct str text)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(list[i], text))
            return true;
    return false;
}

static void add_text(struct arena *arena, struct str **list, size_t *count, size_t *capacity,
                     struct str text)
{
    if (has_text(*list, *count, text))
        return;
    *list = arena_grow(arena, *list, *count, capacity, sizeof **list);
    (*list)[(*count)++] = text;
}

/* can_build - does the copy have the source of the table, and Postfix its type? */
static bool can_build(const struct postfix *postfix, const struct table_ref *ref, struct str path)
{
    struct stat status;

    return ref->type->kind == TABLE_INDEXED &&
           str_list_has(&postfix->installed.types, ref->type_text) &&
           str_starts(path, arena_cstr(postfix->arena, postfix_inside(postfix, "/config/"))) &&
           str_search(path, "/../") == path.len &&
           stat(arena_printf(postfix->arena, "%.*s%.*s", STR_ARG(postfix->root), STR_ARG(path)).at,
                &status) == 0 &&
           S_ISREG(status.st_mode);
}

static void add_reference(void *context, const struct table_ref *ref)
{
    struct indexed_tables *found = context;
    const struct postfix *postfix = found->postfix;
    struct arena *arena = postfix->arena;
    struct str path = postfix_map_paths(postfix, ref->name);

    if (!can_build(postfix, ref, path))
        return;
    struct str table = arena_printf(arena, "%.*s:%.*s", STR_ARG(ref->type_text), STR_ARG(path));
    if (found->aliases)
        add_text(arena, &found->alias_tables, &found->alias_count, &found->alias_capacity, table);
    else
        add_text(arena, &found->tables, &found->count, &found->capacity, table);
    /* an index from another machine may not be usable */
    unlink(arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(postfix->root), STR_ARG(path),
                        STR_ARG(ref->type->extension))
               .at);
}

static void add_references(struct indexed_tables *found, const struct service *service,
                           struct str name, struct str value)
{
    struct str text = config_expand(found->postfix->request->config, service, value, NULL, NULL);

    found->aliases = str_is(name, "alias_maps") || str_is(name, "alias_database");
    if (text.at != NULL)
        table_refs(text, add_reference, found);
}

static void add_all_references(struct indexed_tables *found)
{
    const struct config *config = found->postfix->request->config;

    for (size_t i = 0; i < config->main_cf.count; i++)
        add_references(found, NULL, config->main_cf.entries[i]->name,
                       config->main_cf.entries[i]->value);
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *item = service->overrides; item; item = item->next)
            add_references(found, service, item->name, item->value);
    }
}

static void build_tables(const struct postfix *postfix, const char *program,
                         const struct str *tables, size_t count)
{
    const char *path = arena_printf(postfix->arena, "%.*s/%s",
                                    STR_ARG(postfix->installed.command_directory), program)
                           .at;
    const char **arguments = arena_alloc(postfix->arena, (count + 4) * sizeof *arguments);
    size_t used = 0;

    if (count == 0)
        return;
    arguments[used++] = path;
    arguments[used++] = "-c";
    arguments[used++] = postfix_inside(postfix, "/config").at;
    for (size_t i = 0; i < count; i++)
        arguments[used++] = arena_cstr(postfix->arena, tables[i]);
    /* it stops at the first table that it cannot build: try the others one by one */
    if (postfix_run(postfix, arguments, NULL, NULL) == 0 || count == 1)
        return;
    for (size_t i = 0; i < count; i++)
        build_tables(postfix, program, &tables[i], 1);
}

void postfix_build_tables(const struct postfix *postfix)
{
    struct indexed_tables found = {.postfix = postfix};

    add_all_references(&found);
    build_tables(postfix, "postmap", found.tables, found.count);
    build_tables(postfix, "postalias", found.alias_tables, found.alias_count);
}
