/*
 * tables_find - lookups in the tables: see facts/tables.h
 *
 * The generator uses them too, for what it has read so far.
 */
#include "facts/tables.h"

#include <string.h>

const void *named_find(const void *items, size_t count, size_t item_size, struct str name)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *item = (const char *)items + middle * item_size;
        int order = str_cmp(name, *(const struct str *)(const void *)item);
        if (order == 0)
            return item;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* read_eight - eight bytes as a number, independent of the byte order; compiled to one load */
static uint64_t read_eight(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
           (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
           (uint64_t)b[7] << 56;
}

static uint64_t mix(uint64_t hash, uint64_t number)
{
    hash = (hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 32;
}

uint64_t str_hash(struct str s)
{
    uint64_t hash = mix(0, s.len);
    size_t i = 0;
    for (; s.len - i >= 8; i += 8)
        hash = mix(hash, read_eight(s.at + i));
    if (i < s.len) {
        char rest[8] = {0};
        memcpy(rest, s.at + i, s.len - i);
        hash = mix(hash, read_eight(rest));
    }
    return mix(hash, 0);
}

/* is_of_series - is VERSION the series, or a version of it: "3.8", "3.8.5"? */
static bool is_of_series(struct str version, struct str series)
{
    if (version.len < series.len || !str_eq(str_slice(version, 0, series.len), series))
        return false;
    if (version.len == series.len)
        return true;
    return version.at[series.len] == '.' &&
           str_is_digits(str_slice(version, series.len + 1, version.len));
}

const struct release *tables_release(const struct facts_tables *tables, struct str version)
{
    for (size_t i = 0; i < tables->release_count; i++)
        if (is_of_series(version, tables->releases[i].series))
            return &tables->releases[i];
    return NULL;
}

const struct parameter *tables_parameter(const struct facts_tables *tables, struct str name)
{
    return named_find(tables->parameters, tables->parameter_count, sizeof *tables->parameters,
                      name);
}

const struct parameter *tables_parameter_at(const struct facts_tables *tables,
                                            enum parameter_number number)
{
    return &tables->parameters[number - 1];
}

const struct table_type *tables_table_type(const struct facts_tables *tables, struct str name)
{
    return named_find(tables->table_types, tables->table_type_count, sizeof *tables->table_types,
                      name);
}

/* find_patch - the patch level of the series that introduced it; 0: the first one has it */
static int find_patch(const struct parameter *parameter, const struct release *release)
{
    for (size_t i = 0; i < parameter->patch_count; i++)
        if (parameter->patches[i].series == release->index)
            return parameter->patches[i].level;
    return 0;
}

/* is_patched - is the platform's version this patch level of its series, or a later one?  A version
   without patch level, and one of another series, is as the series */
static bool is_patched(const struct platform *platform, int level)
{
    struct str series = platform->release->series, version = platform->postfix;
    int own = 0;

    if (level == 0 || version.len <= series.len || !is_of_series(version, series))
        return true;
    for (size_t i = series.len + 1; i < version.len && own < level; i++)
        own = 10 * own + (version.at[i] - '0');
    return own >= level;
}

bool platform_has(const struct platform *platform, const struct parameter *parameter)
{
    const struct release *release = platform->release;

    if (parameter->first <= release->index && release->index <= parameter->last &&
        (parameter->patch_count == 0 || is_patched(platform, find_patch(parameter, release))))
        return true;
    return str_list_has(&platform->backports, parameter->name);
}

static bool is_mark(char c)
{
    return c == '-' || c == '_' || c == ' ';
}

/* is_same_name - whatever case they are in, and marks between their parts */
static bool is_same_name(struct str a, struct str b)
{
    size_t i = 0, k = 0;

    for (;;) {
        while (i < a.len && is_mark(a.at[i]))
            i++;
        while (k < b.len && is_mark(b.at[k]))
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (char_lower(a.at[i++]) != char_lower(b.at[k++]))
            return false;
    }
}

static bool is_called(const struct platform *platform, struct str name)
{
    if (is_same_name(platform->name, name))
        return true;
    for (size_t i = 0; i < platform->aliases.count; i++)
        if (is_same_name(platform->aliases.items[i], name))
            return true;
    return false;
}

/* find_minor - the platform that the release NAME.N is an update of, or NULL */
static const struct platform *find_minor(const struct facts_tables *tables, struct str name)
{
    size_t dot = str_find(name, '.', 0);

    if (dot >= name.len || !str_is_digits(str_slice(name, dot + 1, name.len)))
        return NULL;
    for (size_t i = 0; i < tables->platform_count; i++)
        if (tables->platforms[i].minor_releases &&
            is_called(&tables->platforms[i], str_slice(name, 0, dot)))
            return &tables->platforms[i];
    return NULL;
}

const struct platform *tables_platform_called(const struct facts_tables *tables, struct str name)
{
    for (size_t i = 0; i < tables->platform_count; i++)
        if (is_called(&tables->platforms[i], name))
            return &tables->platforms[i];
    return NULL;
}

const struct platform *tables_platform(const struct facts_tables *tables, struct str name)
{
    static const struct str upstream = STR("postfix-");
    const struct platform *called = tables_platform_called(tables, name);

    if (called != NULL)
        return called;
    if (tables->upstream == NULL)
        return find_minor(tables, name);
    bool prefixed = str_eq_nocase(str_slice(name, 0, upstream.len), upstream);
    const struct release *release =
        tables_release(tables, str_slice(name, prefixed ? upstream.len : 0, name.len));
    return release != NULL ? &tables->upstream[release->index] : find_minor(tables, name);
}
