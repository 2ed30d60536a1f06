/* draft: what modules say is kept, in order, and no item is left without a fate */
#include "tests/unit/sendmail_text.h"

#include "convert/write/write.h"

static void draft_of(struct draft *draft, struct sendmail *sendmail, struct arena *arena,
                     const char *text)
{
    const struct platform *platform = facts_platform(str_of("debian12"));

    assert_non_null(platform);
    sendmail_text(sendmail, arena, text);
    draft_init(draft, arena, sendmail, platform);
}

static void the_second_value_of_a_setting_replaces_the_first(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    draft_set(&draft, NULL, PARAM_MESSAGE_SIZE_LIMIT, "%d", 1);
    draft_set(&draft, NULL, PARAM_MESSAGE_SIZE_LIMIT, "%d", 2);
    assert_int_equal(draft.setting_count, 1);
    assert_str(draft_value(&draft, PARAM_MESSAGE_SIZE_LIMIT), "2");
    assert_null(draft_value(&draft, PARAM_MYDESTINATION).at);
}

static void the_parts_of_a_list_stand_in_the_order_of_their_rank(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    draft_add(&draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_LAST, "reject_unauth_destination");
    draft_add(&draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_AUTH, "permit_%s",
              "sasl_authenticated");
    draft_add(&draft, NULL, PARAM_MYDESTINATION, 1, "a");
    draft_add(&draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(&draft, NULL, PARAM_MYDESTINATION, 1, "b");
    draft_add(&draft, NULL, PARAM_MYDESTINATION, 1, "a");
    draft_finish(&draft);
    assert_str(draft_value(&draft, PARAM_SMTPD_RELAY_RESTRICTIONS),
               "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination");
    assert_str(draft_value(&draft, PARAM_MYDESTINATION), "a, b");
}

static void a_list_about_relaying_never_ends_open(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    draft_add(&draft, NULL, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_AUTH, "permit_sasl_authenticated");
    draft_finish(&draft);
    assert_str(draft_value(&draft, PARAM_SMTPD_RELAY_RESTRICTIONS),
               "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination");
}

static void every_item_has_a_fate_in_the_end(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena,
             "define(`SMART_HOST', `a')\ndefine(`SMART_HOST', `b')\nFEATURE(`redirect')\n"
             "define(`MAIL_HUB', `c')\nundefine(`MAIL_HUB')\n");
    draft_fate(&draft, &sendmail.items[1], FATE_MAPPED, "relayhost = [%s]", "b");
    draft_finish(&draft);
    assert_int_equal(draft.fates[0].fate, FATE_MEANINGLESS);
    assert_str(draft.fates[0].text, "overridden at sendmail.mc:2");
    assert_int_equal(draft.fates[1].fate, FATE_MAPPED);
    assert_str(draft.fates[1].text, "relayhost = [b]");
    assert_int_equal(draft.fates[2].fate, FATE_OPEN);
    assert_str(draft.fates[2].text, "not converted");
    assert_str(draft.fates[3].text, "undefined later");
    for (size_t i = 0; i < sendmail.count; i++)
        assert_true(draft.fates[i].decided);
}

static void an_open_point_wins_and_the_texts_add_up(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "FEATURE(`a')\n");
    draft_fate(&draft, &sendmail.items[0], FATE_ALREADY, "so does Postfix");
    draft_fate(&draft, &sendmail.items[0], FATE_MAPPED, "b = c");
    assert_int_equal(draft.fates[0].fate, FATE_MAPPED);
    draft_open_point(&draft, &sendmail.items[0], "look at it", "but not all");
    draft_fate(&draft, &sendmail.items[0], FATE_MAPPED, "b = c");
    assert_int_equal(draft.fates[0].fate, FATE_OPEN);
    assert_str(draft.fates[0].text, "so does Postfix; b = c; but not all");
    assert_str(draft.fates[0].advice, "look at it");
}

static void a_table_is_named_with_the_type_of_the_target(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    draft.platform = facts_platform(str_of("rhel10"));
    struct draft_table *table = draft_table(&draft, "virtual", DRAFT_INDEXED);
    assert_ptr_equal(draft_table(&draft, "virtual", DRAFT_INDEXED), table);
    assert_str(draft_table_ref(&draft, table), "lmdb:/etc/postfix/virtual");
    assert_str(draft_table_ref(&draft, draft_table(&draft, "net", DRAFT_CIDR)),
               "cidr:/etc/postfix/net");
    assert_str(draft_table_ref(&draft, draft_table(&draft, "names", DRAFT_LIST)),
               "/etc/postfix/names");
}

static void a_service_is_made_once_and_an_override_set_once(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    struct draft_service *service = draft_service(&draft, NULL, "submission", "inet", "smtpd");
    assert_ptr_equal(draft_service(&draft, NULL, "submission", "inet", "smtpd"), service);
    draft_override(&draft, service, NULL, PARAM_SMTPD_TLS_SECURITY_LEVEL, "may");
    draft_override(&draft, service, NULL, PARAM_SMTPD_TLS_SECURITY_LEVEL, "encrypt");
    assert_int_equal(service->override_count, 1);
    assert_str(service->overrides[0].value, "encrypt");
}

/* written - the lines of a table of Postfix's without comments about their origin */
static const char *written(struct draft *draft, enum draft_table_kind kind, const char *key,
                           const char *value)
{
    struct draft_table *table = draft_table(draft, "table", kind);
    struct buffer out;

    table->count = 0;
    draft_entry(draft, table, NULL, str_of(key), str_of(value));
    buffer_init(&out, draft->arena);
    draft_write_table(draft, table, &out);
    const char *text = arena_cstr(draft->arena, buffer_str(&out));
    return strchr(text, '\n') + 1;
}

static void a_table_has_no_line_that_postfix_misreads(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct draft draft;

    draft_of(&draft, &sendmail, arena, "");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "a@b.example", "c"), "a@b.example\tc\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "\"a b\"@c.example", "d"),
                        "\"a b\"@c.example\td\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "a b", "c"), "# not a valid key: a b\tc\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "a\"b", "c"),
                        "# not a valid key: a\"b\tc\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "#a", "b"), "# not a valid key: #a\tb\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "old", "550 gel\xf6scht"),
                        "old\t550 gel?scht\n");
    assert_string_equal(written(&draft, DRAFT_INDEXED, "old", "550 gel\xc3\xb6scht"),
                        "old\t550 gel\xc3\xb6scht\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_table_has_no_line_that_postfix_misreads),
        arena_test(the_second_value_of_a_setting_replaces_the_first),
        arena_test(the_parts_of_a_list_stand_in_the_order_of_their_rank),
        arena_test(a_list_about_relaying_never_ends_open),
        arena_test(every_item_has_a_fate_in_the_end),
        arena_test(an_open_point_wins_and_the_texts_add_up),
        arena_test(a_table_is_named_with_the_type_of_the_target),
        arena_test(a_service_is_made_once_and_an_override_set_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
