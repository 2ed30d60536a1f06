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
    struct buffer text; /* what is kept until the end */
    bool begun;         /* an item was printed */
};

/* zero at first */
struct report_set {
    struct report_output outputs[REPORTS_MAX];
    size_t count;
    struct report_style style; /* of the one to standard output */
    bool quiet;                /* nothing goes to standard output */
    const char *command;       /* for messages */
    struct arena *arena;
    struct tally tally; /* of what was printed */
};

/* the reports of some items, which a thread makes for reports_print() */
struct report_piece {
    struct buffer texts[REPORTS_MAX];
    struct arena *arena;
    struct tally tally;
};

/* adds NAME or NAME=FILE; on false *EXPECTED says what is valid */
bool reports_choose(struct report_set *reports, struct arena *arena, struct str choice,
                    struct str *expected);

/* starts each report; where none goes to standard output, the default format does, unless
   QUIET */
void reports_begin(struct report_set *reports, struct arena *arena, const char *command);
/* an empty piece, in ARENA */
void reports_start_piece(struct report_piece *piece, struct arena *arena);
/* adds an item to PIECE */
void reports_compose(const struct report_set *reports, struct report_piece *piece,
                     struct arena *scratch, const struct report_item *item);
/* prints or keeps PIECE; the pieces come in their order */
void reports_print(struct report_set *reports, const struct report_piece *piece);
/* ends each report, and writes the files; false: one cannot be written, and it has printed why */
bool reports_end(struct report_set *reports);

#endif
