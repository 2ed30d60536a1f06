/*
 * platform_yaml - reads platforms from YAML: see facts/platform_yaml.h
 */
#include "facts/platform_yaml.h"

#include <string.h>

/* a platform that is being read */
struct reading {
    struct yaml_reader *reader;
    const struct facts_tables *tables; /* with the platforms that "like" may name */
    const struct yaml_value *map;
    const struct platform *base; /* what "like" names, or NULL */
    struct platform *platform;
};

/* defaults that follow from other keys of a platform */
static const enum parameter_number DERIVED[] = {
    PARAM_CONFIG_DIRECTORY,
    PARAM_DEFAULT_DATABASE_TYPE,
    PARAM_MAIL_RELEASE_DATE,
    PARAM_MAIL_VERSION,
};

/* --- fields -------------------------------------------------------------------------------- */

/* member_of - where the platform keeps the field */
static void *member_of(struct platform *platform, const struct platform_field *field)
{
    return (char *)platform + field->offset;
}

/* firewall_key - the key in the map "firewall"; NULL for other fields */
static const char *firewall_key(const struct platform_field *field)
{
    static const char prefix[] = "firewall_";
    size_t len = sizeof prefix - 1;
    return strncmp(field->name, prefix, len) == 0 ? field->name + len : NULL;
}

static const struct yaml_value *find_value(const struct yaml_value *map,
                                           const struct platform_field *field)
{
    const char *key = firewall_key(field);
    return key != NULL ? yaml_get(yaml_get(map, "firewall"), key) : yaml_get(map, field->name);
}

/* is_optional - may the text be missing: does "like" have it, or is there no firewall? */
static bool is_optional(const struct reading *reading, const struct platform_field *field)
{
    const struct str *text = member_of(reading->platform, field);
    return text->at != NULL ||
           (firewall_key(field) != NULL && yaml_get(reading->map, "firewall") == NULL);
}

static void read_field(const struct reading *reading, const struct platform_field *field)
{
    const struct yaml_value *value = find_value(reading->map, field);
    void *member = member_of(reading->platform, field);
    if (value == NULL) {
        if (field->kind == PLATFORM_TEXT && !is_optional(reading, field))
            yaml_fail(reading->reader, reading->map, "\"%s\" is missing", field->name);
        return;
    }
    switch (field->kind) {
    case PLATFORM_TEXT:
        *(struct str *)member = yaml_as_text(reading->reader, value);
        break;
    case PLATFORM_TEXTS:
        *(struct str_list *)member = yaml_as_texts(reading->reader, value);
        break;
    case PLATFORM_FLAG:
        *(bool *)member = yaml_as_bool(reading->reader, value);
        break;
    }
}

/* --- keys that are not fields -------------------------------------------------------------------
 */

/* "series" is set beside "postfix" where its own series was not measured */
static void read_release(const struct reading *reading)
{
    struct platform *platform = reading->platform;
    const struct platform *base = reading->base;
    struct str series = yaml_text_or(reading->reader, reading->map, "series", platform->postfix);
    if (reading->reader->failed || (base != NULL && str_eq(base->postfix, platform->postfix)))
        return;
    platform->release = tables_release(reading->tables, series);
    if (platform->release == NULL)
        yaml_fail(reading->reader, yaml_get(reading->map, "postfix"),
                  "postmend has no release of Postfix for \"%.*s\"", STR_ARG(series));
}

static void add_table(const struct reading *reading, struct table_package *tables, size_t *count,
                      const struct yaml_value *type, struct str package)
{
    struct str name = yaml_as_text(reading->reader, type);
    if (reading->reader->failed)
        return;
    if (tables_table_type(reading->tables, name) == NULL)
        yaml_fail(reading->reader, type, "unknown table type \"%.*s\"", STR_ARG(name));
    for (size_t i = 0; i < *count; i++)
        if (str_eq(tables[i].type, name))
            yaml_fail(reading->reader, type, "the table type \"%.*s\" is defined twice",
                      STR_ARG(name));
    tables[(*count)++] = (struct table_package){name, package};
}

