#include "convert/convert.h"
#include "facts/sendmail_lines.h"
#include "tests/unit/sendmail_service.h"

static void a_rule_of_the_site_is_an_open_point_with_advice(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "LOCAL_RULE_0\n"
                                   "R$* < @ old.example . >\t$#smtp $@ new.example $: $1\n",
                                   NULL);

    assert_string_equal(fate_nth(draft, "LOCAL_RULE_0", 0), "meaningless");
    assert_string_equal(fate_nth(draft, "LOCAL_RULE_0", 1), "open");
    assert_non_null(strstr(arena_cstr(*state, draft->fates[1].advice), "transport_maps"));
}

static void a_map_counts_where_a_rule_uses_it(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "LOCAL_CONFIG\n"
                                   "Kused regex -a@MATCH x\n"
                                   "Kidle regex -a@MATCH x\n"
                                   "LOCAL_RULESETS\n"
                                   "SLocal_check_mail\n"
                                   "R$*\t$: $(used $1 $)\n",
                                   NULL);

    assert_string_equal(fate_of(draft, "K", "used"), "open");
    assert_string_equal(fate_of(draft, "K", "idle"), "meaningless");
}

static void a_class_counts_where_a_rule_uses_it(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "LOCAL_CONFIG\n"
                                   "C{Used}one two\n"
                                   "C{Idle}one two\n"
                                   "LOCAL_RULE_3\n"
                                   "R$* @ $={Used}\t$1\n",
                                   NULL);

    assert_string_equal(fate_of(draft, "Used", NULL), "open");
    assert_string_equal(fate_of(draft, "Idle", NULL), "meaningless");
}

static void an_option_in_local_config_is_mapped_as_its_define_is(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "LOCAL_CONFIG\n"
                                   "O ServerSSLOptions=+SSL_OP_NO_TLSv1\n",
                                   NULL);

    assert_string_equal(setting(draft, "smtpd_tls_protocols"), "!SSLv2, !SSLv3, !TLSv1");
}

static void a_header_line_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, "LOCAL_CONFIG\nHX-Site: example\n", NULL);

    assert_string_equal(fate_nth(draft, "LOCAL_CONFIG", 1), "open");
}

static void a_header_with_a_ruleset_is_a_check(void **state)
{
    struct draft *draft = draft_of(*state, "LOCAL_CONFIG\nHSubject: $>Subject\n", NULL);

    assert_string_equal(fate_nth(draft, "LOCAL_CONFIG", 1), "open");
    assert_non_null(strstr(arena_cstr(*state, draft->fates[1].advice), "header_checks"));
    assert_null(strstr(arena_cstr(*state, draft->fates[1].advice), "PREPEND"));
}

/* first_line - what is said of the first line of a sendmail.cf with so many rules of its own */
static const char *first_line(struct arena *arena, int rules)
{
    struct sendmail sendmail;
    struct draft *draft = arena_alloc(arena, sizeof *draft);
    struct buffer text;
    struct str error;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "V10/Berkeley\nO QueueDirectory=/var/spool/mqueue\nScheck_rcpt\n");
    for (int i = 0; i < rules; i++)
        buffer_printf(&text, "R$* own%d\t$1\n", i);
    const struct source *source = source_of(arena, str_of("sendmail.cf"), buffer_str(&text));
    assert_true(sendmail_read(&sendmail, arena, source, str_of("/nonexistent"), &error));
    assert_true(sendmail.is_cf);
    draft_init(draft, arena, &sendmail, facts_platform(str_of("rhel10")));
    convert_sendmail(draft);
    return arena_cstr(arena, draft->fates[0].text);
}

static void hundreds_of_unknown_rules_are_those_of_another_release(void **state)
{
    assert_null(strstr(first_line(*state, 20), "not in any known Sendmail"));
    assert_non_null(strstr(first_line(*state, 200), "not in any known Sendmail"));
}

/* seen in sendmail.cf of Red Hat's packages 8.13.8 to 8.16.1, and of Debian's 8.14.3 to 8.17.1 */
static void what_packagers_add_is_known(void **state)
{
    static const char *const lines[][2] = {
        {"Basic_check_mail", "R<@> < $* @ localhost.localdomain >\t"
                             "$: < ? $&{client_name} > < $1 @ localhost.localdomain >"},
        {"", "O SmtpGreetingMessage=$j Sendmail $v/$Z; $b; (No UCE/UBE) "
             "$?{client_addr}logging access from: ${client_name}(${client_resolve})-$_$."},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        uint64_t number = facts_sendmail_number(str_of(lines[i][0]), str_of(lines[i][1]));
        assert_true(str_is(facts_sendmail_line(number), "plain"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_rule_of_the_site_is_an_open_point_with_advice),
        arena_test(a_map_counts_where_a_rule_uses_it),
        arena_test(a_class_counts_where_a_rule_uses_it),
        arena_test(an_option_in_local_config_is_mapped_as_its_define_is),
        arena_test(a_header_line_is_an_open_point),
        arena_test(a_header_with_a_ruleset_is_a_check),
        arena_test(hundreds_of_unknown_rules_are_those_of_another_release),
        arena_test(what_packagers_add_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
