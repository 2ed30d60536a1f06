/*
 * A configuration through one rule: lint or an upgrade, with the edits, until nothing is left to
 * edit.
 *
 * The first byte chooses lint, or the platform that an upgrade leaves and what becomes of defaults;
 * the next two the rule; then comes main.cf, a line "%%", and master.cf.  What all rules say of
 * one configuration is fuzz_rules.c's.
 */
#include "cmd/fix.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pair.h"

/* choose_rule - the next one after CHOICE on a circle, where each has a place by its name, so that
   a new rule moves few inputs to another one */
static const struct rule *choose_rule(uint16_t choice)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count), *chosen = rules[0];
    uint16_t nearest = UINT16_MAX;

    for (size_t i = 0; i < count; i++) {
        uint16_t place = 0;
        for (const char *at = rules[i]->name; *at != '\0'; at++)
            place = (uint16_t)(place * 31 + *at);
        if (!rules[i]->sendmail && (uint16_t)(place - choice) <= nearest) {
            nearest = (uint16_t)(place - choice);
            chosen = rules[i];
        }
    }
    return chosen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    size_t platform_count;
    const struct platform *platforms = facts_platforms(&platform_count);
    struct config config;
    struct str error;
    struct fix fix;

    if (size < 3)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    const struct rules_request request = {
        .from = data[0] < 128 ? NULL : &platforms[(data[0] >> 1) % platform_count],
        .keep_defaults = (data[0] & 1) != 0,
        .only = choose_rule((uint16_t)(data[1] << 8 | data[2]))};
    pair_open(&config, arena, fuzz_input(data + 3, size - 3));
    if (!fix_run(&fix, &config, &request, &error))
        fuzz_demand(arena_cstr(arena, error));
    fuzz_demand(property_findings(&config, &fix.before, data[0]));
    fuzz_demand(property_findings(&fix.fixed, &fix.after, data[1]));
    for (size_t i = 0; i < fix.file_count; i++) {
        const struct source *source = fuzz_source(arena, "fixed", fix.files[i].bytes);
        bool is_main = fix.files[i].source == config.main_cf.source;
        fuzz_demand(is_main ? property_main_cf(arena, source) : property_master_cf(arena, source));
    }
    arena_reset(arena);
    return 0;
}
