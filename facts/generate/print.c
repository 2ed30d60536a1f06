/*
 * print - the tables as C: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"
#include "facts/platform_yaml.h"

static const char *bool_name(bool value)
{
    return value ? "true" : "false";
}

static void print_releases(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct release releases[] = {\n", out);
    for (size_t i = 0; i < tables->release_count; i++) {
        const struct release *release = &tables->releases[i];
        fputs("    {", out);
        generate_print_member(out, "series", release->series);
        generate_print_member(out, "version", release->version);
        generate_print_member(out, "date", release->date);
        generate_print_member(out, "level", release->level);
        fprintf(out, ".index = %d},\n", release->index);
    }
    fputs("};\n\nstatic const struct feature features[] = {\n    [FEATURE_NONE] = {.until = "
          "INT_MAX},\n",
          out);
    for (size_t i = 0; i < tables->feature_count; i++) {
        const struct feature *feature = &tables->features[i];
        fputs("    [", out);
        generate_print_enumerator(out, "FEATURE", feature->name);
        fputs("] = {", out);
        generate_print_member(out, "name", feature->name);
        fprintf(out, ".since = %d, .until = %d},\n", feature->since, feature->until);
    }
    fputs("};\n\n", out);
}

static void print_parameter(FILE *out, const struct facts_tables *tables,
                            const struct parameter *parameter)
{
    const struct deprecation *deprecation =
        named_find(tables->deprecations, tables->deprecation_count, sizeof *tables->deprecations,
                   parameter->name);
    fputs("    [", out);
    generate_print_enumerator(out, "PARAM", parameter->name);
    fputs(" - 1] = {", out);
    generate_print_member(out, "name", parameter->name);
    fprintf(out,
            ".type = %d, .number = %d, .has_min = %s, .has_max = %s, .min = %ld, .max = %ld, "
            ".first = %d, .last = %d, .legacy_since = %d, .host_default = %s, ",
            (int)parameter->type, (int)parameter->number, bool_name(parameter->has_min),
            bool_name(parameter->has_max), parameter->min, parameter->max, parameter->first,
            parameter->last, parameter->legacy_since, bool_name(parameter->host_default));
    if (parameter->default_count > 0)
        fprintf(out, ".defaults = defaults_%d, ", (int)parameter->number);
    if (parameter->patch_count > 0)
        fprintf(out, ".patches = patches_%d, .patch_count = %zu, ", (int)parameter->number,
                parameter->patch_count);
    if (tables->parameter_notes[parameter->number] != 0)
        fprintf(out, ".note = &notes[%d], ", tables->parameter_notes[parameter->number] - 1);
    if (deprecation != NULL)
        fprintf(out, ".deprecation = &deprecations[%td], ", deprecation - tables->deprecations);
    fprintf(out, ".default_count = %zu},\n", parameter->default_count);
}

static void print_patches(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->parameter_count; i++) {
        const struct parameter *parameter = &tables->parameters[i];
        if (parameter->patch_count == 0)
            continue;
        fprintf(out, "static const struct parameter_patch patches_%d[] = {",
                (int)parameter->number);
        for (size_t j = 0; j < parameter->patch_count; j++)
            fprintf(out, "{%d, %d}, ", parameter->patches[j].series, parameter->patches[j].level);
        fputs("};\n", out);
    }
}

static void print_parameters(FILE *out, const struct facts_tables *tables)
{
    print_patches(out, tables);
    for (size_t i = 0; i < tables->parameter_count; i++) {
        const struct parameter *parameter = &tables->parameters[i];
        if (parameter->default_count == 0)
            continue;
        fprintf(out, "static const struct parameter_default defaults_%d[] = {",
                (int)parameter->number);
        for (size_t j = 0; j < parameter->default_count; j++) {
            fprintf(out, "{%d, ", parameter->defaults[j].since);
            generate_print_str(out, parameter->defaults[j].value);
            fputs("}, ", out);
        }
        fputs("};\n", out);
    }
    fputs("\nstatic const struct parameter parameters[] = {\n", out);
    for (size_t i = 0; i < tables->parameter_count; i++)
        print_parameter(out, tables, &tables->parameters[i]);
    fputs("};\n\nstatic const uint16_t parameter_slots[PARAMETER_SLOTS] = {", out);
    for (size_t i = 0; i < PARAMETER_SLOTS; i++)
        fprintf(out, "%s%d,", i % 16 == 0 ? "\n    " : " ", tables->parameter_slots[i]);
    fputs("\n};\n\n", out);
}

static void print_daemons(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->daemon_count; i++) {
        const struct service_daemon *daemon = &tables->daemons[i];
        fprintf(out, "static const struct service_suffix suffixes_%zu[] = {\n", i);
        for (size_t j = 0; j < daemon->suffix_count; j++) {
            const struct service_suffix *suffix = &daemon->suffixes[j];
            fputs("    {", out);
            generate_print_member(out, "suffix", suffix->suffix);
            fprintf(out, ".fallback = %d, .first = %d, .last = %d},\n", (int)suffix->fallback,
                    suffix->first, suffix->last);
        }
        fputs("};\n", out);
    }
    fputs("\nstatic const struct service_daemon daemons[] = {\n", out);
    for (size_t i = 0; i < tables->daemon_count; i++) {
        fputs("    {", out);
        generate_print_member(out, "name", tables->daemons[i].name);
        fprintf(out, "suffixes_%zu, %zu},\n", i, tables->daemons[i].suffix_count);
    }
    fputs("};\n\n", out);
}

static void print_deprecations(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct deprecation deprecations[] = {\n", out);
    for (size_t i = 0; i < tables->deprecation_count; i++) {
        const struct deprecation *item = &tables->deprecations[i];
        fputs("    {", out);
        generate_print_member(out, "name", item->name);
        fprintf(out, ".kind = %d, .warns_since = %d, .removed_in = %d, ", (int)item->kind,
                item->warns_since, item->removed_in);
        generate_print_member(out, "target", item->target);
        generate_print_member(out, "advice", item->advice);
        generate_print_member(out, "source", item->source);
        fputs("},\n", out);
    }
    fputs("};\n\n", out);
}

static void print_restrictions(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct restriction restrictions[] = {\n", out);
    for (size_t i = 0; i < tables->restriction_count; i++) {
        const struct restriction *item = &tables->restrictions[i];
        fputs("    {", out);
        generate_print_member(out, "name", item->name);
        fprintf(out, ".argument = %d, .subject = %d, .first = %d, .last = %d},\n",
                (int)item->argument, (int)item->subject, item->first, item->last);
    }
    fputs("};\n\nstatic const struct port ports[] = {\n", out);
    for (size_t i = 0; i < tables->port_count; i++) {
        fputs("    {", out);
        generate_print_str(out, tables->ports[i].name);
        fprintf(out, ", %d},\n", tables->ports[i].number);
    }
    fputs("};\n\nstatic const struct block_list block_lists[] = {\n", out);
    for (size_t i = 0; i < tables->block_list_count; i++) {
        fputs("    {", out);
        generate_print_str(out, tables->block_lists[i].name);
        fprintf(out, ", %d},\n", tables->block_lists[i].ended);
    }
    fputs("};\n\nstatic const struct mail_program mail_programs[] = {\n", out);
    for (size_t i = 0; i < tables->mail_program_count; i++) {
        fputs("    {", out);
        generate_print_member(out, "name", tables->mail_programs[i].name);
        generate_print_member(out, "helo", tables->mail_programs[i].helo);
        fputs("},\n", out);
    }
    fputs("};\n\n", out);
}

static void print_table_types(FILE *out, const struct facts_tables *tables)
{
    for (size_t i = 0; i < tables->table_type_count; i++) {
        const struct table_type *item = &tables->table_types[i];
        generate_print_texts(out, "table_type", i, "settings", &item->settings);
        generate_print_texts(out, "table_type", i, "flags", &item->flags);
        generate_print_texts(out, "table_type", i, "numbers", &item->numbers);
        generate_print_texts(out, "table_type", i, "queries", &item->queries);
        generate_print_texts(out, "table_type", i, "templates", &item->templates);
        generate_print_texts(out, "table_type", i, "old_query", &item->old_query);
    }
    fputs("\nstatic const struct table_type table_types[] = {\n", out);
    for (size_t i = 0; i < tables->table_type_count; i++) {
        const struct table_type *item = &tables->table_types[i];
        fputs("    {", out);
        generate_print_member(out, "name", item->name);
        generate_print_member(out, "extension", item->extension);
        generate_print_texts_use(out, "table_type", i, "settings", &item->settings);
        generate_print_texts_use(out, "table_type", i, "flags", &item->flags);
        generate_print_texts_use(out, "table_type", i, "numbers", &item->numbers);
        generate_print_texts_use(out, "table_type", i, "queries", &item->queries);
        generate_print_texts_use(out, "table_type", i, "templates", &item->templates);
        generate_print_texts_use(out, "table_type", i, "old_query", &item->old_query);
        generate_print_member(out, "magic", item->magic);
        fprintf(out,
                ".kind = %d, .berkeley_db = %s, .first = %d, .last = %d, .magic_at = %d, "
                ".smallest = %d},\n",
                (int)item->kind, bool_name(item->berkeley_db), item->first, item->last,
                item->magic_at, item->smallest);
    }
    fputs("};\n\n", out);
}

static void print_defaults(FILE *out, const char *owner, size_t number, const char *what,
                           const struct platform_default *list, size_t count)
{
    if (count == 0)
        return;
    fprintf(out, "static const struct platform_default %s_%zu_%s[] = {", owner, number, what);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "{%d, ", (int)list[i].parameter);
        generate_print_str(out, list[i].value);
        fputs("}, ", out);
    }
    fputs("};\n", out);
}

/* member_of - where the platform keeps the field */
static const void *member_of(const struct platform *platform, const struct platform_field *field)
{
    return (const char *)platform + field->offset;
}

