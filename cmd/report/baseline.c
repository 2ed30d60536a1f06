/* the findings as a baseline, which --baseline reads: a fingerprint, a rule and a file a line */
#include "base/terminal.h"
#include "cmd/report/describe.h"

static void begin_baseline(struct buffer *out, const struct tally *tally)
{
    (void)tally;
    buffer_add_cstr(out, "# findings that are accepted: postmend lint --baseline reads the first "
                         "word of each line\n");
}

static void add_baseline_item(struct buffer *out, const struct report_item *item,
                              const struct report_style *style)
{
    (void)style;
    if (item->config == NULL)
        return;
    const struct str *fingerprints = describe_fingerprints(out->arena, item);
    for (size_t i = 0; i < item->findings->count; i++) {
        const struct finding *finding = &item->findings->items[i];
        buffer_printf(out, "%.*s %s ", STR_ARG(fingerprints[i]), finding->rule->name);
        terminal_add(out, describe_place(item, finding).file);
        buffer_add_char(out, '\n');
    }
}

const struct report_format report_baseline = {
    .name = "baseline",
    .summary = "what --baseline reads",
    .begin = begin_baseline,
    .item = add_baseline_item,
};
