/* tables of patterns and networks: cidr, pcre, regexp */
#include "tests/unit/unit.h"

#include "parser/tables/table.h"

static struct tables *tables_as(struct arena *arena, const char *platform)
{
    struct config *config = arena_alloc(arena, sizeof *config);

    config_of(config, arena, platform, "", NULL);
    return tables_create(arena, config);
}

/* says_as - what TEXT as a table of TYPE answers */
static const char *says_as(struct arena *arena, const char *platform, const char *type,
                           const char *text, const char *key, unsigned use)
{
    static const char *const words[] = {
        [LOOKUP_NONE] = "none", [LOOKUP_ERROR] = "error: ", [LOOKUP_UNKNOWN] = "unknown: "};
    struct str name = arena_printf(arena, "%s:/etc/postfix/table", type);
    const struct table *table = table_open_source(tables_as(arena, platform), name,
                                                  source_text(arena, text), TABLE_FOLD | use);
    struct lookup lookup = table_find(table, arena, str_of(key));

    if (lookup.status == LOOKUP_FOUND)
        return arena_printf(arena, "=%.*s", STR_ARG(lookup.value)).at;
    return arena_printf(arena, "%s%.*s", words[lookup.status], STR_ARG(lookup.reason)).at;
}

#define assert_says(type, text, key, expected)                                                     \
    assert_string_equal(says_as(*state, "postfix-3.10", type, text, key, 0), expected)

/* many - TEXT COUNT times */
static const char *many(struct arena *arena, const char *text, size_t count)
{
    struct buffer all;

    buffer_init(&all, arena);
    for (size_t i = 0; i < count; i++)
        buffer_add_cstr(&all, text);
    buffer_add_char(&all, '\0');
    return buffer_str(&all).at;
}

/* --- cidr ---------------------------------------------------------------------------- */

static void the_first_network_of_an_address_answers(void **state)
{
    const char *text = "192.0.2.128/25 half\n192.0.2.0/24 all\n2001:db8::/32 six\n[::1] self\n";

    assert_says("cidr", text, "192.0.2.200", "=half");
    assert_says("cidr", text, "192.0.2.1", "=all");
    assert_says("cidr", text, "2001:DB8::5", "=six");
    assert_says("cidr", text, "::1", "=self");
    assert_says("cidr", text, "::2", "none");
    assert_says("cidr", text, "no address", "none");
}

static void networks_with_host_bits_or_odd_lengths_are_skipped(void **state)
{
    assert_says("cidr", "192.0.2.1/24 A\n192.0.2.0/33 B\n192.0.2.0/x C\n", "192.0.2.1", "none");
    assert_says("cidr", "192.0.2.0/24\n", "192.0.2.1", "none");
    assert_says("cidr", "0.0.0.0/256 A\n", "192.0.2.1", "=A"); /* kept in a byte */
}

static void conditions_of_cidr_tables_came_with_a_release(void **state)
{
    const char *text = "if !192.0.2.0/24\n0.0.0.0/0 out\nendif\n0.0.0.0/0 in\n";

    assert_says("cidr", text, "192.0.2.1", "=in");
    assert_says("cidr", text, "198.51.100.1", "=out");
    assert_string_equal(says_as(*state, "postfix-3.1", "cidr", text, "192.0.2.1", 0), "=out");
}

static void an_if_without_end_reaches_to_the_end(void **state)
{
    assert_says("cidr", "if 10.0.0.0/8\n0.0.0.0/0 A\n", "192.0.2.1", "none");
    assert_says("pcre", "if /x/\n/./ A\n", "y", "none");
    assert_says("regexp", "if /x/\n/./ A\n", "y", "none");
}

/* --- pcre and regexp ----------------------------------------------------------------- */

static void both(void **state, const char *text, const char *key, const char *expected)
{
    assert_says("pcre", text, key, expected);
    assert_says("regexp", text, key, expected);
}

static void patterns_match_in_either_case_unless_told_otherwise(void **state)
{
    both(state, "/foo/ A\n", "FOO", "=A");
    both(state, "/foo/i A\n", "FOO", "none");
    both(state, "!/foo/ A\n", "bar", "=A");
    both(state, "!/foo/ A\n", "foo", "none");
}

static void results_take_pieces_of_the_key(void **state)
{
    both(state, "/^(.*)@(.*)$/ $2:${1}$(1) $$1\n", "a@b", "=b:aa $1");
    both(state, "/(a)(b)?/ <$1$2>\n", "a", "=<a>");
}

static void rules_that_are_not_well_formed_are_skipped(void **state)
{
    both(state, "/(a)/ $2\n/./ ok\n", "a", "=ok");
    both(state, "/(a)/ $x\n/./ ok\n", "a", "=ok");
    both(state, "/(a)/ ${1\n/./ ok\n", "a", "=ok");
    both(state, "!/(b)/ $1\n/./ ok\n", "a", "=ok");
    both(state, "/(/ A\n/./ ok\n", "a", "=ok");
    both(state, "/a A\n/./ ok\n", "a", "=ok");
    both(state, "/a/q A\n/./ ok\n", "a", "=ok");
    both(state, "word\n/./ ok\n", "a", "=ok");
}

