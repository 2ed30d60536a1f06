/*
 * manual - the rules as a manual page in mdoc(7)
 */
#ifndef CMD_REPORT_MANUAL_H
#define CMD_REPORT_MANUAL_H

#include "base/arena.h"

void manual_print(struct buffer *out);

#endif
