/*
 * report - findings as text for people or for programs
 *
 * Each format is a file of this folder and a row of the table in report.c; the command line, the
 * help and the fuzz targets take them from there.  A report of many configurations is one text:
 * begin, each configuration, end.
 */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include <stdio.h>

#include "rules/engine/engine.h"

/* one configuration and its findings */
struct report_item {
    const struct config *config;
    const struct finding_list *findings;
};

struct report_style {
    bool color;
    bool first; /* no configuration was reported before this one */
};

struct report_format {
    const char *name;
    const char *summary; /* one line, for --help */
    void (*begin)(struct buffer *out);
    void (*item)(struct buffer *out, const struct report_item *item,
                 const struct report_style *style);
    void (*end)(struct buffer *out, size_t configurations, const size_t by_severity[3]);
};

const struct report_format *const *report_formats(size_t *count);
/* NULL: no format has this name; STR_NONE gives the default */
const struct report_format *report_format_named(struct str name);
/* "text, json" */
struct str report_format_names(struct arena *arena);
void report_print_formats(FILE *to);

#endif
