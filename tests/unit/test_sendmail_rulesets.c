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

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_rule_of_the_site_is_an_open_point_with_advice),
        arena_test(a_map_counts_where_a_rule_uses_it),
        arena_test(a_class_counts_where_a_rule_uses_it),
        arena_test(an_option_in_local_config_is_mapped_as_its_define_is),
        arena_test(a_header_line_is_an_open_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
