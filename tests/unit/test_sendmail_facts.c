/*
 * What postmend knows of Sendmail's configuration, and what becomes of the lines whose fact says
 * all: those of the modules simple and server.
 */
#include "tests/unit/sendmail_text.h"

#include "convert/remaining/modules.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "facts/sendmail.h"
#include "parser/sendmail/mc.h"

/* --- the facts -------------------------------------------------------------------------------- */

static bool is_sentence(struct str text)
{
    return text.len > 5 && !is_space(text.at[0]) && text.at[text.len - 1] == '.';
}

static void every_fact_says_what_becomes_of_it(void **state)
{
    struct arena *arena = *state;
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    assert_true(count > 500);
    for (size_t i = 0; i < count; i++) {
        const struct sendmail_fact *fact = &facts[i];
        if (!is_sentence(fact->says))
            fail_msg("%s says \"%s\"", arena_cstr(arena, fact->name),
                     arena_cstr(arena, fact->says));
        if ((fact->fate == FATE_OPEN) != is_sentence(fact->advice))
            fail_msg("%s: the advice \"%s\"", arena_cstr(arena, fact->name),
                     arena_cstr(arena, fact->advice));
        assert_true(fact->source.len > 0);
    }
}

static void every_fact_is_found_by_its_name_and_its_option(void **state)
{
    struct arena *arena = *state;
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++) {
        const struct sendmail_fact *fact = &facts[i];
        if (facts_sendmail(fact->kind, fact->name) != fact)
            fail_msg("%s is not found", arena_cstr(arena, fact->name));
        if (fact->option.len > 0 && facts_sendmail_option(fact->option) != fact)
            fail_msg("the option of %s is not found", arena_cstr(arena, fact->name));
        if (fact->letter.len > 0 && facts_sendmail_option(fact->letter) != fact)
            fail_msg("the letter of %s is not found", arena_cstr(arena, fact->name));
    }
}

static void every_macro_that_m4_reports_is_a_fact(void **state)
{
    size_t count;
    const struct m4_macro *macros = sendmail_macros(&count);

    for (size_t i = 0; i < count; i++)
        if (macros[i].reported && facts_sendmail(SENDMAIL_MACRO, macros[i].name) == NULL)
            fail_msg("%s", arena_cstr(*state, macros[i].name));
}

static const char *fact_of_option(const char *option)
{
    const struct sendmail_fact *fact = facts_sendmail_option(str_of(option));

    return fact == NULL ? "(none)" : fact->name.at;
}

static void options_have_long_names_in_any_case_and_letters_in_their_own(void **state)
{
    (void)state;
    assert_string_equal(fact_of_option("maxmessagesize"), "confMAX_MESSAGE_SIZE");
    assert_string_equal(fact_of_option("Timeout.QueueReturn"), "confTO_QUEUERETURN");
    assert_string_equal(fact_of_option("DaemonPortOptions"), "DAEMON_OPTIONS");
    assert_string_equal(fact_of_option("x"), "confQUEUE_LA");
    assert_string_equal(fact_of_option("X"), "confREFUSE_LA");
    assert_string_equal(fact_of_option("NoSuchOption"), "(none)");
    assert_string_equal(fact_of_option(""), "(none)");
    assert_null(facts_sendmail(SENDMAIL_DEFINE, str_of("access_db")));
    assert_non_null(facts_sendmail(SENDMAIL_FEATURE, str_of("access_db")));
}

static bool suits(enum sendmail_conversion conversion, enum parameter_type type)
{
    switch (conversion) {
    case CONVERT_NUMBER: /* also of seconds, where Sendmail knows no units */
        return type == PARAMETER_INT || type == PARAMETER_NINT || type == PARAMETER_LONG ||
               type == PARAMETER_TIME;
    case CONVERT_BYTES:
    case CONVERT_BLOCKS:
        return type == PARAMETER_INT || type == PARAMETER_NINT || type == PARAMETER_LONG;
    case CONVERT_TIME:
        return type == PARAMETER_TIME;
    case CONVERT_BOOL:
    case CONVERT_BOOL_NOT:
        return type == PARAMETER_BOOL || type == PARAMETER_NBOOL;
    case CONVERT_TEXT:
        return type == PARAMETER_STR;
    default:
        return conversion == CONVERT_FIXED;
    }
}

