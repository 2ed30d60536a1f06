/* edit: output = input + edits */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parser/text/edit.h"

struct edit_fixture {
    struct arena *arena;
    const struct source *source;
    struct edit edits[8];
    size_t count;
    struct str result;
    struct edit_conflict conflict;
};

static int setup(void **state)
{
    struct edit_fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->arena = arena_create(abort);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct edit_fixture *fixture = *state;
    arena_destroy(fixture->arena);
    free(fixture);
    return 0;
}

static struct edit_fixture *of(void **state, const char *bytes)
{
    struct edit_fixture *fixture = *state;
    fixture->source = source_of(fixture->arena, str_of("master.cf"), str_of(bytes));
    return fixture;
}

static void edit(struct edit_fixture *fixture, size_t at, size_t len, const char *text)
{
    fixture->edits[fixture->count++] = (struct edit){{fixture->source, at, len}, str_of(text)};
}

static bool apply(struct edit_fixture *fixture)
{
    return edit_apply(fixture->arena, fixture->source, fixture->edits, fixture->count,
                      &fixture->result, &fixture->conflict);
}

static void assert_made(struct edit_fixture *fixture, const char *expected)
{
    assert_true(apply(fixture));
    assert_string_equal(fixture->result.at, expected);
    assert_int_equal(fixture->result.len, str_of(expected).len);
}

static void assert_conflict(struct edit_fixture *fixture, size_t first, size_t second)
{
    assert_false(apply(fixture));
    assert_int_equal(fixture->conflict.first, first);
    assert_int_equal(fixture->conflict.second, second);
}

static void without_edits_the_bytes_are_the_source_s_own(void **state)
{
    struct edit_fixture *fixture = of(state, "smtps inet n - n - - smtpd\n");
    assert_true(apply(fixture));
    assert_ptr_equal(fixture->result.at, fixture->source->bytes.at);
}

static void a_span_is_replaced_and_all_else_is_kept(void **state)
{
    struct edit_fixture *fixture = of(state, "# 465\r\nsmtps  inet n\r\n\t-o a=b");
    edit(fixture, 7, 5, "submissions");
    assert_made(fixture, "# 465\r\nsubmissions  inet n\r\n\t-o a=b");
}

static void a_span_replaced_by_nothing_is_removed(void **state)
{
    struct edit_fixture *fixture = of(state, "a = 1\nb = 2\nc = 3\n");
    edit(fixture, 6, 6, NULL);
    assert_made(fixture, "a = 1\nc = 3\n");
}

static void an_empty_span_inserts(void **state)
{
    struct edit_fixture *fixture = of(state, "a = 1\nb = 2\n");
    edit(fixture, 6, 0, "# new\n");
    assert_made(fixture, "a = 1\n# new\nb = 2\n");
}

static void an_insertion_at_the_end_of_an_empty_file_is_made(void **state)
{
    struct edit_fixture *fixture = of(state, "");
    edit(fixture, 0, 0, "a = 1\n");
    assert_made(fixture, "a = 1\n");
}

static void edits_are_made_by_place_whatever_their_order(void **state)
{
    struct edit_fixture *fixture = of(state, "a b c");
    edit(fixture, 4, 1, "C");
    edit(fixture, 0, 1, "A");
    edit(fixture, 2, 1, "B");
    assert_made(fixture, "A B C");
}

static void insertions_at_one_place_keep_the_order_in_which_they_were_made(void **state)
{
    struct edit_fixture *fixture = of(state, "x");
    edit(fixture, 1, 0, "z");
    edit(fixture, 1, 0, "y");
    edit(fixture, 1, 0, "a");
    assert_made(fixture, "xzya");
}

static void an_equal_insertion_counts_once_even_with_another_between(void **state)
{
    struct edit_fixture *fixture = of(state, "x");
    edit(fixture, 1, 0, "b");
    edit(fixture, 1, 0, "a");
    edit(fixture, 1, 0, "b");
    assert_made(fixture, "xba");
}

static void an_equal_replacement_counts_once(void **state)
{
    struct edit_fixture *fixture = of(state, "smtps inet");
    edit(fixture, 0, 5, "submissions");
    edit(fixture, 0, 5, "submissions");
    assert_made(fixture, "submissions inet");
}

static void replacements_that_touch_are_both_made(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 2, 2, "34");
    edit(fixture, 0, 2, "12");
    assert_made(fixture, "1234");
}

