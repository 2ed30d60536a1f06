/* runs a fuzz target over files, where there is no libFuzzer: one file, one input */
#include "tests/fuzz/fuzz.h"

int main(int count, char **paths)
{
    int failed = 0;

    for (int i = 1; i < count; i++) {
        struct arena *arena = arena_create(abort);
        const struct source *source = source_read(arena, str_of(paths[i]));
        if (source == NULL) {
            perror(paths[i]);
            failed = 1;
        } else {
            fprintf(stderr, "%s\n", paths[i]); /* the last one named is the one that broke it */
            LLVMFuzzerTestOneInput((const uint8_t *)source->bytes.at, source->bytes.len);
        }
        arena_destroy(arena);
    }
    return failed;
}
