/*
 * m4 - the run, its budget and its items: see parser/m4/m4.h
 */
#include "parser/m4/engine.h"

#include <string.h>

enum {
    DIVERSIONS_MAX = 256,
    NO_ITEM = 0, /* links between items are index + 1 */
};

const struct m4_budget m4_budget_default = {
    .depth = 256,
    .expansions = 50000,
    .bytes = 8u * 1024 * 1024,
    .work = 64u * 1024 * 1024,
};

void m4_fail(struct m4_engine *engine, struct span span, const char *message)
{
    struct m4_result *result = engine->result;

    if (engine->stopped)
        return;
    engine->stopped = true;
    result->failed = true;
    result->error = str_of(message);
    result->error_span = span;
}

bool m4_spend_bytes(struct m4_engine *engine, size_t bytes)
{
    if (bytes > engine->left.bytes) {
        m4_fail(engine, engine->here, "the macros expand to more text than is allowed");
        return false;
    }
    engine->left.bytes -= bytes;
    return true;
}

bool m4_spend_work(struct m4_engine *engine, size_t bytes)
{
    if (bytes > engine->left.work) {
        m4_fail(engine, engine->here, "the macros take more time than is allowed");
        return false;
    }
    engine->left.work -= bytes;
    return true;
}

/* link_text - makes the newest item the last text of the current diversion */
static void link_text(struct m4_result *result, struct m4_diversion *diversion)
{
    if (diversion->last == NO_ITEM)
        diversion->first = result->count;
    else
        result->items[diversion->last - 1].next = result->count;
    diversion->last = result->count;
}

struct m4_item *m4_add_item(struct m4_engine *engine, struct m4_item item)
{
    struct m4_result *result = engine->result;

    if (engine->left.bytes < 2 * sizeof item) {
        m4_fail(engine, item.span, "there are more directives and pieces of text than are allowed");
        return NULL;
    }
    engine->left.bytes -= 2 * sizeof item;
    result->items =
        arena_grow(engine->arena, result->items, result->count, &result->capacity, sizeof item);
    item.divert = engine->divert;
    item.depth = engine->level + 1;
    result->items[result->count] = item;
    return &result->items[result->count++];
}

/* grows_last - is TEXT just behind the text of the last item? */
static bool grows_last(const struct m4_engine *engine, struct str text, bool written)
{
    const struct m4_result *result = engine->result;

    if (result->count == 0)
        return false;
    const struct m4_item *last = &result->items[result->count - 1];
    return last->kind == M4_TEXT && last->written && written && last->divert == engine->divert &&
           last->text.at + last->text.len == text.at;
}

void m4_add_text(struct m4_engine *engine, struct str text, struct span span, bool written)
{
    struct m4_result *result = engine->result;

    if (text.len == 0)
        return;
    if (grows_last(engine, text, written)) {
        struct m4_item *last = &result->items[result->count - 1];
        last->text.len += text.len;
        last->span.len += text.len;
        return;
    }
    if (written)
        span.len = text.len;
    struct m4_item item = {.kind = M4_TEXT, .text = text, .span = span, .written = written};
    if (m4_add_item(engine, item) != NULL)
        link_text(result, &result->diversions[engine->diversion]);
}

static size_t find_diversion(const struct m4_result *result, int number)
{
    size_t i = 0;

    while (i < result->diversion_count && result->diversions[i].number != number)
        i++;
    return i;
}

void m4_set_divert(struct m4_engine *engine, int number)
{
    struct m4_result *result = engine->result;
    size_t i = find_diversion(result, number);

    if (i == DIVERSIONS_MAX) {
        m4_fail(engine, engine->here, "there are more diversions than are allowed");
        return;
    }
    if (i == result->diversion_count) {
        result->diversions = arena_grow(engine->arena, result->diversions, i,
                                        &result->diversion_capacity, sizeof *result->diversions);
        result->diversions[result->diversion_count++] = (struct m4_diversion){.number = number};
    }
    engine->divert = number;
    engine->diversion = i;
}

