#include "smtp/service/world.h"
#include "tests/unit/unit.h"

static void the_first_answer_is_taken_and_kept(void **state)
{
    struct world world;

    world_init(&world, *state, NULL);
    assert_int_equal(world_ask(&world, QUESTION_DNS, str_of("a.example"), answers_dns, 3), 0);
    assert_int_equal(world_ask(&world, QUESTION_DNS, str_of("A.EXAMPLE"), answers_dns, 3), 0);
    assert_int_equal(world.count, 1);
}

static void every_combination_comes_once(void **state)
{
    struct world world;
    size_t walks = 0, seen[9] = {0};

    world_init(&world, *state, NULL);
    do {
        size_t first = world_ask(&world, QUESTION_DNS, str_of("a"), answers_dns, 3);
        size_t second = world_ask(&world, QUESTION_DNS, str_of("b"), answers_dns, 3);
        seen[first * 3 + second]++;
        walks++;
    } while (world_next(&world));
    assert_int_equal(walks, 9);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(seen[i], 1);
    assert_int_equal(world.cut.len, 0);
}

static void a_question_behind_another_answer_is_forgotten(void **state)
{
    struct world world;
    size_t walks = 0;

    world_init(&world, *state, NULL);
    do {
        if (world_ask(&world, QUESTION_DNS, str_of("a"), answers_dns, 3) == 0)
            world_ask(&world, QUESTION_VERIFY, str_of("b"), answers_exists, 2);
        walks++;
    } while (world_next(&world));
    assert_int_equal(walks, 4);
}

static void assumptions_leave_no_choice(void **state)
{
    struct assumption_list list = {0};
    struct world world;
    struct str error;

    assert_true(assumption_add(&list, *state, str_of("dns=none"), &error));
    assert_true(assumption_add(&list, *state, str_of("dns:b.example MX=fail"), &error));
    world_init(&world, *state, &list);
    assert_int_equal(world_ask(&world, QUESTION_DNS, str_of("a"), answers_dns, 3), 1);
    assert_int_equal(world_ask(&world, QUESTION_DNS, str_of("b.example MX"), answers_dns, 3), 2);
    assert_false(world_next(&world));
}

static void an_assumption_may_name_a_table_or_a_zone_alone(void **state)
{
    struct assumption_list list = {0};
    struct world world;
    struct str error;

    assert_true(assumption_add(&list, *state, str_of("table:mysql:/etc/x.cf=fail"), &error));
    assert_true(assumption_add(&list, *state, str_of("dnsbl:zone.example=fail"), &error));
    world_init(&world, *state, &list);
    assert_int_equal(
        world_ask(&world, QUESTION_TABLE, str_of("mysql:/etc/x.cf a@b"), answers_table, 3), 2);
    assert_int_equal(
        world_ask(&world, QUESTION_TABLE, str_of("mysql:/etc/x.cfg a@b"), answers_table, 3), 0);
    assert_int_equal(
        world_ask(&world, QUESTION_DNSBL, str_of("192.0.2.1 at zone.example"), answers_table, 3),
        2);
}

static void nonsense_is_no_assumption(void **state)
{
    static const char *const texts[] = {"",      "=",      "dns",     "weather=fine",
                                        "dns:x", "Dns=ok", "dns=fine"};
    struct assumption_list list = {0};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct str error = STR_NONE;
        assert_false(assumption_add(&list, *state, str_of(texts[i]), &error));
        assert_true(error.len > 0);
    }
    assert_int_equal(list.count, 0);
}

static void the_number_of_worlds_has_a_bound(void **state)
{
    struct arena *arena = *state;
    struct world world;
    size_t walks = 0;

    world_init(&world, *state, NULL);
    do {
        for (size_t i = 0; i < 20; i++) {
            char name[8] = {(char)('a' + i)};
            world_ask(&world, QUESTION_DNS, str_of(name), answers_dns, 3);
        }
        walks++;
    } while (world_next(&world));
    assert_int_equal(walks, WORLD_MAX_WAYS);
    assert_str(world.cut, "more than 256 combinations of answers");
}

