/*
 * entry - what all files have in common: see facts/generate/generate.h
 */
#include <stdlib.h>

#include "facts/generate/generate.h"

const struct yaml_value *generate_members(struct yaml_reader *reader, const struct yaml_value *root,
                                          const char *key, const char *extra_key)
{
    const char *const keys[] = {"source", key, extra_key, NULL};
    if (!yaml_only_keys(reader, root, keys))
        return NULL;
    return yaml_need(reader, root, key, YAML_MAP);
}

bool generate_check_entry(struct yaml_reader *reader, const struct yaml_value *root,
                          const struct yaml_value *entry, const char *const *keys)
{
    if (!yaml_only_keys(reader, entry, keys))
        return false;
    struct str source =
        yaml_text_or(reader, entry, "source", yaml_text_or(reader, root, "source", STR_NONE));
    if (source.len == 0)
        yaml_fail(reader, entry, "neither this entry nor its file has a source");
    return !reader->failed;
}

/* series_number - "3.10" as 3010, for comparing; 0 if it is not a series */
static long series_number(struct str series)
{
    size_t dot = str_find(series, '.', 0);
    struct str major = str_slice(series, 0, dot);
    struct str minor = str_slice(series, dot + 1, series.len);
    if (!str_is_digits(major) || !str_is_digits(minor) || major.len > 3 || minor.len > 3)
        return 0;
    long number = 0;
    for (size_t i = 0; i < major.len; i++)
        number = number * 10 + (major.at[i] - '0');
    long after = 0;
    for (size_t i = 0; i < minor.len; i++)
        after = after * 10 + (minor.at[i] - '0');
    return number * 1000 + after;
}

int generate_series(struct yaml_reader *reader, const struct facts_tables *tables,
                    const struct yaml_value *entry, const char *key, int absent, bool outside)
{
    const struct yaml_value *value = yaml_get(entry, key);
    if (value == NULL)
        return absent;
    struct str series = yaml_as_text(reader, value);
    long number = series_number(series);
    int count = (int)tables->release_count;
    for (int i = 0; i < count; i++)
        if (str_eq(tables->releases[i].series, series))
            return i;
    if (outside && number > 0 && number < series_number(tables->releases[0].series))
        return 0;
    if (outside && number > series_number(tables->releases[count - 1].series))
        return count;
    yaml_fail(reader, value, "\"%.*s\" is not a series of Postfix", STR_ARG(series));
    return 0;
}

int generate_choice(struct yaml_reader *reader, const struct yaml_value *entry, const char *key,
                    const char *const *names)
{
    struct str text = yaml_text(reader, entry, key);
    for (int i = 0; names[i] != NULL; i++)
        if (str_is(text, names[i]))
            return i;
    yaml_fail(reader, yaml_get(entry, key), "unknown %s \"%.*s\"", key, STR_ARG(text));
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void generate_sort(void *items, size_t count, size_t item_size)
{
    if (count > 1)
        qsort(items, count, item_size, compare_names);
}
