/*
 * m4_text - len, index, substr and translit: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

#include <string.h>

void m4_do_len(struct m4_engine *engine, struct m4_call *call)
{
    if (call->count >= 2)
        m4_push_number(engine, call, (int)call->arguments[1].len);
}

/* m4_do_index - memmem is linear, so the work is the length of its arguments */
void m4_do_index(struct m4_engine *engine, struct m4_call *call)
{
    struct str text = m4_argument(call, 1), part = m4_argument(call, 2);

    if (call->count < 2)
        return;
    if (call->count == 2) {
        m4_push_number(engine, call, 0);
        return;
    }
    if (!m4_spend_work(engine, text.len + part.len))
        return;
    const char *found = memmem(text.at, text.len, part.at, part.len);
    m4_push_number(engine, call, found == NULL ? -1 : (int)(found - text.at));
}

void m4_do_substr(struct m4_engine *engine, struct m4_call *call)
{
    struct str text = m4_argument(call, 1);
    int start, length = (int)text.len;

    if (call->count < 2)
        return;
    if (call->count == 2) {
        m4_push(engine, text, call->span);
        return;
    }
    if (!m4_number(call->arguments[2], &start))
        return;
    if (call->count >= 4 && !m4_number(call->arguments[3], &length))
        return;
    if (start < 0 || length <= 0 || (size_t)start >= text.len)
        return;
    m4_push(engine, str_slice(text, (size_t)start, (size_t)start + (size_t)length), call->span);
}

/* add_range - adds FROM-TO, both included, to the set of translit; either may be the larger */
static void add_range(struct m4_engine *engine, struct m4_pieces *out, unsigned char from,
                      unsigned char to)
{
    for (int c = from; !engine->stopped; c += from <= to ? 1 : -1) {
        char byte = (char)c;
        m4_pieces_add(engine, out, arena_copy(engine->arena, (struct str){&byte, 1}));
        if (c == to)
            return;
    }
}

/* expand_ranges - "a-d" is "abcd"; a "-" at either end is itself */
static struct str expand_ranges(struct m4_engine *engine, struct str set)
{
    struct m4_pieces out = {.slice = STR_NONE};

    if (str_find(set, '-', 0) == set.len)
        return set;
    for (size_t i = 0; i < set.len && !engine->stopped; i++) {
        if (set.at[i] == '-' && i > 0 && i + 1 < set.len) {
            unsigned char from = (unsigned char)set.at[i - 1], to = (unsigned char)set.at[i + 1];
            i++;
            if (from != to)
                add_range(engine, &out, (unsigned char)(from < to ? from + 1 : from - 1), to);
        } else {
            m4_pieces_add(engine, &out, str_slice(set, i, i + 1));
        }
    }
    return m4_pieces_str(&out);
}

void m4_do_translit(struct m4_engine *engine, struct m4_call *call)
{
    struct str text = m4_argument(call, 1);
    struct str from = expand_ranges(engine, m4_argument(call, 2));
    struct str to = expand_ranges(engine, m4_argument(call, 3));
    int becomes[256];

    if (call->count < 2)
        return;
    for (int c = 0; c < 256; c++)
        becomes[c] = c;
    bool seen[256] = {false};
    for (size_t i = 0; i < from.len; i++) {
        unsigned char c = (unsigned char)from.at[i];
        if (!seen[c])
            becomes[c] = i < to.len ? (unsigned char)to.at[i] : -1;
        seen[c] = true;
    }
    if (!m4_spend_work(engine, from.len + to.len) || !m4_spend_bytes(engine, text.len))
        return;
    char *out = arena_alloc_raw(engine->arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        int c = becomes[(unsigned char)text.at[i]];
        if (c >= 0)
            out[len++] = (char)c;
    }
    m4_push(engine, (struct str){out, len}, call->span);
}
