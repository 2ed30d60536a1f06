#include "tests/unit/restriction_fixture.h"

#define ALICE "alice@example.org"
#define ELSEWHERE "x@elsewhere.example"

static struct restriction_fixture *with_certificate(struct arena *arena, const char *platform,
                                                    const char *more, bool trusted)
{
    struct restriction_fixture *fixture = fixture_of(arena, platform, more);

    fixture->state.tls = (struct state_tls){
        .active = true,
        .has_certificate = true,
        .certificate_trusted = trusted,
        .fingerprint = STR("AA:01"),
        .key_fingerprint = STR("BB:02"),
        .subject_cn = STR("pc.example"),
    };
    mail(fixture, "a@b.example");
    return fixture;
}

static const char certificates[] = "relay_clientcerts = inline:{BB:02=yes}\n"
                                   "smtpd_relay_restrictions = permit_tls_clientcerts,\n"
                                   "    reject_unauth_destination\n";

static void a_listed_certificate_relays(void **state)
{
    assert_string_equal(rcpt(with_certificate(*state, "debian12", certificates, false), ELSEWHERE),
                        "ok");
    assert_string_equal(sent(*state, "debian12", certificates, "", ELSEWHERE),
                        "554 5.7.1 <" ELSEWHERE ">: Relay access denied");
}

static void any_trusted_certificate_relays_where_all_do(void **state)
{
    static const char more[] = "smtpd_relay_restrictions = permit_tls_all_clientcerts,\n"
                               "    reject_unauth_destination\n";

    assert_string_equal(rcpt(with_certificate(*state, "debian12", more, true), ELSEWHERE), "ok");
    assert_string_equal(rcpt(with_certificate(*state, "debian12", more, false), ELSEWHERE),
                        "554 5.7.1 <" ELSEWHERE ">: Relay access denied");
}

static void certificate_tables_are_asked_in_their_order(void **state)
{
    static const char more[] = "smtpd_client_restrictions = check_ccert_access\n"
                               "    {inline:{{AA:01=REJECT cert}, {BB:02=REJECT key}}\n"
                               "    {search_order = %s}}\n";
    static const char plain[] = "smtpd_client_restrictions =\n"
                                "    check_ccert_access inline:{{AA:01=REJECT cert}}\n";
    struct arena *arena = *state;
    const char *key = arena_cstr(arena, arena_printf(arena, more, "pubkey_fingerprint"));
    const char *name = arena_cstr(arena, arena_printf(arena, more, "issuer_cn"));

    assert_string_equal(rcpt(with_certificate(arena, "debian12", plain, false), ALICE),
                        "554 5.7.1 <pc.example>: Client certificate rejected: cert");
    assert_string_equal(rcpt(with_certificate(arena, "debian12", key, false), ALICE),
                        "554 5.7.1 <pc.example>: Client certificate rejected: key");
    assert_string_equal(rcpt(with_certificate(arena, "debian12", name, false), ALICE),
                        "451 4.3.5 Server configuration error");
    assert_string_equal(rcpt(with_certificate(arena, "postfix-3.4", key, false), ALICE),
                        "451 4.3.5 Server configuration error");
}

static void plaintext_sessions_can_be_refused(void **state)
{
    static const char more[] = "smtpd_client_restrictions = reject_plaintext_session\n";

    assert_string_equal(sent(*state, "debian12", more, "", ALICE),
                        "450 4.7.1 Session encryption is required");
    assert_string_equal(rcpt(with_certificate(*state, "debian12", more, false), ALICE), "ok");
}

static void clients_without_a_name_are_refused_with_the_releases_code(void **state)
{
    static const char more[] = "smtpd_relay_restrictions = reject_unauth_destination\n"
                               "smtpd_client_restrictions = reject_unknown_client_hostname\n"
                               "unknown_client_reject_code = 550\n";
    static const struct {
        const char *platform, *said;
        enum name_status status;
    } rows[] = {
        {"postfix-2.11", "550 5.7.1", NAME_PERMANENT},
        {"debian12", "550 5.7.25", NAME_FORGED},
        {"debian12", "450 4.7.25", NAME_TEMPORARY},
        {"debian12", "ok", NAME_OK},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct restriction_fixture *fixture = fixture_of(*state, rows[i].platform, more);
        fixture->state.client_name_status = rows[i].status;
        mail(fixture, "");
        assert_memory_equal(rcpt(fixture, ALICE), rows[i].said, strlen(rows[i].said));
    }
}

static void a_name_that_was_not_looked_up_is_asked_of_the_world(void **state)
{
    struct restriction_fixture *fixture = fixture_of(
        *state, "debian12", "smtpd_client_restrictions = reject_unknown_client_hostname\n");
    size_t seen = 0;

    do {
        set_client(fixture, "198.51.100.1", "unknown");
        fixture->state.client_name_asked = true;
        mail(fixture, "");
        seen += strcmp(rcpt(fixture, ALICE), "ok") == 0;
    } while (world_next(&fixture->world));
    assert_int_equal(seen, 1);
    assert_int_equal(fixture->world.ways, 2);
}

static void pipelining_out_of_turn_is_refused(void **state)
{
    struct restriction_fixture *fixture =
        fixture_of(*state, "debian12", "smtpd_data_restrictions = reject_unauth_pipelining\n");

    fixture->state.sender = str_of("");
    fixture->state.recipient_count = 1;
    assert_string_equal(answer(fixture, STAGE_DATA), "ok");
    fixture->state.pipelined = true;
    assert_string_equal(answer(fixture, STAGE_DATA),
                        "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command "
                        "pipelining");
}

static void every_restriction_that_the_release_knows_is_built_in(void **state)
{
    size_t count;
    const struct restriction *all = facts_restrictions(&count);
    struct arena *arena = *state;

    for (size_t i = 0; i < count; i++) {
        const struct release *release = facts_releases(&count) + all[i].first;
        facts_restrictions(&count);
        const char *argument = all[i].argument == RESTRICTION_NO_ARGUMENT ? ""
                               : all[i].argument == RESTRICTION_NUMBER    ? "1"
                                                                          : "inline:{a=DUNNO}";
        const char *more =
            arena_cstr(arena, arena_printf(arena,
                                           "smtpd_relay_restrictions = reject_unauth_destination\n"
                                           "smtpd_client_restrictions = %.*s %s\n",
                                           STR_ARG(all[i].name), argument));
        const char *platform =
            arena_cstr(arena, arena_printf(arena, "postfix-%.*s", STR_ARG(release->series)));
        assert_string_not_equal(sent(arena, platform, more, "a@b.example", ALICE),
                                "451 4.3.5 Server configuration error");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_listed_certificate_relays),
        arena_test(any_trusted_certificate_relays_where_all_do),
        arena_test(certificate_tables_are_asked_in_their_order),
        arena_test(plaintext_sessions_can_be_refused),
        arena_test(clients_without_a_name_are_refused_with_the_releases_code),
        arena_test(a_name_that_was_not_looked_up_is_asked_of_the_world),
        arena_test(pipelining_out_of_turn_is_refused),
        arena_test(every_restriction_that_the_release_knows_is_built_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