static void questions_beyond_the_bound_get_the_first_answer(void **state)
{
    struct arena *arena = *state;
    struct world world;

    world_init(&world, *state, NULL);
    for (int i = 0; i < WORLD_MAX_QUESTIONS + 5; i++) {
        struct str name = arena_printf(arena, "%d.example", i);
        assert_int_equal(world_ask(&world, QUESTION_DNS, name, answers_dns, 3), 0);
    }
    assert_int_equal(world.count, WORLD_MAX_QUESTIONS);
    assert_str(world.cut, "more than 512 questions");
}

static void an_assumption_holds_beyond_the_bound(void **state)
{
    struct assumption_list list = {0};
    struct world world;
    struct str error;

    assert_true(assumption_add(&list, *state, str_of("dns=none"), &error));
    world_init(&world, *state, &list);
    for (int i = 0; i < WORLD_MAX_QUESTIONS + 5; i++) {
        struct str name = arena_printf(*state, "%d.example", i);
        assert_int_equal(world_ask(&world, QUESTION_DNS, name, answers_dns, 3), 1);
    }
    assert_int_equal(world.cut.len, 0);
}

static void a_question_beyond_the_bound_is_not_decided_where_it_is_asked(void **state)
{
    struct world world;

    world_init(&world, *state, NULL);
    for (int i = 0; i < WORLD_MAX_QUESTIONS; i++)
        world_ask(&world, QUESTION_DNS, arena_printf(*state, "%d.example", i), answers_dns, 1);
    assert_int_equal(world_cut_at(&world, 9), 9);
    world.step = 5;
    world_ask(&world, QUESTION_DNS, str_of("more.example"), answers_dns, 3);
    world.step = 6;
    world_ask(&world, QUESTION_DNS, str_of("even-more.example"), answers_dns, 3);
    assert_int_equal(world_cut_at(&world, 9), 5);
    world.part = 2;
    world_ask(&world, QUESTION_DNS, str_of("later.example"), answers_dns, 3);
    assert_int_equal(world.parts, 5);
    /* every other question has one answer: the last walk, and still not every outcome */
    assert_false(world_next(&world));
    assert_int_equal(world_cut_at(&world, 9), 5);
    assert_true(world.cut.len > 0);
}

static void a_world_describes_itself(void **state)
{
    struct arena *arena = *state;
    struct world world;

    world_init(&world, arena, NULL);
    world_ask(&world, QUESTION_DNS, str_of("a.example MX"), answers_dns, 3);
    world_ask(&world, QUESTION_TABLE, str_of("mysql:/x k"), answers_table, 3);
    assert_str(world_describe(&world, arena), "dns of a.example MX: ok, table of mysql:/x k: none");
}

static void only_questions_of_the_part_in_focus_are_varied(void **state)
{
    struct world world;
    size_t walks = 0;

    world_init(&world, *state, NULL);
    world.focus = 1;
    do {
        world.part = 0;
        assert_int_equal(world_ask(&world, QUESTION_DNS, str_of("a"), answers_dns, 3), 0);
        world.part = 1;
        world.step = 7;
        world_ask(&world, QUESTION_DNS, str_of("b"), answers_dns, 3);
        assert_int_equal(world_cut_at(&world, 9), walks < 2 ? 7 : 9);
        walks++;
    } while (world_next(&world));
    assert_int_equal(walks, 3);
    assert_int_equal(world.parts, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_first_answer_is_taken_and_kept),
        arena_test(every_combination_comes_once),
        arena_test(a_question_behind_another_answer_is_forgotten),
        arena_test(assumptions_leave_no_choice),
        arena_test(an_assumption_may_name_a_table_or_a_zone_alone),
        arena_test(nonsense_is_no_assumption),
        arena_test(the_number_of_worlds_has_a_bound),
        arena_test(questions_beyond_the_bound_get_the_first_answer),
        arena_test(an_assumption_holds_beyond_the_bound),
        arena_test(a_question_beyond_the_bound_is_not_decided_where_it_is_asked),
        arena_test(a_world_describes_itself),
        arena_test(only_questions_of_the_part_in_focus_are_varied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
