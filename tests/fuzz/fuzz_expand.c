/* values that refer to each other, written as main.cf; the first byte chooses the release */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    const struct release *releases = facts_releases(&count);

    if (size == 0)
        return 0;
    struct arena *arena = arena_create(abort);
    struct str text = fuzz_input(data + 1, size - 1);
    const struct source *source = fuzz_source(arena, "main.cf", text);
    fuzz_demand(property_expand(arena, source, &releases[data[0] % count]));
    arena_destroy(arena);
    return 0;
}
