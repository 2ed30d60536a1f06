/* a comment on a pull request: a table for each configuration */
#include "base/markup.h"
#include "cmd/report/describe.h"

static void begin_markdown(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "## Postfix configuration\n\n");
}

static void add_row(struct buffer *out, const struct report_item *item,
                    const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);
    struct str where = place.file;

    if (place.known)
        where = arena_printf(out->arena, "%.*s:%zu", STR_ARG(place.file), place.start.line);
    buffer_printf(out, "| %s | ", severity_name(finding->severity));
    markup_add_code(out, where);
    buffer_add_cstr(out, " | ");
    markup_add_markdown(out, finding->message);
    buffer_printf(out, " (`%s`) | ", finding->rule->name);
    markup_add_markdown(out, finding->advice);
    buffer_add_cstr(out, " |\n");
}

static void add_markdown_item(struct buffer *out, const struct report_item *item,
                              const struct report_style *style)
{
    (void)style;
    if (item->config != NULL && item->findings->count == 0)
        return;
    buffer_add_cstr(out, "### ");
    markup_add_code(out, item->path);
    if (item->config == NULL) {
        buffer_add_cstr(out, "\n\n**This could not be read**: ");
        markup_add_markdown(out, item->problem);
        buffer_add_cstr(out, "\n\n");
        return;
    }
    buffer_add_cstr(out, " as ");
    markup_add_markdown(out, item->config->platform->name);
    buffer_add_cstr(out, "\n\n| | Where | What is wrong | What to do |\n|---|---|---|---|\n");
    for (size_t i = 0; i < item->findings->count; i++)
        add_row(out, item, &item->findings->items[i]);
    buffer_add_char(out, '\n');
}

static void end_markdown(struct buffer *out, const struct tally *tally,
                         const struct report_style *style)
{
    (void)style;
    describe_tally(out, tally);
    if (tally->unreadable > 0)
        buffer_printf(out, ", %zu that could not be read", tally->unreadable);
    buffer_add_cstr(out, ".\n");
}

const struct report_format report_markdown = {
    .name = "markdown",
    .summary = "for a comment on a pull request",
    .begin = begin_markdown,
    .item = add_markdown_item,
    .end = end_markdown,
};
