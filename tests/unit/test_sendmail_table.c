/* sendmail_table: the lines that makemap, newaliases and sendmail read, and those that they refuse
 */
#include "tests/unit/unit.h"

#include "parser/sendmail/table.h"

/* summary - "key=value;" of each line, "!key" of those that are refused */
static const char *summary(void **state, enum sendmail_table_format format, const char *text)
{
    struct arena *arena = *state;
    struct sendmail_table_reader reader = {source_text(arena, text), format, 0};
    struct sendmail_table_line line;
    struct buffer out;

    buffer_init(&out, arena);
    while (sendmail_table_next(&reader, arena, &line)) {
        buffer_printf(&out, "%s%.*s", line.refused != NULL ? "!" : "", STR_ARG(line.key));
        if (line.value.at != NULL)
            buffer_printf(&out, "=%.*s", STR_ARG(line.value));
        buffer_add_char(&out, ';');
    }
    return arena_cstr(arena, buffer_str(&out));
}

static void makemap_takes_the_key_up_to_the_first_blank(void **state)
{
    assert_string_equal(
        summary(state, SENDMAIL_MAKEMAP,
                "# comment\n\nFrom:a@b\tREJECT\nc  550 go away \n   \nd\tx # y\r\n"),
        "From:a@b=REJECT;c=550 go away ;d=x # y;");
}

static void makemap_refuses_a_leading_blank_and_a_missing_value(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_MAKEMAP, "a b\n  c d\ne\nf \n"), "a=b;!c d;!e;!f;");
}

static void makemap_refuses_lines_that_its_buffer_cannot_hold(void **state)
{
    char line[1100];

    memset(line, 'x', sizeof line);
    line[0] = 'a';
    line[1] = ' ';
    line[1022] = '\0';
    assert_null(strchr(summary(state, SENDMAIL_MAKEMAP, line), '!'));
    line[1022] = 'x';
    line[1023] = '\0';
    assert_string_equal(summary(state, SENDMAIL_MAKEMAP, line), "!a;");
}

static void makemap_continues_no_line(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_MAKEMAP, "a b\\\nc d\n"), "a=b\\;c=d;");
}

static void an_alias_goes_on_over_lines(void **state)
{
    assert_string_equal(
        summary(state, SENDMAIL_ALIASES,
                "root: a,\n\tb\nc : d,\\\ne\n# no\n\troot: f\n\nlist: \"|/bin/x a:b\"\n"),
        "root=a,\tb;c=d,e;list=\"|/bin/x a:b\";");
}

static void an_alias_without_colon_or_value_is_refused(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_ALIASES, "a b\nc:\nd: e\n"), "!a b;!c;d=e;");
}

static void a_quoted_name_may_hold_a_colon(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_ALIASES, "\"a:b\": c\n"), "\"a:b\"=c;");
}

static void a_list_has_one_word_a_line(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_LIST, "example.com\n # a\n#b\n\n c d\n"),
                        "example.com;#;c;");
}

static void a_list_of_words_ends_at_a_number_sign(void **state)
{
    assert_string_equal(summary(state, SENDMAIL_WORDS, "a b # c\n#d\n  # e\n\nf#g\n h \n"),
                        "a;b;f;h;");
}

static void targets_stand_between_commas_that_are_not_quoted(void **state)
{
    struct str rest = str_of(" a, \"|/bin/x b,c\" ,(d,e) f@g, <h,i>,, :include:/etc/l,\\j");
    struct buffer out;
    struct str target;

    buffer_init(&out, *state);
    while (sendmail_alias_target(&rest, &target))
        buffer_printf(&out, "%.*s;", STR_ARG(target));
    assert_string_equal(arena_cstr(*state, buffer_str(&out)),
                        "a;\"|/bin/x b,c\";(d,e) f@g;<h,i>;:include:/etc/l;\\j;");
}

static void a_line_has_its_place(void **state)
{
    struct arena *arena = *state;
    const struct source *source = source_text(arena, "# x\na: b,\n c\nd: e");
    struct sendmail_table_reader reader = {source, SENDMAIL_ALIASES, 0};
    struct sendmail_table_line line;

    assert_true(sendmail_table_next(&reader, arena, &line));
    assert_str(span_str(line.span), "a: b,\n c");
    assert_true(sendmail_table_next(&reader, arena, &line));
    assert_str(span_str(line.span), "d: e");
    assert_false(sendmail_table_next(&reader, arena, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(makemap_takes_the_key_up_to_the_first_blank),
        arena_test(makemap_refuses_a_leading_blank_and_a_missing_value),
        arena_test(makemap_continues_no_line),
        arena_test(makemap_refuses_lines_that_its_buffer_cannot_hold),
        arena_test(an_alias_goes_on_over_lines),
        arena_test(an_alias_without_colon_or_value_is_refused),
        arena_test(a_quoted_name_may_hold_a_colon),
        arena_test(a_list_has_one_word_a_line),
        arena_test(a_list_of_words_ends_at_a_number_sign),
        arena_test(targets_stand_between_commas_that_are_not_quoted),
        arena_test(a_line_has_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
