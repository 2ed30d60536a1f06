/* memory that is given back all at once, and what libraries allocated with it */
#include "tests/unit/unit.h"

static void count_up(void *data)
{
    ++*(int *)data;
}

static void what_a_library_allocated_is_released_once_with_the_rest(void **state)
{
    struct arena *arena = arena_create(NULL);
    int reset = 0, destroyed = 0;

    (void)state;
    arena_at_end(arena, count_up, &reset);
    arena_at_end(arena, count_up, &reset);
    assert_int_equal(reset, 0);
    arena_reset(arena);
    assert_int_equal(reset, 2);
    arena_at_end(arena, count_up, &destroyed);
    arena_destroy(arena);
    assert_int_equal(reset, 2);
    assert_int_equal(destroyed, 1);
}

static void memory_of_a_reset_arena_is_used_again(void **state)
{
    struct arena *arena = arena_create(NULL);
    size_t held = 0;

    (void)state;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 1000; i++)
            arena_alloc(arena, 1000);
        if (round == 0)
            held = arena_held(arena);
        assert_true(arena_held(arena) <= held);
        arena_reset(arena);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_library_allocated_is_released_once_with_the_rest),
        cmocka_unit_test(memory_of_a_reset_arena_is_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
