#include "parser/tables/class.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "parser/text/token.h"

/* --- results ------------------------------------------------------------------------- */

struct lookup lookup_found(struct str value, struct span span)
{
    return (struct lookup){.status = LOOKUP_FOUND, .value = value, .span = span};
}

struct lookup lookup_failed(enum lookup_status status, struct str reason)
{
    return (struct lookup){.status = status, .reason = reason};
}

void table_refuse(struct table *table, struct table_opening *opening, enum lookup_status status,
                  const char *reason, ...)
{
    va_list arguments;

    va_start(arguments, reason);
    table->reason = arena_vprintf(opening->arena, reason, arguments);
    va_end(arguments);
    table->status = status;
    table->fixed = status == LOOKUP_UNKNOWN && table->fixed;
}

struct table_entry *table_entry_add(struct table *table, struct table_opening *opening,
                                    struct table_entry entry)
{
    opening->entries = arena_grow(opening->arena, opening->entries, table->entry_count,
                                  &opening->entry_capacity, sizeof entry);
    opening->entries[table->entry_count] = entry;
    table->entries = opening->entries;
    return &opening->entries[table->entry_count++];
}

struct str table_fold(struct arena *arena, struct str s)
{
    size_t i = 0;

    while (i < s.len && !(s.at[i] >= 'A' && s.at[i] <= 'Z'))
        i++;
    if (i == s.len)
        return s;
    char *folded = arena_alloc_raw(arena, s.len);
    for (size_t k = 0; k < s.len; k++)
        folded[k] = s.at[k] >= 'A' && s.at[k] <= 'Z' ? (char)(s.at[k] - 'A' + 'a') : s.at[k];
    return (struct str){folded, s.len};
}

int table_number(struct str digits)
{
    long number = 0;

    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.at[i] - '0';
        number = number > (LONG_MAX - digit) / 10 ? LONG_MAX : number * 10 + digit;
    }
    return (int)(unsigned)(unsigned long)number;
}

/* --- files --------------------------------------------------------------------------- */

/* readable_path - where the file NAME may be read, or STR_NONE with the table refused */
static struct str readable_path(struct table *table, struct table_opening *opening)
{
    const struct config *config = opening->tables->config;
    struct str name = opening->name;
    struct str path;

    if (name.at[0] == '{') {
        table_refuse(table, opening, LOOKUP_ERROR, "rules in its name are a file name there");
        return STR_NONE;
    }
    if (name.at[0] != '/') {
        table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s is no absolute path",
                     (int)(name.len < 200 ? name.len : 200), name.at);
        return STR_NONE;
    }
    if (config_owns_file(config, name, &path))
        return path;
    table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s lies outside the directory",
                 (int)(name.len < 200 ? name.len : 200), name.at);
    return STR_NONE;
}

bool table_read(struct table *table, struct table_opening *opening)
{
    if (opening->source != NULL) {
        table->source = opening->source;
        return true;
    }
    struct str path = readable_path(table, opening);
    int shown = (int)(opening->name.len < 200 ? opening->name.len : 200);

    if (path.at == NULL)
        return false;
    table->source = config_read(opening->tables->config, opening->arena, path);
    if (table->source != NULL)
        return true;
    int failure = errno;
    if (opening->type->kind == TABLE_INDEXED && failure == ENOENT) {
        struct str built = arena_printf(opening->arena, "%.*s%.*s", STR_ARG(path),
                                        STR_ARG(opening->type->extension));
        if (access(built.at, F_OK) == 0) {
            table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s is there as a database only", shown,
                         opening->name.at);
            return false;
        }
    }
    table_refuse(table, opening, LOOKUP_ERROR, "%.*s can't be read: %s", shown, opening->name.at,
                 failure == EINVAL ? "it is no regular file" : strerror(failure));
    return false;
}

bool table_lines_open(struct table_lines *lines, struct table *table, struct table_opening *opening,
                      bool inline_allowed)
{
    *lines = (struct table_lines){.table = table, .opening = opening};
    if (!inline_allowed || opening->name.at[0] != '{') {
        bool got = table_read(table, opening);
        lines->reader.source = table->source;
        return got;
    }
    lines->in_name = true;
    const char *wrong = token_unbrace(opening->name, false, &lines->rest);
    if (wrong != NULL)
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
    return wrong == NULL;
}