static void read_tables(const struct reading *reading)
{
    static const char *const keys[] = {"built_in", "packages", NULL};
    struct yaml_reader *reader = reading->reader;
    if (reading->base != NULL && yaml_get(reading->map, "tables") == NULL)
        return;
    const struct yaml_value *map = yaml_need(reader, reading->map, "tables", YAML_MAP);
    if (map == NULL || !yaml_only_keys(reader, map, keys))
        return;
    const struct yaml_value *built_in = yaml_need(reader, map, "built_in", YAML_LIST);
    if (built_in == NULL)
        return;
    size_t most = built_in->count;
    const struct yaml_value *packages = yaml_get(map, "packages");
    if (packages != NULL) {
        packages = yaml_need(reader, map, "packages", YAML_MAP);
        if (packages == NULL)
            return;
        most += packages->count / 2;
    }
    struct table_package *tables = arena_alloc(reader->arena, (most + 1) * sizeof *tables);
    size_t count = 0;
    for (size_t i = 0; i < built_in->count; i++)
        add_table(reading, tables, &count, &built_in->items[i], (struct str){"", 0});
    for (size_t i = 0; packages != NULL && i < packages->count; i += 2)
        add_table(reading, tables, &count, &packages->items[i],
                  yaml_as_text(reader, &packages->items[i + 1]));
    reading->platform->tables = tables;
    reading->platform->table_count = count;
}

static bool is_derived(enum parameter_number parameter)
{
    for (size_t i = 0; i < sizeof DERIVED / sizeof *DERIVED; i++)
        if (parameter == DERIVED[i])
            return true;
    return false;
}

static bool has_parameter(const struct reading *reading, enum parameter_number number)
{
    return reading->platform->release != NULL &&
           platform_has(reading->platform, tables_parameter_at(reading->tables, number));
}

/* check_backports - each of them is a parameter */
static void check_backports(const struct reading *reading)
{
    const struct str_list *backports = &reading->platform->backports;
    for (size_t i = 0; i < backports->count; i++)
        if (tables_parameter(reading->tables, backports->items[i]) == NULL)
            yaml_fail(reading->reader, reading->map, "\"%.*s\" in backports is not a parameter",
                      STR_ARG(backports->items[i]));
}

/* read_parameter - the parameter that KEY names; the release of the platform must have it */
static enum parameter_number read_parameter(const struct reading *reading,
                                            const struct yaml_value *key)
{
    const struct parameter *parameter = tables_parameter(reading->tables, key->text);
    if (parameter != NULL && has_parameter(reading, parameter->number))
        return parameter->number;
    yaml_fail(reading->reader, key, "\"%.*s\" is not a parameter of that release",
              STR_ARG(key->text));
    return PARAM_NONE;
}

/* set_default - sets the platform's default of PARAMETER */
static void set_default(struct platform *platform, struct platform_default *defaults,
                        enum parameter_number parameter, struct str value)
{
    for (size_t i = 0; i < platform->default_count; i++) {
        if (defaults[i].parameter != parameter)
            continue;
        defaults[i].value = value;
        return;
    }
    defaults[platform->default_count++] = (struct platform_default){parameter, value};
}

/* upstream_default - upstream's default of a parameter in a release */
static struct str upstream_default(const struct facts_tables *tables, enum parameter_number number,
                                   const struct release *release)
{
    const struct parameter *parameter = tables_parameter_at(tables, number);
    struct str value = STR_NONE;
    for (size_t i = 0; i < parameter->default_count; i++)
        if (parameter->defaults[i].since <= release->index)
            value = parameter->defaults[i].value;
    return value;
}

static void derive_defaults(const struct reading *reading, struct platform_default *defaults)
{
    struct platform *platform = reading->platform;
    const struct release *release = platform->release;
    const struct {
        enum parameter_number parameter;
        struct str value;
    } derived[] = {
        {PARAM_CONFIG_DIRECTORY, platform->config_directory},
        {PARAM_DEFAULT_DATABASE_TYPE, platform->default_database_type},
        {PARAM_MAIL_VERSION, platform->postfix},
    };
    for (size_t i = 0; i < sizeof derived / sizeof *derived; i++)
        if (!str_eq(upstream_default(reading->tables, derived[i].parameter, release),
                    derived[i].value))
            set_default(platform, defaults, derived[i].parameter, derived[i].value);
}

