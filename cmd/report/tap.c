/* the Test Anything Protocol, version 13: a test for each configuration */
#include "base/json.h"
#include "base/terminal.h"
#include "cmd/report/describe.h"

static void begin_tap(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "TAP version 13\n");
}

/* add_quoted - as a string of JSON, which YAML understands too */
static void add_quoted(struct buffer *out, struct str text)
{
    json_print_line(out, json_text(out->arena, text));
}

/* add_description - without what TAP takes for a directive */
static void add_description(struct buffer *out, struct str text)
{
    struct buffer shown;

    buffer_init(&shown, out->arena);
    terminal_add(&shown, text);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.at[i] == '#')
            buffer_add_char(out, '\\');
        buffer_add_char(out, shown.at[i]);
    }
}

static void add_finding(struct buffer *out, const struct report_item *item,
                        const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);

    buffer_printf(out, "    - rule: %s\n      severity: %s\n      file: ", finding->rule->name,
                  severity_name(finding->severity));
    add_quoted(out, place.file);
    if (place.known)
        buffer_printf(out, "\n      line: %zu\n      column: %zu", place.start.line,
                      place.start.column);
    buffer_add_cstr(out, "\n      message: ");
    add_quoted(out, finding->message);
    buffer_add_cstr(out, "\n      advice: ");
    add_quoted(out, finding->advice);
    buffer_add_char(out, '\n');
}

static void add_tap_item(struct buffer *out, const struct report_item *item,
                         const struct report_style *style)
{
    (void)style;
    if (item->config == NULL) {
        buffer_add_cstr(out, "not ok - ");
        add_description(out, item->path);
        buffer_add_cstr(out, "\n  ---\n  message: ");
        add_quoted(out, item->problem);
        buffer_add_cstr(out, "\n  ...\n");
        return;
    }
    const struct finding_list *list = item->findings;
    bool good = list->by_severity[SEVERITY_ERROR] + list->by_severity[SEVERITY_WARNING] == 0;
    buffer_printf(out, "%s - ", good ? "ok" : "not ok");
    add_description(out, item->path);
    buffer_add_cstr(out, list->count > 0 ? "\n  ---\n  findings:\n" : "\n");
    for (size_t i = 0; i < list->count; i++)
        add_finding(out, item, &list->items[i]);
    buffer_add_cstr(out, list->count > 0 ? "  ...\n" : "");
}

static void end_tap(struct buffer *out, const struct tally *tally, const struct report_style *style)
{
    (void)style;
    buffer_printf(out, "1..%zu\n", tally->count);
}

const struct report_format report_tap = {
    .name = "tap",
    .summary = "the Test Anything Protocol, a test for each configuration",
    .begin = begin_tap,
    .item = add_tap_item,
    .end = end_tap,
};
