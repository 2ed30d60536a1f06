/*
 * text - parts of the text report that others show too
 */
#ifndef CMD_REPORT_TEXT_H
#define CMD_REPORT_TEXT_H

#include "cmd/report/report.h"

/* the line with a caret under the place, and the lines of the fix before and after it ("       - ",
   "       + ") */
void text_add_excerpt(struct buffer *out, const struct finding *finding);

#endif