static void substitution_can_be_forbidden(void **state)
{
    const char *text = "/(a)/ $1\n/a/ plain\n";

    assert_string_equal(says_as(*state, "postfix-3.10", "pcre", text, "a", TABLE_NO_REGSUB),
                        "=plain");
    assert_string_equal(says_as(*state, "postfix-3.10", "regexp", text, "a", TABLE_NO_REGSUB),
                        "=plain");
}

static void conditions_nest(void **state)
{
    const char *text = "if /a/\nif !/b/\n/./ a alone\nendif\n/./ a and b\nendif\n/./ none\n";

    both(state, text, "a", "=a alone");
    both(state, text, "ab", "=a and b");
    both(state, text, "c", "=none");
    both(state, "endif\n/./ A\n", "c", "=A");
}

static void regexp_takes_a_second_pattern(void **state)
{
    assert_says("regexp", "/foo/!/bar/ A\n", "foo", "=A");
    assert_says("regexp", "/foo/!/bar/ A\n", "foobar", "none");
    assert_says("pcre", "/foo/!/bar/ A\n", "foo", "none");
}

static void unknown_escapes_were_letters_before_pcre2(void **state)
{
    const char *text = "/\\j/ A\n";

    assert_says("pcre", text, "j", "none");
    assert_string_equal(says_as(*state, "postfix-3.5", "pcre", text, "j", 0), "=A");
    assert_string_equal(says_as(*state, "postfix-3.5", "pcre", "/\\j/X A\n", "j", 0), "none");
}

static void rules_in_the_name_came_with_a_release(void **state)
{
    struct arena *arena = *state;
    struct str name = STR("pcre:{{/(a)/ x$1}, {/b/ y}}");

    struct lookup lookup =
        table_find(table_open(tables_as(arena, "postfix-3.7"), name, 0), arena, str_of("a"));
    assert_str(lookup.value, "xa");
    lookup = table_find(table_open(tables_as(arena, "postfix-3.6"), name, 0), arena, str_of("a"));
    assert_int_equal(lookup.status, LOOKUP_ERROR);
}

static void an_entry_has_its_pattern_and_its_place(void **state)
{
    struct arena *arena = *state;
    const struct table_entry *entries;
    const struct table *table = table_open_source(
        tables_as(arena, "postfix-3.10"), (struct str)STR("regexp:/etc/postfix/table"),
        source_text(arena, "# x\n!/a/i  REJECT no\n/(/ bad\n/b/!/c/ OK\n"), 0);

    assert_int_equal(table_entries(table, &entries), 2);
    assert_str(entries[0].key, "!/a/i");
    assert_str(entries[0].value, "REJECT no");
    assert_str(entries[1].key, "/b/!/c/");
    assert_str(span_str(entries[1].span), "/b/!/c/ OK");
}

/* --- bounds -------------------------------------------------------------------------- */

#define TOO_SLOW "unknown: its patterns take more than 100000000 steps"
#define TOO_LARGE "unknown: one of its patterns is longer than 2048 bytes, or than 4096 nodes"

static void a_pattern_that_never_ends_is_unknown(void **state)
{
    assert_says("pcre", many(*state, "/^(a+)+$/ x\n", 1000), many(*state, "a", 40), "=x");
    assert_says("pcre", many(*state, "/^(a+)+[bc]$/ x\n", 1000), many(*state, "a", 40),
                "unknown: one of its patterns takes more than 199800 steps or 64 MB");
    assert_says("regexp", "/(.*)(.*)\\1\\2c/ x\n", many(*state, "ab", 200), TOO_SLOW);
    assert_says("regexp", many(*state, "/(.*)(.*)(.*)x/ $1\n", 10000), many(*state, "a", 2000),
                TOO_SLOW);
}

static void a_pattern_that_would_fill_the_memory_is_unknown(void **state)
{
    assert_says("regexp", "/((((a{1,255}){1,255}){1,255}){1,255})/ x\n", "a", TOO_LARGE);
    assert_says("regexp", "/y++++++++++++++++++++++++++++++++++++++++++++/ x\n", "y", TOO_LARGE);
    assert_says("regexp", "/\\(a\\{1,200\\}\\)\\{1,200\\}/x x\n", "a", TOO_LARGE);
    assert_says("regexp", "/a+b+c+d+e+f+g+h+i+k+l+m+n+/ x\n", "abcdefghiklmn", "=x");
    assert_says("regexp", "/[+{9999}]{1,9}[^]+{]/ x\n", "+9a", "=x");
    assert_says("pcre", many(*state, "/([ab]d){1,900}/ x\n", 20000), "c",
                "unknown: its patterns take more than 64 MB");
}

