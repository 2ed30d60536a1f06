/*
 * Any bytes as a lookup table: the first byte chooses type and release, then come a key, a newline,
 * and the table's text; the text is also taken as rules in the table's name.
 */
#include "parser/tables/table.h"
#include "tests/fuzz/fuzz.h"

static const char *const types[] = {"hash",   "texthash", "cidr",   "pcre",
                                    "regexp", "lmdb",     "inline", "static"};

/* check_entries - all of them lie in the text */
static void check_entries(const struct table *table)
{
    const struct table_entry *entries;
    size_t count = table_entries(table, &entries);

    for (size_t i = 0; i < count; i++) {
        struct span span = entries[i].span;
        if (span.source == NULL)
            continue;
        if (span.at > span.source->bytes.len || span.len > span.source->bytes.len - span.at)
            fuzz_demand("an entry lies outside its table");
    }
}

static void check_lookup(struct lookup lookup)
{
    bool reasoned = lookup.status == LOOKUP_ERROR || lookup.status == LOOKUP_UNKNOWN;

    if ((lookup.reason.len > 0) != reasoned)
        fuzz_demand("a lookup has no reason, or one too many");
    if (lookup.value.at != NULL && lookup.status != LOOKUP_FOUND)
        fuzz_demand("a lookup without a result has one");
}

static void ask(struct arena *arena, const struct table *table, struct str key)
{
    check_entries(table);
    check_lookup(table_find(table, arena, key));
    check_lookup(table_find(table, arena, (struct str)STR("192.0.2.1")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    struct str input = fuzz_input(data, size);
    unsigned choice = size > 0 ? data[0] : 0;
    const char *type = types[choice % 8];
    unsigned use = (choice / 8) % 8;
    struct config config;
    struct str error;
    struct config_input from = {
        .path = STR("/nonexistent"),
        .platform = facts_platform((choice & 128) != 0 ? (struct str)STR("postfix-3.5")
                                                       : (struct str)STR("postfix-3.11")),
        .main_source = fuzz_source(arena, "main.cf", (struct str)STR("smtputf8_enable = yes\n"))};
    size_t newline = str_find(input, '\n', 0);
    struct str key = str_slice(input, 1, newline);
    struct str text = str_slice(input, newline + 1, input.len);

    if (!config_open(&config, arena, &from, &error))
        fuzz_demand(arena_cstr(arena, error));
    struct tables *tables = tables_create(arena, &config);
    struct str name = arena_printf(arena, "%s:/etc/postfix/x", type);
    ask(arena, table_open_source(tables, name, fuzz_source(arena, "x", text), use), key);
    name = arena_printf(arena, "%s:%.*s", type, STR_ARG(text));
    if (text.len > 0 && text.at[0] == '{')
        ask(arena, table_open(tables, name, use), key);
    check_lookup(tables_find(tables, arena, text, key, use));
    arena_destroy(arena);
    return 0;
}
