/*
 * programs - programs.yaml and values.yaml as tables: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

/* --- values.yaml ------------------------------------------------------------------------------ */

/* assign_shape - SHAPE, counted from 1, becomes that of the parameters in the entry's list */
static void assign_shape(struct yaml_reader *reader, const struct facts_tables *tables,
                         const struct yaml_value *entry, size_t shape, uint8_t *shapes)
{
    const struct yaml_value *list = yaml_need(reader, entry, "parameters", YAML_LIST);

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct parameter *parameter = tables_parameter(tables, list->items[i].text);
        if (parameter == NULL)
            yaml_fail(reader, &list->items[i], "no release has this parameter");
        else if (shapes[parameter->number] != 0)
            yaml_fail(reader, &list->items[i], "this parameter has a shape already");
        else
            shapes[parameter->number] = (uint8_t)shape;
    }
}

static bool read_flag(struct yaml_reader *reader, const struct yaml_value *entry, const char *key,
                      bool absent)
{
    const struct yaml_value *value = yaml_get(entry, key);

    return value == NULL ? absent : yaml_as_bool(reader, value);
}

static struct str_list read_words(struct yaml_reader *reader, const struct yaml_value *entry,
                                  const char *key)
{
    const struct yaml_value *value = yaml_get(entry, key);

    if (value == NULL)
        return (struct str_list){0};
    return yaml_as_texts(reader, value);
}

static struct value_shape read_shape(struct yaml_reader *reader, const struct yaml_value *entry)
{
    static const char *const kinds[] = {
        [SHAPE_WORD] = "word",
        [SHAPE_WORDS] = "words",
        [SHAPE_ACTION] = "action",
        [SHAPE_HOST_NAME] = "host-name",
        [SHAPE_TLS_PROTOCOLS] = "tls-protocols",
        [SHAPE_NETWORKS] = "networks",
        [SHAPE_INTERFACES] = "interfaces",
        [SHAPE_NEXT_HOP] = "next-hop",
        [SHAPE_NEXT_HOPS] = "next-hops",
        [SHAPE_TRANSPORT] = "transport",
        [SHAPE_MAPS] = "maps",
        [SHAPE_MAP] = "map",
        [SHAPE_MILTERS] = "milters",
        [SHAPE_POLICY_SERVERS] = "policy-servers",
        [SHAPE_PROXY_FILTER] = "proxy-filter",
        [SHAPE_LOGIN_SERVER] = "login-server",
        [SHAPE_DNSBL_SITES] = "dnsbl-sites",
        [SHAPE_CLIENT_ACCESS] = "client-access",
        [SHAPE_MATCH_WORDS] = "match-words",
        [SHAPE_PATHS] = "paths",
        [SHAPE_REPLY_CODE] = "reply-code",
        [SHAPE_RANDOM_SOURCE] = "random-source",
        [SHAPE_COUNT] = "count",
        [SHAPE_CIPHERS] = "ciphers",
        [SHAPE_ACCOUNT] = "account",
        [SHAPE_USER_IDS] = "user-ids",
        [SHAPE_GROUP_IDS] = "group-ids",
        [SHAPE_DOMAINS] = "domains",
        [SHAPE_ADDRESS] = "address",
        [SHAPE_UNQUOTED] = "unquoted",
        [SHAPE_ORIGIN] = "origin",
        [SHAPE_LOG_FILE] = "log-file",
        [SHAPE_DIRECTORY] = "directory",
        [SHAPE_ENVIRONMENT] = "environment",
        [SHAPE_HEADER] = "header",
        [SHAPE_MACROS] = "macros",
        NULL,
    };
    static const char *const effects[] = {
        [VALUE_EXITS] = "exits",
        [VALUE_CONNECTS] = "connects",
        [VALUE_LOOKS_UP] = "looks-up",
        [VALUE_FAILS] = "fails",
        [VALUE_NO_MATCH] = "no-match",
        [VALUE_WARNS] = "warns",
        NULL,
    };
    bool has_effect = yaml_get(entry, "bad") != NULL;

