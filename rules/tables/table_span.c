/* finds where tables are written; see tables.h */
#include "parser/text/token.h"
#include "rules/tables/tables.h"

enum {
    BRANCHES_MAX = 20, /* nested "${...}" */
    LEVELS_MAX = 8,    /* nested references in the search for a place, which is then the value */
    VALUES_MAX = 200,  /* values in one search */
};

/* --- tables in a value as written ------------------------------------------------------------ */

struct text_walk {
    void (*seen)(void *context, const struct table_ref *ref);
    void *context;
};

static void walk_text(const struct text_walk *written, struct str text, int depth);

/* walk_branches - what follows "?" and ":" inside "${...}" */
static void walk_branches(const struct text_walk *written, struct str inside, int depth)
{
    bool after_mark = false;

    for (size_t i = 0; i < inside.len; i++) {
        struct str rest = str_slice(inside, i, inside.len);
        size_t braced = token_balanced(rest);
        if (inside.at[i] == '{' && braced == 0)
            return;
        if (braced > 0 && after_mark)
            walk_text(written, str_slice(rest, 1, braced - 1), depth);
        if (braced > 0) {
            i += braced - 1;
            after_mark = false;
        } else if (after_mark && !is_space(inside.at[i])) {
            walk_text(written, rest, depth);
            return;
        } else if (inside.at[i] == '?' || inside.at[i] == ':') {
            after_mark = true;
        }
    }
}

/* measure_reference - the length of "${...}" or "$(...)" at the start of TEXT; 0: it has no end */
static size_t measure_reference(struct str text)
{
    if (text.at[1] == '(') {
        size_t end = str_find(text, ')', 0);
        return end < text.len ? end + 1 : 0;
    }
    size_t braced = token_balanced(str_slice(text, 1, text.len));
    return braced > 0 ? braced + 1 : 0;
}

static void walk_text(const struct text_walk *written, struct str text, int depth)
{
    table_refs(text, written->seen, written->context);
    if (depth == 0)
        return;
    for (size_t i = str_find(text, '$', 0); i < text.len; i = str_find(text, '$', i + 1)) {
        if (i + 1 == text.len || (text.at[i + 1] != '{' && text.at[i + 1] != '('))
            continue;
        size_t length = measure_reference(str_slice(text, i, text.len));
        if (length == 0)
            return; /* Postfix does not accept the value */
        walk_branches(written, str_slice(text, i + 2, i + length - 1), depth - 1);
        i += length - 1;
    }
}

void tables_written(struct str value, void (*seen)(void *context, const struct table_ref *ref),
                    void *context)
{
    const struct text_walk written = {seen, context};

    if (str_find(value, ':', 0) < value.len)
        walk_text(&written, value, BRANCHES_MAX);
}

/* --- the place of a table -------------------------------------------------------------------- */

/* the tables of one value: their expanded text, and where they are written */
struct table_places {
    enum { PLACES_UNKNOWN, PLACES_IN_VALUE, PLACES_SEARCHED } state;
    struct map spans; /* expanded text to struct span */
};

struct place_search {
    struct check *check;
    const struct used_table *use;
    struct table_places *places;
    const struct line *line; /* that contains the value */
    int level;
    int values;
};

struct table_places *tables_places(struct check *check)
{
    struct table_places *places = arena_alloc(check->arena, sizeof *places);

    map_init(&places->spans, check->arena);
    return places;
}

/* keep_ref - keeps the first place of a table */
static void keep_ref(void *context, const struct table_ref *ref)
{
    struct place_search *search = context;
    struct arena *arena = search->check->arena;
    struct str text =
        config_expand(search->check->config, search->use->service, ref->text, NULL, NULL);
    struct span *span;

    if (map_get(&search->places->spans, text) != NULL)
        return;
    span = arena_alloc_raw(arena, sizeof *span);
    *span = line_span(search->line, ref->text);
    map_put(&search->places->spans, text, span);
}

static void search_value(struct place_search *search, struct str value, const struct line *line);

static void follow_name(void *context, struct str name, struct str reference)
{
    struct place_search *search = context;
    struct setting setting = config_find_named(search->check->config, search->use->service, name);

    (void)reference;
    if (search->level == LEVELS_MAX || search->values == VALUES_MAX || setting.line == NULL ||
        setting.value.at == NULL)
        return;
    search->level++;
    search->values++;
    search_value(search, setting.value, setting.line);
    search->level--;
}

static void search_value(struct place_search *search, struct str value, const struct line *line)
{
    const struct config *config = search->check->config;

    search->line = line;
    tables_written(value, keep_ref, search);
    if (expand_needed(value))
        expand_scan(config->release, config->arena, value, follow_name, search, NULL);
}

struct span tables_span(struct check *check, const struct used_table *use)
{
    struct place_search search = {.check = check, .use = use, .places = use->places};

    if (use->file.at != NULL)
        return line_span(use->line, use->ref->text);
    if (use->places->state == PLACES_UNKNOWN) {
        use->places->state = expand_needed(use->written) ? PLACES_SEARCHED : PLACES_IN_VALUE;
        if (use->places->state == PLACES_SEARCHED)
            search_value(&search, use->written, use->line);
    }
    /* nothing to expand: the table is part of the value itself */
    if (use->places->state == PLACES_IN_VALUE)
        return line_span(use->line, use->ref->text);
    const struct span *span = map_get(&use->places->spans, use->ref->text);
    return span != NULL ? *span : line_span(use->line, use->written);
}

struct str tables_place(struct check *check, struct span span)
{
    return arena_printf(check->arena, "%p:%zu", (const void *)span.source, span.at);
}
