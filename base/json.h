/*
 * json - what every report in JSON needs beyond jansson
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/arena.h"

/* TEXT itself if it is UTF-8; else each byte that has its high bit set becomes U+FFFD */
struct str json_utf8(struct arena *arena, struct str text);
/* a string, as json_utf8() gives it; an absent text is "" */
json_t *json_text(struct arena *arena, struct str text);
json_t *json_count(size_t count);

/* adds VALUE, of any type, to OUT in one line without a line end, and frees it */
void json_print_line(struct buffer *out, json_t *value);
/* adds VALUE to OUT, a level indented by INDENT spaces, and frees it */
void json_print(struct buffer *out, json_t *value, size_t indent);

#endif
