/* sendmail_mc: every directive of a macro file, in its order, with its line */
#include "tests/unit/unit.h"

#include <time.h>

#include "parser/sendmail/mc.h"

static bool parse(struct sendmail_mc *mc, struct arena *arena, const char *text)
{
    return sendmail_mc_parse(
        mc, arena, source_of(arena, str_of("a.mc"), arena_copy(arena, str_of(text))), NULL);
}

/* summary - "LINE NAME|text" of each directive, for a glance */
static const char *summary(void **state, const char *text)
{
    static const char *const kinds[] = {"", "text ", "ignored ", "dnl "};
    struct sendmail_mc mc;
    struct buffer out;

    assert_true(parse(&mc, *state, text));
    buffer_init(&out, *state);
    for (size_t i = 0; i < mc.count; i++) {
        const struct sendmail_directive *one = &mc.directives[i];
        buffer_printf(&out, "%zu %s%.*s", one->line, kinds[one->kind],
                      STR_ARG(str_trim(one->text)));
        for (size_t j = 1; j <= one->argument_count; j++)
            buffer_printf(&out, "[%.*s]", STR_ARG(sendmail_directive_argument(one, j)));
        buffer_add_char(&out, ';');
    }
    return arena_cstr(*state, buffer_str(&out));
}

static void directives_come_in_the_order_of_the_file(void **state)
{
    assert_string_equal(
        summary(state, "divert(-1)\nwho wrote it\ndivert(0)dnl\ninclude(`../m4/cf.m4')dnl\n"
                       "OSTYPE(`linux')dnl\ndnl DAEMON_OPTIONS(`Port=smtps')dnl\n"
                       "define(`confLOG_LEVEL', `9')dnl\nMAILER(smtp)dnl\n"),
        "1 divert[-1];2 ignored who wrote it;3 divert[0];4 include[../m4/cf.m4];5 OSTYPE[linux];"
        "6 dnl DAEMON_OPTIONS(`Port=smtps')dnl;7 define[confLOG_LEVEL][9];8 MAILER[smtp];");
}

static void lines_of_a_section_are_texts(void **state)
{
    assert_string_equal(summary(state, "LOCAL_CONFIG\nKa hash /etc/a\n\nC{w}`a'b\nLOCAL_RULE_0\n"
                                       "R$*\t$#error\n"),
                        "1 LOCAL_CONFIG;1 divert[6];2 text Ka hash /etc/a;4 text C{w}ab;"
                        "5 LOCAL_RULE_0;5 divert[3];6 text R$*\t$#error;");
}

static void a_line_may_be_put_together_of_macros(void **state)
{
    assert_string_equal(summary(state, "Kaccess DATABASE_MAP_TYPE MAIL_SETTINGS_DIR`'access\n"),
                        "1 text Kaccess hash /etc/mail/access;");
}

static void without_cf_m4_the_macros_are_known_from_the_start(void **state)
{
    assert_string_equal(summary(state, "# it`s m4 cf.m4 a.mc'\nMAILER(local)\n"),
                        "1 text # its m4 cf.m4 a.mc;2 MAILER[local];");
}

static void before_cf_m4_no_macro_is_known(void **state)
{
    assert_string_equal(summary(state, "# it`s\nDOMAIN(a)\nsinclude(`x/cf.m4')OSTYPE(b)\n"),
                        "1 text # it`s;2 text DOMAIN(a);3 sinclude[x/cf.m4];3 OSTYPE[b];");
}

static void a_line_behind_exposed_user_is_lost_as_in_sendmail(void **state)
{
    assert_string_equal(summary(state, "EXPOSED_USER(`root') MAILER(local)\n"),
                        "1 EXPOSED_USER[root];1 dnl MAILER(local);");
}

static void the_dnl_of_a_macro_and_the_one_behind_it_are_two_words(void **state)
{
    assert_string_equal(summary(state, "EXPOSED_USER(`root')dnl\nMAILER(local)\n"),
                        "1 EXPOSED_USER[root];2 MAILER[local];");
}

static void an_error_names_file_and_line(void **state)
{
    struct arena *arena = *state;
    struct sendmail_mc mc;

    assert_false(parse(&mc, arena, "OSTYPE(`linux')\nFEATURE(`access_db)\n"));
    assert_str(mc.error, "a.mc:2: the quote that starts here is not closed");
    assert_true(sendmail_calls(&mc.directives[0], "OSTYPE"));
}

static void a_bomb_costs_less_than_64_mib_also_when_it_is_read_twice(void **state)
{
    struct sendmail_mc mc;
    clock_t start = clock();

    assert_false(parse(&mc, *state,
                       "dnl m4 cf.m4 a.mc\n"
                       "define(`a', `$1$1$1$1$1$1$1$1$1$1')\na(a(a(a(a(a(a(a(a(a(x))))))))))"));
    assert_true(arena_held(*state) < 64u * 1024 * 1024);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(directives_come_in_the_order_of_the_file),
        arena_test(lines_of_a_section_are_texts),
        arena_test(a_line_may_be_put_together_of_macros),
        arena_test(without_cf_m4_the_macros_are_known_from_the_start),
        arena_test(before_cf_m4_no_macro_is_known),
        arena_test(a_line_behind_exposed_user_is_lost_as_in_sendmail),
        arena_test(the_dnl_of_a_macro_and_the_one_behind_it_are_two_words),
        arena_test(an_error_names_file_and_line),
        arena_test(a_bomb_costs_less_than_64_mib_also_when_it_is_read_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
