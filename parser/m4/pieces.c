/*
 * m4_pieces - text made of pieces: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

void m4_pieces_add(struct m4_engine *engine, struct m4_pieces *pieces, struct str text)
{
    if (text.len == 0)
        return;
    if (!pieces->copied) {
        if (pieces->slice.at == NULL)
            pieces->slice = (struct str){text.at, 0};
        if (pieces->slice.at + pieces->slice.len == text.at) {
            pieces->slice.len += text.len;
            return;
        }
        pieces->copied = true;
        buffer_init(&pieces->buffer, engine->arena);
        if (m4_spend_bytes(engine, pieces->slice.len))
            buffer_add(&pieces->buffer, pieces->slice);
    }
    if (m4_spend_bytes(engine, text.len))
        buffer_add(&pieces->buffer, text);
}

struct str m4_pieces_str(const struct m4_pieces *pieces)
{
    if (pieces->copied)
        return buffer_str(&pieces->buffer);
    return pieces->slice.at != NULL ? pieces->slice : (struct str){"", 0};
}