static void a_long_key_is_unknown_to_regexp(void **state)
{
    assert_says("regexp", "/x/ y\n", many(*state, "a", 100000),
                "unknown: the key is longer than 4096 bytes");
    assert_says("pcre", "/x/ y\n", many(*state, "a", 100000), "none");
}

static void a_result_has_an_end(void **state)
{
    struct arena *arena = *state;
    const char *text = arena_printf(arena, "/(.*)/ %s\n", many(arena, "$1", 20000)).at;

    assert_says("pcre", text, many(arena, "a", 1000), "unknown: its result is longer than 1 MB");
}

static void a_hundred_thousand_conditions_are_no_recursion(void **state)
{
    struct arena *arena = *state;

    assert_says("pcre",
                arena_printf(arena, "%s/./ x\n%s", many(arena, "if /a/\n", 100000),
                             many(arena, "endif\n", 100000))
                    .at,
                "a", "=x");
    assert_says("cidr",
                arena_printf(arena, "%s::/0 x\n%s", many(arena, "if ::/0\n", 100000),
                             many(arena, "endif\n", 100000))
                    .at,
                "::1", "=x");
}

/* --- lines that Postfix warns about --------------------------------------------------- */

/* faults_of - "1 has no result; ..." of TEXT as a table of TYPE; "+" after a line that is kept */
static const char *faults_of(struct arena *arena, const char *type, const char *text)
{
    struct str name = arena_printf(arena, "%s:/etc/postfix/table", type);
    const struct table *table = table_open_source(tables_as(arena, "postfix-3.10"), name,
                                                  source_text(arena, text), TABLE_FOLD);
    const struct table_fault *faults;
    size_t count = table_faults(table, &faults);
    struct buffer all;

    buffer_init(&all, arena);
    for (size_t i = 0; i < count; i++)
        buffer_printf(&all, "%zu%s %.*s; ",
                      source_position(faults[i].span.source, faults[i].span.at).line,
                      faults[i].kept ? "+" : "", STR_ARG(faults[i].what));
    buffer_add_char(&all, '\0');
    return buffer_str(&all).at;
}

static void lines_that_postfix_warns_about_are_known(void **state)
{
    static const struct {
        const char *type, *text, *faults;
    } cases[] = {
        {"regexp", "/a/ OK\n/[b/ OK\n/c/\n",
         "2 has an invalid pattern: Unmatched [, [^, [:, [., or [=; 3+ has no result; "},
        {"pcre", "/(a/ OK\n/b OK\n/c/q OK\n/d/ $1\n!/e/ $1\nendif\nword\n",
         "1 has an invalid pattern: missing closing parenthesis at offset 2; "
         "2 has a pattern without its closing delimiter; "
         "3 has an unknown flag after its pattern; "
         "4 has a group in its result that its pattern does not have; "
         "5 has a \"$\" and a number in its result, and a negated pattern; "
         "6 is an endif without an if; 7 is neither a pattern nor if nor endif; "},
        {"regexp", "if /a/\n/b/ OK\n", "1+ is an if without an endif; "},
        {"cidr", "192.0.2.1/28 OK\n192.0.2.0/28\nx OK\n192.0.2.0/33 OK\n10.0.0.0/8 OK\n",
         "1 is a network whose address has bits that are not in its prefix; 2 has no result; "
         "3 is not an address or a network; 4 has a prefix length that is too long; "},
        {"texthash", "a@x b\nc@x\n", "2 is not a key, white space and a value; "},
        {"hash", "a@x b\n", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(faults_of(*state, cases[i].type, cases[i].text), cases[i].faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(lines_that_postfix_warns_about_are_known),
        arena_test(the_first_network_of_an_address_answers),
        arena_test(networks_with_host_bits_or_odd_lengths_are_skipped),
        arena_test(conditions_of_cidr_tables_came_with_a_release),
        arena_test(an_if_without_end_reaches_to_the_end),
        arena_test(patterns_match_in_either_case_unless_told_otherwise),
        arena_test(results_take_pieces_of_the_key),
        arena_test(rules_that_are_not_well_formed_are_skipped),
        arena_test(substitution_can_be_forbidden),
        arena_test(conditions_nest),
        arena_test(regexp_takes_a_second_pattern),
        arena_test(unknown_escapes_were_letters_before_pcre2),
        arena_test(rules_in_the_name_came_with_a_release),
        arena_test(an_entry_has_its_pattern_and_its_place),
        arena_test(a_pattern_that_never_ends_is_unknown),
        arena_test(a_pattern_that_would_fill_the_memory_is_unknown),
        arena_test(a_long_key_is_unknown_to_regexp),
        arena_test(a_result_has_an_end),
        arena_test(a_hundred_thousand_conditions_are_no_recursion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
