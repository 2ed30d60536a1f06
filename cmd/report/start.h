/*
 * start - why a service would not start, in one line or as JSON
 */
#ifndef CMD_REPORT_START_H
#define CMD_REPORT_START_H

#include <jansson.h>

#include "smtp/start/start.h"

/* `main.cf:5:23: the service "smtp" will not start: ...`; texts in ARENA, safe for a terminal */
struct str start_report_line(struct arena *arena, const struct policy_service *service,
                             const struct start_fault *fault);
/* the same as an object: "service" and "port", unless SERVICE is NULL, "why", "advice", "file",
   "line", "column" */
json_t *start_report_object(struct arena *arena, const struct policy_service *service,
                            const struct start_fault *fault);

#endif
