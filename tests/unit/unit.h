/* what the unit tests share */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/postfix/config.h"

static inline void no_memory(void)
{
    abort();
}

static inline int arena_set_up(void **state)
{
    *state = arena_create(no_memory);
    return 0;
}

static inline int arena_tear_down(void **state)
{
    arena_destroy(*state);
    return 0;
}

static inline const struct source *source_text(struct arena *arena, const char *text)
{
    return source_of(arena, str_of("main.cf"), arena_copy(arena, str_of(text)));
}

#define assert_str(s, expected) assert_string_equal(arena_cstr(arena, (s)), (expected))

/* a configuration of texts, for the platform; either text may be NULL */
static inline void config_of(struct config *config, struct arena *arena, const char *platform,
                             const char *main_text, const char *master_text)
{
    struct str error = STR_NONE;
    struct config_input input = {
        .path = str_of("/nonexistent"),
        .platform = facts_platform(str_of(platform)),
        .main_source = main_text ? source_text(arena, main_text) : NULL,
        .master_source = master_text ? source_text(arena, master_text) : NULL,
    };

    assert_non_null(input.platform);
    assert_true(config_open(config, arena, &input, &error));
}

#define arena_test(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, arena_set_up, arena_tear_down)

#endif