/* next_in_name - the next of "{ {rule}, {rule} }"; a rule may be empty or a comment */
static bool next_in_name(struct table_lines *lines, struct str *text)
{
    struct str word;

    if (!token_next(&lines->rest, TOKEN_COMMAS, &word))
        return false;
    const char *wrong = token_unbrace(word, true, text);
    if (wrong != NULL)
        table_refuse(lines->table, lines->opening, LOOKUP_ERROR, "%s", wrong);
    return wrong == NULL;
}

bool table_lines_next(struct table_lines *lines, struct str *text, struct span *span)
{
    struct line line;

    *span = (struct span){0};
    while (lines->in_name) {
        if (!next_in_name(lines, text))
            return false;
        if (text->len > 0 && text->at[0] != '#')
            return true;
    }
    do {
        if (!line_next(&lines->reader, lines->opening->arena, &line))
            return false;
    } while (line.stray);
    *text = line.text;
    *span = line_span(&line, line.text);
    return true;
}

/* --- opening ------------------------------------------------------------------------- */

static const struct {
    const char *type;
    const struct table_class *class;
} classes[] = {
    {"texthash", &table_class_texthash}, {"cidr", &table_class_cidr},
    {"pcre", &table_class_pcre},         {"regexp", &table_class_regexp},
    {"inline", &table_class_inline},     {"static", &table_class_static},
    {"fail", &table_class_fail},         {"internal", &table_class_internal},
    {"randmap", &table_class_randmap},   {"pipemap", &table_class_pipemap},
    {"unionmap", &table_class_unionmap},
};

static const struct table_class *class_of(const struct table_type *type)
{
    if (type->kind == TABLE_INDEXED)
        return &table_class_indexed;
    if (type->kind == TABLE_ADAPTER)
        return &table_class_adapter;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (str_is(type->name, classes[i].type))
            return classes[i].class;
    return NULL;
}

/* has_part_of_key - does a query have "%u", "%d" or another part of the key? */
static bool has_part_of_key(struct str query)
{
    for (size_t i = 0; i + 1 < query.len; i++) {
        if (query.at[i] != '%')
            continue;
        i++;
        if (str_find((struct str)STR("uUdD123456789"), query.at[i], 0) < 13)
            return true;
    }
    return false;
}

/* asks_whole_keys - a client whose file says so by its query or by "domain": db_common.c */
static bool asks_whole_keys(const struct table_opening *opening)
{
    static const char *const queries[] = {"query", "query_filter", "search_base", "key_format"};
    struct table_opening reading = *opening;
    struct table file = {0};
    struct str name, value;
    struct line line;

    if (!table_read(&file, &reading))
        return false;
    struct line_reader reader = {.source = file.source};
    while (line_next(&reader, opening->arena, &line)) {
        if (line.stray || split_name_value(line.text, &name, &value) != NULL)
            continue;
        if (str_is(name, "domain") && value.len > 0)
            return true;
        for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
            if (str_is(name, queries[i]) && has_part_of_key(value))
                return true;
    }
    return false;
}

/* fixed_unread - DICT_FLAG_FIXED of a table that is not read here */
static bool fixed_unread(const struct table_opening *opening)
{
    const struct table_type *type = opening->type;

    if (type->kind == TABLE_CLIENT)
        return !asks_whole_keys(opening);
    return !str_is(type->name, "tcp") && !str_is(type->name, "socketmap");
}

/* refuse_unread - a table whose answers stand in no file */
static void refuse_unread(struct table *table, struct table_opening *opening)
{
    const struct table_type *type = opening->type;
    const char *asks = type->kind == TABLE_CLIENT      ? "a database"
                       : str_is(type->name, "unix")    ? "the machine's users and groups"
                       : type->kind == TABLE_NETWORK   ? "a server"
                       : str_is(type->name, "environ") ? "the environment of the process"
                                                       : "what is in no file";

    table->fixed = fixed_unread(opening);
    table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s asks %s", STR_ARG(type->name), asks);
}

