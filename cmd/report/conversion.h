/*
 * conversion - CONVERSION.md: the result for each directive and each line of a table
 *
 * The counts come first, then the open points with advice, then every line in the order of its
 * source, file by file.  The lines of a sendmail.cf that Sendmail's own m4 files generated are one
 * row, with their number.  The counts add up to the number of items.
 */
#ifndef CMD_REPORT_CONVERSION_H
#define CMD_REPORT_CONVERSION_H

#include "convert/draft/draft.h"
#include "parser/files/write.h"

struct conversion_count {
    size_t total;
    size_t by_fate[FATE_COUNT];
};

struct conversion_count conversion_count(const struct draft *draft);
/* STREAM, unless it is NULL, is written as it fills; OUT is its buffer then */
void conversion_print(struct buffer *out, const struct draft *draft, struct write_stream *stream);
/* "91 lines: 60 mapped, 20 already the default, 5 not applicable, 6 open" */
void conversion_summary(struct buffer *out, const struct conversion_count *count);

#endif
