/* table_open - opens a lookup table of any kind and asks it: see parser/tables/table.h */
#include "parser/tables/class.h"
#include "parser/text/token.h"

/* has_part_of_key - does a query contain "%u", "%d" or another part of the key? */
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

/* asks_whole_keys - a client whose file contains "domain", or a query with a part of the key:
 * db_common.c */
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

/* is_fixed_unread - DICT_FLAG_FIXED of a table that is not read here */
static bool is_fixed_unread(const struct table_opening *opening)
{
    const struct table_type *type = opening->type;

    if (type->kind == TABLE_CLIENT)
        return !asks_whole_keys(opening);
    return !str_is(type->name, "tcp") && !str_is(type->name, "socketmap");
}

/* refuse_unread - a table whose results are not in a file */
static void refuse_unread(struct table *table, struct table_opening *opening)
{
    const struct table_type *type = opening->type;
    const char *asks = type->kind == TABLE_CLIENT      ? "a database"
                       : str_is(type->name, "unix")    ? "the machine's users and groups"
                       : type->kind == TABLE_NETWORK   ? "a server"
                       : str_is(type->name, "environ") ? "the environment of the process"
                                                       : "data that is not in a file";

    table->fixed = is_fixed_unread(opening);
    table_refuse(table, opening, LOOKUP_UNKNOWN, "%.*s asks %s", STR_ARG(type->name), asks);
}

static bool has_type(const struct tables *tables, const struct table_type *type)
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
    if (opening->type == NULL || !has_type(tables, opening->type)) {
        table_refuse(table, opening, LOOKUP_ERROR, "unsupported dictionary type: %.*s",
                     STR_ARG(table_shown(opening, type)));
    } else if (tables->depth >= TABLE_DEPTH_MAX) {
        table_refuse(table, opening, LOOKUP_UNKNOWN, "tables are nested more than %d levels deep",
                     TABLE_DEPTH_MAX);
    } else if ((table->class = tables->find_class(opening->type)) == NULL) {
        refuse_unread(table, opening);
    } else {
        tables->depth++;
        table->class->open(table, opening);
        tables->depth--;
    }
}

/* create_table - TEXT lives as long as the tables */
static struct table *create_table(struct tables *tables, struct str text,
                                  const struct source *source, unsigned use)
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

/* cut_at_nul - as Postfix reads a name */
static struct str cut_at_nul(struct str s)
{
    return str_slice(s, 0, str_find(s, '\0', 0));
}

const struct table *table_open(struct tables *tables, struct str type_name, unsigned use)
{
    struct str text = cut_at_nul(type_name);
    struct map *by_name = &tables->by_name[use % TABLE_USES];
    struct table *table = map_get(by_name, text);

    if (table == NULL) {
        text = arena_copy(tables->arena, text);
        table = create_table(tables, text, NULL, use);
        map_put(by_name, text, table);
    }
    return table;
}

const struct table *table_open_source(struct tables *tables, struct str type_name,
                                      const struct source *source, unsigned use)
{
    return create_table(tables, arena_copy(tables->arena, cut_at_nul(type_name)), source, use);
}

/* --- looking up -------------------------------------------------------------------------- */

struct lookup table_find(const struct table *table, struct arena *arena, struct str key)
{
    if (table->status != LOOKUP_FOUND)
        return lookup_failed(table->status, table->reason);
    return table->class->find(table, arena, cut_at_nul(key));
}

size_t table_entries(const struct table *table, const struct table_entry **entries)
{
    *entries = table->entries;
    return table->entry_count;
}

size_t table_faults(const struct table *table, const struct table_fault **faults)
{
    *faults = table->faults;
    return table->fault_count;
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
