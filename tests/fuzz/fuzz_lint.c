/*
 * A configuration through all rules: lint, and an upgrade.
 *
 * The first byte chooses the platform that it leaves and what becomes of defaults; then comes
 * main.cf, a line "%%", and master.cf.
 */
#include "tests/fuzz/fuzz.h"

#include "cmd/fix.h"

static const char separator[] = "\n%%\n";

/* run - the rules, and their edits until nothing is left to edit */
static void run(struct arena *arena, const struct config_input *input,
                const struct rules_request *request)
{
    struct config config;
    struct str error;
    struct fix fix;

    if (!config_open(&config, arena, input, &error))
        fuzz_demand(arena_cstr(arena, error));
    if (!fix_run(&fix, &config, request, &error))
        fuzz_demand(arena_cstr(arena, error));
    fuzz_demand(property_findings(&config, &fix.before));
    fuzz_demand(property_findings(&fix.fixed, &fix.after));
    for (size_t i = 0; i < fix.file_count; i++) {
        const struct source *source = fuzz_source(arena, "fixed", fix.files[i].bytes);
        bool is_main = fix.files[i].source == config.main_cf.source;
        fuzz_demand(is_main ? property_main_cf(arena, source) : property_master_cf(arena, source));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    size_t count;
    const struct platform *platforms = facts_platforms(&count);

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    struct str text = fuzz_input(data + 1, size - 1);
    size_t end = str_search(text, separator);
    struct str main_text = str_slice(text, 0, end);
    struct str master_text = str_slice(text, end + sizeof separator - 1, text.len);
    const struct config_input input = {
        .path = str_of("/nonexistent"),
        .main_source = fuzz_source(arena, "main.cf", main_text),
        .master_source = fuzz_source(arena, "master.cf", master_text),
        .platform = facts_platform(str_of("rhel10")),
        .host = {str_of("mail.example.com"), str_of("192.0.2.1/24,::1"), STR_NONE}};
    const struct rules_request lint = {.keep_defaults = true};
    const struct rules_request upgrade = {.from = &platforms[(data[0] >> 1) % count],
                                          .keep_defaults = (data[0] & 1) != 0};
    run(arena, &input, &lint);
    run(arena, &input, &upgrade);
    arena_reset(arena);
    return 0;
}
