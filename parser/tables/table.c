/* table - which kinds of lookup tables there are: see parser/tables/table.h */
#include "parser/tables/class.h"

extern const struct table_class table_class_indexed, table_class_texthash, table_class_inline,
    table_class_static, table_class_fail, table_class_internal, table_class_randmap,
    table_class_cidr, table_class_pcre, table_class_regexp, table_class_pipemap,
    table_class_unionmap, table_class_adapter;

static const struct {
    const char *type;
    const struct table_class *class;
} classes[] = {
    {"texthash", &table_class_texthash}, {"cidr", &table_class_cidr},
    {"pcre", &table_class_pcre},         {"regexp", &table_class_regexp},
    {"inline", &table_class_inline},     {"static", &table_class_static},
    {"fail", &table_class_fail},         {"internal", &table_class_internal},
    {"randmap", &table_class_randmap},   {"pipemap", &table_class_pipemap},
    {"unionmap", &table_class_unionmap},
};

static const struct table_class *find_class(const struct table_type *type)
{
    if (type->kind == TABLE_INDEXED)
        return &table_class_indexed;
    if (type->kind == TABLE_ADAPTER)
        return &table_class_adapter;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_is(type->name, classes[i].type))
            return classes[i].class;
    return NULL;
}

struct tables *tables_create(struct arena *arena, const struct config *config)
{
    struct tables *tables = arena_alloc(arena, sizeof *tables);

    *tables = (struct tables){.arena = arena, .config = config, .find_class = find_class};
    for (size_t use = 0; use < TABLE_USES; use++)
        map_init(&tables->by_name[use], arena);
    return tables;
}
