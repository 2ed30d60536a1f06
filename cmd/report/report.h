/*
 * report - findings as text for people or for programs
 *
 * One file a format.  A report of many configurations is one text: begin, each
 * configuration, end.
 */
#ifndef CMD_REPORT_REPORT_H
#define CMD_REPORT_REPORT_H

#include "rules/engine/engine.h"

/* one configuration and what the rules said */
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
    void (*begin)(struct buffer *out);
    void (*item)(struct buffer *out, const struct report_item *item,
                 const struct report_style *style);
    void (*end)(struct buffer *out, size_t configurations, const size_t by_severity[3]);
};

extern const struct report_format report_text, report_json;

const struct report_format *report_format_named(struct str name); /* NULL: none */
struct str report_format_names(void);                             /* "text or json" */

#endif
