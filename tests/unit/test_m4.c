/* m4: what it expands, what it reports with which span, and where it stops */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "parser/m4/include.h"
#include "parser/m4/m4.h"

static const struct m4_macro known[] = {{STR("FEATURE"), STR(""), true},
                                        {STR("LOCAL_CONFIG"), STR("divert(6)"), true}};

static bool run(struct m4_result *result, struct arena *arena, struct str text)
{
    const struct source *source = source_of(arena, str_of("a.mc"), arena_copy(arena, text));
    struct m4_input input = {.source = source, .macros = known, .macro_count = 2};

    return m4_run(result, arena, &input);
}

/* what m4 writes of a text */
static const char *written(void **state, const char *text)
{
    struct m4_result result;
    struct buffer out;

    assert_true(run(&result, *state, str_of(text)));
    buffer_init(&out, *state);
    m4_output(&result, &out);
    return arena_cstr(*state, buffer_str(&out));
}

#define assert_written(text, expected) assert_string_equal(written(state, (text)), (expected))

static void quotes_keep_what_they_hold(void **state)
{
    assert_written("define(`a', `b')a `a' ``a'' `'a", "b a `a' b");
}

static void other_quotes_may_be_chosen(void **state)
{
    assert_written("changequote([[, ]])define([[a]], [[b]])a [[a [[x]]]]", "b a [[x]]");
}

static void a_macro_gets_its_arguments(void **state)
{
    assert_written("define(`f', `$1-$2-$#-$*-$@')f(x, `y',)", "x-y-3-x,y,-x,y,");
}

static void what_a_macro_gives_joins_what_follows(void **state)
{
    assert_written("define(`a', `le')define(`len', `no')define(`x', `d')a`'n x`'nl", "len dnl");
    assert_written("ifdef(`zz', `', `dnl') gone\nleft", "left");
}

static void ifelse_takes_the_first_pair_that_is_equal(void **state)
{
    assert_written("ifelse(a, b, 1, c, c, 2, 3) ifelse(a, b, 1, 3) ifelse(a, b, 1)", "2 3 ");
}

static void a_pushed_definition_comes_back(void **state)
{
    assert_written("define(`a', 1)pushdef(`a', 2)a popdef(`a')a undefine(`a')a", "2 1 a");
}

static void a_builtin_can_get_a_new_name(void **state)
{
    assert_written("define(`d', defn(`define'))d(`x', `y')x", "y");
}

static void eval_counts_as_c_does(void **state)
{
    assert_written("eval(`1+2*3') eval(`2**3**2') eval(`-7/2') eval(`(1<2) && 0x10 == 16')"
                   " eval(`255', 16, 4)",
                   "7 512 -3 1 00ff");
    assert_written("[eval(`1/0')][eval(`1 +')][eval(`2147483647 + 1')][eval(`1||1/0')]",
                   "[][][-2147483648][1]");
}

static void texts_are_taken_apart(void **state)
{
    assert_written("len(`abc') index(`abc', `c') index(`abc', `x') substr(`abcdef', 1, 3)"
                   " translit(`abc', `a-b', `A') format(`%03d|%-3s|', 7, `x')",
                   "3 2 -1 bcd Ac 007|x  |");
}

static void diverted_text_comes_at_the_end_in_order(void **state)
{
    assert_written("divert(3)three divert(1)one divert(-1)gone divert(0)none ", "none one three ");
    assert_written("divert(1)one divert(0)[undivert(1)]", "[one ]");
}

static void a_comment_is_not_expanded(void **state)
{
    assert_string_equal(written(state, "changecom(`#')define(`a', `b')# a `a'\na"), "# a `a'\nb");
}

static void a_call_comes_with_its_arguments_and_its_place(void **state)
{
    struct arena *arena = *state;
    struct m4_result result;

    assert_true(run(&result, arena, str_of("x\nFEATURE(`a b', c)dnl why\n")));
    assert_int_equal(result.count, 3);
    const struct m4_item *call = &result.items[1];
    assert_int_equal(call->kind, M4_CALL);
    assert_true(call->written);
    assert_str(call->text, "FEATURE");
    assert_int_equal(call->argument_count, 2);
    assert_str(call->arguments[0], "a b");
    assert_str(call->arguments[1], "c");
    assert_str(span_str(call->span), "FEATURE(`a b', c)");
    assert_int_equal(result.items[2].kind, M4_DNL);
    assert_str(span_str(result.items[2].span), "dnl why");
}

static void a_call_inside_ifdef_has_its_own_place(void **state)
{
    struct arena *arena = *state;
    struct m4_result result;

    assert_true(run(&result, arena, str_of("ifdef(`zz', `',\n`FEATURE(`x')')")));
    assert_str(span_str(result.items[1].span), "FEATURE(`x')");
    assert_int_equal(result.items[1].span.at, 17);
    assert_true(result.items[1].written);
}

