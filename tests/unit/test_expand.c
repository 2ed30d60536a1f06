/* $name expansion, as postconf -x does it */
#include "parser/postfix/expand.h"
#include "tests/unit/unit.h"

static enum expand_found find(void *context, struct str name, struct str *value)
{
    static const struct {
        const char *name, *value;
    } names[] = {{"a", "A"},       {"empty", ""},    {"nested", "<$a>"}, {"loop", "x$loop"},
                 {"p", "$q"},      {"q", "$p"},      {"level", "3.6"},   {"ten", "10"},
                 {"b1", "$b2$b2"}, {"b2", "$b3$b3"}, {"b3", "$b4$b4"},   {"b4", "$b5$b5"},
                 {"b5", "$b6$b6"}, {"b6", "$b7$b7"}, {"b7", "$b8$b8"},   {"b8", "$b9$b9"},
                 {"b9", "$ba$ba"}, {"ba", "$bb$bb"}, {"bb", "$bc$bc"},   {"bc", "$bd$bd"},
                 {"bd", "$be$be"}, {"be", "$bf$bf"}, {"bf", "$bg$bg"},   {"bg", "$bh$bh"},
                 {"bh", "$bi$bi"}, {"bi", "$bj$bj"}, {"bj", "$big$big"}, {"big", "0123456789"}};

    (void)context;
    if (str_is(name, "host"))
        return EXPAND_UNDETERMINED;
    if (str_is(name, "raw")) {
        *value = str_of("$a");
        return EXPAND_RAW_TEXT;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i].name)) {
            *value = str_of(names[i].value);
            return EXPAND_TEXT;
        }
    return EXPAND_UNDEFINED;
}

static struct str expanded(struct arena *arena, const char *series, const char *text, int *flags,
                           struct expand_error *error)
{
    const struct expand_names names = {.find = find, .release = facts_release(str_of(series))};
    struct buffer out;

    buffer_init(&out, arena);
    *flags = expand(&names, str_of(text), &out, error);
    return buffer_str(&out);
}

struct expand_example {
    const char *text, *result;
};

static void check_examples(struct arena *arena, const char *series,
                           const struct expand_example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int flags;
        struct str result = expanded(arena, series, examples[i].text, &flags, NULL);
        assert_str(result, examples[i].result);
        assert_false(flags & EXPAND_FAILED);
    }
}

#define CHECK(series, examples)                                                                    \
    check_examples(arena, series, examples, sizeof(examples) / sizeof *(examples))

static void test_references_in_all_their_forms(void **state)
{
    struct arena *arena = *state;
    static const struct expand_example examples[] = {
        {"$a", "A"},
        {"x${a}y$(a)z", "xAyAz"},
        {"${ a }", "A"},
        {"$nested", "<A>"},
        {"$$a $$", "$a $"},
        {"${a?yes}${empty?no}", "yes"},
        {"${a:no}${empty:yes}${nothing:yes}", "yesyes"},
        {"${a?{one}:{two}}", "one"},
        {"${empty?{one}:{two}}", "two"},
        {"${a ? {one} : {two} }", "one"},
        {"${a?$nested}", "<A>"},
        {"$raw", "$a"},
        {"$nothing", ""},
        {"$host", "$host"},
        {"${host}", "${host}"},
    };

    CHECK("3.8", examples);
}

static void test_relations_compare_numbers_texts_and_levels(void **state)
{
    struct arena *arena = *state;
    static const struct expand_example examples[] = {
        {"${{$a} == {A} ? {same} : {other}}", "same"},
        {"${{$a} != {A} ? {same} : {other}}", "other"},
        {"${{9} < {10} ? {less} : {more}}", "less"},
        {"${{09} < {10} ? {less} : {more}}", "less"},
        {"${{9x} < {10} ? {less} : {more}}", "more"},
        {"${{$ten} >= {10}}", "true"},
        {"${{1} > {2}}", ""},
        {"${{1} <= {1}?yes}", "yes"},
        {"${{1} > {1}:no}", "no"},
        {"${{3.10} <level {3.6} ? {less} : {more}}", "more"},
        {"${{3.10} < {3.6} ? {less} : {more}}", "less"},
        {"${{$level} >=level {3.6} ? {new} : {old}}", "new"},
        {"${{99999999999999999999} > {1} ? {big} : {small}}", "big"},
    };

    CHECK("3.8", examples);
}

static void test_older_releases_take_braces_as_text(void **state)
{
    struct arena *arena = *state;
    static const struct expand_example examples[] = {{"${a?{one}}", "{one}"}, {"${a?x:y}", "x:y"}};

    CHECK("2.11", examples);
}

static void test_functions_leave_plain_domains_alone(void **state)
{
    struct arena *arena = *state;
    static const struct expand_example examples[] = {
        {"${domain_to_ascii{example.com}}", "example.com"},
        {"${domain_to_ascii{a-B.example.com}}", "a-B.example.com"},
        {"${domain_to_ascii{ a b }}", "a b"},
        {"${domain_to_utf8{$a}}", "a"},
        {"${domain_to_utf8{a-B_c.example.com}}", "a-b_c.example.com"},
        {"${domain_to_utf8{b\303\274cher.example}}", "b\303\274cher.example"},
        {"${domain_to_utf8{}}", ""},
    };

    CHECK("3.11", examples);
}