void m4_undivert_number(struct m4_engine *engine, int number)
{
    struct m4_result *result = engine->result;
    size_t i = find_diversion(result, number);

    if (number <= 0 || number == engine->divert || i == result->diversion_count)
        return;
    struct m4_diversion *from = &result->diversions[i];
    struct m4_diversion *to = &result->diversions[engine->diversion];
    if (from->first == NO_ITEM)
        return;
    if (to->last == NO_ITEM)
        to->first = from->first;
    else
        result->items[to->last - 1].next = from->first;
    to->last = from->last;
    from->first = from->last = NO_ITEM;
}

/* next_diversion - the least number above ABOVE that holds text; false where there is none */
static bool next_diversion(const struct m4_result *result, int above, size_t *index)
{
    bool found = false;

    for (size_t i = 0; i < result->diversion_count; i++) {
        const struct m4_diversion *one = &result->diversions[i];
        if (one->number <= above || one->first == NO_ITEM)
            continue;
        if (!found || one->number < result->diversions[*index].number)
            *index = i;
        found = true;
    }
    return found;
}

void m4_undivert_all(struct m4_engine *engine)
{
    struct m4_result *result = engine->result;
    size_t index = 0;

    for (int above = 0; next_diversion(result, above, &index);) {
        above = result->diversions[index].number;
        m4_undivert_number(engine, above);
    }
}

void m4_output(const struct m4_result *result, struct buffer *out)
{
    size_t index = 0;

    for (int above = -1; next_diversion(result, above, &index);) {
        above = result->diversions[index].number;
        for (size_t at = result->diversions[index].first; at != NO_ITEM;) {
            buffer_add(out, result->items[at - 1].text);
            at = result->items[at - 1].next;
        }
    }
}

void m4_know_macros(struct m4_engine *engine)
{
    engine->comment_start = engine->comment_end = (struct str)STR("");
    m4_set_classes(engine);
    for (size_t i = 0; i < engine->input->macro_count; i++) {
        const struct m4_macro *macro = &engine->input->macros[i];
        struct m4_symbol *symbol = m4_symbol_get(engine, macro->name, true);
        struct m4_definition *definition = arena_alloc(engine->arena, sizeof *definition);
        definition->text = macro->text;
        symbol->reported = macro->reported;
        if (symbol->top != NULL && symbol->top->builtin == NULL && !macro->reported)
            continue; /* what the file said before it holds */
        symbol->top = macro->text.at != NULL ? definition : NULL;
    }
}

bool m4_run(struct m4_result *result, struct arena *arena, const struct m4_input *input)
{
    struct m4_engine engine = {.arena = arena, .input = input, .result = result};

    *result = (struct m4_result){.left_quote = STR("`"), .right_quote = STR("'")};
    engine.left = input->budget != NULL ? *input->budget : m4_budget_default;
    engine.left_quote = result->left_quote;
    engine.right_quote = result->right_quote;
    engine.comment_start = (struct str)STR("#");
    engine.comment_end = (struct str)STR("\n");
    m4_set_classes(&engine);
    map_init(&engine.symbols, arena);
    m4_know_builtins(&engine);
    if (input->prelude == NULL)
        m4_know_macros(&engine);
    m4_set_divert(&engine, 0);
    m4_push_file(&engine, input->source);
    m4_expand_all(&engine);
    result->left_quote = engine.left_quote;
    result->right_quote = engine.right_quote;
    return !result->failed;
}

struct str m4_error(const struct m4_result *result, struct arena *arena)
{
    struct span span = result->error_span;

    if (span.source == NULL)
        return result->error;
    struct position position = source_position(span.source, span.at);
    return arena_printf(arena, "%.*s:%zu: %.*s", STR_ARG(span.source->path), position.line,
                        STR_ARG(result->error));
}