static void a_call_that_a_macro_makes_has_the_place_of_the_macro(void **state)
{
    struct arena *arena = *state;
    struct m4_result result;

    assert_true(run(&result, arena, str_of("define(`f', `FEATURE(`$1')')f(`x')")));
    assert_str(result.items[1].text, "FEATURE");
    assert_str(result.items[1].arguments[0], "x");
    assert_false(result.items[1].written);
    assert_str(span_str(result.items[1].span), "f(`x')");
}

static void text_of_a_section_names_its_diversion(void **state)
{
    struct arena *arena = *state;
    struct m4_result result;

    assert_true(run(&result, arena, str_of("LOCAL_CONFIG\nKa hash b\n")));
    const struct m4_item *text = &result.items[result.count - 1];
    assert_int_equal(text->kind, M4_TEXT);
    assert_int_equal(text->divert, 6);
    assert_str(text->text, "\nKa hash b\n");
}

static void commands_are_reported_and_not_run(void **state)
{
    char path[] = "/tmp/postmend-m4-XXXXXX";
    struct m4_result result;

    assert_non_null(mkdtemp(path));
    assert_int_equal(rmdir(path), 0);
    struct str text = arena_printf(*state, "syscmd(`mkdir %s')esyscmd(`mkdir %s')", path, path);
    assert_true(run(&result, *state, text));
    assert_int_equal(result.count, 2);
    assert_int_equal(result.items[0].fate, M4_NOT_RUN);
    assert_int_equal(result.items[1].fate, M4_NOT_RUN);
    assert_int_not_equal(access(path, F_OK), 0);
}

static bool run_in(struct m4_result *result, struct arena *arena, const char *directory,
                   struct str text)
{
    struct str paths[] = {str_of(directory)};
    struct m4_directories directories = {.paths = paths, .count = 1};
    struct m4_input input = {
        .source = source_of(arena, str_of("a.mc"), arena_copy(arena, text)),
        .open = m4_include_open,
        .context = &directories,
    };

    return m4_run(result, arena, &input);
}

