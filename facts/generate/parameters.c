/*
 * parameters - parameters.yaml and services.yaml as tables: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

/* read_history - the history of a default: a map from series to text, oldest first, that begins
   with the first release */
static void read_history(struct yaml_reader *reader, const struct facts_tables *tables,
                         const struct yaml_value *map, struct parameter *parameter)
{
    size_t count = map->count / 2;
    struct parameter_default *defaults = arena_alloc(reader->arena, (count + 1) * sizeof *defaults);
    int before = parameter->first - 1;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *key = &map->items[2 * i];
        const char *series = arena_cstr(reader->arena, key->text);
        int since = -1;
        for (size_t j = 0; j < tables->release_count; j++)
            if (str_is(tables->releases[j].series, series))
                since = (int)j;
        if (since <= before || since > parameter->last || (i == 0 && since != parameter->first))
            yaml_fail(reader, key, "\"%s\" is not a series, or not one that is possible here",
                      series);
        before = since;
        defaults[i].since = since;
        defaults[i].value = yaml_as_text(reader, &map->items[2 * i + 1]);
    }
    parameter->defaults = defaults;
    parameter->default_count = count;
}

static void read_default(struct yaml_reader *reader, const struct facts_tables *tables,
                         const struct yaml_value *entry, struct parameter *parameter)
{
    const struct yaml_value *value = yaml_get(entry, "default");
    if (value != NULL && value->kind == YAML_MAP && value->count > 0) {
        read_history(reader, tables, value, parameter);
        return;
    }
    parameter->host_default =
        value != NULL && value->kind == YAML_TEXT && str_is(value->text, "host");
    if (!parameter->host_default)
        yaml_fail(reader, entry, "expected a default: host, or a map from series to texts");
}

/* read_patches - the patch level of each series, between the first and the last one, whose first
   version does not have the parameter */
static void read_patches(struct yaml_reader *reader, const struct facts_tables *tables,
                         const struct yaml_value *entry, struct parameter *parameter)
{
    if (yaml_get(entry, "patches") == NULL)
        return;
    const struct yaml_value *map = yaml_need(reader, entry, "patches", YAML_MAP);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct parameter_patch *patches = arena_alloc(reader->arena, (count + 1) * sizeof *patches);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *key = &map->items[2 * i];
        const struct release *release = tables_release(tables, key->text);
        long level = yaml_as_number(reader, &map->items[2 * i + 1]);
        if (release == NULL || !str_eq(release->series, key->text) ||
            release->index < parameter->first || release->index > parameter->last)
            yaml_fail(reader, key, "not a series that has the parameter");
        else if (level < 1 || level > 1000)
            yaml_fail(reader, key, "a patch level is a number from 1 on");
        else
            patches[i] = (struct parameter_patch){release->index, (int)level};
    }
    parameter->patches = patches;
    parameter->patch_count = count;
}

static struct parameter read_parameter(struct yaml_reader *reader,
                                       const struct facts_tables *tables,
                                       const struct yaml_value *entry)
{
    int newest = (int)tables->release_count - 1;
    const struct yaml_value *min = yaml_get(entry, "min");
    const struct yaml_value *max = yaml_get(entry, "max");
    struct parameter parameter = {
        .type = (enum parameter_type)generate_choice(reader, entry, "type", parameter_type_names),
        .has_min = min != NULL,
        .has_max = max != NULL,
        .min = yaml_as_number(reader, min),
        .max = yaml_as_number(reader, max),
        .first = generate_series(reader, tables, entry, "first", 0, false),
        .last = generate_series(reader, tables, entry, "last", newest, false),
        .legacy_since = generate_series(reader, tables, entry, "legacy_since", -1, false),
    };
    if (parameter.type == PARAMETER_LEGACY) {
        parameter.last = -1;
        if (parameter.legacy_since < 0)
            yaml_fail(reader, entry, "\"legacy_since\" is missing");
        return parameter;
    }
    if (parameter.last < parameter.first)
        yaml_fail(reader, entry, "the last series is older than the first");
    read_patches(reader, tables, entry, &parameter);
    read_default(reader, tables, entry, &parameter);
    return parameter;
}

/* make_slots - a hash table with open addressing: a name is in the first free slot after its hash
 */