static void each_parameter_has_the_kind_of_value_that_its_line_converts_to(void **state)
{
    struct arena *arena = *state;
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++) {
        const struct parameter *parameter = facts_parameter_at(facts[i].parameter);
        const struct parameter *also = facts_parameter_at(facts[i].also);
        if (facts[i].conversion == CONVERT_MODULE)
            continue;
        if (parameter == NULL || !suits(facts[i].conversion, parameter->type)) {
            fail_msg("%s does not suit", arena_cstr(arena, facts[i].name));
            return;
        }
        if (facts[i].also != PARAM_NONE && (also == NULL || also->type != parameter->type))
            fail_msg("%s does not suit both", arena_cstr(arena, facts[i].name));
    }
}

static void the_default_of_sendmail_converts_or_asks_for_nothing(void **state)
{
    struct arena *arena = *state;
    size_t count;
    const struct sendmail_fact *facts = facts_sendmail_all(&count);

    for (size_t i = 0; i < count; i++) {
        struct str problem;
        if (facts[i].conversion == CONVERT_MODULE || facts[i].fallback.len == 0 ||
            sendmail_is_idle(&facts[i], facts[i].fallback))
            continue;
        if (sendmail_convert_value(arena, &facts[i], facts[i].fallback, &problem).at == NULL)
            fail_msg("%s: its default %s", arena_cstr(arena, facts[i].name),
                     arena_cstr(arena, problem));
    }
}

/* --- values ----------------------------------------------------------------------------------- */

static const char *time_text(struct arena *arena, const char *text, char unit)
{
    long seconds;

    if (!sendmail_time(str_of(text), unit, &seconds))
        return "(no time)";
    return arena_cstr(arena, sendmail_time_text(arena, seconds));
}

static void a_time_is_written_in_the_largest_unit_that_holds_it(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(time_text(arena, "5d", 'm'), "5d");
    assert_string_equal(time_text(arena, "7d", 'm'), "1w");
    assert_string_equal(time_text(arena, "1d12h", 'm'), "36h");
    assert_string_equal(time_text(arena, "1h30m", 'm'), "90m");
    assert_string_equal(time_text(arena, "90", 's'), "90s");
    assert_string_equal(time_text(arena, "4", 'h'), "4h");
    assert_string_equal(time_text(arena, "1h30", 'm'), "90m"); /* the rest in the usual unit */
    assert_string_equal(time_text(arena, "0", 'd'), "0s");
    assert_string_equal(time_text(arena, "0s", 'd'), "0s");
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const texts[] = {"",     "d",     "5x",    "5 d",  "-5d",  "now",
                                        "1D",   "5d/4h", "1h30x", "'5d'", "1.5h", "99999999999999d",
                                        "3551w"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(time_text(*state, texts[i], 'm'), "(no time)") != 0)
            fail_msg("\"%s\" is taken", texts[i]);
}

static void switches_are_read_as_sendmail_reads_them(void **state)
{
    (void)state;
    assert_true(sendmail_bool(str_of("True")));
    assert_true(sendmail_bool(str_of("yes")));
    assert_true(sendmail_bool(str_of("")));
    assert_false(sendmail_bool(str_of("False")));
    assert_false(sendmail_bool(str_of("on"))); /* only t and y are yes */
    assert_false(sendmail_bool(str_of("1")));
}

/* VALUE of a define as its parameter has it, or what is wrong with it */
static const char *converted(struct arena *arena, const char *define, const char *value)
{
    struct str problem;
    const struct sendmail_fact *fact = facts_sendmail(SENDMAIL_DEFINE, str_of(define));
    struct str text = sendmail_convert_value(arena, fact, str_of(value), &problem);

    return arena_cstr(arena, text.at == NULL ? problem : text);
}

static void a_value_that_postfix_would_refuse_is_not_converted(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(converted(arena, "confMAX_HOP", "25"), "25");
    assert_string_equal(converted(arena, "confMAX_HOP", "0"),
                        "is below the minimum of 1 for hopcount_limit");
    assert_string_equal(converted(arena, "confMAX_HOP", "2147483648"),
                        "is above the maximum of 2147483647 for hopcount_limit");
    assert_string_equal(converted(arena, "confMAX_HOP", "25x"), "is not a valid number in Postfix");
    assert_string_equal(converted(arena, "confTO_QUEUERETURN", "100d"), "100d");
    assert_string_equal(converted(arena, "confTO_QUEUERETURN", "101d"),
                        "is above the maximum of 8640000 for maximal_queue_lifetime");
    assert_string_equal(converted(arena, "confTO_MAIL", "0"),
                        "is below the minimum of 1 for smtp_mail_timeout");
    assert_string_equal(converted(arena, "confMAX_MESSAGE_SIZE", "10M"),
                        "is not a valid number in Postfix");
    assert_string_equal(converted(arena, "confMAX_MESSAGE_SIZE", "10000000000"), "10000000000");
    assert_string_equal(converted(arena, "confDOUBLE_BOUNCE_ADDRESS", ""), "is empty");
    assert_string_equal(converted(arena, "confDOUBLE_BOUNCE_ADDRESS", "root@$m"),
                        "contains a Sendmail macro");
}

