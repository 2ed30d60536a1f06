/* text for a terminal: escapes, output that arrives in pieces, and columns */
#include "base/terminal.h"
#include "tests/unit/unit.h"

static const struct {
    const char *text, *shown;
    size_t width;
} rows[] = {
    {"plain text", "plain text", 10},
    {"\x1b[31m", "\\x1b[31m", 8},
    {"a\x7f", "a\\u007f", 7},
    {"\xc2\x9bm", "\\u009bm", 7},   /* CSI as UTF-8 */
    {"\x9bm", "\\x9bm", 5},         /* as a byte */
    {"\xe2\x80\xae", "\\u202e", 6}, /* right to left. NOLINT(misc-misleading-bidirectional) */
    {"\xf3\xa0\x81\x81", "\\udb40\\udc41", 12}, /* a tag, as JSON writes it */
    {"\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4},
    {"e\xcc\x81", "e\xcc\x81", 1},
    {"\xe9t\xe9", "\xe9t\xe9", 3}, /* Latin 1 */
    {"a\tb", "a\tb", 9},
    {"\xe2\x80", "\xe2\\x80", 5}, /* cut off */
};

static void each_character_is_shown_or_escaped(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out;
        buffer_init(&out, *state);
        terminal_add(&out, str_of(rows[i].text));
        struct arena *arena = *state;
        assert_str(buffer_str(&out), rows[i].shown);
        assert_int_equal(terminal_width(str_of(rows[i].text), 0), rows[i].width);
    }
}

static void output_is_the_same_in_pieces_of_any_size(void **state)
{
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t size = 1; size < 5; size++) {
            struct str text = str_of(rows[i].text);
            struct terminal terminal = {0};
            struct buffer out;
            buffer_init(&out, arena);
            for (size_t at = 0; at < text.len; at += size)
                terminal_filter(&terminal, &out, str_slice(text, at, at + size));
            terminal_finish(&terminal, &out);
            assert_str(buffer_str(&out), rows[i].shown);
        }
}

static void line_ends_of_output_stay(void **state)
{
    struct arena *arena = *state;
    struct terminal terminal = {0};
    struct buffer out;

    buffer_init(&out, arena);
    terminal_filter(&terminal, &out, str_of("a\r"));
    terminal_filter(&terminal, &out, str_of("\nb\rc\r"));
    terminal_finish(&terminal, &out);
    assert_str(buffer_str(&out), "a\r\nb\\x0dc\\x0d");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(each_character_is_shown_or_escaped),
        arena_test(output_is_the_same_in_pieces_of_any_size),
        arena_test(line_ends_of_output_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