static void read_defaults(const struct reading *reading)
{
    struct yaml_reader *reader = reading->reader;
    struct platform *platform = reading->platform;
    const struct platform *base = reading->base;
    const struct yaml_value *map = yaml_get(reading->map, "defaults");
    if (map != NULL)
        map = yaml_need(reader, reading->map, "defaults", YAML_MAP);
    if (reader->failed)
        return;
    size_t most = sizeof DERIVED / sizeof *DERIVED + (base == NULL ? 0 : base->default_count) +
                  (map == NULL ? 0 : map->count / 2);
    struct platform_default *defaults = arena_alloc(reader->arena, most * sizeof *defaults);
    platform->default_count = 0;
    for (size_t i = 0; base != NULL && i < base->default_count; i++)
        if (!is_derived(base->defaults[i].parameter) &&
            has_parameter(reading, base->defaults[i].parameter))
            defaults[platform->default_count++] = base->defaults[i];
    for (size_t i = 0; map != NULL && i < map->count; i += 2) {
        enum parameter_number parameter = read_parameter(reading, &map->items[i]);
        struct str value = yaml_as_text(reader, &map->items[i + 1]);
        set_default(platform, defaults, parameter, value);
    }
    platform->defaults = defaults;
    if (!reader->failed)
        derive_defaults(reading, defaults);
}

/* read_stock - what the stock main.cf sets; a list replaces that of the platform in "like" */
static void read_stock(const struct reading *reading)
{
    struct yaml_reader *reader = reading->reader;
    struct platform *platform = reading->platform;
    if (yaml_get(reading->map, "stock") == NULL)
        return;
    const struct yaml_value *map = yaml_need(reader, reading->map, "stock", YAML_MAP);
    if (reader->failed)
        return;
    struct platform_default *stock =
        arena_alloc(reader->arena, (map->count / 2 + 1) * sizeof *stock);
    platform->stock_count = 0;
    for (size_t i = 0; i < map->count; i += 2)
        stock[platform->stock_count++] = (struct platform_default){
            read_parameter(reading, &map->items[i]), yaml_as_text(reader, &map->items[i + 1])};
    platform->stock = stock;
}

/* check_keys - only the keys of fields, and those that are not fields, are allowed */
static void check_keys(const struct reading *reading)
{
    static const char *const others[] = {"like",     "series", "tables",
                                         "defaults", "stock",  "firewall"};
    struct arena *arena = reading->reader->arena;
    size_t count = sizeof others / sizeof *others, firewall_count = 0;
    const char **keys = arena_alloc(arena, (count + platform_field_count + 1) * sizeof *keys);
    const char **firewall_keys = arena_alloc(arena, (platform_field_count + 1) * sizeof *keys);
    memcpy(keys, others, sizeof others);
    for (size_t i = 0; i < platform_field_count; i++) {
        const char *key = firewall_key(&platform_fields[i]);
        if (key != NULL)
            firewall_keys[firewall_count++] = key;
        else
            keys[count++] = platform_fields[i].name;
    }
    const struct yaml_value *firewall = yaml_get(reading->map, "firewall");
    yaml_only_keys(reading->reader, reading->map, keys);
    if (firewall != NULL)
        yaml_only_keys(reading->reader, firewall, firewall_keys);
}

static void read_base(struct reading *reading)
{
    const struct yaml_value *like = yaml_get(reading->map, "like");
    if (like == NULL)
        return;
    struct str name = yaml_as_text(reading->reader, like);
    reading->base = tables_platform(reading->tables, name);
    if (reading->base == NULL) {
        yaml_fail(reading->reader, like, "unknown platform \"%.*s\"", STR_ARG(name));
        return;
    }
    *reading->platform = *reading->base;
    reading->platform->name = reading->platform->title = STR_NONE;
    reading->platform->aliases = (struct str_list){0};
    reading->platform->end_of_life = false;
}

