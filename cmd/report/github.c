/* workflow commands of GitHub Actions, which annotate the lines of a pull request */
#include "cmd/report/describe.h"

static const char *const kinds[] = {
    [SEVERITY_ADVICE] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

/* add_escaped - a message, or with PROPERTY a property, which commas and colons end */
static void add_escaped(struct buffer *out, struct str text, bool property)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < ' ' || c == '%' || c == 0x7F || (property && (c == ':' || c == ',')))
            buffer_printf(out, "%%%02X", c);
        else
            buffer_add_char(out, (char)c);
    }
}

static void add_command(struct buffer *out, const struct report_item *item,
                        const struct finding *finding)
{
    struct described_place place = describe_place(item, finding);

    buffer_printf(out, "::%s file=", kinds[finding->severity]);
    add_escaped(out, place.file, true);
    if (place.known)
        buffer_printf(out, ",line=%zu,endLine=%zu", place.start.line, place.end.line);
    if (place.known && place.start.line == place.end.line) /* else columns are not valid */
        buffer_printf(out, ",col=%zu,endColumn=%zu", place.start.column, place.end.column);
    buffer_printf(out, ",title=postmend %s::", finding->rule->name);
    add_escaped(out, describe_text(out->arena, finding), false);
    buffer_add_char(out, '\n');
}

static void add_github_item(struct buffer *out, const struct report_item *item,
                            const struct report_style *style)
{
    (void)style;
    if (item->config == NULL) {
        buffer_add_cstr(out, "::error file=");
        add_escaped(out, item->path, true);
        buffer_printf(out, ",title=postmend %s::", report_unreadable);
        add_escaped(out, item->problem, false);
        buffer_add_char(out, '\n');
        return;
    }
    for (size_t i = 0; i < item->findings->count; i++)
        add_command(out, item, &item->findings->items[i]);
}

const struct report_format report_github = {
    .name = "github",
    .summary = "annotations of GitHub Actions",
    .item = add_github_item,
};
