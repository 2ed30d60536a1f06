/* source: what is read, what is refused, and where a byte stands */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "parser/text/source.h"

struct source_fixture {
    struct arena *arena;
    char directory[64];
};

static int setup(void **state)
{
    struct source_fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->arena = arena_create(abort);
    strcpy(fixture->directory, "/tmp/postmend-source-XXXXXX");
    *state = fixture;
    return mkdtemp(fixture->directory) == NULL || chdir(fixture->directory) != 0;
}

static int teardown(void **state)
{
    struct source_fixture *fixture = *state;
    unlink("main.cf");
    unlink("link.cf");
    int failed = chdir("/") != 0 || rmdir(fixture->directory) != 0;
    arena_destroy(fixture->arena);
    free(fixture);
    return failed;
}

static void put(struct str bytes)
{
    FILE *file = fopen("main.cf", "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static const struct source *get(void **state, const char *path)
{
    struct source_fixture *fixture = *state;
    errno = 0;
    return source_read(fixture->arena, str_of(path));
}

static void a_file_is_read_byte_for_byte(void **state)
{
    struct str bytes = STR("myhostname = a\r\n\0\xff\n# no line end");
    put(bytes);
    assert_true(str_eq(get(state, "main.cf")->bytes, bytes));
}

static void a_nul_follows_the_bytes_of_a_file(void **state)
{
    put((struct str)STR("a = b\n"));
    assert_int_equal(get(state, "main.cf")->bytes.at[6], '\0');
}

static void an_empty_file_is_an_empty_text(void **state)
{
    put((struct str)STR(""));
    const struct source *source = get(state, "main.cf");
    assert_non_null(source);
    assert_true(source->bytes.at != NULL && source->bytes.len == 0);
}

static void a_symbolic_link_is_followed(void **state)
{
    put((struct str)STR("a = b\n"));
    assert_int_equal(symlink("main.cf", "link.cf"), 0);
    assert_non_null(get(state, "link.cf"));
}

static void a_file_whose_size_the_kernel_does_not_know_is_read_whole(void **state)
{
    if (access("/proc/self/status", R_OK) != 0) {
        print_message("SKIPPED: no /proc here\n");
        skip();
    }
    const struct source *source = get(state, "/proc/self/status");
    assert_true(str_search(source->bytes, "\nPid:") < source->bytes.len);
    assert_int_equal(source->bytes.at[source->bytes.len], '\0');
}

static void the_path_is_kept_for_messages(void **state)
{
    put((struct str)STR("a = b\n"));
    assert_string_equal(get(state, "./main.cf")->path.at, "./main.cf");
}

static void a_missing_file_is_an_error(void **state)
{
    assert_null(get(state, "master.cf"));
    assert_int_equal(errno, ENOENT);
}

static void a_path_with_a_nul_is_not_cut_short(void **state)
{
    struct source_fixture *fixture = *state;
    put((struct str)STR("a = b\n"));
    assert_null(source_read(fixture->arena, (struct str)STR("main.cf\0.old")));
}

static void a_directory_is_refused(void **state)
{
    assert_null(get(state, "."));
    assert_int_equal(errno, EISDIR);
}

static void a_device_is_refused(void **state)
{
    assert_null(get(state, "/dev/zero"));
    assert_int_equal(errno, EINVAL);
}

static void a_fifo_that_nobody_writes_is_refused_and_not_waited_for(void **state)
{
    assert_int_equal(mkfifo("main.cf", 0600), 0);
    alarm(10);
    assert_null(get(state, "main.cf"));
    alarm(0);
    assert_int_equal(errno, EINVAL);
}

static void a_file_over_the_limit_is_refused(void **state)
{
    put((struct str)STR(""));
    assert_int_equal(truncate("main.cf", (off_t)SOURCE_SIZE_MAX + 1), 0);
    assert_null(get(state, "main.cf"));
    assert_int_equal(errno, EFBIG);
}

/* reads "-" while FD stands in for standard input; closes FD */
static const struct source *get_from(void **state, int fd)
{
    int saved = dup(STDIN_FILENO);
    dup2(fd, STDIN_FILENO);
    close(fd);
    const struct source *source = get(state, "-");
    int error = errno;
    dup2(saved, STDIN_FILENO);
    close(saved);
    errno = error;
    return source;
}

static void a_dash_reads_a_pipe_to_its_end(void **state)
{
    static char bytes[40000];
    int ends[2];

    memset(bytes, 'x', sizeof(bytes));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
    close(ends[1]);
    const struct source *source = get_from(state, ends[0]);
    assert_true(str_eq(source->bytes, (struct str){bytes, sizeof(bytes)}));
    assert_int_equal(source->bytes.at[sizeof(bytes)], '\0');
}

static void a_dash_reads_a_file_from_where_it_stands(void **state)
{
    char start[4];
    put((struct str)STR("a=1\nb=2\n"));
    int fd = open("main.cf", O_RDONLY);
    assert_int_equal(read(fd, start, sizeof(start)), sizeof(start));
    assert_true(str_is(get_from(state, fd)->bytes, "b=2\n"));
}

static void a_dash_refuses_a_directory(void **state)
{
    assert_null(get_from(state, open(".", O_RDONLY | O_DIRECTORY)));
    assert_int_equal(errno, EISDIR);
}

static const struct source *text(void **state, const char *bytes)
{
    struct source_fixture *fixture = *state;
    return source_of(fixture->arena, str_of("main.cf"), str_of(bytes));
}

static void assert_position(const struct source *source, size_t at, size_t line, size_t column)
{
    struct position position = source_position(source, at);
    assert_int_equal(position.line, line);
    assert_int_equal(position.column, column);
}

static void the_first_byte_is_line_1_column_1(void **state)
{
    assert_position(text(state, "a = b\n"), 0, 1, 1);
}

static void a_line_end_belongs_to_the_line_it_ends(void **state)
{
    assert_position(text(state, "a = b\nc = d\n"), 5, 1, 6);
}

static void the_byte_after_a_line_end_starts_the_next_line(void **state)
{
    assert_position(text(state, "a = b\nc = d\n"), 6, 2, 1);
}

static void a_place_past_the_end_is_the_end(void **state)
{
    assert_position(text(state, "a = b\nc"), SIZE_MAX, 2, 2);
}

static void a_line_is_given_without_its_line_end(void **state)
{
    assert_true(str_is(source_line(text(state, "a = b\r\nc = d\r\n"), 8), "c = d"));
}

static void the_place_of_a_line_end_gives_the_line_it_ends(void **state)
{
    assert_true(str_is(source_line(text(state, "a = b\n\nc = d\n"), 5), "a = b"));
}

static void an_empty_line_is_an_empty_text(void **state)
{
    assert_int_equal(source_line(text(state, "a = b\n\nc = d\n"), 6).len, 0);
}

static void the_last_line_needs_no_line_end(void **state)
{
    assert_true(str_is(source_line(text(state, "a = b\nc = d"), 11), "c = d"));
}

static void a_span_gives_its_text(void **state)
{
    assert_true(str_is(span_str((struct span){text(state, "a = b\n"), 4, 1}), "b"));
}

static void a_span_without_a_source_has_no_text(void **state)
{
    (void)state;
    assert_null(span_str((struct span){NULL, 4, 1}).at);
}

static void a_span_that_is_too_long_ends_with_its_source(void **state)
{
    assert_true(str_is(span_str((struct span){text(state, "a = b"), 4, SIZE_MAX}), "b"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_is_read_byte_for_byte),
        TEST(a_nul_follows_the_bytes_of_a_file),
        TEST(an_empty_file_is_an_empty_text),
        TEST(a_symbolic_link_is_followed),
        TEST(a_file_whose_size_the_kernel_does_not_know_is_read_whole),
        TEST(the_path_is_kept_for_messages),
        TEST(a_missing_file_is_an_error),
        TEST(a_path_with_a_nul_is_not_cut_short),
        TEST(a_directory_is_refused),
        TEST(a_device_is_refused),
        TEST(a_fifo_that_nobody_writes_is_refused_and_not_waited_for),
        TEST(a_file_over_the_limit_is_refused),
        TEST(a_dash_reads_a_pipe_to_its_end),
        TEST(a_dash_reads_a_file_from_where_it_stands),
        TEST(a_dash_refuses_a_directory),
        TEST(the_first_byte_is_line_1_column_1),
        TEST(a_line_end_belongs_to_the_line_it_ends),
        TEST(the_byte_after_a_line_end_starts_the_next_line),
        TEST(a_place_past_the_end_is_the_end),
        TEST(a_line_is_given_without_its_line_end),
        TEST(the_place_of_a_line_end_gives_the_line_it_ends),
        TEST(an_empty_line_is_an_empty_text),
        TEST(the_last_line_needs_no_line_end),
        TEST(a_span_gives_its_text),
        TEST(a_span_without_a_source_has_no_text),
        TEST(a_span_that_is_too_long_ends_with_its_source),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