    return (struct value_shape){
        .kind = (enum shape_kind)generate_choice(reader, entry, "shape", kinds),
        .effect = has_effect ? (enum value_effect)generate_choice(reader, entry, "bad", effects)
                             : VALUE_EXITS,
        .words = read_words(reader, entry, "words"),
        .weak = read_words(reader, entry, "weak"),
        .weak_as = yaml_text_or(reader, entry, "weak_as", str_of("")),
        .any_case = read_flag(reader, entry, "any_case", false),
        .nonempty = !read_flag(reader, entry, "empty", true),
        .number = read_flag(reader, entry, "number", false),
        .failure = yaml_text_or(reader, entry, "failure", str_of("")),
        .unread_with = yaml_text_or(reader, entry, "unread_with", str_of("")),
        .spared = read_words(reader, entry, "spared"),
    };
}

static enum parameter_number read_parameter(struct yaml_reader *reader,
                                            const struct facts_tables *tables,
                                            const struct yaml_value *entry, const char *key)
{
    const struct parameter *parameter = tables_parameter(tables, yaml_text(reader, entry, key));

    if (parameter == NULL)
        yaml_fail(reader, yaml_get(entry, key), "no release has this parameter");
    return parameter == NULL ? PARAM_NONE : parameter->number;
}

/* read_relation - which of the keys there is says what kind it is */
static struct value_relation read_relation(struct yaml_reader *reader,
                                           const struct facts_tables *tables,
                                           const struct yaml_value *entry)
{
    static const char *const kinds[] = {
        [RELATION_NOT_BELOW] = "not_below",
        [RELATION_DIFFERS] = "differs",
        [RELATION_NEEDS] = "needs",
        [RELATION_ONE_OF] = "when",
    };
    size_t kind = 0;

    while (kind + 1 < sizeof kinds / sizeof *kinds && yaml_get(entry, kinds[kind]) == NULL)
        kind++;
    return (struct value_relation){
        .parameter = read_parameter(reader, tables, entry, "parameter"),
        .other = read_parameter(reader, tables, entry, kinds[kind]),
        .kind = (enum relation_kind)kind,
        .words = read_words(reader, entry, "words"),
        .program = yaml_text_or(reader, entry, "program", str_of("")),
        .advice = yaml_text_or(reader, entry, "advice", str_of("")),
    };
}

static void read_relations(struct yaml_reader *reader, const struct yaml_value *root,
                           struct facts_tables *tables)
{
    static const char *const keys[] = {"parameter", "not_below", "differs", "needs",  "when",
                                       "words",     "program",   "source",  "advice", NULL};
    const struct yaml_value *map = yaml_need(reader, root, "relations", YAML_MAP);
    size_t count = map == NULL ? 0 : map->count / 2;
    struct value_relation *relations = arena_alloc(reader->arena, (count + 1) * sizeof *relations);

    for (size_t i = 0; i < count && !reader->failed; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        relations[i] = read_relation(reader, tables, entry);
        relations[i].name = map->items[2 * i].text;
    }
    tables->relations = relations;
    tables->relation_count = count;
}

void generate_values(struct yaml_reader *reader, const struct yaml_value *root,
                     struct facts_tables *tables)
{
    static const char *const keys[] = {"shape",   "words",  "weak",        "weak_as",    "any_case",
                                       "empty",   "number", "bad",         "parameters", "source",
                                       "failure", "spared", "unread_with", NULL};
    const struct yaml_value *map = generate_members(reader, root, "values", "relations");

    if (map == NULL)
        return;
    size_t count = map->count / 2;
    struct value_shape *shapes = arena_alloc(reader->arena, (count + 1) * sizeof *shapes);
    uint8_t *parameters = arena_alloc(reader->arena, PARAM_END);
    if (count > UINT8_MAX) {
        yaml_fail(reader, map, "too many entries");
        return;
    }
    for (size_t i = 0; i < count && !reader->failed; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        shapes[i] = read_shape(reader, entry);
        shapes[i].name = map->items[2 * i].text;
        assign_shape(reader, tables, entry, i + 1, parameters);
    }
    tables->shapes = shapes;
    tables->shape_count = count;
    tables->parameter_shapes = parameters;
    read_relations(reader, root, tables);
}

/* --- programs.yaml ---------------------------------------------------------------------------- */

