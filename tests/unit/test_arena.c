/* memory that is given back all at once, and what libraries allocated with it */
#include "base/map.h"
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

static void an_array_that_nobody_else_points_into_is_held_once(void **state)
{
    struct arena *arena = arena_create(NULL);
    size_t *numbers = NULL, capacity = 0, count = 0;

    (void)state;
    size_t before = arena_held(arena);
    for (; count < 1u << 20; count++) {
        numbers = arena_grow_own(arena, numbers, count, &capacity, sizeof *numbers);
        numbers[count] = count;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], i);
    assert_true(arena_held(arena) - before < capacity * sizeof *numbers + 256 * 1024);
    arena_give_back(arena, numbers, capacity * sizeof *numbers);
    assert_true(arena_held(arena) - before < 256 * 1024);
    arena_destroy(arena);
}

static void a_map_holds_each_of_its_slots_once_and_gives_them_back(void **state)
{
    struct arena *arena = arena_create(NULL), *names = arena_create_like(arena);
    struct map map;

    (void)state;
    map_init(&map, arena);
    size_t before = arena_held(arena);
    for (int i = 0; i < 100000; i++)
        map_put(&map, arena_printf(names, "name %d", i), names);
    assert_true(arena_held(arena) - before < map.capacity * sizeof *map.slots + 256 * 1024);
    assert_ptr_equal(map_get(&map, str_of("name 99999")), names);
    assert_null(map_get(&map, str_of("name 100000")));
    map_give_back(&map);
    assert_null(map_get(&map, str_of("name 99999")));
    assert_true(arena_held(arena) - before < 256 * 1024);
    arena_destroy(names);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_library_allocated_is_released_once_with_the_rest),
        cmocka_unit_test(memory_of_a_reset_arena_is_used_again),
        cmocka_unit_test(an_array_that_nobody_else_points_into_is_held_once),
        cmocka_unit_test(a_map_holds_each_of_its_slots_once_and_gives_them_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
