#include "base/base64.h"
#include "base/json.h"
#include "base/path.h"
#include "tests/unit/unit.h"

/* RFC 4648, section 10 */
static const struct {
    const char *bytes, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void test_base64_is_that_of_the_rfc(void **state)
{
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char bytes[16];
        size_t len = 99;
        assert_str(base64_encode(arena, str_of(vectors[i].bytes)), vectors[i].text);
        assert_true(base64_decode(str_of(vectors[i].text), bytes, &len));
        assert_str(((struct str){bytes, len}), vectors[i].bytes);
    }
}

static void test_base64_carries_any_byte(void **state)
{
    struct arena *arena = *state;
    const struct str all = STR("\0\xff\xfe\x80zz\0");
    char bytes[16];
    size_t len;

    assert_str(base64_encode(arena, all), "AP/+gHp6AA==");
    assert_true(base64_decode(str_of("AP/+gHp6AA=="), bytes, &len));
    assert_int_equal(len, all.len);
    assert_memory_equal(bytes, all.at, len);
}

static void test_base64_refuses_other_bytes_but_not_missing_padding(void **state)
{
    (void)state;
    char bytes[16];
    size_t len;

    assert_true(base64_decode(str_of("Zm8"), bytes, &len));
    assert_int_equal(len, 2);
    assert_false(base64_decode(str_of("Zg==Zg=="), bytes, &len));
    assert_false(base64_decode(str_of("Zm 9"), bytes, &len));
    assert_false(base64_decode((struct str)STR("Zm\0v"), bytes, &len));
}

static void test_a_path_has_a_directory_and_a_base(void **state)
{
    struct arena *arena = *state;

    assert_str(path_base(str_of("/etc/postfix/main.cf")), "main.cf");
    assert_str(path_base(str_of("main.cf")), "main.cf");
    assert_str(path_base(str_of("/etc/postfix/")), "");
    assert_str(path_directory(str_of("/etc/postfix/main.cf")), "/etc/postfix");
    assert_str(path_directory(str_of("/main.cf")), "/");
    assert_str(path_directory(str_of("main.cf")), ".");
    assert_str(path_trim_slashes(str_of("/etc//")), "/etc");
    assert_str(path_trim_slashes(str_of("//")), "/");
}

static void test_a_path_is_below_a_directory_by_whole_names(void **state)
{
    struct arena *arena = *state;

    assert_str(path_below(str_of("/etc/postfix/a/b"), str_of("/etc/postfix")), "a/b");
    assert_null(path_below(str_of("/etc/postfix-3/a"), str_of("/etc/postfix")).at);
    assert_null(path_below(str_of("/etc/postfix"), str_of("/etc/postfix")).at);
    assert_null(path_below(str_of("/a"), str_of("")).at);
    assert_true(path_climbs(str_of("/etc/postfix/../shadow")));
    assert_true(path_climbs(str_of("/etc/..")));
    assert_false(path_climbs(str_of("/etc/..a/b")));
}

static void test_a_json_string_is_always_utf_8(void **state)
{
    struct arena *arena = *state;
    json_t *list = json_array();
    struct buffer out;

    buffer_init(&out, arena);
    json_array_append_new(list, json_text(arena, STR_NONE));
    json_array_append_new(list, json_text(arena, str_of("caf\xc3\xa9")));
    json_array_append_new(list, json_text(arena, str_of("caf\xe9 \"x\"")));
    json_array_append_new(list, json_count(3));
    json_print(&out, list, 0);
    assert_str(buffer_str(&out), "[\"\", \"caf\xc3\xa9\", \"caf\xef\xbf\xbd \\\"x\\\"\", 3]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_base64_is_that_of_the_rfc),
        arena_test(test_base64_carries_any_byte),
        arena_test(test_base64_refuses_other_bytes_but_not_missing_padding),
        arena_test(test_a_path_has_a_directory_and_a_base),
        arena_test(test_a_path_is_below_a_directory_by_whole_names),
        arena_test(test_a_json_string_is_always_utf_8),
    };
    return cmocka_run_group_tests_name("base64, JSON and paths", tests, NULL, NULL);
}
