/* main.cf as Postfix reads it: logical lines, names, values, and where they stand */
#include "tests/unit/unit.h"

static void parse(struct arena *arena, struct main_cf *main_cf, const char *text)
{
    main_cf_parse(main_cf, arena, source_text(arena, text));
}

static void test_a_value_continues_over_indented_lines_and_comments(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "a = b\n# between\n\n  c\n\t# indented comment\n\td\ne=f\n");
    assert_int_equal(main_cf.count, 2);
    assert_str(main_cf.entries[0]->value, "b  c\td");
    assert_str(main_cf.entries[1]->name, "e");
}

static void test_each_part_of_a_continued_value_is_traced_to_its_place(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "a = one\n# no\n  two\n");
    const struct main_cf_entry *entry = main_cf.entries[0];
    struct str two = str_slice(entry->value, entry->value.len - 3, entry->value.len);
    struct span span = line_span(&entry->line, two);
    assert_str(span_str(span), "two");
    assert_int_equal(source_position(main_cf.source, span.at).line, 3);
    span = line_span(&entry->line, entry->value);
    assert_str(span_str(span), "one\n# no\n  two");
}

static void test_the_last_entry_of_a_name_holds(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "a = 1\nb = 2\na = 3\n");
    assert_true(main_cf.entries[0]->overridden);
    assert_ptr_equal(main_cf_get(&main_cf, str_of("a")), main_cf.entries[2]);
    assert_ptr_equal(main_cf.entries[2]->earlier, main_cf.entries[0]);
}

static void test_white_space_around_a_value_goes_and_the_rest_stays(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "a\t= x  y # z \r\nb=\nc = d");
    assert_str(main_cf.entries[0]->value, "x  y # z");
    assert_str(main_cf.entries[1]->value, "");
    assert_str(main_cf.entries[2]->value, "d");
}

static void test_text_behind_a_nul_is_ignored_and_reported(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;
    static const char text[] = "a = b\0c\nd = e\n";

    main_cf_parse(&main_cf, arena,
                  source_of(arena, str_of("main.cf"),
                            arena_copy(arena, (struct str){text, sizeof text - 1})));
    assert_str(main_cf.entries[0]->value, "b");
    assert_str(main_cf.entries[1]->value, "e");
    assert_int_equal(main_cf.problems.count, 1);
    assert_int_equal(main_cf.problems.items[0].span.at, 5);
    assert_false(main_cf.problems.items[0].fatal);
}

static void test_a_line_without_equals_sign_is_fatal(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "smtpd_banner $myhostname\n= x\na = b\n");
    assert_int_equal(main_cf.count, 1);
    assert_int_equal(main_cf.problems.count, 2);
    assert_true(main_cf.problems.items[0].fatal);
    assert_str(main_cf.problems.items[0].message, "missing '=' after attribute name");
    assert_str(main_cf.problems.items[1].message, "missing attribute name");
}

static void test_a_first_line_that_is_indented_is_ignored(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;

    parse(arena, &main_cf, "  a = b\n  c\nd = e\n");
    assert_int_equal(main_cf.count, 1);
    assert_str(main_cf.entries[0]->name, "d");
    assert_false(main_cf.problems.items[0].fatal);
}

static void test_a_value_of_megabytes_is_read(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;
    size_t size = 4u << 20;
    char *text = malloc(size + 1);

    memset(text, 'x', size);
    memcpy(text, "a = ", 4);
    text[size] = '\0';
    parse(arena, &main_cf, text);
    assert_int_equal(main_cf.entries[0]->value.len, size - 4);
    free(text);
}

static void test_many_names_are_all_found(void **state)
{
    struct arena *arena = *state;
    struct main_cf main_cf;
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < 1000; i++)
        buffer_printf(&text, "name_%d = %d\n", i, i);
    parse(arena, &main_cf, arena_cstr(arena, buffer_str(&text)));
    for (int i = 0; i < 1000; i++) {
        struct str name = arena_printf(arena, "name_%d", i);
        assert_str(main_cf_get(&main_cf, name)->value, arena_printf(arena, "%d", i).at);
    }
    assert_null(main_cf_get(&main_cf, str_of("name_1000")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_a_value_continues_over_indented_lines_and_comments),
        arena_test(test_each_part_of_a_continued_value_is_traced_to_its_place),
        arena_test(test_the_last_entry_of_a_name_holds),
        arena_test(test_white_space_around_a_value_goes_and_the_rest_stays),
        arena_test(test_text_behind_a_nul_is_ignored_and_reported),
        arena_test(test_a_line_without_equals_sign_is_fatal),
        arena_test(test_a_first_line_that_is_indented_is_ignored),
        arena_test(test_a_value_of_megabytes_is_read),
        arena_test(test_many_names_are_all_found),
    };
    return cmocka_run_group_tests_name("main.cf", tests, NULL, NULL);
}
