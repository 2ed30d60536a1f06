#include <unistd.h>

#include "smtp/policy/users.h"
#include "smtp/service/reply.h"
#include "tests/unit/unit.h"

static const char *printed(struct arena *arena, struct reply reply)
{
    struct buffer out;

    buffer_init(&out, arena);
    reply_print(&out, reply);
    return arena_cstr(arena, buffer_str(&out));
}

static void test_an_enhanced_code_is_told_from_text(void **state)
{
    struct arena *arena = *state;
    struct reply reply = reply_of(554, str_of("5.7.1 <a@b>: Relay access denied"));

    assert_str(reply.enhanced, "5.7.1");
    assert_str(reply.text, "<a@b>: Relay access denied");
    assert_str(reply_of(220, str_of("3.14 is a number")).enhanced, "");
    assert_str(reply_of(250, str_of("2.0.0x")).text, "2.0.0x");
    assert_str(reply_of(250, str_of("2.0.0")).enhanced, "2.0.0");
}

static void test_each_line_of_a_reply_has_the_codes(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(printed(arena, reply_of(250, str_of("mail\nSIZE\nDSN"))),
                        "250-mail\r\n250-SIZE\r\n250 DSN\r\n");
    assert_string_equal(printed(arena, reply_of(550, str_of("5.1.1 one\ntwo"))),
                        "550-5.1.1 one\r\n550 5.1.1 two\r\n");
    assert_string_equal(printed(arena, reply_of(334, str_of(""))), "334 \r\n");
}

static void test_replies_are_read_line_by_line(void **state)
{
    struct arena *arena = *state;
    struct reply reply = {0}, other = {0};

    assert_int_equal(reply_read(&reply, arena, str_of("250-2.0.0 one")), 0);
    assert_int_equal(reply_read(&reply, arena, str_of("250 2.0.0 two")), 1);
    assert_int_equal(reply.code, 250);
    assert_str(reply.enhanced, "2.0.0");
    assert_str(reply.text, "one\ntwo");
    assert_int_equal(reply_read(&other, arena, str_of("25x no")), -1);
    assert_int_equal(reply_read(&other, arena, str_of("2500 no")), -1);
    assert_int_equal(reply_read(&other, arena, str_of("099 no")), -1);
    assert_int_equal(reply_read(&other, arena, str_of("220")), 1);
    assert_int_equal(other.code, 220);
}

static void test_codes_decide_whether_replies_are_the_same(void **state)
{
    (void)state;
    assert_true(
        reply_same_codes(reply_of(250, str_of("2.1.0 Ok")), reply_of(250, str_of("2.1.0 fine"))));
    assert_false(
        reply_same_codes(reply_of(250, str_of("2.1.0 Ok")), reply_of(250, str_of("2.1.5 Ok"))));
    assert_false(
        reply_same_codes(reply_of(250, str_of("2.1.0 Ok")), reply_of(251, str_of("2.1.0 Ok"))));
}

static void test_long_texts_are_printed_whole(void **state)
{
    struct arena *arena = *state;
    char text[2000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct reply reply = reply_printf(arena, 550, "5.0.0", "<%s>", text);
    assert_int_equal(reply.text.len, sizeof text + 1);
}

static void test_a_user_needs_name_and_password(void **state)
{
    struct arena *arena = *state;
    struct users users = {0};

    users_add(&users, arena, str_of("bob"), str_of("secret"));
    users_add(&users, arena, str_of("eve"), str_of(""));
    assert_true(users_accept(&users, str_of("bob"), str_of("secret")));
    assert_true(users_accept(&users, str_of("eve"), str_of("")));
    assert_false(users_accept(&users, str_of("bob"), str_of("Secret")));
    assert_false(users_accept(&users, str_of("bobsecret"), str_of("")));
    assert_false(users_accept(&users, str_of("Bob"), str_of("secret")));
    assert_false(users_accept(&users, str_of(""), str_of("")));
}

static void test_a_user_file_has_comments_and_says_where_it_is_wrong(void **state)
{
    struct arena *arena = *state;
    char path[] = "/tmp/postmend-users.XXXXXX";
    struct users users = {0};
    struct str error = STR_NONE;
    int file = mkstemp(path);
    static const char text[] = "# who\n\nbob:a:b\r\neve: x\nnobody\n";

    assert_true(file >= 0);
    assert_int_equal(write(file, text, sizeof text - 1), sizeof text - 1);
    close(file);
    assert_false(users_read(&users, arena, str_of(path), &error));
    assert_true(str_ends(error, ": line 5: expected name:password"));
    assert_true(users_accept(&users, str_of("bob"), str_of("a:b")));
    assert_true(users_accept(&users, str_of("eve"), str_of(" x")));
    unlink(path);
    assert_false(users_read(&users, arena, str_of(path), &error));
    assert_true(str_ends(error, ": No such file or directory"));
}

static void test_a_user_file_with_a_password_that_is_too_long_is_an_error(void **state)
{
    struct arena *arena = *state;
    char path[] = "/tmp/postmend-users.XXXXXX";
    struct users users = {0};
    struct str error = STR_NONE;
    struct str text = arena_printf(arena, "bob:%0496d\neve:%0498d\n", 1, 1);
    int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, text.at, text.len), text.len);
    close(file);
    assert_false(users_read(&users, arena, str_of(path), &error));
    assert_true(str_ends(error, ": line 2: name and password are longer than 500 bytes"));
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_an_enhanced_code_is_told_from_text),
        arena_test(test_each_line_of_a_reply_has_the_codes),
        arena_test(test_replies_are_read_line_by_line),
        arena_test(test_codes_decide_whether_replies_are_the_same),
        arena_test(test_long_texts_are_printed_whole),
        arena_test(test_a_user_needs_name_and_password),
        arena_test(test_a_user_file_has_comments_and_says_where_it_is_wrong),
        arena_test(test_a_user_file_with_a_password_that_is_too_long_is_an_error),
    };
    return cmocka_run_group_tests_name("replies and users", tests, NULL, NULL);
}
