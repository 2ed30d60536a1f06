#include "smtp/service/policy.h"
#include "tests/unit/unit.h"

static const struct policy *policy_of(struct arena *arena, struct config *config,
                                      const char *main_text, const char *master_text)
{
    config_of(config, arena, "debian12", main_text, master_text);
    return policy_open(arena, config);
}

static void test_services_are_those_that_clients_reach(void **state)
{
    struct arena *arena = *state;
    struct config config;
    const struct policy *policy = policy_of(arena, &config, "",
                                            "smtp inet n - n - 1 postscreen\n"
                                            "smtpd pass - - n - - smtpd\n"
                                            "submission inet n - n - - smtpd\n"
                                            "2525 inet n - n - 1 postscreen\n"
                                            "  -o smtpd_service_name=second\n"
                                            "second pass - - n - - smtpd\n"
                                            "2626 inet n - n - 1 postscreen\n"
                                            "  -o smtpd_service_name=third\n"
                                            "127.0.0.1:10025 inet n - n - - smtpd\n"
                                            "628 inet n - n - - qmqpd\n"
                                            "smtp unix - - n - - smtp\n");

    assert_int_equal(policy->count, 4);
    assert_int_equal(policy->services[0].port, 25);
    assert_str(policy->services[0].service->type, "pass");
    assert_str(policy->services[0].listener->type, "inet");
    assert_ptr_equal(policy_service_named(policy, str_of("submission")), &policy->services[1]);
    assert_ptr_equal(policy_service_named(policy, str_of("587")), &policy->services[1]);
    assert_str(policy_service_at_port(policy, 2525)->service->name, "second");
    assert_null(policy_service_at_port(policy, 2626));
    assert_ptr_equal(policy_service_at_port(policy, 10025), &policy->services[3]);
    assert_null(policy_service_named(policy, str_of("628")));
    assert_null(policy_service_at_port(policy, 465));
}

static void test_of_two_lines_for_one_port_the_last_counts(void **state)
{
    struct arena *arena = *state;
    struct config config;
    const struct policy *policy = policy_of(arena, &config, "",
                                            "smtp inet n - n - - smtpd\n"
                                            "25 inet n - n - - smtpd\n"
                                            "127.0.0.1:25 inet n - n - - smtpd\n"
                                            "ssmtp inet n - n - - smtpd\n"
                                            "submissions inet n - n - - smtpd\n"
                                            "587 inet n - n - - smtpd\n"
                                            "submission inet n - n - - qmqpd\n");

    assert_int_equal(policy->count, 3);
    assert_str(policy->services[0].listener->name, "25");
    assert_str(policy->services[1].listener->name, "127.0.0.1:25");
    assert_str(policy->services[2].listener->name, "submissions");
}

/* count_services - of three, with these patterns in master_service_disable */
static size_t count_services(struct arena *arena, const char *patterns)
{
    struct config config;
    const char *text = arena_printf(arena, "master_service_disable = %s\n", patterns).at;

    return policy_of(arena, &config, text,
                     "smtp inet n - n - - smtpd\n"
                     "submission inet n - n - 1 postscreen\n"
                     "smtpd pass - - n - - smtpd\n"
                     "192.0.2.1:465 inet n - n - - smtpd\n")
        ->count;
}

static void test_services_can_be_disabled(void **state)
{
    static const struct {
        const char *patterns;
        size_t left;
    } cases[] = {
        {"", 3},
        {"smtp/inet", 2},
        {"SMTP.INET, submission/inet", 1},
        {"192.0.2.1:465/inet", 2},
        {"192.0.2.1:465.inet", 2},
        {"inet", 0},
        {"!smtp/inet inet", 1},
        {"!!inet", 0},
        {"smtpd/pass", 2},
        {"smtp", 3},
        {"smtp/unix", 3},
        {"smtp:inet", 3},
        {"/inet", 3},
        {"$myhostname", 3},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (count_services(*state, cases[i].patterns) != cases[i].left)
            fail_msg("%s", cases[i].patterns);
}

static void test_values_are_those_of_the_service(void **state)
{
    struct arena *arena = *state;
    struct config config;
    const struct policy *policy = policy_of(arena, &config,
                                            "compatibility_level = 2\nsmtpd_timeout = 2m\n"
                                            "myhostname = mail.example.com\n"
                                            "smtpd_helo_required = YES\n",
                                            "smtp inet n - n - - smtpd\n"
                                            "  -o smtpd_timeout=7 -o smtpd_banner=$myhostname\n"
                                            "submission inet n - n - - smtpd\n");
    const struct policy_service *smtp = &policy->services[0], *submission = &policy->services[1];

    assert_int_equal(policy_number(smtp, PARAM_SMTPD_TIMEOUT), 7);
    assert_int_equal(policy_number(submission, PARAM_SMTPD_TIMEOUT), 120);
    assert_int_equal(policy_number(policy->all, PARAM_SMTPD_TIMEOUT), 120);
    assert_str(policy_str(smtp, PARAM_SMTPD_BANNER), "mail.example.com");
    assert_str(policy_str(submission, PARAM_SMTPD_BANNER), "mail.example.com ESMTP Postfix");
    assert_true(policy_flag(smtp, PARAM_SMTPD_HELO_REQUIRED));
    assert_false(policy_flag(smtp, PARAM_SMTPD_TLS_WRAPPERMODE));
}

static void test_what_the_machine_decides_is_undetermined(void **state)
{
    struct arena *arena = *state;
    struct config config;
    const struct policy *policy = policy_of(arena, &config, "", "smtp inet n - n - - smtpd\n");

    assert_null(policy_str(&policy->services[0], PARAM_MYHOSTNAME).at);
    assert_null(policy_str(&policy->services[0], PARAM_SMTPD_BANNER).at);
}

static void test_what_a_release_does_not_have_is_empty(void **state)
{
    struct arena *arena = *state;
    struct config config;
    const struct policy *policy =
        policy_of(arena, &config, "requiretls_enable = yes\n", "smtp inet n - n - - smtpd\n");

    assert_false(policy_has(&policy->services[0], PARAM_REQUIRETLS_ENABLE));
    assert_false(policy_flag(&policy->services[0], PARAM_REQUIRETLS_ENABLE));
    assert_str(policy_str(&policy->services[0], PARAM_REQUIRETLS_ENABLE), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(test_services_are_those_that_clients_reach),
        arena_test(test_of_two_lines_for_one_port_the_last_counts),
        arena_test(test_services_can_be_disabled),
        arena_test(test_values_are_those_of_the_service),
        arena_test(test_what_the_machine_decides_is_undetermined),
        arena_test(test_what_a_release_does_not_have_is_empty),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
