/* diff: the unified format, and that patch(1) reads it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "parser/text/diff.h"
#include "parser/text/source.h"

struct diff_fixture {
    struct arena *arena;
    char directory[64];
};

static int setup(void **state)
{
    struct diff_fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->arena = arena_create(abort);
    strcpy(fixture->directory, "/tmp/postmend-diff-XXXXXX");
    *state = fixture;
    return mkdtemp(fixture->directory) == NULL || chdir(fixture->directory) != 0;
}

static int teardown(void **state)
{
    struct diff_fixture *fixture = *state;
    unlink("old");
    unlink("new");
    unlink("diff");
    int failed = chdir("/") != 0 || rmdir(fixture->directory) != 0;
    arena_destroy(fixture->arena);
    free(fixture);
    return failed;
}

static struct str diff(void **state, struct str old, struct str new)
{
    struct diff_fixture *fixture = *state;
    struct buffer out;

    buffer_init(&out, fixture->arena);
    diff_unified(&out, str_of("old"), old, str_of("new"), new);
    return buffer_str(&out);
}

static void assert_diff(void **state, const char *old, const char *new, const char *expected)
{
    struct diff_fixture *fixture = *state;
    struct str made = diff(state, str_of(old), str_of(new));
    assert_string_equal(arena_cstr(fixture->arena, made), expected);
}

static void assert_header(void **state, const char *path, const char *expected)
{
    struct diff_fixture *fixture = *state;
    struct buffer out;

    buffer_init(&out, fixture->arena);
    diff_unified(&out, str_of(path), str_of("a\n"), str_of("x"), str_of("b\n"));
    struct str made = buffer_str(&out);
    struct str line = str_slice(made, 0, str_find(made, '\n', 0));
    assert_string_equal(arena_cstr(fixture->arena, line), expected);
}

static void equal_texts_give_nothing(void **state)
{
    assert_diff(state, "a = b\n", "a = b\n", "");
}

static void a_changed_line_has_three_lines_around_it(void **state)
{
    assert_diff(state, "1\n2\n3\n4\nsmtps\n6\n7\n8\n9\n", "1\n2\n3\n4\nsubmissions\n6\n7\n8\n9\n",
                "--- old\n+++ new\n"
                "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-smtps\n+submissions\n 6\n 7\n 8\n");
}

static void a_count_of_one_line_is_left_out(void **state)
{
    assert_diff(state, "a = 1\n", "a = 2\n", "--- old\n+++ new\n@@ -1 +1 @@\n-a = 1\n+a = 2\n");
}

static void an_empty_old_text_is_line_0(void **state)
{
    assert_diff(state, "", "a = 1\nb = 2\n", "--- old\n+++ new\n@@ -0,0 +1,2 @@\n+a = 1\n+b = 2\n");
}

static void an_empty_new_text_is_line_0(void **state)
{
    assert_diff(state, "a = 1\n", "", "--- old\n+++ new\n@@ -1 +0,0 @@\n-a = 1\n");
}

static void a_missing_last_line_end_is_said(void **state)
{
    assert_diff(state, "a = 1", "a = 2\n",
                "--- old\n+++ new\n@@ -1 +1 @@\n"
                "-a = 1\n\\ No newline at end of file\n+a = 2\n");
}

static void a_missing_last_line_end_in_the_context_is_said_once(void **state)
{
    assert_diff(state, "a = 1\nb", "a = 2\nb",
                "--- old\n+++ new\n@@ -1,2 +1,2 @@\n"
                "-a = 1\n+a = 2\n b\n\\ No newline at end of file\n");
}

static void a_line_end_that_becomes_lf_is_a_change(void **state)
{
    assert_diff(state, "a\r\n", "a\n", "--- old\n+++ new\n@@ -1 +1 @@\n-a\r\n+a\n");
}

static void six_lines_between_two_changes_make_one_hunk(void **state)
{
    assert_diff(state, "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
                "--- old\n+++ new\n"
                "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
}

static void seven_lines_between_two_changes_make_two_hunks(void **state)
{
    assert_diff(state, "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\nX\n1\n2\n3\n4\n5\n6\n7\nB\n",
                "--- old\n+++ new\n"
                "@@ -1,4 +1,5 @@\n-a\n+A\n+X\n 1\n 2\n 3\n"
                "@@ -6,4 +7,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

static void lines_that_only_move_are_taken_out_and_put_in_once(void **state)
{
    assert_diff(state, "a\nb\nc\nd\n", "b\nc\nd\na\n",
                "--- old\n+++ new\n@@ -1,4 +1,4 @@\n-a\n b\n c\n d\n+a\n");
}

static void a_change_among_equal_lines_keeps_three_lines_after_it(void **state)
{
    assert_diff(state, "d\n\n\n\n\n\n\n\n\n", "\n\n\n\n\n\n\n\n\n",
                "--- old\n+++ new\n@@ -1,4 +1,4 @@\n-d\n+\n \n \n \n");
}

static void a_path_with_a_blank_ends_in_a_tab(void **state)
{
    assert_header(state, "main cf", "--- main cf\t");
}

static void a_path_with_a_line_end_is_quoted(void **state)
{
    assert_header(state, "ma\"in\ncf", "--- \"ma\\\"in\\012cf\"");
}

/* --- patch(1) --- */

