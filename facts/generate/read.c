/*
 * read - the smaller files as tables: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"
#include "facts/platform_yaml.h"

static int newest(const struct facts_tables *tables)
{
    return (int)tables->release_count - 1;
}

static void read_features(struct yaml_reader *reader, const struct yaml_value *root,
                          struct facts_tables *tables)
{
    static const char *const keys[] = {"since", "until", "what", "source", NULL};
    const struct yaml_value *map = yaml_need(reader, root, "features", YAML_MAP);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct feature *features = arena_alloc(reader->arena, (count + 1) * sizeof *features);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        yaml_text(reader, entry, "what");
        yaml_need(reader, entry, "since", YAML_TEXT);
        features[i] = (struct feature){
            .name = map->items[2 * i].text,
            .since = generate_series(reader, tables, entry, "since", 0, true),
            .until = generate_series(reader, tables, entry, "until", newest(tables), false),
        };
    }
    generate_sort(features, count, sizeof *features);
    tables->features = features;
    tables->feature_count = count;
}

void generate_releases(struct yaml_reader *reader, const struct yaml_value *root,
                       struct facts_tables *tables)
{
    static const char *const keys[] = {"version", "date", "level", "source", NULL};
    const struct yaml_value *map = generate_members(reader, root, "releases", "features");
    if (map == NULL || map->count == 0)
        return;
    size_t count = map->count / 2;
    struct release *releases = arena_alloc(reader->arena, count * sizeof *releases);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        releases[i] = (struct release){
            .series = map->items[2 * i].text,
            .version = yaml_text(reader, entry, "version"),
            .date = yaml_text(reader, entry, "date"),
            .level = yaml_text_or(reader, entry, "level", str_of("")),
            .index = (int)i,
        };
    }
    tables->releases = releases;
    tables->release_count = count;
    read_features(reader, root, tables);
}

void generate_deprecations(struct yaml_reader *reader, const struct yaml_value *root,
                           struct facts_tables *tables)
{
    static const char *const keys[] = {"kind",   "warns_since", "removed_in", "target",
                                       "advice", "source",      NULL};
    static const char *const kinds[] = {
        [DEPRECATION_RENAME] = "rename",
        [DEPRECATION_DROP] = "drop",
        [DEPRECATION_TLS_LEVEL] = "tls-level",
        [DEPRECATION_POLICY_TABLE] = "policy-table",
        [DEPRECATION_DNS_LEVEL] = "dns-level",
        [DEPRECATION_RESTRICTION] = "restriction",
        NULL,
    };
    const struct yaml_value *map = generate_members(reader, root, "deprecations", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct str source = yaml_text_or(reader, root, "source", STR_NONE);
    struct deprecation *items = arena_alloc(reader->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        yaml_need(reader, entry, "warns_since", YAML_TEXT);
        items[i] = (struct deprecation){
            .name = map->items[2 * i].text,
            .kind = (enum deprecation_kind)generate_choice(reader, entry, "kind", kinds),
            .warns_since = generate_series(reader, tables, entry, "warns_since", 0, true),
            .removed_in = generate_series(reader, tables, entry, "removed_in", -1, true),
            .target = yaml_text_or(reader, entry, "target", (struct str){"", 0}),
            .advice = yaml_text(reader, entry, "advice"),
            .source = yaml_text_or(reader, entry, "source", source),
        };
    }
    generate_sort(items, count, sizeof *items);
    tables->deprecations = items;
    tables->deprecation_count = count;
}

void generate_restrictions(struct yaml_reader *reader, const struct yaml_value *root,
                           struct facts_tables *tables)
{
    static const char *const keys[] = {"argument", "about", "first", "last", "source", NULL};
    static const char *const subjects[] = {[ABOUT_CLIENT] = "client",
                                           [ABOUT_HELO] = "helo",
                                           [ABOUT_SENDER] = "sender",
                                           [ABOUT_RECIPIENT] = "recipient",
                                           NULL};
    static const char *const arguments[] = {
        [RESTRICTION_NO_ARGUMENT] = "none",
        [RESTRICTION_TABLE] = "table",
        [RESTRICTION_DOMAIN] = "domain",
        [RESTRICTION_SERVICE] = "service",
        [RESTRICTION_NUMBER] = "number",
        [RESTRICTION_CONTAINER] = "container",
        NULL,
    };
    const struct yaml_value *map = generate_members(reader, root, "restrictions", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct restriction *items = arena_alloc(reader->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        items[i] = (struct restriction){
            .name = map->items[2 * i].text,
            .argument =
                (enum restriction_argument)generate_choice(reader, entry, "argument", arguments),
            .subject = yaml_get(entry, "about") == NULL ? ABOUT_CLIENT
                                                        : (enum restriction_subject)generate_choice(
                                                              reader, entry, "about", subjects),
            .first = generate_series(reader, tables, entry, "first", 0, false),
            .last = generate_series(reader, tables, entry, "last", newest(tables), false),
        };
    }
    generate_sort(items, count, sizeof *items);
    tables->restrictions = items;
    tables->restriction_count = count;
}

void generate_table_types(struct yaml_reader *reader, const struct yaml_value *root,
                          struct facts_tables *tables)
{
    static const char *const keys[] = {"kind",      "berkeley_db", "extension", "settings",
                                       "flags",     "numbers",     "queries",   "templates",
                                       "old_query", "magic",       "magic_at",  "smallest",
                                       "first",     "last",        "source",    NULL};
    static const char *const kinds[] = {
        [TABLE_INDEXED] = "indexed",   [TABLE_TEXT] = "text",
        [TABLE_CLIENT] = "client",     [TABLE_INLINE] = "inline",
        [TABLE_COMBINED] = "combined", [TABLE_ADAPTER] = "adapter",
        [TABLE_NETWORK] = "network",   NULL,
    };
    const struct yaml_value *map = generate_members(reader, root, "tables", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct table_type *items = arena_alloc(reader->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        items[i] = (struct table_type){
            .name = map->items[2 * i].text,
            .kind = (enum table_kind)generate_choice(reader, entry, "kind", kinds),
            .berkeley_db = yaml_as_bool(reader, yaml_get(entry, "berkeley_db")),
            .first = generate_series(reader, tables, entry, "first", 0, false),
            .last = generate_series(reader, tables, entry, "last", newest(tables), false),
            .extension = yaml_text_or(reader, entry, "extension", (struct str){"", 0}),
            .settings = yaml_as_texts(reader, yaml_get(entry, "settings")),
            .flags = yaml_as_texts(reader, yaml_get(entry, "flags")),
            .numbers = yaml_as_texts(reader, yaml_get(entry, "numbers")),
            .queries = yaml_as_texts(reader, yaml_get(entry, "queries")),
            .templates = yaml_as_texts(reader, yaml_get(entry, "templates")),
            .old_query = yaml_as_texts(reader, yaml_get(entry, "old_query")),
            .magic = yaml_text_or(reader, entry, "magic", (struct str){"", 0}),
            .magic_at = yaml_get(entry, "magic_at") == NULL
                            ? 0
                            : (int)yaml_as_number(reader, yaml_get(entry, "magic_at")),
            .smallest = yaml_get(entry, "smallest") == NULL
                            ? 0
                            : (int)yaml_as_number(reader, yaml_get(entry, "smallest")),
        };
    }
    generate_sort(items, count, sizeof *items);
    tables->table_types = items;
    tables->table_type_count = count;
}

void generate_ports(struct yaml_reader *reader, const struct yaml_value *root,
                    struct facts_tables *tables)
{
    const struct yaml_value *map = generate_members(reader, root, "ports", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct port *ports = arena_alloc(reader->arena, (count + 1) * sizeof *ports);
    if (yaml_get(root, "source") == NULL)
        yaml_fail(reader, root, "\"source\" is missing");
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *value = &map->items[2 * i + 1];
        long number = yaml_as_number(reader, value);
        if (number < 1 || number > 65535)
            yaml_fail(reader, value, "a port is a number from 1 to 65535");
        ports[i] = (struct port){map->items[2 * i].text, (int)number};
    }
    generate_sort(ports, count, sizeof *ports);
    tables->ports = ports;
    tables->port_count = count;
}

void generate_block_lists(struct yaml_reader *reader, const struct yaml_value *root,
                          struct facts_tables *tables)
{
    const struct yaml_value *map = generate_members(reader, root, "block_lists", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct block_list *lists = arena_alloc(reader->arena, (count + 1) * sizeof *lists);
    if (yaml_get(root, "source") == NULL)
        yaml_fail(reader, root, "\"source\" is missing");
    for (size_t i = 0; i < count; i++)
        lists[i] = (struct block_list){map->items[2 * i].text,
                                       (int)yaml_as_number(reader, &map->items[2 * i + 1])};
    generate_sort(lists, count, sizeof *lists);
    tables->block_lists = lists;
    tables->block_list_count = count;
}

void generate_mail_programs(struct yaml_reader *reader, const struct yaml_value *root,
                            struct facts_tables *tables)
{
    static const char *const keys[] = {"helo", "source", NULL};
    const struct yaml_value *map = generate_members(reader, root, "mail_programs", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct mail_program *items = arena_alloc(reader->arena, (count + 1) * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        items[i] = (struct mail_program){map->items[2 * i].text, yaml_text(reader, entry, "helo")};
    }
    generate_sort(items, count, sizeof *items);
    tables->mail_programs = items;
    tables->mail_program_count = count;
}

void generate_platforms(struct yaml_reader *reader, const struct yaml_value *root,
                        struct facts_tables *tables)
{
    size_t count;
    const struct platform *platforms = platforms_read(reader, tables, root, STR_NONE, &count);
    if (platforms == NULL)
        return;
    const struct yaml_value *list = yaml_get(root, "platforms");
    tables->platforms = platforms;
    for (size_t i = 0; i < count; i++) {
        tables->platform_count = i;
        bool taken = tables_platform_called(tables, platforms[i].name) != NULL;
        for (size_t j = 0; j < platforms[i].aliases.count; j++)
            taken |= tables_platform_called(tables, platforms[i].aliases.items[j]) != NULL;
        if (taken)
            yaml_fail(reader, &list->items[i], "a name or alias of \"%.*s\" is already used",
                      STR_ARG(platforms[i].name));
    }
    tables->platform_count = count;
    tables->upstream = platforms_upstream(reader->arena, tables);
}
