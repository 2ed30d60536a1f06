/* JUnit's XML: a suite for each configuration, a failed case for each finding but advice */
#include "base/markup.h"
#include "cmd/report/describe.h"

static void begin_junit(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<testsuites name=\"postmend\">\n");
}

static void start_suite(struct buffer *out, struct str path, size_t tests, size_t failures,
                        size_t errors)
{
    buffer_add_cstr(out, "  <testsuite name=\"");
    markup_add_xml(out, path);
    buffer_printf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\">\n", tests, failures,
                  errors);
}

static void start_case(struct buffer *out, struct str path, struct str name)
{
    buffer_add_cstr(out, "    <testcase classname=\"");
    markup_add_xml(out, path);
    buffer_add_cstr(out, "\" name=\"");
    markup_add_xml(out, name);
    buffer_add_char(out, '"');
}

static void add_unreadable(struct buffer *out, const struct report_item *item)
{
    start_suite(out, item->path, 1, 0, 1);
    start_case(out, item->path, str_of(report_unreadable));
    buffer_add_cstr(out, "><error message=\"");
    markup_add_xml(out, item->problem);
    buffer_add_cstr(out, "\"/></testcase>\n  </testsuite>\n");
}

static void add_case(struct buffer *out, const struct report_item *item,
                     const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);
    struct str name = str_of(finding->rule->name);
    bool fails = finding->severity != SEVERITY_ADVICE;

    if (place.known)
        name = arena_printf(out->arena, "%s at %.*s:%zu:%zu", finding->rule->name,
                            STR_ARG(place.file), place.start.line, place.start.column);
    start_case(out, item->path, name);
    if (fails) {
        buffer_printf(out, "><failure type=\"%s\" message=\"", severity_name(finding->severity));
        markup_add_xml(out, finding->message);
        buffer_add_cstr(out, "\">");
        markup_add_xml(out, finding->advice);
        buffer_add_cstr(out, "</failure></testcase>\n");
    } else {
        buffer_add_cstr(out, "><system-out>");
        markup_add_xml(out, describe_text(out->arena, finding));
        buffer_add_cstr(out, "</system-out></testcase>\n");
    }
}

static void add_junit_item(struct buffer *out, const struct report_item *item,
                           const struct report_style *style)
{
    (void)style;
    if (item->config == NULL) {
        add_unreadable(out, item);
        return;
    }
    const struct finding_list *list = item->findings;
    start_suite(out, item->path, list->count > 0 ? list->count : 1,
                list->by_severity[SEVERITY_ERROR] + list->by_severity[SEVERITY_WARNING], 0);
    for (size_t i = 0; i < list->count; i++)
        add_case(out, item, &list->items[i]);
    if (list->count == 0) {
        start_case(out, item->path, str_of("no problems found"));
        buffer_add_cstr(out, "/>\n");
    }
    buffer_add_cstr(out, "  </testsuite>\n");
}

static void end_junit(struct buffer *out, const struct tally *tally,
                      const struct report_style *style)
{
    (void)style;
    (void)tally;
    buffer_add_cstr(out, "</testsuites>\n");
}

const struct report_format report_junit = {
    .name = "junit",
    .summary = "JUnit's XML, a test suite for each configuration",
    .begin = begin_junit,
    .item = add_junit_item,
    .end = end_junit,
};