static void blocks_become_bytes_and_bare_times_have_the_unit_of_their_option(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(converted(arena, "confMIN_FREE_BLOCKS", "100"), "409600");
    assert_string_equal(converted(arena, "confTO_QUEUERETURN", "5"), "5d");
    assert_string_equal(converted(arena, "confTO_QUEUEWARN", "5"), "5h");
    assert_string_equal(converted(arena, "confTO_COMMAND", "5"), "5m");
    assert_string_equal(converted(arena, "confSOFT_BOUNCE", "True"), "yes");
}

/* --- lines ------------------------------------------------------------------------------------ */

/* the draft of a macro file by these two modules alone */
static void draft_of(struct draft *draft, struct sendmail *sendmail, struct arena *arena,
                     const char *text)
{
    sendmail_text(sendmail, arena, text);
    draft_init(draft, arena, sendmail, facts_platform(str_of("rhel10")));
    simple_convert(draft);
    server_convert(draft);
    draft_finish(draft);
}

/* the setting that the macro file TEXT leads to */
static const char *setting(struct arena *arena, const char *text, const char *name)
{
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, text);
    struct str value = draft_value_named(&draft, str_of(name));
    return value.at == NULL ? "(not set)" : arena_cstr(arena, value);
}

/* "fate: text" of the first line of TEXT */
static const char *fate(struct arena *arena, const char *text)
{
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, text);
    assert_true(sendmail.count > 0);
    return arena_printf(arena, "%s: %.*s", sendmail_fate_name(draft.fates[0].fate),
                        STR_ARG(draft.fates[0].text))
        .at;
}

static void a_line_that_one_parameter_says_sets_it(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(fate(arena, "define(`confMAX_HOP', `30')\n"),
                        "mapped: hopcount_limit = 30");
    assert_string_equal(setting(arena, "define(`confMAX_HOP', `30')\n", "hopcount_limit"), "30");
    assert_string_equal(fate(arena, "define(`confTO_QUEUERETURN', `2d')\n"),
                        "mapped: maximal_queue_lifetime = 2d; bounce_queue_lifetime = 2d");
    assert_string_equal(fate(arena, "define(`T', `9m')define(`confTO_COMMAND', `T')\n"),
                        "meaningless: a local macro, which matters only where it is used");
    assert_string_equal(
        setting(arena, "define(`T', `9m')define(`confTO_COMMAND', `T')\n", "smtpd_timeout"), "9m");
}

static void the_narrower_line_wins_wherever_it_stands(void **state)
{
    struct arena *arena = *state;
    static const char text[] = "define(`confTO_QUEUERETURN_DSN', `1d')\n"
                               "define(`confTO_QUEUERETURN', `4d')\n"
                               "define(`confTO_INITIAL', `1m')define(`confTO_HELO', `3m')\n";

    assert_string_equal(setting(arena, text, "maximal_queue_lifetime"), "4d");
    assert_string_equal(setting(arena, text, "bounce_queue_lifetime"), "1d");
    assert_string_equal(setting(arena, text, "smtp_helo_timeout"), "3m");
    assert_string_equal(fate(arena, "define(`confTO_INITIAL', `1m')define(`confTO_HELO', `3m')\n"),
                        "meaningless: another line sets smtp_helo_timeout");
}

static void a_bad_value_is_an_open_point_and_sets_nothing(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(fate(arena, "define(`confTO_MAIL', `5 m')\n"),
                        "open: the value \"5 m\" is not a valid time in Postfix");
    assert_string_equal(setting(arena, "define(`confTO_MAIL', `ten')\n", "smtp_mail_timeout"),
                        "(not set)");
    assert_string_equal(
        setting(arena, "define(`confMAX_MESSAGE_SIZE', `10M')\n", "message_size_limit"),
        "(not set)");
}

static void a_value_that_asks_for_nothing_is_no_open_point(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(fate(arena, "define(`confCONNECTION_RATE_THROTTLE', `0')\n"),
                        "already: it has no effect with this value");
    assert_string_equal(fate(arena, "define(`confCON_EXPENSIVE', `False')\n"),
                        "already: it has no effect with this value");
    assert_memory_equal(fate(arena, "define(`confCON_EXPENSIVE', `True')\n"), "open: ", 6);
}

