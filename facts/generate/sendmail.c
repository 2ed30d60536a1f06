/*
 * sendmail - facts/sendmail.yaml as tables: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

static const struct str EMPTY = {"", 0};

/* the sections of the file, in the order of enum sendmail_kind */
static const char *const SECTIONS[] = {
    [SENDMAIL_DEFINE] = "defines", [SENDMAIL_FEATURE] = "features", [SENDMAIL_MACRO] = "macros",
    [SENDMAIL_MAILER] = "mailers", [SENDMAIL_OSTYPE] = "ostypes",   [SENDMAIL_DOMAIN] = "domains",
    [SENDMAIL_HACK] = "hacks",     [SENDMAIL_OPTION] = "options",   [SENDMAIL_KINDS] = NULL,
};

/* the names of the enumerators, for the C file */
static const char *const KINDS[] = {
    [SENDMAIL_DEFINE] = "SENDMAIL_DEFINE", [SENDMAIL_FEATURE] = "SENDMAIL_FEATURE",
    [SENDMAIL_MACRO] = "SENDMAIL_MACRO",   [SENDMAIL_MAILER] = "SENDMAIL_MAILER",
    [SENDMAIL_OSTYPE] = "SENDMAIL_OSTYPE", [SENDMAIL_DOMAIN] = "SENDMAIL_DOMAIN",
    [SENDMAIL_HACK] = "SENDMAIL_HACK",     [SENDMAIL_OPTION] = "SENDMAIL_OPTION",
};

static const char *const FATES[] = {
    [FATE_MAPPED] = "mapped", [FATE_ALREADY] = "already", [FATE_MEANINGLESS] = "meaningless",
    [FATE_OPEN] = "open",     [FATE_COUNT] = NULL,
};

static const char *const FATE_NAMES[] = {
    [FATE_MAPPED] = "FATE_MAPPED",
    [FATE_ALREADY] = "FATE_ALREADY",
    [FATE_MEANINGLESS] = "FATE_MEANINGLESS",
    [FATE_OPEN] = "FATE_OPEN",
};

static const char *const CONVERSIONS[] = {
    [CONVERT_MODULE] = "module", [CONVERT_TEXT] = "text",
    [CONVERT_NUMBER] = "number", [CONVERT_BYTES] = "bytes",
    [CONVERT_BLOCKS] = "blocks", [CONVERT_TIME] = "time",
    [CONVERT_BOOL] = "bool",     [CONVERT_BOOL_NOT] = "bool-not",
    [CONVERT_FIXED] = "fixed",   NULL,
};

static const char *const CONVERSION_NAMES[] = {
    [CONVERT_MODULE] = "CONVERT_MODULE", [CONVERT_TEXT] = "CONVERT_TEXT",
    [CONVERT_NUMBER] = "CONVERT_NUMBER", [CONVERT_BYTES] = "CONVERT_BYTES",
    [CONVERT_BLOCKS] = "CONVERT_BLOCKS", [CONVERT_TIME] = "CONVERT_TIME",
    [CONVERT_BOOL] = "CONVERT_BOOL",     [CONVERT_BOOL_NOT] = "CONVERT_BOOL_NOT",
    [CONVERT_FIXED] = "CONVERT_FIXED",
};

/* read_parameter - the parameter that the member KEY names; PARAM_NONE if there is no KEY */
static enum parameter_number read_parameter(struct yaml_reader *reader,
                                            const struct facts_tables *tables,
                                            const struct yaml_value *entry, const char *key)
{
    struct str name = yaml_text_or(reader, entry, key, EMPTY);
    const struct parameter *parameter = tables_parameter(tables, name);
    if (name.len > 0 && parameter == NULL)
        yaml_fail(reader, entry, "\"%.*s\" is not a parameter of Postfix", STR_ARG(name));
    return parameter == NULL ? PARAM_NONE : parameter->number;
}

