/* any bytes as a macro file, through the rules about them and their edits */
#include "cmd/fix.h"
#include "cmd/report/report.h"
#include "tests/fuzz/fuzz.h"

static void check_findings(const struct config *config, const struct finding_list *list)
{
    const struct report_item item = {config, list};
    const struct report_style style = {.first = true};
    struct buffer out;

    for (size_t i = 0; i < list->count; i++) {
        struct span span = list->items[i].span;
        if (span.source == NULL)
            continue;
        size_t len = span.source->bytes.len;
        if (span.at > len || span.len > len - span.at)
            fuzz_demand("a finding lies outside its file");
    }
    buffer_init(&out, config->arena);
    report_text.item(&out, &item, &style);
    report_json.item(&out, &item, &style);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    const struct rules_request request = {.keep_defaults = true};
    struct sendmail sendmail;
    struct config config;
    struct fix fix;
    struct str error = STR_NONE;

    if (arena == NULL)
        arena = arena_create(abort);
    const struct source *source = fuzz_source(arena, "sendmail.mc", fuzz_input(data, size));
    const struct config_input input = {.path = str_of("sendmail.mc"),
                                       .platform = facts_platform(str_of("rhel10")),
                                       .main_source = fuzz_source(arena, "main.cf", str_of(""))};
    if (!config_open(&config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
    sendmail_read(&sendmail, arena, source, str_of("/nonexistent"), &error);
    if (!fix_run_sendmail(&fix, &config, &sendmail, &request, &error))
        fuzz_demand(arena_cstr(arena, error));
    check_findings(&config, &fix.before);
    check_findings(&fix.fixed, &fix.after);
    arena_reset(arena);
    return 0;
}