static void put(const char *name, struct str bytes)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

/* the exit status of patch, or 127 if there is none */
static int run_patch(void)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        execlp("patch", "patch", "-u", "-s", "--binary", "-F0", "-o", "new", "old", "diff", NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_patches(void **state, struct str old, struct str new)
{
    struct diff_fixture *fixture = *state;

    unlink("new");
    put("old", old);
    put("diff", diff(state, old, new));
    int status = run_patch();
    if (status == 127) {
        print_message("SKIPPED: patch is not installed\n");
        skip();
    }
    assert_int_equal(status, 0);
    const struct source *patched = source_read(fixture->arena, str_of("new"));
    assert_non_null(patched);
    assert_int_equal(str_cmp(patched->bytes, new), 0);
}

/* a generator of its own, so that a failure comes again */
static unsigned random_below(unsigned *seed, unsigned limit)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % limit;
}

/* few different lines, so that much is equal; at times CR, NUL and no last line end */
static struct str random_text(struct arena *arena, unsigned *seed)
{
    static const struct str lines[] = {
        STR("\n"), STR("a\n"), STR("  -o b\r\n"), STR("\0\n"), STR("- c\n"), STR("\\ d\n"),
    };
    struct buffer text;
    unsigned count = random_below(seed, 40);

    buffer_init(&text, arena);
    for (unsigned i = 0; i < count; i++)
        buffer_add(&text, lines[random_below(seed, sizeof(lines) / sizeof(lines[0]))]);
    if (random_below(seed, 2) == 0)
        buffer_add_cstr(&text, "end");
    return buffer_str(&text);
}

static void patch_turns_any_text_into_any_other(void **state)
{
    struct diff_fixture *fixture = *state;
    unsigned seed = 25;

    for (int i = 0; i < 200; i++) {
        struct str old = random_text(fixture->arena, &seed);
        struct str new = random_text(fixture->arena, &seed);
        if (!str_eq(old, new))
            assert_patches(state, old, new);
    }
}

static struct str numbered(struct arena *arena, int lines, int every, const char *mark)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < lines; i++)
        buffer_printf(&text, "user%d@example.com %s\n", i, i % every == 0 ? mark : "OK");
    return buffer_str(&text);
}

static void patch_applies_a_change_of_every_second_line_of_a_million(void **state)
{
    struct diff_fixture *fixture = *state;
    assert_patches(state, numbered(fixture->arena, 1000000, 2, "OK"),
                   numbered(fixture->arena, 1000000, 2, "REJECT"));
}

/* LINES of two kinds in no order: no unique line helps, and the limits are reached */
static struct str noise(struct arena *arena, int lines, unsigned seed)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (int i = 0; i < lines; i++)
        buffer_add_cstr(&text, random_below(&seed, 2) == 0 ? "a\n" : "b\n");
    return buffer_str(&text);
}

static void patch_applies_a_diff_that_is_not_the_shortest(void **state)
{
    struct diff_fixture *fixture = *state;
    alarm(120);
    assert_patches(state, noise(fixture->arena, 300000, 1), noise(fixture->arena, 300000, 2));
    alarm(0);
}

static void patch_applies_a_diff_of_more_lines_than_are_compared(void **state)
{
    struct diff_fixture *fixture = *state;
    size_t len = 5 * 1024 * 1024;
    char *old = arena_alloc_raw(fixture->arena, len);
    char *new = arena_alloc_raw(fixture->arena, len);

    memset(old, '\n', len);
    memset(new, '\n', len);
    old[4000] = new[len - 4000] = 'x';
    assert_patches(state, (struct str){old, len}, (struct str){new, len});
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_texts_give_nothing),
        TEST(a_changed_line_has_three_lines_around_it),
        TEST(a_count_of_one_line_is_left_out),
        TEST(an_empty_old_text_is_line_0),
        TEST(an_empty_new_text_is_line_0),
        TEST(a_missing_last_line_end_is_said),
        TEST(a_missing_last_line_end_in_the_context_is_said_once),
        TEST(a_line_end_that_becomes_lf_is_a_change),
        TEST(six_lines_between_two_changes_make_one_hunk),
        TEST(seven_lines_between_two_changes_make_two_hunks),
        TEST(lines_that_only_move_are_taken_out_and_put_in_once),
        TEST(a_change_among_equal_lines_keeps_three_lines_after_it),
        TEST(a_path_with_a_blank_ends_in_a_tab),
        TEST(a_path_with_a_line_end_is_quoted),
        TEST(patch_turns_any_text_into_any_other),
        TEST(patch_applies_a_change_of_every_second_line_of_a_million),
        TEST(patch_applies_a_diff_that_is_not_the_shortest),
        TEST(patch_applies_a_diff_of_more_lines_than_are_compared),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
