/* as a compiler reports: one line a finding, which editors and CI systems find places in */
#include "base/terminal.h"
#include "cmd/report/describe.h"

static const char *const kinds[] = {
    [SEVERITY_ADVICE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

static void add_line(struct buffer *out, const struct report_item *item,
                     const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);

    terminal_add(out, place.file);
    if (place.known)
        buffer_printf(out, ":%zu:%zu", place.start.line, place.start.column);
    buffer_printf(out, ": %s: ", kinds[finding->severity]);
    terminal_add(out, describe_text(out->arena, finding));
    buffer_printf(out, " [%s]\n", finding->rule->name);
}

static void add_gcc_item(struct buffer *out, const struct report_item *item,
                         const struct report_style *style)
{
    (void)style;
    if (item->config == NULL) {
        terminal_add(out, item->path);
        buffer_add_cstr(out, ": error: ");
        terminal_add(out, item->problem);
        buffer_printf(out, " [%s]\n", report_unreadable);
        return;
    }
    for (size_t i = 0; i < item->findings->count; i++)
        add_line(out, item, &item->findings->items[i]);
}

const struct report_format report_gcc = {
    .name = "gcc",
    .summary = "one line a finding, as compilers write them",
    .item = add_gcc_item,
};
