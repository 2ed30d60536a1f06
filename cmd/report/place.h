/*
 * place - a place in a file, for programs
 */
#ifndef CMD_REPORT_PLACE_H
#define CMD_REPORT_PLACE_H

#include <jansson.h>

#include "parser/text/source.h"

/* an object with "file", "line" and "column"; null for a span without a source */
json_t *place_json(struct arena *arena, struct span span);

#endif