static bool type_is_there(const struct tables *tables, const struct table_type *type)
{
    const struct config *config = tables->config;

    return type->first <= config->release->index && config->release->index <= type->last &&
           platform_table(config->platform, type->name) != NULL;
}

static void open_table(struct table *table, struct table_opening *opening)
{
    struct tables *tables = opening->tables;
    size_t colon = str_find(table->text, ':', 0);
    struct str type = str_slice(table->text, 0, colon);

    if (colon + 1 >= table->text.len || colon == 0) {
        table_refuse(table, opening, LOOKUP_ERROR, "a table is named type:name");
        return;
    }
    opening->name = str_slice(table->text, colon + 1, table->text.len);
    opening->type = facts_table_type(type);
    if (opening->type == NULL || !type_is_there(tables, opening->type)) {
        table_refuse(table, opening, LOOKUP_ERROR, "unsupported dictionary type: %.*s",
                     (int)(type.len < 200 ? type.len : 200), type.at);
    } else if (tables->depth >= TABLE_DEPTH_MAX) {
        table_refuse(table, opening, LOOKUP_UNKNOWN, "more than %d tables stand in each other",
                     TABLE_DEPTH_MAX);
    } else if ((table->class = class_of(opening->type)) == NULL) {
        refuse_unread(table, opening);
    } else {
        tables->depth++;
        table->class->open(table, opening);
        tables->depth--;
    }
}

struct tables *tables_create(struct arena *arena, const struct config *config)
{
    struct tables *tables = arena_alloc(arena, sizeof *tables);

    *tables = (struct tables){.arena = arena, .config = config};
    for (size_t use = 0; use < TABLE_USES; use++)
        map_init(&tables->by_name[use], arena);
    return tables;
}

/* open_anew - TEXT lives as long as the tables */
static struct table *open_anew(struct tables *tables, struct str text, const struct source *source,
                               unsigned use)
{
    struct table *table = arena_alloc(tables->arena, sizeof *table);
    struct table_opening opening = {.tables = tables,
                                    .arena = tables->arena,
                                    .release = tables->config->release,
                                    .use = use,
                                    .source = source};

    *table = (struct table){.text = text, .fixed = true, .status = LOOKUP_FOUND};
    open_table(table, &opening);
    return table;
}

/* until_nul - as Postfix reads a name */
static struct str until_nul(struct str s)
{
    return str_slice(s, 0, str_find(s, '\0', 0));
}

const struct table *table_open(struct tables *tables, struct str type_name, unsigned use)
{
    struct str text = until_nul(type_name);
    struct map *by_name = &tables->by_name[use % TABLE_USES];
    struct table *table = map_get(by_name, text);

    if (table == NULL) {
        text = arena_copy(tables->arena, text);
        table = open_anew(tables, text, NULL, use);
        map_put(by_name, text, table);
    }
    return table;
}

const struct table *table_open_source(struct tables *tables, struct str type_name,
                                      const struct source *source, unsigned use)
{
    return open_anew(tables, arena_copy(tables->arena, until_nul(type_name)), source, use);
}

/* --- asking -------------------------------------------------------------------------- */

struct lookup table_find(const struct table *table, struct arena *arena, struct str key)
{
    if (table->status != LOOKUP_FOUND)
        return lookup_failed(table->status, table->reason);
    return table->class->find(table, arena, until_nul(key));
}

size_t table_entries(const struct table *table, const struct table_entry **entries)
{
    *entries = table->entries;
    return table->entry_count;
}

struct lookup tables_find(struct tables *tables, struct arena *arena, struct str list,
                          struct str key, unsigned use)
{
    struct lookup lookup = {0};
    struct str word;

    while (key.len > 0 && lookup.status == LOOKUP_NONE && token_next(&list, TOKEN_COMMAS, &word)) {
        lookup = table_find(table_open(tables, word, use), arena, key);
        if (lookup.status == LOOKUP_FOUND && lookup.value.len == 0)
            return lookup_failed(LOOKUP_ERROR, (struct str)STR("the result is empty"));
    }
    return lookup;
}
