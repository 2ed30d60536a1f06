#include "cmd/report/place.h"

#include "base/json.h"

json_t *place_json(struct arena *arena, struct span span)
{
    if (span.source == NULL)
        return json_null();
    struct position place = source_position(span.source, span.at);
    return json_pack("{s:o, s:I, s:I}", "file", json_text(arena, span.source->path), "line",
                     (json_int_t)place.line, "column", (json_int_t)place.column);
}