static void print_platform_lists(FILE *out, const char *owner, size_t number,
                                 const struct platform *platform)
{
    for (size_t i = 0; i < platform_field_count; i++)
        if (platform_fields[i].kind == PLATFORM_TEXTS)
            generate_print_texts(out, owner, number, platform_fields[i].name,
                                 member_of(platform, &platform_fields[i]));
    fprintf(out, "static const struct table_package %s_%zu_tables[] = {", owner, number);
    for (size_t i = 0; i < platform->table_count; i++) {
        fputs("{", out);
        generate_print_str(out, platform->tables[i].type);
        fputs(", ", out);
        generate_print_str(out, platform->tables[i].package);
        fputs("}, ", out);
    }
    fputs("};\n", out);
    print_defaults(out, owner, number, "defaults", platform->defaults, platform->default_count);
    print_defaults(out, owner, number, "stock", platform->stock, platform->stock_count);
}

static void print_field(FILE *out, const char *owner, size_t number,
                        const struct platform *platform, const struct platform_field *field)
{
    const void *member = member_of(platform, field);
    switch (field->kind) {
    case PLATFORM_TEXT:
        generate_print_member(out, field->name, *(const struct str *)member);
        break;
    case PLATFORM_TEXTS:
        generate_print_texts_use(out, owner, number, field->name, member);
        break;
    case PLATFORM_FLAG:
        fprintf(out, ".%s = %s, ", field->name, bool_name(*(const bool *)member));
        break;
    }
}

