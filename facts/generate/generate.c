/*
 * generate - makes C tables from the facts: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

#include <stdlib.h>

static void out_of_memory(void)
{
    fputs("generate: out of memory\n", stderr);
    exit(1);
}

/* each file comes after those that it refers to */
static const struct {
    const char *name;
    generate_reader *read;
} FILES[] = {
    {"releases.yaml", generate_releases},
    {"parameters.yaml", generate_parameters},
    {"values.yaml", generate_values},
    {"programs.yaml", generate_programs},
    {"defaults.yaml", generate_defaults},
    {"master.yaml", generate_master},
    {"deprecations.yaml", generate_deprecations},
    {"restrictions.yaml", generate_restrictions},
    {"tables.yaml", generate_table_types},
    {"services.yaml", generate_services},
    {"ports.yaml", generate_ports},
    {"block_lists.yaml", generate_block_lists},
    {"mail_programs.yaml", generate_mail_programs},
    {"platforms.yaml", generate_platforms},
    {"sendmail.yaml", generate_sendmail},
    {"sendmail_lines.yaml", generate_sendmail_lines},
};

static bool read_file(struct arena *arena, const char *folder, size_t number,
                      struct facts_tables *tables)
{
    const char *path = arena_printf(arena, "%s/%s", folder, FILES[number].name).at;
    struct yaml_reader reader;
    yaml_reader_init(&reader, arena);
    const struct yaml_value *root = yaml_load_file(&reader, path);
    if (root != NULL)
        FILES[number].read(&reader, root, tables);
    if (reader.failed)
        fprintf(stderr, "%s:%zu:%zu: %.*s\n", path, reader.line, reader.column,
                STR_ARG(reader.problem));
    return !reader.failed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: generate DIRECTORY > tables.c\n", stderr);
        return 2;
    }
    struct arena *arena = arena_create(out_of_memory);
    struct facts_tables tables = {0};
    bool good = true;
    for (size_t i = 0; good && i < sizeof FILES / sizeof *FILES; i++)
        good = read_file(arena, argv[1], i, &tables);
    if (good)
        generate_print(stdout, &tables);
    arena_destroy(arena);
    if (good && (fflush(stdout) != 0 || ferror(stdout))) {
        perror("generate: cannot write");
        good = false;
    }
    return good ? 0 : 1;
}
