/*
 * defaults - defaults.yaml and master.yaml as tables: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

/* --- defaults.yaml ---------------------------------------------------------------------------- */

/* read_parameter - the number of the parameter that VALUE names */
static enum parameter_number read_parameter(struct yaml_reader *reader,
                                            const struct facts_tables *tables,
                                            const struct yaml_value *value)
{
    struct str name = yaml_as_text(reader, value);
    const struct parameter *parameter = tables_parameter(tables, name);

    if (parameter == NULL)
        yaml_fail(reader, value, "no release has the parameter \"%.*s\"", STR_ARG(name));
    return parameter == NULL ? PARAM_NONE : parameter->number;
}

/* read_used_by - a list that ends in PARAM_NONE; NULL if there is none */
static const enum parameter_number *read_used_by(struct yaml_reader *reader,
                                                 const struct facts_tables *tables,
                                                 const struct yaml_value *entry)
{
    if (yaml_get(entry, "used_by") == NULL)
        return NULL;
    const struct yaml_value *list = yaml_need(reader, entry, "used_by", YAML_LIST);
    size_t count = list == NULL ? 0 : list->count;
    enum parameter_number *numbers = arena_alloc(reader->arena, (count + 1) * sizeof *numbers);

    for (size_t i = 0; i < count; i++)
        numbers[i] = read_parameter(reader, tables, &list->items[i]);
    numbers[count] = PARAM_NONE;
    return numbers;
}

static struct default_note read_note(struct yaml_reader *reader, const struct facts_tables *tables,
                                     const struct yaml_value *entry)
{
    const struct yaml_value *replaced_by = yaml_get(entry, "replaced_by");

    return (struct default_note){
        .meaning = yaml_text_or(reader, entry, "meaning", str_of("")),
        .guard = yaml_as_bool(reader, yaml_get(entry, "guard")),
        .hardened = yaml_as_bool(reader, yaml_get(entry, "hardened")),
        .of_release = yaml_as_bool(reader, yaml_get(entry, "of_release")),
        .used_by = read_used_by(reader, tables, entry),
        .replaced_by =
            replaced_by == NULL ? PARAM_NONE : read_parameter(reader, tables, replaced_by),
    };
}

/* assign_note - NOTE, counted from 1, becomes that of the entry's parameters */
static void assign_note(struct yaml_reader *reader, const struct facts_tables *tables,
                        const struct yaml_value *entry, size_t note, uint8_t *notes)
{
    const struct yaml_value *list = yaml_need(reader, entry, "parameters", YAML_LIST);

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        enum parameter_number number = read_parameter(reader, tables, &list->items[i]);
        if (notes[number] != 0)
            yaml_fail(reader, &list->items[i], "this parameter already has an entry");
        notes[number] = (uint8_t)note;
    }
}

void generate_defaults(struct yaml_reader *reader, const struct yaml_value *root,
                       struct facts_tables *tables)
{
    static const char *const keys[] = {"source", "notes", NULL};
    static const char *const entry_keys[] = {"parameters", "meaning", "guard",
                                             "hardened",   "used_by", "replaced_by",
                                             "of_release", "source",  NULL};

    if (!yaml_only_keys(reader, root, keys))
        return;
    const struct yaml_value *list = yaml_need(reader, root, "notes", YAML_LIST);
    size_t count = list == NULL ? 0 : list->count;
    struct default_note *notes = arena_alloc(reader->arena, (count + 1) * sizeof *notes);
    uint8_t *of_parameters = arena_alloc(reader->arena, PARAM_END);
    if (count > UINT8_MAX)
        yaml_fail(reader, list, "too many entries");
    for (size_t i = 0; i < count && !reader->failed; i++) {
        const struct yaml_value *entry = &list->items[i];
        generate_check_entry(reader, root, entry, entry_keys);
        notes[i] = read_note(reader, tables, entry);
        assign_note(reader, tables, entry, i + 1, of_parameters);
    }
    tables->notes = notes;
    tables->note_count = count;
    tables->parameter_notes = of_parameters;
}

/* --- master.yaml ------------------------------------------------------------------------------ */

static struct stock_service read_service(struct yaml_reader *reader,
                                         const struct facts_tables *tables,
                                         const struct yaml_value *key)
{
    static const char *const fields[] = {"private", "unprivileged", "chroot", "wakeup",
                                         "process_limit"};
    const struct yaml_value *entry = key + 1;
    size_t slash = str_find(key->text, '/', 0);
    struct stock_service service = {
        .name = str_slice(key->text, 0, slash),
        .type = str_slice(key->text, slash + 1, key->text.len),
        .command = yaml_text(reader, entry, "command"),
        .first = generate_series(reader, tables, entry, "first", 0, false),
        .last =
            generate_series(reader, tables, entry, "last", (int)tables->release_count - 1, false),
    };

    if (service.name.len == 0 || service.type.len == 0)
        yaml_fail(reader, key, "expected name/type");
    for (size_t i = 0; i < STOCK_FIELD_COUNT; i++)
        service.fields[i] = yaml_text_or(reader, entry, fields[i], str_of("-"));
    return service;
}

void generate_master(struct yaml_reader *reader, const struct yaml_value *root,
                     struct facts_tables *tables)
{
    static const char *const keys[] = {
        "private", "unprivileged", "chroot", "wakeup", "process_limit",
        "command", "first",        "last",   "source", NULL};
    const struct yaml_value *map = generate_members(reader, root, "services", NULL);

    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct stock_service *services = arena_alloc(reader->arena, (count + 1) * sizeof *services);
    for (size_t i = 0; i < count; i++) {
        generate_check_entry(reader, root, &map->items[2 * i + 1], keys);
        services[i] = read_service(reader, tables, &map->items[2 * i]);
    }
    tables->stock_services = services;
    tables->stock_service_count = count;
}

/* --- the tables as C -------------------------------------------------------------------------- */

static void print_used_by(FILE *out, size_t note, const enum parameter_number *numbers)
{
    if (numbers == NULL)
        return;
    fprintf(out, "static const enum parameter_number note_%zu_used_by[] = {", note);
    for (; *numbers != PARAM_NONE; numbers++)
        fprintf(out, "%d, ", (int)*numbers);
    fputs("PARAM_NONE};\n", out);
}

void generate_print_defaults(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->note_count; i++)
        print_used_by(out, i, tables->notes[i].used_by);
    fputs("static const struct default_note notes[] = {\n", out);
    for (size_t i = 0; i < tables->note_count; i++) {
        const struct default_note *note = &tables->notes[i];
        fputs("    {", out);
        generate_print_member(out, "meaning", note->meaning);
        if (note->used_by != NULL)
            fprintf(out, ".used_by = note_%zu_used_by, ", i);
        fprintf(out, ".guard = %d, .hardened = %d, .of_release = %d, .replaced_by = %d},\n",
                note->guard, note->hardened, note->of_release, (int)note->replaced_by);
    }
    fputs("};\n\n", out);
}

void generate_print_master(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct stock_service stock_services[] = {\n", out);
    for (size_t i = 0; i < tables->stock_service_count; i++) {
        const struct stock_service *service = &tables->stock_services[i];
        fputs("    {", out);
        generate_print_member(out, "name", service->name);
        generate_print_member(out, "type", service->type);
        for (size_t k = 0; k < STOCK_FIELD_COUNT; k++)
            fprintf(out, ".fields[%zu] = STR(\"%.*s\"), ", k, STR_ARG(service->fields[k]));
        generate_print_member(out, "command", service->command);
        fprintf(out, ".first = %d, .last = %d},\n", service->first, service->last);
    }
    fputs("};\n\n", out);
}
