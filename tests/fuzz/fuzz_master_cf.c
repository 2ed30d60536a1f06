/* any bytes as master.cf */
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    const struct source *source = fuzz_source(arena, "master.cf", fuzz_input(data, size));

    fuzz_demand(property_master_cf(arena, source));
    arena_destroy(arena);
    return 0;
}
