#include "convert/write/write.h"

static void add_file(const struct draft *draft, struct draft_files *files, struct str name,
                     struct str bytes, unsigned mode)
{
    files->files = arena_grow(draft->arena, files->files, files->count, &files->capacity,
                              sizeof *files->files);
    files->files[files->count++] = (struct draft_file){name, bytes, mode};
}

void draft_write(const struct draft *draft, struct draft_files *files)
{
    struct buffer out;

    *files = (struct draft_files){0};
    buffer_init(&out, draft->arena);
    draft_write_main(draft, &out);
    add_file(draft, files, str_of("main.cf"), buffer_text(&out), 0644);
    buffer_init(&out, draft->arena);
    draft_write_master(draft, &out);
    add_file(draft, files, str_of("master.cf"), buffer_text(&out), 0644);
    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        buffer_init(&out, draft->arena);
        draft_write_table(draft, table, &out);
        add_file(draft, files, table->name, buffer_text(&out), table->secret ? 0600 : 0644);
    }
}
