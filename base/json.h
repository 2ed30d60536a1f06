/*
 * json - what every report in JSON needs beyond jansson
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/arena.h"

/* a string; an absent text is "", and each byte of a text that is not UTF-8 and has its high bit
   set becomes U+FFFD */
json_t *json_text(struct arena *arena, struct str text);
json_t *json_count(size_t count);

/* adds VALUE to OUT, a level indented by INDENT spaces, and frees it */
void json_print(struct buffer *out, json_t *value, size_t indent);

#endif