static void print_platform(FILE *out, const char *owner, size_t number,
                           const struct platform *platform)
{
    fputs("    {", out);
    for (size_t i = 0; i < platform_field_count; i++)
        print_field(out, owner, number, platform, &platform_fields[i]);
    if (platform->default_count > 0)
        fprintf(out, ".defaults = %s_%zu_defaults, .default_count = %zu, ", owner, number,
                platform->default_count);
    if (platform->stock_count > 0)
        fprintf(out, ".stock = %s_%zu_stock, .stock_count = %zu, ", owner, number,
                platform->stock_count);
    fprintf(out, ".tables = %s_%zu_tables, .table_count = %zu, .release = &releases[%d]},\n", owner,
            number, platform->table_count, platform->release->index);
}

static void print_platforms(FILE *out, const char *owner, const struct platform *platforms,
                            size_t count)
{
    for (size_t i = 0; i < count; i++)
        print_platform_lists(out, owner, i, &platforms[i]);
    fprintf(out, "\nstatic const struct platform %ss[] = {\n", owner);
    for (size_t i = 0; i < count; i++)
        print_platform(out, owner, i, &platforms[i]);
    fputs("};\n\n", out);
}

void generate_print(FILE *out, const struct facts_tables *tables)
{
    fputs("/* made by facts/generate from the YAML files in facts: edit those */\n\n"
          "#include <limits.h>\n\n"
          "#include \"facts/tables.h\"\n\n",
          out);
    print_releases(out, tables);
    print_deprecations(out, tables);
    generate_print_defaults(out, tables);
    print_parameters(out, tables);
    generate_print_master(out, tables);
    print_daemons(out, tables);
    generate_print_programs(out, tables);
    print_restrictions(out, tables);
    print_table_types(out, tables);
    print_platforms(out, "platform", tables->platforms, tables->platform_count);
    print_platforms(out, "upstream_platform", tables->upstream, tables->release_count);
    generate_print_sendmail(out, tables);
    generate_print_sendmail_lines(out, tables);
    fputs("const struct facts_tables facts_tables = {\n", out);
#define COUNTED(member, count)                                                                     \
    fprintf(out, "    ." #member " = " #member ", ." #count " = %zu,\n", tables->count)
    COUNTED(releases, release_count);
    COUNTED(features, feature_count);
    COUNTED(parameters, parameter_count);
    COUNTED(daemons, daemon_count);
    COUNTED(notes, note_count);
    COUNTED(stock_services, stock_service_count);
    COUNTED(shapes, shape_count);
    COUNTED(relations, relation_count);
    COUNTED(programs, program_count);
    COUNTED(deprecations, deprecation_count);
    COUNTED(restrictions, restriction_count);
    COUNTED(table_types, table_type_count);
    COUNTED(ports, port_count);
    COUNTED(block_lists, block_list_count);
    COUNTED(mail_programs, mail_program_count);
    COUNTED(platforms, platform_count);
    COUNTED(sendmail_options, sendmail_option_count);
    COUNTED(sendmail_lines, sendmail_line_count);
    COUNTED(sendmail_holes, sendmail_hole_count);
    COUNTED(sendmail_taken, sendmail_taken_count);
    COUNTED(sendmail_expected, sendmail_expected_count);
#undef COUNTED
    fprintf(out, "    .sendmail_line_releases = %d,\n", tables->sendmail_line_releases);
    fputs("    .parameter_slots = parameter_slots,\n    .parameter_shapes = parameter_shapes,\n"
          "    .master = &master,\n    .upstream = upstream_platforms,\n"
          "    .sendmail = sendmail,\n    .sendmail_first = {",
          out);
    for (int kind = 0; kind <= SENDMAIL_KINDS; kind++)
        fprintf(out, "%zu, ", tables->sendmail_first[kind]);
    fputs("},\n};\n", out);
}
