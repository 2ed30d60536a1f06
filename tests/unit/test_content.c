/* content: where a message ends, and what is left of it, as measured on the real Postfix */
#include "smtp/session/content.h"
#include "tests/unit/unit.h"

/*
 * What Postfix 3.5.25, 3.7.11 and 3.10 answered to "a: b", an empty line, "A", TEXT, "ZZZ" and an
 * end of data, with smtpd_forbid_bare_newline = normalize (all three the same) and no (3.10), and
 * what they stored of it.  With reject, a message ends where it ends with normalize, and is refused
 * where BARE is set.  Blanks that stand for CRs are cleanup_replace_stray_cr_lf's.
 */
struct variant {
    const char *text;
    size_t len;
    const char *normalized; /* behind the headers */
    const char *accepted;
    bool ends_normalized, ends_accepted; /* before ZZZ */
    bool bare;
};

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct variant variants[] = {
    {TEXT("\r\n.\r\n"), "A\n", "A\n", true, true, false},
    {TEXT("\n.\n"), "A\nZZZ\n", "A\n", false, true, true},
    {TEXT("\n.\r\n"), "A\nZZZ\n", "A\n", false, true, true},
    {TEXT("\r\n.\n"), "A\nZZZ\n", "A\n", false, true, true},
    {TEXT("\r.\r"), "A . ZZZ\n", "A . ZZZ\n", false, false, false},
    {TEXT("\r\n.\r\r\n"), "A\n \nZZZ\n", "A\n", false, true, false},
    {TEXT("\n.\r\r\n"), "A\n \nZZZ\n", "A\n", false, true, true},
    {TEXT("\r\n.\r"), "A\n ZZZ\n", "A\n ZZZ\n", false, false, false},
    {TEXT("\r.\r\n"), "A .\nZZZ\n", "A .\nZZZ\n", false, false, false},
    {TEXT("\r\r\n.\r\n"), "A \n", "A\n", true, true, false},
    {TEXT("\n\n.\r\n"), "A\n\nZZZ\n", "A\n\n", false, true, true},
    {TEXT("\n\r\n.\r\n"), "A\n\n", "A\n\n", true, true, true},
    {TEXT("\r\n..\r\n"), "A\n.\nZZZ\n", "A\n.\nZZZ\n", false, false, false},
    {TEXT("\n..\n"), "A\n.\nZZZ\n", "A\n.\nZZZ\n", false, false, true},
    {TEXT("\n.\r\n.\r\n"), "A\n", "A\n", true, true, true},
    {TEXT("\r\n.\n.\r\n"), "A\nZZZ\n", "A\n", false, true, true},
    {TEXT("\n.\n.\r\n"), "A\nZZZ\n", "A\n", false, true, true},
    {TEXT("\r\n.x\r\n"), "A\nx\nZZZ\n", "A\nx\nZZZ\n", false, false, false},
    {TEXT("\n.x\n"), "A\nx\nZZZ\n", "A\nx\nZZZ\n", false, false, true},
    {TEXT("\r\r.\r\n"), "A  .\nZZZ\n", "A  .\nZZZ\n", false, false, false},
    {TEXT("\r\n. \r\n"), "A\n \nZZZ\n", "A\n \nZZZ\n", false, false, false},
};

enum { VARIANT_COUNT = sizeof variants / sizeof *variants };

/* feed - hands TEXT over in pieces of SIZE bytes, as a socket would; how much was taken */
static size_t feed(struct content *content, struct str text, size_t size, struct buffer *out,
                   bool *end)
{
    size_t at = 0;

    *end = false;
    while (at < text.len && !*end) {
        struct str piece = str_slice(text, at, at + size);
        size_t taken = content_add(content, piece, out, end);
        assert_true(taken == piece.len || *end);
        at += taken;
    }
    return at;
}

static void expect(struct arena *arena, const struct variant *variant, enum bare_newline mode,
                   size_t size)
{
    static const char head[] = "a: b\r\n\r\nA", tail[] = "ZZZ\r\n.\r\n";
    bool lenient = mode == BARE_NEWLINE_ACCEPT, end;
    bool ends = lenient ? variant->ends_accepted : variant->ends_normalized;
    struct content content;
    struct buffer all, out;

    buffer_init(&all, arena);
    buffer_init(&out, arena);
    buffer_add_cstr(&all, head);
    buffer_add(&all, (struct str){variant->text, variant->len});
    buffer_add_cstr(&all, tail);
    content_init(&content, mode, 0);
    content.replaces_cr = true;
    size_t taken = feed(&content, buffer_str(&all), size, &out, &end);
    assert_true(end);
    assert_int_equal(taken < all.len, ends);
    assert_str(str_slice(buffer_str(&out), 6, out.len),
               lenient ? variant->accepted : variant->normalized);
    assert_int_equal(content.bare_newline, !lenient && variant->bare);
}

static void the_end_is_where_postfix_sees_it_however_the_bytes_come(void **state)
{
    for (size_t i = 0; i < VARIANT_COUNT; i++)
        for (size_t size = 1; size < 24; size++) {
            expect(*state, &variants[i], BARE_NEWLINE_NORMALIZE, size);
            expect(*state, &variants[i], BARE_NEWLINE_NOTE, size);
            expect(*state, &variants[i], BARE_NEWLINE_REJECT, size);
            expect(*state, &variants[i], BARE_NEWLINE_ACCEPT, size);
        }
}

