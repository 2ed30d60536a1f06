#include "parser/table.h"

struct tables {
    struct arena *arena;
    const struct config *config;
};

struct tables *tables_create(struct arena *arena, const struct config *config)
{
    struct tables *tables = arena_alloc(arena, sizeof *tables);

    *tables = (struct tables){arena, config};
    return tables;
}
