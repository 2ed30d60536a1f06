/*
 * describe - what formats for programs say about a finding: where it starts and ends, and what
 * makes it the same finding tomorrow
 */
#ifndef CMD_REPORT_DESCRIBE_H
#define CMD_REPORT_DESCRIBE_H

#include "cmd/report/report.h"

/* the name of the rule by which formats that know findings alone report an unreadable input */
extern const char report_unreadable[];

/* lines and columns from 1, columns in bytes; END is the place after the last byte */
struct described_place {
    struct str file;
    bool known; /* false: the finding is about the configuration as a whole, FILE is its path */
    struct position start, end;
};

struct described_place describe_place(const struct report_item *item,
                                      const struct finding *finding);

/* where a column is that is counted in characters instead of bytes; LINE_AT is any byte of it */
size_t describe_column(const struct source *source, size_t at);

/*
 * One for each finding of the item: 32 hexadecimal digits from the rule, the file's path, the text
 * of the line (256 bytes on both sides), and how many findings before it are alike in all of these.
 * Lines above that come or go do not change it.
 */
struct str *describe_fingerprints(struct arena *arena, const struct report_item *item);
bool describe_is_fingerprint(struct str text);
/* the same for an input that could not be read, from its path */
struct str describe_unreadable_fingerprint(struct arena *arena, const struct report_item *item);

/* a name for the configuration of PATH within a page */
struct str describe_anchor(struct arena *arena, struct str path);

/* "2 configurations: 1 error, 0 warnings, 3 advice" */
void describe_tally(struct buffer *out, const struct tally *tally);

/* the message, and the advice after it */
struct str describe_text(struct arena *arena, const struct finding *finding);

#endif
