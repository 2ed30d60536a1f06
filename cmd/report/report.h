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

#include "cmd/report/tally.h"

struct report_style {
    bool color;
    bool brief; /* many configurations: for people, the end says it all */
};

struct report_format {
    const char *name;
    const char *summary;   /* one line, for --help */
    const char *separator; /* between the texts of two items; NULL: nothing */
    bool raw;              /* not for a terminal: printed byte for byte */
    bool tally_first;      /* BEGIN is called at the end of the run; TALLY is empty otherwise */
    void (*begin)(struct buffer *out, const struct tally *tally); /* may be NULL, as END may */
    /* may add nothing */
    void (*item)(struct buffer *out, const struct report_item *item,
                 const struct report_style *style);
    void (*end)(struct buffer *out, const struct tally *tally, const struct report_style *style);
};

const struct report_format *const *report_formats(size_t *count);
/* NULL: no format has this name */
const struct report_format *report_format_named(struct str name);
/* "text, json" */
struct str report_format_names(struct arena *arena);
void report_print_formats(FILE *to);

#endif
