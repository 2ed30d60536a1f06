/* any bytes as a .mc file: bounded, every span in its source, every written text at its place */
#include <string.h>

#include "parser/sendmail/mc.h"
#include "tests/fuzz/fuzz.h"

static const char *check_span(const struct source *source, struct span span)
{
    if (span.source != source)
        return "an item has no place";
    if (span.at > source->bytes.len || span.len > source->bytes.len - span.at)
        return "a span lies outside of its source";
    return NULL;
}

static void check_item(const struct source *source, const struct m4_item *item)
{
    fuzz_demand(check_span(source, item->span));
    if (!item->written)
        return;
    struct str text = span_str(item->span);
    if (item->kind == M4_TEXT && !str_eq(text, item->text))
        fuzz_demand("a text does not stand where its span says");
    if (item->kind == M4_CALL &&
        !(text.len >= item->text.len && memcmp(text.at, item->text.at, item->text.len) == 0))
        fuzz_demand("a call does not begin with its name");
}

static void check_directive(const struct source *source, const struct sendmail_directive *directive)
{
    fuzz_demand(check_span(source, directive->span));
    if (directive->kind == SENDMAIL_TEXT && directive->written &&
        !str_eq(span_str(directive->span), directive->text))
        fuzz_demand("a line does not stand where its span says");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    const struct source *source = fuzz_source(arena, "a.mc", fuzz_input(data, size));
    struct sendmail_mc mc;
    struct buffer out;

    if (sendmail_mc_parse(&mc, arena, source, NULL) == (mc.error.len > 0))
        fuzz_demand("failure and error do not agree");
    for (size_t i = 0; i < mc.m4.count; i++)
        check_item(source, &mc.m4.items[i]);
    for (size_t i = 0; i < mc.count; i++)
        check_directive(source, &mc.directives[i]);
    if (mc.failed)
        fuzz_demand(check_span(source, mc.error_span));
    buffer_init(&out, arena);
    m4_output(&mc.m4, &out);
    if (arena_held(arena) > 128u * 1024 * 1024)
        fuzz_demand("it takes more memory than is allowed");
    arena_destroy(arena);
    return 0;
}