static void put(const char *directory, const char *name, const char *text)
{
    char path[200];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void only_files_below_the_directories_are_included(void **state)
{
    char base[] = "/tmp/postmend-m4-XXXXXX", inside[64], path[200];
    struct m4_result result;

    assert_non_null(mkdtemp(base));
    snprintf(inside, sizeof inside, "%s/in", base);
    assert_int_equal(mkdir(inside, 0700), 0);
    put(base, "secret", "define(`seen', 1)");
    put(inside, "good", "define(`good', 1)");
    snprintf(path, sizeof path, "%s/link", inside);
    assert_int_equal(symlink("../secret", path), 0);
    snprintf(path, sizeof path, "%s/up", inside);
    assert_int_equal(symlink("..", path), 0);
    struct str text = arena_printf(*state,
                                   "include(`good')include(`%s/good')include(`link')"
                                   "include(`../secret')include(`up/secret')include(`%s/secret')"
                                   "sinclude(`%s/../secret')include(`/etc/shadow')include(`')",
                                   inside, base, inside);
    assert_true(run_in(&result, *state, inside, text));
    size_t includes = 0, defines = 0;
    for (size_t i = 0; i < result.count; i++) {
        const struct m4_item *item = &result.items[i];
        if (str_is(item->text, "define"))
            defines++;
        else
            assert_int_equal(item->fate, includes++ < 2 ? M4_DONE : M4_NOT_READ);
    }
    assert_int_equal(includes, 9);
    assert_int_equal(defines, 2);
    static const char *const made[] = {"in/good", "in/link", "in/up", "secret"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", base, made[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(inside), 0);
    assert_int_equal(rmdir(base), 0);
}

static void a_file_that_includes_itself_ends_in_an_error(void **state)
{
    char base[] = "/tmp/postmend-m4-XXXXXX", path[200];
    struct m4_result result;

    assert_non_null(mkdtemp(base));
    put(base, "self", "include(`self')x\n");
    assert_false(run_in(&result, *state, base, (struct str)STR("include(`self')")));
    snprintf(path, sizeof path, "%s/self", base);
    unlink(path);
    rmdir(base);
}

/* fails_at - stops with an error there, within a second and 64 MiB */
static void fails_at(struct str text, const char *expected)
{
    struct arena *arena = arena_create(no_memory);
    struct m4_result result;
    clock_t start = clock();

    assert_false(run(&result, arena, text));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1.0);
    assert_true(arena_held(arena) < 64u * 1024 * 1024);
    assert_str(m4_error(&result, arena), expected);
    arena_destroy(arena);
}

static void an_open_quote_is_an_error_with_its_line(void **state)
{
    (void)state;
    fails_at((struct str)STR("a\n`b\nc"), "a.mc:2: the quote that starts here is not closed");
}

static void an_open_call_is_an_error_with_its_line(void **state)
{
    (void)state;
    fails_at((struct str)STR("a\n\nFEATURE(`b'\nc"),
             "a.mc:3: the call that starts here has no closing parenthesis");
}

static void a_bomb_is_an_error(void **state)
{
    (void)state;
    fails_at((struct str)STR("define(`a', `$1$1$1$1$1$1$1$1$1$1')\n"
                             "a(a(a(a(a(a(a(a(a(a(x))))))))))"),
             "a.mc:2: the macros expand to more than 8192 KB of text");
    fails_at((struct str)STR("define(`a', `b b')define(`b', `c c')define(`c', `a a')\na"),
             "a.mc:2: macro expansions are nested more than 2048 levels deep");
    fails_at((struct str)STR("define(`a', `ifelse(len(`$1'), 900000, `', `a(`$1$1')')')\na(`xy')"),
             "a.mc:2: the macros expand to more than 8192 KB of text");
}

static void endless_recursion_is_an_error(void **state)
{
    (void)state;
    fails_at((struct str)STR("define(`a', `a')\na"),
             "a.mc:2: there are more than 50000 macro calls");
    fails_at((struct str)STR("define(`a', `a(a)')\na"),
             "a.mc:2: calls are nested more than 256 levels deep");
    fails_at((struct str)STR("define(`a', `FEATURE(`x')a')\na"),
             "a.mc:2: there are more than 50000 macro calls");
    fails_at((struct str)STR("define(`w', `m4wrap(`w')')\nw"),
             "a.mc:2: there are more than 50000 macro calls");
}

static struct str repeat(struct arena *arena, struct str unit, size_t size)
{
    struct buffer text;

    buffer_init(&text, arena);
    while (text.len < size)
        buffer_add(&text, unit);
    return buffer_str(&text);
}

static void a_megabyte_of_quotes_is_an_error(void **state)
{
    size_t size = 1024u * 1024;

    fails_at(repeat(*state, (struct str)STR("`"), size),
             "a.mc:1: the quote that starts here is not closed");
    fails_at(repeat(*state, (struct str)STR("FEATURE("), size),
             "a.mc:1: calls are nested more than 256 levels deep");
    fails_at(repeat(*state, (struct str)STR("FEATURE(,,,,,,,,,,,,,,,,,,,,)\n"), size),
             "a.mc:7944: there are too many directives and pieces of text: they take more than "
             "8192 KB");
}

static void more_lines_than_anyone_writes_are_an_error(void **state)
{
    size_t size = 1024u * 1024;

    fails_at(repeat(*state, (struct str)STR("dnl x\n"), size),
             "a.mc:40330: there are too many directives and pieces of text: they take more than "
             "8192 KB");
    fails_at(repeat(*state, (struct str)STR("`x'y\n"), size),
             "a.mc:23832: there are too many directives and pieces of text: they take more than "
             "8192 KB");
}

static void an_expression_that_is_too_deep_or_too_wide_is_an_error(void **state)
{
    struct arena *arena = *state;
    struct str open = repeat(arena, (struct str)STR("("), 300);
    struct str close = repeat(arena, (struct str)STR(")"), 300);

    fails_at(arena_printf(arena, "\neval(`%.*s1%.*s')", STR_ARG(open), STR_ARG(close)),
             "a.mc:2: an expression is nested more than 200 levels deep");
    fails_at((struct str)STR("eval(1, 10, 5000)"),
             "a.mc:1: eval is to write more than 4096 digits");
    fails_at((struct str)STR("eval(5000, 1)"), "a.mc:1: eval is to write more than 4096 digits");
    fails_at((struct str)STR("format(`%5000d', 1)"),
             "a.mc:1: the width of a conversion in format is more than 4096");
}

static void many_diversions_are_an_error(void **state)
{
    struct buffer text;

    buffer_init(&text, *state);
    for (int i = 1; i < 300; i++)
        buffer_printf(&text, "divert(%d)x\n", i);
    fails_at(buffer_str(&text), "a.mc:256: there are more than 256 diversions");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(quotes_keep_what_they_hold),
        arena_test(other_quotes_may_be_chosen),
        arena_test(a_macro_gets_its_arguments),
        arena_test(what_a_macro_gives_joins_what_follows),
        arena_test(ifelse_takes_the_first_pair_that_is_equal),
        arena_test(a_pushed_definition_comes_back),
        arena_test(a_builtin_can_get_a_new_name),
        arena_test(eval_counts_as_c_does),
        arena_test(texts_are_taken_apart),
        arena_test(diverted_text_comes_at_the_end_in_order),
        arena_test(a_comment_is_not_expanded),
        arena_test(a_call_comes_with_its_arguments_and_its_place),
        arena_test(a_call_inside_ifdef_has_its_own_place),
        arena_test(a_call_that_a_macro_makes_has_the_place_of_the_macro),
        arena_test(text_of_a_section_names_its_diversion),
        arena_test(commands_are_reported_and_not_run),
        arena_test(only_files_below_the_directories_are_included),
        arena_test(a_file_that_includes_itself_ends_in_an_error),
        arena_test(an_open_quote_is_an_error_with_its_line),
        arena_test(an_open_call_is_an_error_with_its_line),
        arena_test(a_bomb_is_an_error),
        arena_test(endless_recursion_is_an_error),
        arena_test(a_megabyte_of_quotes_is_an_error),
        arena_test(more_lines_than_anyone_writes_are_an_error),
        arena_test(an_expression_that_is_too_deep_or_too_wide_is_an_error),
        arena_test(many_diversions_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
