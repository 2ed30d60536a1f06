/*
 * reports - what a run reports: one text to standard output, others to files
 *
 * A file is replaced when all is known.
 */
#ifndef CMD_REPORTS_H
#define CMD_REPORTS_H

#include "cmd/report/report.h"

enum { REPORTS_MAX = 16 }; /* no run has more */

struct report_output {
    const struct report_format *format;
    struct str file;    /* STR_NONE: standard output */
    struct buffer text; /* for the file */
    bool begun;         /* an item was printed */
};

/* zero at first */
struct report_set {
    struct report_output outputs[REPORTS_MAX];
    size_t count;
    bool color;
};

/* adds NAME or NAME=FILE; on false *EXPECTED says what is valid */
bool reports_choose(struct report_set *reports, struct arena *arena, struct str choice,
                    struct str *expected);

/* starts each report; where none goes to standard output, the default format does.  ARENA keeps
   what is for files */
void reports_begin(struct report_set *reports, struct arena *arena);
/* empty texts, one for each output */
void reports_init_texts(struct buffer texts[REPORTS_MAX], struct arena *arena);
/* adds the item to TEXTS, several threads may do this at a time */
void reports_compose(const struct report_set *reports, struct buffer texts[REPORTS_MAX],
                     struct arena *scratch, const struct report_item *item);
/* prints what reports_compose() made of some items, in their order */
void reports_print(struct report_set *reports, const char *command,
                   const struct buffer texts[REPORTS_MAX]);
/* ends each report, and writes the files; false: one cannot be written, and it has printed why */
bool reports_end(struct report_set *reports, const char *command,
                 const struct report_totals *totals);

#endif