/* check_fact - which members must, and which must not, be set together */
static void check_fact(struct yaml_reader *reader, const struct yaml_value *entry,
                       const struct sendmail_fact *fact)
{
    bool converts = fact->conversion != CONVERT_MODULE;
    if (fact->fate == FATE_MAPPED && (fact->module.len > 0) == (fact->parameter != PARAM_NONE))
        yaml_fail(reader, entry, "fate mapped requires either a module or a parameter");
    if (fact->fate != FATE_MAPPED && (fact->module.len > 0 || fact->parameter != PARAM_NONE))
        yaml_fail(reader, entry, "module and parameter require fate mapped");
    if (converts != (fact->parameter != PARAM_NONE))
        yaml_fail(reader, entry, "parameter and conversion must be set together");
    if ((fact->fate == FATE_OPEN) != (fact->advice.len > 0))
        yaml_fail(reader, entry, "advice must be set for fate open, and only there");
    if ((fact->conversion == CONVERT_FIXED) != (fact->value.len > 0) &&
        fact->kind != SENDMAIL_DOMAIN)
        yaml_fail(reader, entry, "value must be set for conversion fixed, and only there");
    if ((fact->conversion == CONVERT_TIME) != (fact->unit != 0))
        yaml_fail(reader, entry, "unit must be set for conversion time, and only there");
}

static char read_unit(struct yaml_reader *reader, const struct yaml_value *entry)
{
    struct str unit = yaml_text_or(reader, entry, "unit", EMPTY);
    if (unit.len == 0)
        return 0;
    if (unit.len != 1 || str_find((struct str)STR("smhdw"), unit.at[0], 0) == 5)
        yaml_fail(reader, entry, "unit must be one of s m h d w");
    return unit.at[0];
}

static struct sendmail_fact read_fact(struct yaml_reader *reader, struct facts_tables *tables,
                                      const struct yaml_value *root, const struct yaml_value *key,
                                      enum sendmail_kind kind)
{
    static const char *const keys[] = {
        "option", "letter", "fate",  "module", "parameter", "also",     "conversion", "value",
        "unit",   "weak",   "idle",  "says",   "advice",    "fallback", "gone",       "source",
        "needs",  "with",   "reads", "sets",   "instead",   NULL};
    const struct yaml_value *entry = key + 1;
    generate_check_entry(reader, root, entry, keys);
    struct sendmail_fact fact = {
        .name = key->text,
        .kind = kind,
        .option = yaml_text_or(reader, entry, "option", EMPTY),
        .letter = yaml_text_or(reader, entry, "letter", EMPTY),
        .fate = (enum sendmail_fate)generate_choice(reader, entry, "fate", FATES),
        .module = yaml_text_or(reader, entry, "module", EMPTY),
        .parameter = read_parameter(reader, tables, entry, "parameter"),
        .also = read_parameter(reader, tables, entry, "also"),
        .value = yaml_text_or(reader, entry, "value", EMPTY),
        .unit = read_unit(reader, entry),
        .weak = yaml_as_bool(reader, yaml_get(entry, "weak")),
        .idle = yaml_text_or(reader, entry, "idle", EMPTY),
        .says = yaml_text(reader, entry, "says"),
        .advice = yaml_text_or(reader, entry, "advice", EMPTY),
        .fallback = yaml_text_or(reader, entry, "fallback", EMPTY),
        .gone = yaml_as_bool(reader, yaml_get(entry, "gone")),
        .needs = yaml_text_or(reader, entry, "needs", EMPTY),
        .with = yaml_text_or(reader, entry, "with", EMPTY),
        .reads = yaml_text_or(reader, entry, "reads", EMPTY),
        .sets = yaml_text_or(reader, entry, "sets", EMPTY),
        .instead = yaml_text_or(reader, entry, "instead", EMPTY),
        .source = yaml_text(reader, entry, "source"),
    };
    if (yaml_get(entry, "conversion") != NULL)
        fact.conversion =
            (enum sendmail_conversion)generate_choice(reader, entry, "conversion", CONVERSIONS);
    if (kind == SENDMAIL_OPTION)
        fact.option = fact.name;
    check_fact(reader, entry, &fact);
    return fact;
}

