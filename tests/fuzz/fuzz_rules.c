/*
 * A configuration through all rules at once: their findings lie in the files, and their edits do
 * not overlap.  main.cf, a line "%%", and master.cf.
 */
#include "rules/engine/engine.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair.h"

static void apply(struct arena *arena, const struct finding_list *list, const struct source *source)
{
    struct str result, error;

    if (!engine_apply(arena, list, source, &result, &error))
        fuzz_demand(arena_cstr(arena, error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    const struct rules_request request = {.keep_defaults = true};
    struct finding_list list = {0};
    struct config config;

    if (arena == NULL)
        arena = arena_create(abort);
    pair_open(&config, arena, fuzz_input(data, size));
    engine_run(&list, &config, &request);
    fuzz_demand(property_findings(&config, &list, size));
    apply(arena, &list, config.main_cf.source);
    apply(arena, &list, config.master_cf.source);
    arena_reset(arena);
    return 0;
}
