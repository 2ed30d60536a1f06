/* lookup tables that stand in files and names */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/tables/table.h"

enum { FILES_MAX = 32 };

/* a directory with tables */
struct table_fixture {
    struct arena *arena;
    char directory[64];
    char files[FILES_MAX][128];
    size_t file_count;
    struct config config;
    struct tables *tables;
};

static int set_up(void **state)
{
    struct table_fixture *place = calloc(1, sizeof *place);

    place->arena = arena_create(no_memory);
    strcpy(place->directory, "/tmp/test_table.XXXXXX");
    *state = place;
    return mkdtemp(place->directory) == NULL;
}

static int tear_down(void **state)
{
    struct table_fixture *place = *state;

    for (size_t i = 0; i < place->file_count; i++)
        unlink(place->files[i]);
    rmdir(place->directory);
    arena_destroy(place->arena);
    free(place);
    return 0;
}

static void put_bytes(struct table_fixture *place, const char *name, struct str bytes)
{
    char *path = place->files[place->file_count++];

    assert_true(place->file_count <= FILES_MAX);
    snprintf(path, sizeof place->files[0], "%s/%s", place->directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(bytes.at, 1, bytes.len, file);
    fclose(file);
}

static void put(struct table_fixture *place, const char *name, const char *text)
{
    put_bytes(place, name, str_of(text));
}

/* open_as - the directory as it counts for PLATFORM */
static void open_as(struct table_fixture *place, const char *platform)
{
    struct str error = STR_NONE;
    struct config_input input = {.path = str_of(place->directory),
                                 .platform = facts_platform(str_of(platform)),
                                 .main_source =
                                     source_text(place->arena, "smtputf8_enable = no\n")};

    assert_non_null(input.platform);
    assert_true(config_open(&place->config, place->arena, &input, &error));
    place->tables = tables_create(place->arena, &place->config);
}

static struct lookup ask(struct table_fixture *place, const char *table, const char *key)
{
    if (place->tables == NULL)
        open_as(place, "postfix-3.10");
    return table_find(table_open(place->tables, str_of(table), TABLE_FOLD), place->arena,
                      str_of(key));
}

/* says - the answer as a text: "=value", "none", "error: reason", "unknown: reason" */
static const char *says(struct table_fixture *place, const char *table, const char *key)
{
    struct lookup lookup = ask(place, table, key);
    static const char *const words[] = {
        [LOOKUP_NONE] = "none", [LOOKUP_ERROR] = "error: ", [LOOKUP_UNKNOWN] = "unknown: "};

    if (lookup.status == LOOKUP_FOUND)
        return arena_printf(place->arena, "=%.*s", STR_ARG(lookup.value)).at;
    return arena_printf(place->arena, "%s%.*s", words[lookup.status], STR_ARG(lookup.reason)).at;
}

#define assert_says(table, key, expected) assert_string_equal(says(place, table, key), expected)

/* --- files of keys ------------------------------------------------------------------- */

static void a_hash_is_read_as_postmap_would_read_it(void **state)
{
    struct table_fixture *place = *state;

    put(place, "access",
        "# a comment\n"
        "Example.COM   OK\n"
        "two.example\n"
        "\tREJECT in\n"
        "# between\n"
        "  two lines \n"
        "example.com DUNNO\n"
        "alone\n");
    assert_says("hash:/etc/postfix/access", "example.com", "=OK");
    assert_says("hash:/etc/postfix/access", "EXAMPLE.com", "=OK");
    assert_says("hash:/etc/postfix/access", "two.example", "=REJECT in  two lines");
    assert_says("hash:/etc/postfix/access", "alone", "none");
    assert_says("hash:/etc/postfix/access", "", "none");
}

static void the_line_that_answered_is_named(void **state)
{
    struct table_fixture *place = *state;

    put(place, "access", "a 1\nb 2\n");
    struct lookup lookup = ask(place, "hash:/etc/postfix/access", "b");
    assert_int_equal(source_position(lookup.span.source, lookup.span.at).line, 2);
    assert_true(str_is(span_str(lookup.span), "b 2"));
}

static void a_texthash_with_duplicates_fails_for_daemons_alone(void **state)
{
    struct table_fixture *place = *state;

    put(place, "t", "a 1\nA 2\n");
    assert_says("texthash:/etc/postfix/t", "a", "error: duplicate entry: \"a\"");
    struct lookup lookup = table_find(
        table_open(place->tables, str_of("texthash:/etc/postfix/t"), TABLE_FOLD | TABLE_POSTMAP),
        place->arena, str_of("a"));
    assert_true(str_is(lookup.value, "1"));
}

static void quoted_keys_came_with_a_release(void **state)
{
    struct table_fixture *place = *state;

    put(place, "t", "\"a b\" c\n");
    open_as(place, "postfix-3.10");
    assert_says("texthash:/etc/postfix/t", "\"a b\"", "=c");
    open_as(place, "postfix-3.1");
    assert_says("texthash:/etc/postfix/t", "\"a", "=b\" c");
}

static void an_alias_file_has_a_colon_behind_the_name(void **state)
{
    struct table_fixture *place = *state;

    put(place, "aliases",
        "root: admin, \"|/bin/x y\"\n"
        "\"odd name\": :include:/a/b\n"
        "a@b: c\n"
        "empty:\n");
    open_as(place, "postfix-3.10");
    const struct table *table =
        table_open(place->tables, str_of("hash:/etc/postfix/aliases"), TABLE_FOLD | TABLE_ALIAS);
    assert_true(
        str_is(table_find(table, place->arena, str_of("Root")).value, "admin, \"|/bin/x y\""));
    assert_true(str_is(table_find(table, place->arena, str_of("odd name")).value, ":include:/a/b"));
    const struct table_entry *entries;
    assert_int_equal(table_entries(table, &entries), 2);
}

static void a_table_that_a_copy_lacks_is_unknown(void **state)
{
    struct table_fixture *place = *state;

    assert_says("hash:/etc/postfix/gone", "a",
                "unknown: the directory does not contain /etc/postfix/gone");
    put(place, "built.db", "");
    assert_says("hash:/etc/postfix/built", "a",
                "unknown: only the database built from /etc/postfix/built exists");
}

static void files_outside_the_directory_are_not_read(void **state)
{
    struct table_fixture *place = *state;

    assert_says("hash:/etc/passwd", "a", "unknown: /etc/passwd is outside the directory");
    assert_says("hash:/etc/postfix/../passwd", "a",
                "unknown: /etc/postfix/../passwd is outside the directory");
    assert_says("texthash:access", "a", "unknown: access is not an absolute path");
}

static void types_are_those_of_the_platform(void **state)
{
    struct table_fixture *place = *state;

    put(place, "access", "a 1\n");
    open_as(place, "rhel10");
    assert_says("hash:/etc/postfix/access", "a", "error: unsupported dictionary type: hash");
    assert_says("lmdb:/etc/postfix/access", "a", "=1");
    open_as(place, "postfix-2.10");
    assert_says("inline:{a=b}", "a", "error: unsupported dictionary type: inline");
    assert_says("nosuch:x", "a", "error: unsupported dictionary type: nosuch");
    assert_says("hash:", "a", "error: a table is named type:name");
    assert_says("hash", "a", "error: a table is named type:name");
}

static void databases_and_sockets_are_unknown(void **state)
{
    struct table_fixture *place = *state;

    assert_says("mysql:/etc/postfix/x", "a", "unknown: mysql asks a database");
    assert_says("tcp:localhost:1", "a", "unknown: tcp asks a server");
    assert_says("unix:passwd.byname", "a", "unknown: unix asks the machine's users and groups");
    assert_says("environ:x", "a", "unknown: environ asks the environment of the process");
    assert_says("proxy:ldap:/x", "a", "unknown: ldap asks a database");
}

/* --- tables in a name ---------------------------------------------------------------- */

static void inline_tables_answer_the_last_of_equal_keys(void **state)
{
    struct table_fixture *place = *state;

    assert_says("inline:{a=1, {b = 2 3}, A=4}", "b", "=2 3");
    assert_says("inline:{a=1, {b = 2 3}, A=4}", "a", "=4");
    assert_says("inline:{}", "a", "error: empty table");
    assert_says("inline:{a}", "a", "error: missing '=' after attribute name");
    assert_says("inline:{a=b", "a", "error: missing '}'");
}

static void static_answers_everything(void **state)
{
    struct table_fixture *place = *state;

    assert_says("static:OK", "a", "=OK");
    assert_says("static:{ REJECT now }", "a", "=REJECT now");
    assert_says("fail:x", "a", "error: fail always fails");
    assert_says("randmap:{a}", "x", "=a");
    assert_says("randmap:{a,b}", "x", "unknown: randmap gives a random result");
    assert_says("internal:x", "x", "none");
}

static void tables_are_made_of_tables(void **state)
{
    struct table_fixture *place = *state;

    assert_says("pipemap:{inline:{a=b},inline:{b=c}}", "a", "=c");
    assert_says("pipemap:{inline:{a=b},inline:{x=c}}", "a", "none");
    assert_says("unionmap:{inline:{a=b},inline:{x=y},static:z}", "a", "=b,z");
    assert_says("unionmap:{inline:{a=b},fail:x}", "a", "error: fail always fails");
    assert_says("pipemap:{}", "a", "error: need {type:name...}");
    assert_says("pipemap:{hash}", "a", "error: a table is named type:name");
    assert_says("proxy:static:x", "a", "=x");
}

static void a_union_that_is_too_long_is_unknown(void **state)
{
    struct table_fixture *place = *state;
    struct buffer text;

    buffer_init(&text, place->arena);
    buffer_add_cstr(&text, "static:");
    for (int i = 0; i < 700 * 1024; i++)
        buffer_add_char(&text, 'x');
    struct str one = buffer_str(&text);
    struct str all = arena_printf(place->arena, "unionmap:{%.*s,%.*s,%.*s}", STR_ARG(one),
                                  STR_ARG(one), STR_ARG(one));
    assert_says(arena_cstr(place->arena, all), "a", "unknown: its result is longer than 1 MB");
}

static void deep_nesting_has_an_end(void **state)
{
    struct table_fixture *place = *state;
    struct buffer text;

    buffer_init(&text, place->arena);
    for (int i = 0; i < 100000; i++)
        buffer_add_cstr(&text, "proxy:");
    buffer_add_cstr(&text, "static:x");
    buffer_add_char(&text, '\0');
    assert_says(text.at, "a", "unknown: tables are nested more than 20 levels deep");
}

/* --- whole keys and parts of them ---------------------------------------------------- */

static void only_fixed_tables_are_asked_for_parts_of_a_key(void **state)
{
    struct table_fixture *place = *state;

    open_as(place, "postfix-3.10");
    static const struct {
        const char *name;
        bool fixed;
    } tables[] = {
        {"inline:{a=b}", true},
        {"static:x", true},
        {"pcre:{{/a/ b}}", false},
        {"cidr:{{1.2.3.4 b}}", false},
        {"randmap:{a}", false},
        {"fail:x", false},
        {"hash:/etc/postfix/gone", true},
        {"mysql:/etc/postfix/x", true},
        {"tcp:a:1", false},
        {"pipemap:{pcre:{{/a/ b}},static:x}", false},
        {"pipemap:{static:x,pcre:{{/a/ b}}}", true},
        {"proxy:pcre:{{/a/ b}}", false},
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_int_equal(table_open(place->tables, str_of(tables[i].name), 0)->fixed,
                         tables[i].fixed);
}

static void a_query_with_parts_of_the_key_gets_whole_keys(void **state)
{
    struct table_fixture *place = *state;

    put(place, "whole", "hosts = x\nquery = SELECT a FROM b\n  WHERE c = '%u'\n");
    put(place, "parts", "query = SELECT a FROM b WHERE c = '%s' AND d = '%%u'\n");
    put(place, "domain", "query = SELECT '%s'\ndomain = example.com\n");
    open_as(place, "postfix-3.10");
    assert_false(table_open(place->tables, str_of("mysql:/etc/postfix/whole"), 0)->fixed);
    assert_true(table_open(place->tables, str_of("mysql:/etc/postfix/parts"), 0)->fixed);
    assert_false(table_open(place->tables, str_of("proxy:mysql:/etc/postfix/domain"), 0)->fixed);
    assert_says("mysql:/etc/postfix/whole", "a", "unknown: mysql asks a database");
}

static void the_first_table_of_a_list_that_knows_decides(void **state)
{
    struct table_fixture *place = *state;

    open_as(place, "postfix-3.10");
    struct lookup lookup = tables_find(place->tables, place->arena,
                                       str_of("inline:{a=1}, inline:{b=2} fail:x"), str_of("b"), 0);
    assert_true(str_is(lookup.value, "2"));
    lookup = tables_find(place->tables, place->arena, str_of("inline:{a=1} fail:x static:3"),
                         str_of("b"), 0);
    assert_int_equal(lookup.status, LOOKUP_ERROR);
    lookup =
        tables_find(place->tables, place->arena, str_of("pcre:{{/b/}} static:3"), str_of("b"), 0);
    assert_true(str_is(lookup.reason, "the result is empty"));
    lookup = tables_find(place->tables, place->arena, str_of("static:3"), str_of(""), 0);
    assert_int_equal(lookup.status, LOOKUP_NONE);
}

/* --- size ---------------------------------------------------------------------------- */

static void a_hundred_thousand_lines_are_quick(void **state)
{
    struct table_fixture *place = *state;
    struct buffer text;

    buffer_init(&text, place->arena);
    for (int i = 0; i < 100000; i++)
        buffer_printf(&text, "user%d@example.com target%d\n", (i * 7919) % 100000, i);
    put_bytes(place, "large", buffer_str(&text));
    assert_says("hash:/etc/postfix/large", "user7919@example.com", "=target1");
    for (int i = 0; i < 100000; i++)
        ask(place, "hash:/etc/postfix/large", "user5@example.com");
}

#define place_test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        place_test(a_hash_is_read_as_postmap_would_read_it),
        place_test(the_line_that_answered_is_named),
        place_test(a_texthash_with_duplicates_fails_for_daemons_alone),
        place_test(quoted_keys_came_with_a_release),
        place_test(an_alias_file_has_a_colon_behind_the_name),
        place_test(a_table_that_a_copy_lacks_is_unknown),
        place_test(files_outside_the_directory_are_not_read),
        place_test(types_are_those_of_the_platform),
        place_test(databases_and_sockets_are_unknown),
        place_test(inline_tables_answer_the_last_of_equal_keys),
        place_test(static_answers_everything),
        place_test(tables_are_made_of_tables),
        place_test(a_union_that_is_too_long_is_unknown),
        place_test(deep_nesting_has_an_end),
        place_test(only_fixed_tables_are_asked_for_parts_of_a_key),
        place_test(a_query_with_parts_of_the_key_gets_whole_keys),
        place_test(the_first_table_of_a_list_that_knows_decides),
        place_test(a_hundred_thousand_lines_are_quick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