static void index_options(struct yaml_reader *reader, struct facts_tables *tables)
{
    size_t total = tables->sendmail_first[SENDMAIL_KINDS];
    struct sendmail_option *options = arena_alloc(reader->arena, (2 * total + 1) * sizeof *options);
    size_t count = 0;
    for (size_t i = 0; i < total; i++) {
        const struct sendmail_fact *fact = &tables->sendmail[i];
        if (fact->option.len > 0)
            options[count++] =
                (struct sendmail_option){arena_lower(reader->arena, fact->option), i};
        if (fact->letter.len > 0)
            options[count++] = (struct sendmail_option){fact->letter, i};
    }
    generate_sort(options, count, sizeof *options);
    for (size_t i = 1; i < count; i++)
        if (str_eq(options[i - 1].name, options[i].name))
            yaml_fail(reader, NULL, "the option \"%.*s\" is defined twice",
                      STR_ARG(options[i].name));
    tables->sendmail_options = options;
    tables->sendmail_option_count = count;
}

void generate_sendmail(struct yaml_reader *reader, const struct yaml_value *root,
                       struct facts_tables *tables)
{
    size_t total = 0;
    if (!yaml_only_keys(reader, root, SECTIONS))
        return;
    for (int kind = 0; kind < SENDMAIL_KINDS; kind++) {
        const struct yaml_value *map = yaml_need(reader, root, SECTIONS[kind], YAML_MAP);
        total += map == NULL ? 0 : map->count / 2;
    }
    if (reader->failed)
        return;
    struct sendmail_fact *facts = arena_alloc(reader->arena, (total + 1) * sizeof *facts);
    size_t used = 0;
    for (int kind = 0; kind < SENDMAIL_KINDS; kind++) {
        const struct yaml_value *map = yaml_get(root, SECTIONS[kind]);
        tables->sendmail_first[kind] = used;
        for (size_t i = 0; i < map->count; i += 2)
            facts[used++] =
                read_fact(reader, tables, root, &map->items[i], (enum sendmail_kind)kind);
        generate_sort(facts + tables->sendmail_first[kind], map->count / 2, sizeof *facts);
    }
    tables->sendmail_first[SENDMAIL_KINDS] = used;
    tables->sendmail = facts;
    index_options(reader, tables);
}

static void print_fact(FILE *out, const struct sendmail_fact *fact)
{
    fprintf(out, "    {.kind = %s, .fate = %s, .conversion = %s, ", KINDS[fact->kind],
            FATE_NAMES[fact->fate], CONVERSION_NAMES[fact->conversion]);
    generate_print_member(out, "name", fact->name);
    generate_print_member(out, "option", fact->option);
    generate_print_member(out, "letter", fact->letter);
    generate_print_member(out, "module", fact->module);
    generate_print_member(out, "value", fact->value);
    generate_print_member(out, "idle", fact->idle);
    generate_print_member(out, "says", fact->says);
    generate_print_member(out, "advice", fact->advice);
    generate_print_member(out, "fallback", fact->fallback);
    generate_print_member(out, "needs", fact->needs);
    generate_print_member(out, "with", fact->with);
    generate_print_member(out, "reads", fact->reads);
    generate_print_member(out, "sets", fact->sets);
    generate_print_member(out, "instead", fact->instead);
    generate_print_member(out, "source", fact->source);
    fprintf(out, ".parameter = %d, .also = %d, .unit = %d, .weak = %s, .gone = %s},\n",
            (int)fact->parameter, (int)fact->also, fact->unit, fact->weak ? "true" : "false",
            fact->gone ? "true" : "false");
}

void generate_print_sendmail(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct sendmail_fact sendmail[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_first[SENDMAIL_KINDS]; i++)
        print_fact(out, &tables->sendmail[i]);
    fputs("};\n\nstatic const struct sendmail_option sendmail_options[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_option_count; i++) {
        fputs("    {", out);
        generate_print_member(out, "name", tables->sendmail_options[i].name);
        fprintf(out, ".fact = %zu},\n", tables->sendmail_options[i].fact);
    }
    fputs("};\n\n", out);
}