/* the same for lines about as long as line_length_limit: measured with 2,042 to 2,047 letters */
static void a_line_that_is_read_in_pieces_hides_no_end(void **state)
{
    static const struct {
        size_t letters;
        const char *text;
        bool normalized, accepted; /* ends before ZZZ */
    } lines[] = {
        {2042, "\r\n.\r\n", true, true}, {2043, "\n.\r\n", false, true},
        {2045, "\r\n.\r\n", true, true}, {2046, "\r\n.\r\n", true, true},
        {2047, "\r\n.\r\n", true, true}, {2047, "\n.\r\n", false, true},
        {2047, ".\r\n", false, false},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        for (int lenient = 0; lenient < 2; lenient++)
            for (size_t size = 1; size < 5000; size = size * 2 + 1) {
                struct content content;
                struct buffer all, out;
                bool end;
                buffer_init(&all, arena);
                buffer_init(&out, arena);
                buffer_add_cstr(&all, "a: b\r\n\r\nA");
                for (size_t n = 0; n < lines[i].letters; n++)
                    buffer_add_char(&all, 'z');
                buffer_add_cstr(&all, lines[i].text);
                buffer_add_cstr(&all, "ZZZ\r\n.\r\n");
                content_init(&content, lenient ? BARE_NEWLINE_ACCEPT : BARE_NEWLINE_NORMALIZE, 0);
                size_t taken = feed(&content, buffer_str(&all), size, &out, &end);
                assert_true(end);
                assert_int_equal(taken < all.len,
                                 lenient ? lines[i].accepted : lines[i].normalized);
            }
}

static void the_size_counts_two_bytes_for_each_line_end(void **state)
{
    struct content content;
    struct buffer out;
    bool end;

    buffer_init(&out, *state);
    content_init(&content, BARE_NEWLINE_NORMALIZE, 0);
    struct str text = STR("a: b\r\n\r\n..x\ny\r\n.\r\n");
    assert_int_equal(feed(&content, text, 5, &out, &end), text.len);
    assert_true(end);
    assert_int_equal(content.size, 6 + 2 + 4 + 3);
}

static void assert_first(struct arena *arena, const char *sent, const char *stored)
{
    for (size_t size = 1; size < 30; size++) {
        struct content content;
        struct buffer out;
        bool end;
        buffer_init(&out, arena);
        content_init(&content, BARE_NEWLINE_NORMALIZE, 0);
        feed(&content, str_of(sent), size, &out, &end);
        assert_true(end);
        assert_str(buffer_str(&out), stored);
    }
}

static void what_is_no_header_cannot_join_the_headers_before_it(void **state)
{
    assert_first(*state, " folded\r\n.\r\n", "\n folded\n");
    assert_first(*state, "hello\r\n.\r\n", "\nhello\n");
    assert_first(*state, "Subject : x\r\n.\r\n", "Subject : x\n");
    assert_first(*state, "\r\nbody\r\n.\r\n", "\nbody\n");
    assert_first(*state, ". folded\r\n.\r\n", "\n folded\n");
    assert_first(*state, ".\r\n", "");
}

static void a_mailbox_line_becomes_a_header(void **state)
{
    assert_first(*state, "From a Sun\r\nb: c\r\n.\r\n", "X-Mailbox-Line: From a Sun\nb: c\n");
    assert_first(*state, ">>From a\r\n.\r\n", "X-Mailbox-Line: >>From a\n");
    assert_first(*state, "From: a\r\n.\r\n", "From: a\n");
}

static void a_first_line_of_any_length_comes_through(void **state)
{
    struct arena *arena = *state;
    struct buffer sent, stored;
    struct content content;
    bool end;

    for (size_t len = 100; len < 5000; len += 317) {
        buffer_init(&sent, arena);
        buffer_init(&stored, arena);
        for (size_t i = 0; i < len; i++)
            buffer_add_char(&sent, 'x');
        buffer_add_cstr(&sent, ": y\r\n.\r\n");
        content_init(&content, BARE_NEWLINE_NORMALIZE, 0);
        feed(&content, buffer_str(&sent), 64, &stored, &end);
        assert_true(end);
        assert_int_equal(stored.len, len + 4);
    }
}

static void without_an_output_the_end_is_the_same(void **state)
{
    struct content content;
    bool end;

    (void)state;
    content_init(&content, BARE_NEWLINE_NORMALIZE, 0);
    assert_int_equal(feed(&content, str_of("a\n.\r\nb\r\n.\r\nNOOP\r\n"), 3, NULL, &end), 11);
    assert_true(end);
    assert_true(content.bare_newline);
}

static void chunks_have_no_dots_and_no_end(void **state)
{
    struct arena *arena = *state;
    struct content content;
    struct buffer out;
    bool end;

    buffer_init(&out, arena);
    content_init_chunked(&content, BARE_NEWLINE_NORMALIZE, 0);
    struct str text = STR("a: b\r\n\r\n.\r\n..\r\nlast");
    assert_int_equal(feed(&content, text, 4, &out, &end), text.len);
    assert_false(end);
    content_finish(&content, &out);
    assert_str(buffer_str(&out), "a: b\n\n.\n..\nlast\n");
    assert_false(content.bare_newline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_end_is_where_postfix_sees_it_however_the_bytes_come),
        arena_test(a_line_that_is_read_in_pieces_hides_no_end),
        arena_test(the_size_counts_two_bytes_for_each_line_end),
        arena_test(what_is_no_header_cannot_join_the_headers_before_it),
        arena_test(a_mailbox_line_becomes_a_header),
        arena_test(a_first_line_of_any_length_comes_through),
        arena_test(without_an_output_the_end_is_the_same),
        arena_test(chunks_have_no_dots_and_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
