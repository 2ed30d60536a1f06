/*
 * yaml_value - what the values of a YAML tree mean: see base/yaml.h
 */
#include "base/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void yaml_fail(struct yaml_reader *reader, const struct yaml_value *value, const char *format, ...)
{
    if (reader->failed)
        return;
    char text[512]; /* what it quotes may be hostile: a longer text is cut, and ends in "..." */
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len >= (int)sizeof text)
        memcpy(text + sizeof text - sizeof "...", "...", sizeof "...");
    for (char *at = text; len >= 0 && *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            *at = '?'; /* one line, harmless on a terminal */
    reader->failed = true;
    reader->problem = arena_copy(reader->arena, str_of(len < 0 ? "invalid value" : text));
    reader->line = value == NULL ? 1 : value->line;
    reader->column = value == NULL ? 1 : value->column;
}

struct str yaml_problem(const struct yaml_reader *reader)
{
    return arena_printf(reader->arena, "line %zu, column %zu: %.*s", reader->line, reader->column,
                        STR_ARG(reader->problem));
}

const struct yaml_value *yaml_get(const struct yaml_value *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i + 1 < map->count; i += 2)
        if (str_is(map->items[i].text, key))
            return &map->items[i + 1];
    return NULL;
}

static bool is_one_of(struct str text, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (str_is(text, names[i]))
            return true;
    return false;
}

static const char *describe_kind(enum yaml_kind kind)
{
    switch (kind) {
    case YAML_TEXT:
        return "a scalar";
    case YAML_LIST:
        return "a list";
    case YAML_MAP:
        return "a mapping";
    }
    return "a value";
}

static bool is_kind(struct yaml_reader *reader, const struct yaml_value *value, enum yaml_kind kind)
{
    if (reader->failed || value == NULL)
        return false;
    if (value->kind != kind)
        yaml_fail(reader, value, "expected %s, found %s", describe_kind(kind),
                  describe_kind(value->kind));
    return value->kind == kind;
}

bool yaml_only_keys(struct yaml_reader *reader, const struct yaml_value *map,
                    const char *const *keys)
{
    if (!is_kind(reader, map, YAML_MAP))
        return false;
    for (size_t i = 0; i + 1 < map->count; i += 2) {
        if (is_one_of(map->items[i].text, keys))
            continue;
        yaml_fail(reader, &map->items[i], "unknown key \"%.*s\"", STR_ARG(map->items[i].text));
        return false;
    }
    return true;
}

const struct yaml_value *yaml_need(struct yaml_reader *reader, const struct yaml_value *map,
                                   const char *key, enum yaml_kind kind)
{
    if (!is_kind(reader, map, YAML_MAP))
        return NULL;
    const struct yaml_value *value = yaml_get(map, key);
    if (value == NULL) {
        yaml_fail(reader, map, "\"%s\" is missing", key);
        return NULL;
    }
    return is_kind(reader, value, kind) ? value : NULL;
}

struct str yaml_as_text(struct yaml_reader *reader, const struct yaml_value *value)
{
    return is_kind(reader, value, YAML_TEXT) ? value->text : STR_NONE;
}

bool yaml_as_bool(struct yaml_reader *reader, const struct yaml_value *value)
{
    static const char *const yes[] = {"yes", "true", NULL};
    static const char *const no[] = {"no", "false", NULL};
    if (!is_kind(reader, value, YAML_TEXT))
        return false;
    if (is_one_of(value->text, yes))
        return true;
    if (!is_one_of(value->text, no))
        yaml_fail(reader, value, "expected yes or no");
    return false;
}

long yaml_as_number(struct yaml_reader *reader, const struct yaml_value *value)
{
    if (!is_kind(reader, value, YAML_TEXT))
        return 0;
    struct str digits = value->text;
    if (str_starts(digits, "-"))
        digits = str_slice(digits, 1, digits.len);
    errno = 0;
    long number = 0;
    if (str_is_digits(digits))
        number = strtol(arena_cstr(reader->arena, value->text), NULL, 10);
    if (!str_is_digits(digits) || errno != 0)
        yaml_fail(reader, value, "expected a number");
    return number;
}

struct str_list yaml_as_texts(struct yaml_reader *reader, const struct yaml_value *value)
{
    if (!is_kind(reader, value, YAML_LIST) || value->count == 0)
        return (struct str_list){0};
    struct str *items = arena_alloc(reader->arena, value->count * sizeof *items);
    for (size_t i = 0; i < value->count; i++)
        items[i] = yaml_as_text(reader, &value->items[i]);
    return (struct str_list){items, value->count};
}

struct str yaml_text(struct yaml_reader *reader, const struct yaml_value *map, const char *key)
{
    return yaml_as_text(reader, yaml_need(reader, map, key, YAML_TEXT));
}

struct str yaml_text_or(struct yaml_reader *reader, const struct yaml_value *map, const char *key,
                        struct str fallback)
{
    if (!is_kind(reader, map, YAML_MAP))
        return fallback;
    const struct yaml_value *value = yaml_get(map, key);
    return value == NULL ? fallback : yaml_as_text(reader, value);
}