static const uint16_t *make_slots(struct arena *arena, const struct parameter *parameters,
                                  size_t count)
{
    uint16_t *slots = arena_alloc(arena, PARAMETER_SLOTS * sizeof *slots);
    for (size_t i = 0; i < count; i++) {
        uint64_t slot = str_hash(parameters[i].name);
        while (slots[slot % PARAMETER_SLOTS] != PARAM_NONE)
            slot++;
        slots[slot % PARAMETER_SLOTS] = (uint16_t)parameters[i].number;
    }
    return slots;
}

void generate_parameters(struct yaml_reader *reader, const struct yaml_value *root,
                         struct facts_tables *tables)
{
    static const char *const keys[] = {"type",         "min",     "max",     "first",  "last",
                                       "legacy_since", "patches", "default", "source", NULL};
    const struct yaml_value *map = generate_members(reader, root, "parameters", NULL);
    if (map == NULL)
        return;
    size_t count = map->count / 2;
    if (count > PARAMETER_SLOTS / 2) {
        yaml_fail(reader, map, "too many parameters for PARAMETER_SLOTS");
        return;
    }
    struct parameter *parameters = arena_alloc(reader->arena, (count + 1) * sizeof *parameters);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        parameters[i] = read_parameter(reader, tables, entry);
        parameters[i].name = map->items[2 * i].text;
    }
    generate_sort(parameters, count, sizeof *parameters);
    for (size_t i = 0; i < count; i++)
        parameters[i].number = (enum parameter_number)(i + 1);
    tables->parameters = parameters;
    tables->parameter_count = count;
    tables->parameter_slots = make_slots(reader->arena, parameters, count);
}

/* read_suffixes - the suffixes of a group of daemons, in the order of the file */
static struct service_suffix *read_suffixes(struct yaml_reader *reader,
                                            const struct facts_tables *tables,
                                            const struct yaml_value *root,
                                            const struct yaml_value *map)
{
    static const char *const keys[] = {"fallback", "first", "last", "source", NULL};
    size_t count = map->count / 2;
    struct service_suffix *suffixes = arena_alloc(reader->arena, (count + 1) * sizeof *suffixes);
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        const struct parameter *fallback =
            tables_parameter(tables, yaml_text(reader, entry, "fallback"));
        suffixes[i] = (struct service_suffix){
            .suffix = map->items[2 * i].text,
            .fallback = fallback == NULL ? PARAM_NONE : fallback->number,
            .first = generate_series(reader, tables, entry, "first", 0, false),
            .last = generate_series(reader, tables, entry, "last", (int)tables->release_count - 1,
                                    false),
        };
        if (fallback == NULL)
            yaml_fail(reader, entry, "the fallback is not a parameter");
        if (!str_starts(suffixes[i].suffix, "_") ||
            suffixes[i].suffix.len > SERVICE_SUFFIX_LENGTH_MAX)
            yaml_fail(reader, entry, "a suffix starts with \"_\", and is not longer than 80 bytes");
    }
    return suffixes;
}

/* "services" maps a daemon to names of groups, and "groups" maps these to their suffixes */
void generate_services(struct yaml_reader *reader, const struct yaml_value *root,
                       struct facts_tables *tables)
{
    const struct yaml_value *map = generate_members(reader, root, "services", "groups");
    const struct yaml_value *groups = yaml_need(reader, root, "groups", YAML_MAP);
    if (map == NULL || groups == NULL)
        return;
    size_t count = map->count / 2;
    struct service_daemon *daemons = arena_alloc(reader->arena, (count + 1) * sizeof *daemons);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        struct str_list names = yaml_as_texts(reader, &map->items[2 * i + 1]);
        struct service_suffix *all = NULL;
        size_t capacity = 0;
        daemons[i].name = map->items[2 * i].text;
        for (size_t j = 0; j < names.count && !reader->failed; j++) {
            const char *group = arena_cstr(reader->arena, names.items[j]);
            const struct yaml_value *members = yaml_need(reader, groups, group, YAML_MAP);
            if (members == NULL)
                return;
            const struct service_suffix *more = read_suffixes(reader, tables, root, members);
            for (size_t k = 0; k < members->count / 2; k++) {
                all =
                    arena_grow(reader->arena, all, daemons[i].suffix_count, &capacity, sizeof *all);
                all[daemons[i].suffix_count++] = more[k];
            }
        }
        daemons[i].suffixes = all;
    }
    generate_sort(daemons, count, sizeof *daemons);
    tables->daemons = daemons;
    tables->daemon_count = count;
}
