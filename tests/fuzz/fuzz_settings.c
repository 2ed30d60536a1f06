/* any bytes as .postmend.yaml */
#include "cmd/options.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* check_platform - by its name; a path would lead out of the test */
static void check_platform(struct arena *arena, struct str name)
{
    struct str error = STR_NONE;

    if (str_find(name, '/', 0) < name.len || str_ends(name, ".yaml"))
        return;
    if (platform_named(arena, name, &error) == NULL)
        fuzz_demand(property_shown(arena, error, 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct options options = {
        .platform = STR_NONE, .host = {STR_NONE, STR_NONE, STR_NONE}, .problem = STR_NONE};
    struct str error = STR_NONE;

    if (arena == NULL)
        arena = arena_create(abort);
    conversion_table(".postmend.yaml", fuzz_input(data, size));
    if (!settings_read(&options, arena, conversion_directory(), &error))
        fuzz_demand(property_message(arena, error));
    else if (options.platform.at != NULL)
        check_platform(arena, options.platform);
    arena_reset(arena);
    return 0;
}