/* what one program reads, by parameter number: see facts/programs.h */
struct reads {
    uint16_t *places;
    uint16_t count;
};

static struct reads start_reads(struct arena *arena)
{
    return (struct reads){.places = arena_alloc(arena, PARAM_END * sizeof(uint16_t))};
}

/* read_names - they come after those that are known; a second time does not count */
static void read_names(struct yaml_reader *reader, const struct facts_tables *tables,
                       const struct yaml_value *list, struct reads *reads)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct parameter *parameter = tables_parameter(tables, list->items[i].text);
        if (parameter == NULL)
            yaml_fail(reader, &list->items[i], "no release has this parameter");
        else if (reads->places[parameter->number] == 0)
            reads->places[parameter->number] = ++reads->count;
    }
}

/* read_order - the first group, the program's own, the other groups */
static const uint16_t *read_order(struct yaml_reader *reader, const struct facts_tables *tables,
                                  const struct yaml_value *groups, const struct yaml_value *entry)
{
    struct reads reads = start_reads(reader->arena);
    struct str_list names = read_words(reader, entry, "groups");

    for (size_t i = 0; i < names.count; i++) {
        const char *group = arena_cstr(reader->arena, names.items[i]);
        read_names(reader, tables, yaml_need(reader, groups, group, YAML_LIST), &reads);
        if (i == 0 && yaml_get(entry, "reads") != NULL)
            read_names(reader, tables, yaml_need(reader, entry, "reads", YAML_LIST), &reads);
    }
    return reads.places;
}

static struct program read_program(struct yaml_reader *reader, const struct facts_tables *tables,
                                   const struct yaml_value *groups, const struct yaml_value *entry)
{
    const struct yaml_value *limit = yaml_get(entry, "process_limit");

    return (struct program){
        .process_limit = limit == NULL ? -1 : (int)yaml_as_number(reader, limit),
        .privileged = read_flag(reader, entry, "privileged", false),
        .unprivileged = read_flag(reader, entry, "unprivileged", false),
        .arguments = read_flag(reader, entry, "arguments", true),
        .attributes = read_words(reader, entry, "attributes"),
        .macros = read_words(reader, entry, "macros"),
        .flags = yaml_text_or(reader, entry, "flags", str_of("")),
        .jail = yaml_text_or(reader, entry, "jail", str_of("")),
        .reads = read_order(reader, tables, groups, entry),
    };
}

void generate_programs(struct yaml_reader *reader, const struct yaml_value *root,
                       struct facts_tables *tables)
{
    static const char *const keys[] = {"groups",       "reads",     "process_limit", "privileged",
                                       "unprivileged", "arguments", "attributes",    "macros",
                                       "flags",        "jail",      "source",        NULL};
    const struct yaml_value *map = generate_members(reader, root, "programs", "groups");
    const struct yaml_value *groups = yaml_need(reader, root, "groups", YAML_MAP);

    if (map == NULL || groups == NULL)
        return;
    size_t count = map->count / 2;
    struct program *programs = arena_alloc(reader->arena, (count + 1) * sizeof *programs);
    for (size_t i = 0; i < count && !reader->failed; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        generate_check_entry(reader, root, entry, keys);
        programs[i] = read_program(reader, tables, groups, entry);
        programs[i].name = map->items[2 * i].text;
    }
    generate_sort(programs, count, sizeof *programs);
    struct program *master = arena_alloc(reader->arena, sizeof *master);
    struct reads reads = start_reads(reader->arena);
    read_names(reader, tables, yaml_need(reader, groups, "all", YAML_LIST), &reads);
    read_names(reader, tables, yaml_need(reader, groups, "master", YAML_LIST), &reads);
    *master = (struct program){.name = STR_NONE, .process_limit = -1, .reads = reads.places};
    tables->programs = programs;
    tables->program_count = count;
    tables->master = master;
}

/* --- the tables as C -------------------------------------------------------------------------- */

