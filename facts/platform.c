/*
 * platform - what distributions ship: see facts/facts.h
 */
#include "base/nearest.h"
#include "base/path.h"
#include "facts/facts.h"
#include "facts/platform_yaml.h"
#include "facts/tables.h"

const struct platform *facts_platforms(size_t *count)
{
    *count = facts_tables.platform_count;
    return facts_tables.platforms;
}

const struct platform *facts_platform(struct str name)
{
    return tables_platform(&facts_tables, name);
}

bool platform_is_minor(const struct platform *platform, struct str name)
{
    return platform->minor_releases && tables_platform_called(&facts_tables, name) == NULL;
}

struct str facts_nearest_platform(struct str name)
{
    struct nearest nearest;

    nearest_start(&nearest, name);
    for (size_t i = 0; i < facts_tables.platform_count; i++) {
        const struct platform *platform = &facts_tables.platforms[i];
        nearest_try(&nearest, platform->name);
        for (size_t k = 0; k < platform->aliases.count; k++)
            nearest_try(&nearest, platform->aliases.items[k]);
    }
    return nearest.found;
}

static const struct platform_default *find_default(const struct platform_default *list,
                                                   size_t count, enum parameter_number parameter)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].parameter == parameter)
            return &list[i];
    return NULL;
}

const struct platform_default *platform_default(const struct platform *platform,
                                                enum parameter_number parameter)
{
    return find_default(platform->defaults, platform->default_count, parameter);
}

const struct platform_default *platform_stock(const struct platform *platform,
                                              enum parameter_number parameter)
{
    return find_default(platform->stock, platform->stock_count, parameter);
}

const struct table_package *platform_table(const struct platform *platform, struct str type)
{
    for (size_t i = 0; i < platform->table_count; i++)
        if (str_eq(platform->tables[i].type, type))
            return &platform->tables[i];
    return NULL;
}

bool platform_has_trust_path(const struct platform *platform, struct str path)
{
    path = path_trim_slashes(path);
    return path.len > 0 &&
           (str_eq(platform->ca_file, path) || str_eq(platform->ca_directory, path) ||
            str_list_has(&platform->trust_paths, path));
}

bool facts_trust_path(struct str path)
{
    for (size_t i = 0; i < facts_tables.platform_count; i++)
        if (platform_has_trust_path(&facts_tables.platforms[i], path))
            return true;
    return false;
}

const struct platform *facts_outdated_trust_path(struct str path)
{
    const struct platform *outdated = NULL;
    for (size_t i = 0; i < facts_tables.platform_count; i++) {
        const struct platform *platform = &facts_tables.platforms[i];
        if (!platform_has_trust_path(platform, path))
            continue;
        if (!platform->end_of_life)
            return NULL;
        outdated = platform;
    }
    return outdated;
}

const struct platform *facts_load_platform(struct arena *arena, const char *path, struct str *error)
{
    struct yaml_reader reader;
    yaml_reader_init(&reader, arena);
    const struct yaml_value *root = yaml_load_file(&reader, path);
    struct str source = arena_copy(arena, str_of(path));
    size_t count;
    const struct platform *platforms = platforms_read(&reader, &facts_tables, root, source, &count);
    if (!reader.failed && count != 1)
        yaml_fail(&reader, yaml_get(root, "platforms"), "expected one platform, found %zu", count);
    if (!reader.failed)
        return platforms;
    *error = yaml_problem(&reader);
    return NULL;
}
