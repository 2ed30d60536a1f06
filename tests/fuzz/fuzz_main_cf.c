/* any bytes as main.cf */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    const struct source *source = fuzz_source(arena, "main.cf", fuzz_input(data, size));

    fuzz_demand(property_main_cf(arena, source));
    arena_destroy(arena);
    return 0;
}