static void an_insertion_at_the_start_of_a_replaced_span_goes_before_it(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 1, 2, "X");
    edit(fixture, 1, 0, "+");
    assert_made(fixture, "a+Xd");
}

static void an_insertion_at_the_end_of_a_replaced_span_goes_behind_it(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 3, 0, "+");
    edit(fixture, 1, 2, "X");
    assert_made(fixture, "aX+d");
}

static void edits_of_another_source_are_left_to_it(void **state)
{
    struct edit_fixture *fixture = of(state, "other");
    edit(fixture, 0, 5, "changed");
    of(state, "ours");
    edit(fixture, 0, 1, "O");
    assert_made(fixture, "Ours");
}

static void the_list_of_edits_keeps_its_order(void **state)
{
    struct edit_fixture *fixture = of(state, "ab");
    edit(fixture, 1, 1, "B");
    edit(fixture, 0, 1, "A");
    assert_true(apply(fixture));
    assert_int_equal(fixture->edits[0].span.at, 1);
}

static void a_nul_in_the_source_does_not_end_it(void **state)
{
    struct edit_fixture *fixture = *state;
    fixture->source = source_of(fixture->arena, str_of("x"), (struct str)STR("a\0b\0c"));
    edit(fixture, 2, 1, "B");
    assert_true(apply(fixture));
    assert_true(str_eq(fixture->result, (struct str)STR("a\0B\0c")));
}

static void replacements_that_overlap_are_a_conflict(void **state)
{
    struct edit_fixture *fixture = of(state, "abcdef");
    edit(fixture, 5, 1, "F");
    edit(fixture, 2, 2, "X");
    edit(fixture, 0, 3, "Y");
    assert_conflict(fixture, 1, 2);
}

static void two_texts_for_one_span_are_a_conflict(void **state)
{
    struct edit_fixture *fixture = of(state, "smtps");
    edit(fixture, 0, 5, "submissions");
    edit(fixture, 0, 5, "465");
    assert_conflict(fixture, 0, 1);
}

static void an_insertion_inside_a_replaced_span_is_a_conflict(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 0, 4, "X");
    edit(fixture, 2, 0, "+");
    assert_conflict(fixture, 0, 1);
}

static void an_overlap_is_found_across_an_insertion(void **state)
{
    struct edit_fixture *fixture = of(state, "abcdef");
    edit(fixture, 0, 4, "X");
    edit(fixture, 0, 0, "+");
    edit(fixture, 3, 2, "Y");
    assert_conflict(fixture, 0, 2);
}

static void an_edit_past_the_end_conflicts_with_itself(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 0, 1, "A");
    edit(fixture, 2, SIZE_MAX, "X");
    assert_conflict(fixture, 1, 1);
}

static void a_conflict_may_go_unnamed(void **state)
{
    struct edit_fixture *fixture = of(state, "abcd");
    edit(fixture, 0, 3, "X");
    edit(fixture, 2, 2, "Y");
    assert_false(edit_apply(fixture->arena, fixture->source, fixture->edits, fixture->count,
                            &fixture->result, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_edits_the_bytes_are_the_source_s_own),
        TEST(a_span_is_replaced_and_all_else_is_kept),
        TEST(a_span_replaced_by_nothing_is_removed),
        TEST(an_empty_span_inserts),
        TEST(an_insertion_at_the_end_of_an_empty_file_is_made),
        TEST(edits_are_made_by_place_whatever_their_order),
        TEST(insertions_at_one_place_keep_the_order_in_which_they_were_made),
        TEST(an_equal_insertion_counts_once_even_with_another_between),
        TEST(an_equal_replacement_counts_once),
        TEST(replacements_that_touch_are_both_made),
        TEST(an_insertion_at_the_start_of_a_replaced_span_goes_before_it),
        TEST(an_insertion_at_the_end_of_a_replaced_span_goes_behind_it),
        TEST(edits_of_another_source_are_left_to_it),
        TEST(the_list_of_edits_keeps_its_order),
        TEST(a_nul_in_the_source_does_not_end_it),
        TEST(replacements_that_overlap_are_a_conflict),
        TEST(two_texts_for_one_span_are_a_conflict),
        TEST(an_insertion_inside_a_replaced_span_is_a_conflict),
        TEST(an_overlap_is_found_across_an_insertion),
        TEST(an_edit_past_the_end_conflicts_with_itself),
        TEST(a_conflict_may_go_unnamed),
    };
    return cmocka_run_group_tests_name("edit", tests, NULL, NULL);
}
