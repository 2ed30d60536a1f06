/*
 * generate_lines - facts/sendmail_lines.yaml: see facts/generate.h
 */
#include <stdlib.h>

#include "facts/generate.h"

enum { HEX_DIGITS = 16 };

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* read_hash - the number at the start of TEXT; false where there is none */
static bool read_hash(struct str text, uint64_t *hash)
{
    *hash = 0;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        int digit = i < text.len ? hex_digit(text.at[i]) : -1;
        if (digit < 0)
            return false;
        *hash = *hash << 4 | (uint64_t)digit;
    }
    return text.len == HEX_DIGITS || text.at[HEX_DIGITS] == ' ';
}

static int compare_lines(const void *a, const void *b)
{
    const struct sendmail_line *x = a, *y = b;

    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

void generate_sendmail_lines(struct yaml_reader *reader, const struct yaml_value *root,
                             struct facts_tables *tables)
{
    const struct yaml_value *map = generate_members(reader, root, "lines", NULL);
    struct sendmail_line *lines = NULL;
    size_t count = 0, capacity = 0;

    for (size_t i = 0; map != NULL && i < map->count / 2; i++) {
        struct str made_by = map->items[2 * i].text, text = map->items[2 * i + 1].text;
        while (text.len > 0) {
            uint64_t hash;
            if (!read_hash(text, &hash)) {
                yaml_fail(reader, &map->items[2 * i + 1], "a line's number has 16 digits");
                return;
            }
            lines = arena_grow(reader->arena, lines, count, &capacity, sizeof *lines);
            lines[count++] = (struct sendmail_line){hash, made_by};
            text = str_slice(text, HEX_DIGITS + 1, text.len);
        }
    }
    if (count > 0)
        qsort(lines, count, sizeof *lines, compare_lines);
    tables->sendmail_lines = lines;
    tables->sendmail_line_count = count;
}

void generate_print_sendmail_lines(FILE *out, const struct facts_tables *tables)
{
    fputs("static const struct sendmail_line sendmail_lines[] = {\n", out);
    for (size_t i = 0; i < tables->sendmail_line_count; i++)
        fprintf(out, "    {UINT64_C(0x%016llx), STR(\"%.*s\")},\n",
                (unsigned long long)tables->sendmail_lines[i].hash,
                STR_ARG(tables->sendmail_lines[i].made_by));
    fputs("};\n\n", out);
}
