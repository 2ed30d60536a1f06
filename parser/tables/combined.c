/* table_combined - tables made of other tables: pipemap, unionmap, proxy: and debug: */
#include "parser/tables/class.h"
#include "parser/text/token.h"

enum {
    RESULT_MAX = 1024 * 1024, /* of a union: a longer result is unknown */
};

struct combined_contents {
    const struct table **tables;
    size_t count, capacity;
};

static void combined_open(struct table *table, struct table_opening *opening)
{
    struct combined_contents *contents = arena_alloc(opening->arena, sizeof *contents);
    struct str rest, word;
    const char *wrong = token_unbrace(opening->name, false, &rest);
    struct str words = rest;
    size_t count = 0;

    for (; wrong == NULL && token_next(&words, TOKEN_COMMAS, &word); count++)
        if (str_find(word, ':', 0) == word.len)
            wrong = "a table is named type:name";
    if (wrong == NULL && count == 0)
        wrong = "need {type:name...}";
    if (wrong != NULL) {
        table_refuse(table, opening, LOOKUP_ERROR, "%s", wrong);
        return;
    }
    table->contents = contents;
    while (token_next(&rest, TOKEN_COMMAS, &word)) {
        contents->tables = arena_grow(opening->arena, contents->tables, contents->count,
                                      &contents->capacity, sizeof *contents->tables);
        contents->tables[contents->count++] = table_open(opening->tables, word, opening->use);
    }
    table->fixed = contents->tables[0]->fixed;
}

/* pipemap_find - looks up in each table the result of the one before it */
static struct lookup pipemap_find(const struct table *table, struct arena *arena, struct str key)
{
    const struct combined_contents *contents = table->contents;
    struct lookup lookup = {.status = LOOKUP_NONE};

    for (size_t i = 0; i < contents->count; i++) {
        lookup = table_find(contents->tables[i], arena, key);
        if (lookup.status != LOOKUP_FOUND)
            break;
        key = lookup.value;
    }
    return lookup;
}

/* unionmap_find - the results of all tables, separated by commas */
static struct lookup unionmap_find(const struct table *table, struct arena *arena, struct str key)
{
    const struct combined_contents *contents = table->contents;
    struct lookup first = {.status = LOOKUP_NONE};
    struct buffer all;

    buffer_init(&all, arena);
    for (size_t i = 0; i < contents->count; i++) {
        struct lookup lookup = table_find(contents->tables[i], arena, key);
        if (lookup.status == LOOKUP_ERROR || lookup.status == LOOKUP_UNKNOWN)
            return lookup;
        if (lookup.status == LOOKUP_NONE)
            continue;
        if (all.len > 0)
            buffer_add_char(&all, ',');
        if (lookup.value.len > RESULT_MAX || all.len > RESULT_MAX)
            return lookup_failed(
                LOOKUP_UNKNOWN,
                arena_printf(arena, "its result is longer than %d MB", RESULT_MAX >> 20));
        buffer_add(&all, lookup.value);
        if (first.status == LOOKUP_NONE)
            first = lookup;
    }
    /* an empty result alone counts as none */
    return all.len > 0 ? lookup_found(buffer_str(&all), first.span)
                       : (struct lookup){.status = LOOKUP_NONE};
}

/* adapter_open - the table after "proxy:" is used in its place */
static void adapter_open(struct table *table, struct table_opening *opening)
{
    const struct table *inner = table_open(opening->tables, opening->name, opening->use);
    struct str text = table->text;

    *table = *inner;
    table->text = text;
}

const struct table_class table_class_pipemap = {combined_open, pipemap_find};
const struct table_class table_class_unionmap = {combined_open, unionmap_find};
const struct table_class table_class_adapter = {adapter_open, NULL};
