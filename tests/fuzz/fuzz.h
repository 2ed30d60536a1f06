/*
 * fuzz - what the fuzz targets share
 *
 * A target defines LLVMFuzzerTestOneInput().  Built with clang it is a libFuzzer program; with
 * any compiler and driver.c it runs over the files that it is given.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* a source of its own memory, so that the sanitizer sees a step over its end */
static inline const struct source *fuzz_source(struct arena *arena, const char *name,
                                               struct str bytes)
{
    return source_of(arena, str_of(name), arena_copy(arena, bytes));
}

static inline struct str fuzz_input(const uint8_t *data, size_t size)
{
    return size == 0 ? (struct str)STR("") : (struct str){(const char *)data, size};
}

/* stops the program, which is how a fuzzer learns of a mistake */
static inline void fuzz_demand(const char *wrong)
{
    if (wrong == NULL)
        return;
    fprintf(stderr, "fuzz: %s\n", wrong);
    abort();
}

#endif