static void defaults_of_postfix_that_sendmail_has_not_are_taken_back(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(setting(arena, "", "message_size_limit"), "0");
    assert_string_equal(setting(arena, "", "mailbox_size_limit"), "0");
    assert_string_equal(setting(arena, "", "delay_warning_time"), "4h");
    assert_string_equal(
        setting(arena, "define(`confMAX_MESSAGE_SIZE', `9')\n", "message_size_limit"), "9");
    assert_string_equal(setting(arena, "define(`confTO_QUEUEWARN', `0')\n", "delay_warning_time"),
                        "0s");
}

static void what_sendmail_does_not_know_does_nothing_there_either(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(fate(arena, "define(`confMAX_HOPS', `3')\n"),
                        "meaningless: Sendmail has no confMAX_HOPS and ignores it; it may be "
                        "misspelt");
    assert_memory_equal(fate(arena, "define('confMAX_HOP', '3')\n"),
                        "meaningless: Sendmail ignores it: m4 quotes", 43);
    assert_memory_equal(fate(arena, "FEATURE(`of_the_site')\n"), "open: ", 6);
    assert_memory_equal(fate(arena, "MAILER(`of_the_site')\n"), "open: ", 6);
    assert_memory_equal(fate(arena, "DOMAIN(`of.the.site')\n"), "open: ", 6);
    assert_memory_equal(fate(arena, "HACK(`of_the_site')\n"), "open: ", 6);
    assert_memory_equal(fate(arena, "OSTYPE(`of_the_site')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "include(`of_the_site.m4')\n"), "open: the file", 14);
    assert_memory_equal(fate(arena, "syscmd(`date')\n"), "open: a command", 15);
    assert_string_equal(fate(arena, "undefine(`UUCP_RELAY')\n"), "already: nothing is set");
}

static void the_greeting_keeps_its_words_without_version_and_time(void **state)
{
    struct arena *arena = *state;
    static const char *const cases[][2] = {
        {"$j", "$myhostname ESMTP"},
        {"$j Sendmail $v/$Z; $b", "$myhostname ESMTP"},
        {"$j Sendmail; $b", "$myhostname ESMTP"},
        {"$j ESMTP no spam here", "$myhostname ESMTP no spam here"},
        {"mail.example.com ready at $b", "mail.example.com ESMTP ready at"},
        {"$j $?x y $.", "(not set)"},
        {"$v", "(not set)"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text =
            arena_printf(arena, "define(`confSMTP_LOGIN_MSG', `%s')\n", cases[i][0]).at;
        assert_string_equal(setting(arena, text, "smtpd_banner"), cases[i][1]);
    }
}

static void the_hosts_name_is_taken_where_it_is_one(void **state)
{
    struct arena *arena = *state;

    assert_string_equal(
        setting(arena, "define(`confDOMAIN_NAME', `mx.example.com')\n", "myhostname"),
        "mx.example.com");
    assert_string_equal(setting(arena, "define(`confDOMAIN_NAME', `$w.example.com')\n", "mydomain"),
                        "example.com");
    assert_string_equal(setting(arena, "define(`confDOMAIN_NAME', `$w.$m')\n", "myhostname"),
                        "(not set)");
    assert_memory_equal(fate(arena, "define(`confDOMAIN_NAME', `$w.$m')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "define(`confDOMAIN_NAME', `a b')\n"), "open: ", 6);
}

static void lines_of_sendmail_cf_mean_what_their_defines_do(void **state)
{
    struct arena *arena = *state;
    static const char text[] = "V10/Berkeley\nDjmx.example.com\nO MaxHopCount=30\n"
                               "O Timeout.queuereturn=2d\nOu daemon\nTroot\nPjunk=-100\n";
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, text);
    assert_true(sendmail.is_cf);
    assert_str(draft_value(&draft, PARAM_MYHOSTNAME), "mx.example.com");
    assert_str(draft_value(&draft, PARAM_HOPCOUNT_LIMIT), "30");
    assert_str(draft_value(&draft, PARAM_BOUNCE_QUEUE_LIFETIME), "2d");
    assert_str(draft_value(&draft, PARAM_DEFAULT_PRIVS), "daemon");
    assert_null(draft_value(&draft, PARAM_DELAY_WARNING_TIME).at); /* m4 alone has the four hours */
    for (size_t i = 0; i < sendmail.count; i++)
        assert_int_not_equal(draft.fates[i].fate, FATE_OPEN);
}

static void the_value_decides_what_the_server_does(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "define(`confMAX_DAEMON_CHILDREN', `40')\n");
    assert_int_equal(draft.service_count, 1);
    assert_str(draft.services[0]->fields[4], "40");
    assert_memory_equal(fate(arena, "define(`confMAX_DAEMON_CHILDREN', `0')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "define(`confMAX_DAEMON_CHILDREN', `-1')\n"), "open: ", 6);
    assert_non_null(strstr(fate(arena, "define(`confMAX_DAEMON_CHILDREN', `100001')\n"),
                           "is not a number up to 100000"));
    assert_memory_equal(fate(arena, "define(`confDELIVERY_MODE', `b')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "define(`confDELIVERY_MODE', `deferred')\n"), "open: ", 6);
    assert_string_equal(
        setting(arena, "define(`confEIGHT_BIT_HANDLING', `strict')\n", "strict_8bitmime"), "yes");
    assert_string_equal(setting(arena,
                                "define(`confFALLBACK_SMARTHOST', `[b]')\n"
                                "define(`confFALLBACK_MX', `a')\n",
                                "smtp_fallback_relay"),
                        "a, [b]");
    assert_string_equal(
        setting(arena, "define(`confCOPY_ERRORS_TO', `Postmaster')\n", "notify_classes"),
        "resource, software, bounce");
    assert_string_equal(
        setting(arena, "define(`confMESSAGE_TIMEOUT', `3d/2h')\n", "delay_warning_time"), "2h");
}

static void what_an_ostype_or_a_domain_brings_is_asked_about(void **state)
{
    struct arena *arena = *state;

    assert_memory_equal(fate(arena, "OSTYPE(`linux')\n"), "open: procmail", 14);
    assert_memory_equal(fate(arena, "OSTYPE(`freebsd6')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "DOMAIN(`generic')\n"), "already: ", 9);
    assert_memory_equal(fate(arena, "DOMAIN(`of.a.site')\n"), "open: ", 6);
    assert_string_equal(setting(arena, "DOMAIN(`debian-mta')\n", "hopcount_limit"), "100");
    assert_string_equal(
        setting(arena, "DOMAIN(`debian-mta')\ndefine(`confMAX_HOP', `20')\n", "hopcount_limit"),
        "20");
    assert_memory_equal(fate(arena, "OSTYPE(`linux')\nFEATURE(`local_procmail')\n"),
                        "already: ", 9);
}

static void a_best_mx_of_others_is_asked_about_where_mail_is_relayed(void **state)
{
    struct arena *arena = *state;

    assert_memory_equal(fate(arena, "define(`confTRY_NULL_MX_LIST', `True')\n"),
                        "meaningless: ", 13);
    assert_memory_equal(fate(arena, "define(`confTRY_NULL_MX_LIST', `True')\n"
                                    "RELAY_DOMAIN(`example.com')\n"),
                        "open: ", 6);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_set_up, arena_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_fact_says_what_becomes_of_it),
        TEST(every_fact_is_found_by_its_name_and_its_option),
        TEST(every_macro_that_m4_reports_is_a_fact),
        TEST(options_have_long_names_in_any_case_and_letters_in_their_own),
        TEST(each_parameter_has_the_kind_of_value_that_its_line_converts_to),
        TEST(the_default_of_sendmail_converts_or_asks_for_nothing),
        TEST(a_time_is_written_in_the_largest_unit_that_holds_it),
        TEST(what_is_no_time_is_refused),
        TEST(switches_are_read_as_sendmail_reads_them),
        TEST(a_value_that_postfix_would_refuse_is_not_converted),
        TEST(blocks_become_bytes_and_bare_times_have_the_unit_of_their_option),
        TEST(a_line_that_one_parameter_says_sets_it),
        TEST(the_narrower_line_wins_wherever_it_stands),
        TEST(a_bad_value_is_an_open_point_and_sets_nothing),
        TEST(a_value_that_asks_for_nothing_is_no_open_point),
        TEST(defaults_of_postfix_that_sendmail_has_not_are_taken_back),
        TEST(what_sendmail_does_not_know_does_nothing_there_either),
        TEST(the_greeting_keeps_its_words_without_version_and_time),
        TEST(the_hosts_name_is_taken_where_it_is_one),
        TEST(lines_of_sendmail_cf_mean_what_their_defines_do),
        TEST(the_value_decides_what_the_server_does),
        TEST(what_an_ostype_or_a_domain_brings_is_asked_about),
        TEST(a_best_mx_of_others_is_asked_about_where_mail_is_relayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
