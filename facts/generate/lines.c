/*
 * lines - facts/sendmail_lines.yaml: see facts/generate/generate.h
 */
#include <stdlib.h>

#include "facts/generate/generate.h"

enum { HEX_DIGITS = 16 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* next_number - takes the first number from *TEXT; false at the end, and if there is none, which is
   a problem */
static bool next_number(struct yaml_reader *reader, const struct yaml_value *value,
                        struct str *text, uint64_t *number)
{
    *number = 0;
    if (text->len == 0)
        return false;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        int digit = i < text->len ? hex_digit(text->at[i]) : -1;
        if (digit < 0) {
            yaml_fail(reader, value, "a line's number has 16 digits");
            return false;
        }
        *number = *number << 4 | (uint64_t)digit;
    }
    if (text->len > HEX_DIGITS && text->at[HEX_DIGITS] != ' ')
        yaml_fail(reader, value, "a line's number has 16 digits");
    *text = str_slice(*text, HEX_DIGITS + 1, text->len);
    return true;
}

/* --- the sections ----------------------------------------------------------------------------- */

static int compare_lines(const void *a, const void *b)
{
    const struct sendmail_line *x = a, *y = b;

    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

static void read_lines(struct yaml_reader *reader, const struct yaml_value *map,
                       struct facts_tables *tables)
{
    struct sendmail_line *lines = NULL;
    size_t count = 0, capacity = 0;
    uint64_t hash;

    for (size_t i = 0; map != NULL && i < map->count / 2; i++) {
        const struct yaml_value *value = &map->items[2 * i + 1];
        struct str text = value->text;
        while (next_number(reader, value, &text, &hash)) {
            lines = arena_grow(reader->arena, lines, count, &capacity, sizeof *lines);
            lines[count++] = (struct sendmail_line){hash, map->items[2 * i].text};
        }
    }
    if (count > 0)
        qsort(lines, count, sizeof *lines, compare_lines);
    tables->sendmail_lines = lines;
    tables->sendmail_line_count = count;
}

static int compare_holes(const void *a, const void *b)
{
    const struct sendmail_hole *x = a, *y = b;

    return x->before < y->before ? -1 : x->before > y->before;
}

static void read_holes(struct yaml_reader *reader, const struct yaml_value *map,
                       struct facts_tables *tables)
{
    struct sendmail_hole *holes = NULL;
    size_t count = 0, capacity = 0;
    struct sendmail_hole hole;

    for (size_t i = 0; map != NULL && i < map->count / 2; i++) {
        const struct yaml_value *value = &map->items[2 * i + 1];
        struct str text = value->text;
        hole.what = map->items[2 * i].text;
        while (next_number(reader, value, &text, &hole.before) &&
               next_number(reader, value, &text, &hole.behind)) {
            holes = arena_grow(reader->arena, holes, count, &capacity, sizeof *holes);
            holes[count++] = hole;
        }
    }
    if (count > 0)
        qsort(holes, count, sizeof *holes, compare_holes);
    tables->sendmail_holes = holes;
    tables->sendmail_hole_count = count;
}

static void read_taken(struct yaml_reader *reader, const struct yaml_value *map,
                       struct facts_tables *tables)
{
    static const char *const keys[] = {"lines", "beside", NULL};
    struct sendmail_taken *rows = NULL;
    size_t count = 0, capacity = 0;
    uint64_t line;

    for (size_t i = 0; map != NULL && i < map->count / 2; i++) {
        const struct yaml_value *entry = &map->items[2 * i + 1];
        if (!yaml_only_keys(reader, entry, keys))
            return;
        for (int k = 0; keys[k] != NULL; k++) {
            struct str text = yaml_text(reader, entry, keys[k]);
            while (next_number(reader, entry, &text, &line)) {
                rows = arena_grow(reader->arena, rows, count, &capacity, sizeof *rows);
                rows[count++] = (struct sendmail_taken){map->items[2 * i].text, line, k == 1};
            }
        }
    }
    tables->sendmail_taken = rows;
    tables->sendmail_taken_count = count;
}

/* release_of - the index of the release that KEY names */
static int release_of(struct yaml_reader *reader, const struct yaml_value *entry, const char *key,
                      struct str_list releases)
{
    struct str name = yaml_text(reader, entry, key);

    for (size_t i = 0; i < releases.count; i++)
        if (str_eq(releases.items[i], name))
            return (int)i;
    yaml_fail(reader, entry, "\"%.*s\" is not one of the releases", STR_ARG(name));
    return 0;
}

static void read_expected(struct yaml_reader *reader, const struct yaml_value *root,
                          struct str_list releases, struct facts_tables *tables)
{
    static const char *const keys[] = {"with", "without", "first", "last", "lines", NULL};
    const struct yaml_value *list = yaml_need(reader, root, "expected", YAML_LIST);
    struct sendmail_expected *rows = NULL, row;
    size_t count = 0, capacity = 0;

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct yaml_value *entry = &list->items[i];
        if (!yaml_only_keys(reader, entry, keys))
            return;
        row.with = yaml_text(reader, entry, "with");
        row.without = yaml_text(reader, entry, "without");
        row.first = release_of(reader, entry, "first", releases);
        row.last = release_of(reader, entry, "last", releases);
        struct str text = yaml_text(reader, entry, "lines");
        while (next_number(reader, entry, &text, &row.ruleset) &&
               next_number(reader, entry, &text, &row.line)) {
            rows = arena_grow(reader->arena, rows, count, &capacity, sizeof *rows);
            rows[count++] = row;
        }
    }
    tables->sendmail_expected = rows;
    tables->sendmail_expected_count = count;
}