/* check_database_type - tables of the default type have to be available */
static void check_database_type(const struct reading *reading)
{
    struct str type = reading->platform->default_database_type;
    for (size_t i = 0; i < reading->platform->table_count; i++)
        if (str_eq(reading->platform->tables[i].type, type))
            return;
    yaml_fail(reading->reader, reading->map, "the platform does not have the table type \"%.*s\"",
              STR_ARG(type));
}

static void read_platform(struct reading *reading, struct str source)
{
    struct platform *platform = reading->platform;
    check_keys(reading);
    read_base(reading);
    platform->source = source;
    for (size_t i = 0; i < platform_field_count; i++)
        read_field(reading, &platform_fields[i]);
    if (!reading->reader->failed && platform->name.len == 0)
        yaml_fail(reading->reader, yaml_get(reading->map, "name"), "a platform needs a name");
    read_release(reading);
    check_backports(reading);
    read_tables(reading);
    if (!reading->reader->failed) {
        read_defaults(reading);
        read_stock(reading);
        check_database_type(reading);
    }
}

const struct platform *platforms_read(struct yaml_reader *reader, const struct facts_tables *tables,
                                      const struct yaml_value *root, struct str source,
                                      size_t *count)
{
    static const char *const keys[] = {"source", "platforms", NULL};
    *count = 0;
    if (!yaml_only_keys(reader, root, keys))
        return NULL;
    source = yaml_text_or(reader, root, "source", source);
    const struct yaml_value *list = yaml_need(reader, root, "platforms", YAML_LIST);
    if (list == NULL)
        return NULL;
    /* TABLES has all of them in one list, for "like": first those that it had, then those of the
     * file */
    size_t known = tables->platform_count;
    struct platform *all = arena_alloc(reader->arena, (known + list->count + 1) * sizeof *all);
    if (known > 0)
        memcpy(all, tables->platforms, known * sizeof *all);
    struct facts_tables so_far = *tables;
    so_far.platforms = all;
    for (size_t i = 0; i < list->count && !reader->failed; i++) {
        struct reading reading = {.reader = reader, .tables = &so_far, .map = &list->items[i]};
        reading.platform = &all[known + i];
        read_platform(&reading, source);
        so_far.platform_count++;
    }
    *count = list->count;
    return reader->failed ? NULL : &all[known];
}

static struct table_package *upstream_tables(struct arena *arena, const struct facts_tables *tables,
                                             const struct release *release, size_t *count)
{
    struct table_package *packages =
        arena_alloc(arena, tables->table_type_count * sizeof *packages);
    *count = 0;
    for (size_t i = 0; i < tables->table_type_count; i++) {
        const struct table_type *type = &tables->table_types[i];
        if (type->first <= release->index && release->index <= type->last)
            packages[(*count)++] = (struct table_package){type->name, {"", 0}};
    }
    return packages;
}

const struct platform *platforms_upstream(struct arena *arena, const struct facts_tables *tables)
{
    struct platform *platforms = arena_alloc(arena, tables->release_count * sizeof *platforms);
    for (size_t i = 0; i < tables->release_count; i++) {
        const struct release *release = &tables->releases[i];
        struct platform *platform = &platforms[i];
        platform->name = arena_printf(arena, "postfix-%.*s", STR_ARG(release->series));
        platform->title =
            arena_printf(arena, "Postfix %.*s as its authors release it", STR_ARG(release->series));
        platform->family = str_of("upstream");
        platform->release = release;
        platform->postfix = release->version;
        platform->default_database_type =
            upstream_default(tables, PARAM_DEFAULT_DATABASE_TYPE, release);
        platform->berkeley_db = true;
        platform->config_directory = upstream_default(tables, PARAM_CONFIG_DIRECTORY, release);
        platform->tables = upstream_tables(arena, tables, release, &platform->table_count);
        platform->source = str_of("facts/releases.yaml, facts/parameters.yaml, facts/tables.yaml");
    }
    return platforms;
}
