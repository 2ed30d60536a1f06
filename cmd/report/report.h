/*
 * report - findings as text for people or for programs
 *
 * Each format is a file of this folder and a row of the table in report.c; the command line, the
 * help, the tests and the fuzz targets take them from there.  A report of many configurations is
 * one text: begin, each configuration, end.
 */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include <stdio.h>

#include "rules/engine/engine.h"

/* one operand: a configuration and its findings, or why there are none */
struct report_item {
    struct str path;                     /* as given */
    const struct config *config;         /* NULL: it could not be read */
    const struct finding_list *findings; /* likewise */
    struct str problem;                  /* why it could not be read, one line */
};

struct report_totals {
    size_t configurations; /* that could be read */
    size_t unreadable;
    size_t by_severity[3];
};

struct report_format {
    const char *name;
    const char *summary;               /* one line, for --help */
    const char *separator;             /* between the texts of two items; NULL: nothing */
    bool raw;                          /* not for a terminal: printed byte for byte */
    void (*begin)(struct buffer *out); /* may be NULL, as END may */
    /* may add nothing */
    void (*item)(struct buffer *out, const struct report_item *item, bool color);
    void (*end)(struct buffer *out, const struct report_totals *totals);
};

const struct report_format *const *report_formats(size_t *count);
/* NULL: no format has this name */
const struct report_format *report_format_named(struct str name);
/* "text, json" */
struct str report_format_names(struct arena *arena);
void report_print_formats(FILE *to);

#endif
