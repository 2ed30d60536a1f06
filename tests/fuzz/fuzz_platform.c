/* any bytes as a user's own platform, and a configuration under it */
#include "facts/facts.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* check_parameters - each has a default that can be found, or none */
static void check_parameters(const struct config *config)
{
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        bool has = platform_has(config->platform, parameter);
        if (!has && platform_upstream_default(config->platform, parameter).at != NULL)
            fuzz_demand("a parameter that the platform lacks has a default");
        if (has && platform_newer_version(config->arena, config->platform, parameter).at != NULL)
            fuzz_demand("a parameter that the platform has is said to be newer");
    }
}

static void check_platform(struct arena *arena, const struct platform *platform)
{
    struct config config;
    struct str error;
    const struct config_input input = {
        .path = str_of("/nonexistent"),
        .main_source = fuzz_source(arena, "main.cf", str_of("mynetworks_style = host\n")),
        .master_source = fuzz_source(arena, "master.cf", str_of("smtp inet n - n - - smtpd\n")),
        .platform = platform};

    if (platform->name.len == 0 || platform->release == NULL)
        fuzz_demand("a platform has no name, or no release");
    for (size_t i = 0; i < platform->table_count; i++)
        if (platform_table(platform, platform->tables[i].type) == NULL)
            fuzz_demand("a table type is not found");
    if (!config_open(&config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
    check_parameters(&config);
    for (size_t i = 0; i < platform->default_count; i++)
        config_default(&config, platform->defaults[i].parameter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct str error = STR_NONE;

    if (arena == NULL)
        arena = arena_create(abort);
    conversion_table("own.yaml", fuzz_input(data, size));
    struct str path = arena_printf(arena, "%.*s/own.yaml", STR_ARG(conversion_directory()));
    const struct platform *platform = facts_load_platform(arena, path.at, &error);
    if (platform == NULL)
        fuzz_demand(property_message(arena, error));
    else
        check_platform(arena, platform);
    arena_reset(arena);
    return 0;
}