static void print_relations(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->relation_count; i++)
        generate_print_texts(out, "relation", i, "words", &tables->relations[i].words);
    fputs("static const struct value_relation relations[] = {\n", out);
    for (size_t i = 0; i < tables->relation_count; i++) {
        const struct value_relation *relation = &tables->relations[i];
        fputs("    {", out);
        generate_print_member(out, "name", relation->name);
        generate_print_member(out, "program", relation->program);
        generate_print_member(out, "advice", relation->advice);
        generate_print_texts_use(out, "relation", i, "words", &relation->words);
        fprintf(out, ".parameter = %d, .other = %d, .kind = %d},\n", (int)relation->parameter,
                (int)relation->other, (int)relation->kind);
    }
    fputs("};\n\n", out);
}

static void print_shapes(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->shape_count; i++) {
        generate_print_texts(out, "shape", i, "words", &tables->shapes[i].words);
        generate_print_texts(out, "shape", i, "weak", &tables->shapes[i].weak);
        generate_print_texts(out, "shape", i, "spared", &tables->shapes[i].spared);
    }
    fputs("static const struct value_shape shapes[] = {\n", out);
    for (size_t i = 0; i < tables->shape_count; i++) {
        const struct value_shape *shape = &tables->shapes[i];
        fputs("    {", out);
        generate_print_member(out, "name", shape->name);
        generate_print_texts_use(out, "shape", i, "words", &shape->words);
        generate_print_texts_use(out, "shape", i, "weak", &shape->weak);
        generate_print_texts_use(out, "shape", i, "spared", &shape->spared);
        generate_print_member(out, "weak_as", shape->weak_as);
        generate_print_member(out, "failure", shape->failure);
        generate_print_member(out, "unread_with", shape->unread_with);
        fprintf(out, ".kind = %d, .effect = %d, .any_case = %d, .nonempty = %d, .number = %d},\n",
                (int)shape->kind, (int)shape->effect, shape->any_case, shape->nonempty,
                shape->number);
    }
    fputs("};\n\n", out);
    print_relations(out, tables);
    fputs("static const uint8_t parameter_shapes[PARAM_END] = {", out);
    for (int i = 0; i < PARAM_END; i++)
        fprintf(out, "%s%d,", i % 16 == 0 ? "\n    " : " ", tables->parameter_shapes[i]);
    fputs("\n};\n\n", out);
}

/* print_program - READS is the name of its table; its texts are those of OWNER and NUMBER */
static void print_program(FILE *out, const struct program *program, const char *reads,
                          const char *owner, size_t number)
{
    fputs("{", out);
    generate_print_member(out, "name", program->name);
    generate_print_member(out, "flags", program->flags);
    generate_print_member(out, "jail", program->jail);
    generate_print_texts_use(out, owner, number, "attributes", &program->attributes);
    generate_print_texts_use(out, owner, number, "macros", &program->macros);
    fprintf(out,
            ".process_limit = %d, .privileged = %d, .unprivileged = %d, .arguments = %d, "
            ".reads = %s}",
            program->process_limit, program->privileged, program->unprivileged, program->arguments,
            reads);
}

static void print_reads(FILE *out, const char *name, const struct program *program)
{
    fprintf(out, "static const uint16_t %s[PARAM_END] = {", name);
    for (int i = 0; i < PARAM_END; i++)
        fprintf(out, "%s%d,", i % 16 == 0 ? "\n    " : " ", program->reads[i]);
    fputs("\n};\n", out);
}

void generate_print_programs(FILE *out, const struct facts_tables *tables)
{
    char reads[32];

    print_shapes(out, tables);
    print_reads(out, "reads_master", tables->master);
    for (size_t i = 0; i < tables->program_count; i++) {
        snprintf(reads, sizeof reads, "reads_%zu", i);
        print_reads(out, reads, &tables->programs[i]);
        generate_print_texts(out, "program", i, "attributes", &tables->programs[i].attributes);
        generate_print_texts(out, "program", i, "macros", &tables->programs[i].macros);
    }
    fputs("\nstatic const struct program master = ", out);
    print_program(out, tables->master, "reads_master", "master", 0);
    fputs(";\nstatic const struct program programs[] = {\n", out);
    for (size_t i = 0; i < tables->program_count; i++) {
        snprintf(reads, sizeof reads, "reads_%zu", i);
        fputs("    ", out);
        print_program(out, &tables->programs[i], reads, "program", i);
        fputs(",\n", out);
    }
    fputs("};\n\n", out);
}