/* measured with postconf -x of 3.11 */
static void test_functions_refuse_invalid_names_and_leave_other_scripts_open(void **state)
{
    static const struct {
        const char *text;
        int flag;
    } cases[] = {
        {"${domain_to_ascii{}}", EXPAND_FAILED},
        {"${domain_to_utf8{ab--c.example}}", EXPAND_FAILED},
        {"${domain_to_utf8{-a.b}}", EXPAND_FAILED},
        {"${domain_to_utf8{a b}}", EXPAND_FAILED},
        {"${domain_to_utf8{a.b.}}", EXPAND_FAILED},
        {"${domain_to_utf8{1.2.3.4}}", EXPAND_FAILED},
        {"${domain_to_utf16{a}}", EXPAND_FAILED},
        {"${domain_to_utf8{xn--bcher-kva.example}}", EXPAND_HAS_UNDETERMINED},
        {"${domain_to_ascii{b\303\274cher.example}}", EXPAND_HAS_UNDETERMINED},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expand_error error = {0};
        int flags;
        expanded(arena, "3.11", cases[i].text, &flags, &error);
        assert_int_equal(flags, cases[i].flag);
    }
}

static void test_what_postfix_refuses_is_an_error_with_its_place(void **state)
{
    static const struct {
        const char *text, *place;
    } cases[] = {
        {"x ${a", "${a"},
        {"x $ y", "$"},
        {"x $", "$"},
        {"${}", "${}"},
        {"${a b}", "b"},
        {"${a-b}", "-b"},
        {"${{a} = {b}}", "= {b}"},
        {"${{a} == b}", " b"},
        {"${{a} ==level {b}}", "{a} ==level {b}"},
        {"${{1} ==size {2}}", "size"},
        {"${{a} == {b} x}", "x"},
        {"${a?{x}y}", "y"},
        {"${a?{x}:{y}z}", "z"},
        {"${a{b}}", "{b}"},
        {"$loop", "$loop"},
        {"$p", NULL},
        {"$b1", NULL},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expand_error error = {0};
        int flags;
        expanded(arena, "3.8", cases[i].text, &flags, &error);
        assert_true(flags & EXPAND_FAILED);
        assert_true(error.message.len > 0);
        if (cases[i].place != NULL)
            assert_str(error.place, cases[i].place);
    }
}

static void test_deep_nesting_of_braces_ends_in_an_error(void **state)
{
    struct arena *arena = *state;
    struct expand_error error = {0};
    struct buffer text;
    int flags;

    buffer_init(&text, arena);
    for (int i = 0; i < 10000; i++)
        buffer_add_cstr(&text, "${a?{");
    for (int i = 0; i < 10000; i++)
        buffer_add_cstr(&text, "}}");
    expanded(arena, "3.8", arena_cstr(arena, buffer_str(&text)), &flags, &error);
    assert_true(flags & EXPAND_FAILED);
}

static void test_flags_tell_what_could_not_be_known(void **state)
{
    struct arena *arena = *state;
    int flags;

    expanded(arena, "3.8", "$nothing", &flags, NULL);
    assert_int_equal(flags, EXPAND_HAS_UNDEFINED);
    expanded(arena, "3.8", "$host", &flags, NULL);
    assert_int_equal(flags, EXPAND_HAS_UNDETERMINED);
}

struct seen_references {
    char names[100];
};

static void note(void *context, struct str name, struct str reference)
{
    struct seen_references *seen = context;

    assert_true(reference.at[0] == '$');
    strncat(seen->names, name.at, name.len);
    strcat(seen->names, ",");
}

static void test_a_scan_sees_every_branch(void **state)
{
    struct arena *arena = *state;
    struct seen_references seen = {""};

    assert_int_equal(expand_scan(facts_release(str_of("3.8")), arena,
                                 str_of("$a ${b?{$c}:{$d}} ${{$e} == {$f} ? {$g} : {$h}} $$i"),
                                 note, &seen, NULL),
                     0);
    assert_string_equal(seen.names, "a,b,c,d,e,f,g,h,");
}

static void test_levels_compare_by_their_parts(void **state)
{
    (void)state;
    assert_true(compatibility_level(str_of("3.10")) > compatibility_level(str_of("3.6")));
    assert_true(compatibility_level(str_of("2")) < compatibility_level(str_of("3.6")));
    assert_int_equal(compatibility_level(str_of("3.x")), -1);
    assert_int_equal(compatibility_level(str_of("")), -1);
    assert_int_equal(compatibility_level(str_of("1.2.3.4")), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_references_in_all_their_forms),
        arena_test(test_relations_compare_numbers_texts_and_levels),
        arena_test(test_older_releases_take_braces_as_text),
        arena_test(test_functions_leave_plain_domains_alone),
        arena_test(test_functions_refuse_invalid_names_and_leave_other_scripts_open),
        arena_test(test_what_postfix_refuses_is_an_error_with_its_place),
        arena_test(test_deep_nesting_of_braces_ends_in_an_error),
        arena_test(test_flags_tell_what_could_not_be_known),
        arena_test(test_a_scan_sees_every_branch),
        arena_test(test_levels_compare_by_their_parts),
    };
    return cmocka_run_group_tests_name("expansion", tests, NULL, NULL);
}
