/* Checkstyle's XML */
#include "base/markup.h"
#include "cmd/report/describe.h"

static const char *const levels[] = {
    [SEVERITY_ADVICE] = "info", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

static void begin_checkstyle(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<checkstyle version=\"4.3\">\n");
}

static void start_file(struct buffer *out, struct str file)
{
    buffer_add_cstr(out, "  <file name=\"");
    markup_add_xml(out, file);
    buffer_add_cstr(out, "\">\n");
}

static void add_error(struct buffer *out, struct position place, const char *level,
                      struct str message, const char *rule)
{
    buffer_printf(out, "    <error line=\"%zu\" column=\"%zu\" severity=\"%s\" message=\"",
                  place.line, place.column, level);
    markup_add_xml(out, message);
    buffer_printf(out, "\" source=\"postmend.%s\"/>\n", rule);
}

static void add_checkstyle_item(struct buffer *out, const struct report_item *item,
                                const struct report_style *style)
{
    static const struct position first = {1, 1};
    struct str file = STR_NONE;

    (void)style;
    if (item->config == NULL) {
        start_file(out, item->path);
        add_error(out, first, levels[SEVERITY_ERROR], item->problem, report_unreadable);
        buffer_add_cstr(out, "  </file>\n");
        return;
    }
    for (size_t i = 0; i < item->findings->count; i++) {
        const struct finding *finding = &item->findings->items[i];
        struct described_place place = describe_place(item, finding);
        if (file.at == NULL || !str_eq(file, place.file)) {
            buffer_add_cstr(out, file.at != NULL ? "  </file>\n" : "");
            start_file(out, place.file);
            file = place.file;
        }
        add_error(out, place.known ? place.start : first, levels[finding->severity],
                  describe_text(out->arena, finding), finding->rule->name);
    }
    buffer_add_cstr(out, file.at != NULL ? "  </file>\n" : "");
}

static void end_checkstyle(struct buffer *out, const struct tally *tally,
                           const struct report_style *style)
{
    (void)style;
    (void)tally;
    buffer_add_cstr(out, "</checkstyle>\n");
}

const struct report_format report_checkstyle = {
    .name = "checkstyle",
    .summary = "Checkstyle's XML",
    .begin = begin_checkstyle,
    .item = add_checkstyle_item,
    .end = end_checkstyle,
};