void generate_sendmail_lines(struct yaml_reader *reader, const struct yaml_value *root,
                             struct facts_tables *tables)
{
    static const char *const keys[] = {"source", "releases", "lines", "holes",
                                       "taken",  "expected", NULL};

    if (!yaml_only_keys(reader, root, keys) || yaml_text(reader, root, "source").len == 0)
        return;
    struct str_list releases =
        yaml_as_texts(reader, yaml_need(reader, root, "releases", YAML_LIST));
    tables->sendmail_line_releases = (int)releases.count;
    read_lines(reader, yaml_need(reader, root, "lines", YAML_MAP), tables);
    read_holes(reader, yaml_need(reader, root, "holes", YAML_MAP), tables);
    read_taken(reader, yaml_need(reader, root, "taken", YAML_MAP), tables);
    read_expected(reader, root, releases, tables);
}

/* --- printing --------------------------------------------------------------------------------- */

static void print_number(FILE *out, uint64_t number)
{
    fprintf(out, "UINT64_C(0x%016llx), ", (unsigned long long)number);
}

static void print_text(FILE *out, struct str text)
{
    fprintf(out, "STR(\"%.*s\"), ", STR_ARG(text));
}

void generate_print_sendmail_lines(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct sendmail_line sendmail_lines[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_line_count; i++) {
        fputs("    {", out);
        print_number(out, tables->sendmail_lines[i].hash);
        print_text(out, tables->sendmail_lines[i].made_by);
        fputs("},\n", out);
    }
    fputs("};\n\nstatic const struct sendmail_hole sendmail_holes[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_hole_count; i++) {
        fputs("    {", out);
        print_number(out, tables->sendmail_holes[i].before);
        print_number(out, tables->sendmail_holes[i].behind);
        print_text(out, tables->sendmail_holes[i].what);
        fputs("},\n", out);
    }
    fputs("};\n\nstatic const struct sendmail_taken sendmail_taken[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_taken_count; i++) {
        fputs("    {", out);
        print_text(out, tables->sendmail_taken[i].feature);
        print_number(out, tables->sendmail_taken[i].line);
        fprintf(out, "%s},\n", tables->sendmail_taken[i].beside ? "true" : "false");
    }
    fputs("};\n\nstatic const struct sendmail_expected sendmail_expected[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_expected_count; i++) {
        const struct sendmail_expected *row = &tables->sendmail_expected[i];
        fputs("    {", out);
        print_number(out, row->ruleset);
        print_number(out, row->line);
        print_text(out, row->with);
        print_text(out, row->without);
        fprintf(out, "%d, %d},\n", row->first, row->last);
    }
    fputs("};\n\n", out);
}
