/*
 * m4_items - the resulting items and their diversions: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

enum {
    DIVERSIONS_MAX = 256,
    NO_ITEM = 0, /* links between items are index + 1 */
};

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
        m4_fail(engine, item.span,
                "there are too many directives and pieces of text: they take more than %zu KB",
                engine->budget.bytes >> 10);
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

/* extends_last - does TEXT directly follow the text of the last item? */
static bool extends_last(const struct m4_engine *engine, struct str text, bool written)
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
    if (extends_last(engine, text, written)) {
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
        m4_fail(engine, engine->here, "there are more than %d diversions", DIVERSIONS_MAX);
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

/* find_next_diversion - the lowest one above ABOVE that contains text; false where there is none */
static bool find_next_diversion(const struct m4_result *result, int above, size_t *index)
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

    for (int above = 0; find_next_diversion(result, above, &index);) {
        above = result->diversions[index].number;
        m4_undivert_number(engine, above);
    }
}

void m4_output(const struct m4_result *result, struct buffer *out)
{
    size_t index = 0;

    for (int above = -1; find_next_diversion(result, above, &index);) {
        above = result->diversions[index].number;
        for (size_t at = result->diversions[index].first; at != NO_ITEM;) {
            buffer_add(out, result->items[at - 1].text);
            at = result->items[at - 1].next;
        }
    }
}
