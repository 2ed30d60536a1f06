/* any bytes as a macro file, through the rules about them and their edits */
#include "cmd/fix.h"
#include "tests/fuzz/fuzz.h"

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
    fuzz_demand(property_findings(&config, &fix.before, size));
    fuzz_demand(property_findings(&fix.fixed, &fix.after, size / 2));
    arena_reset(arena);
    return 0;
}
