/*
 * What postmend knows of Postfix and of platforms, and how it reads them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/yaml.h"
#include "facts/facts.h"

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_create(NULL);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_destroy(arena);
    return 0;
}

/* texts as NUL-terminated copies, for messages that show them */
static const char *text(struct str s)
{
    return s.at == NULL ? "(none)" : arena_cstr(arena, s);
}

static const struct release *release(const char *series)
{
    const struct release *found = facts_release(str_of(series));
    assert_non_null(found);
    return found;
}

static const struct platform *platform(const char *name)
{
    const struct platform *found = facts_platform(str_of(name));
    if (found == NULL)
        fail_msg("no platform %s", name);
    return found;
}

static const struct parameter *parameter(const char *name)
{
    const struct parameter *found = facts_parameter(str_of(name));
    if (found == NULL)
        fail_msg("no parameter %s", name);
    return found;
}

static const char *default_in(const char *name, const char *series)
{
    return text(parameter_default(parameter(name), release(series)));
}

/* --- releases -------------------------------------------------------------------------------- */

static void releases_are_numbered_from_the_oldest_on(void **state)
{
    (void)state;
    size_t count;
    const struct release *releases = facts_releases(&count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(releases[i].index, i);
    assert_string_equal(text(releases[0].series), "2.10");
    assert_ptr_equal(facts_newest_release(), &releases[count - 1]);
}

static void a_version_is_of_its_series(void **state)
{
    (void)state;
    assert_ptr_equal(release("3.8.5"), release("3.8"));
    assert_string_equal(text(release("3.10.1")->series), "3.10");
    assert_string_equal(text(release("3.1.15")->series), "3.1");
}

static void what_is_no_version_has_no_release(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "3", "3.", "3.8.", "3.8.x", "3.99", "v3.8", "3.80"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(facts_release(str_of(wrong[i])));
    assert_null(facts_release(STR_NONE));
}

static void a_feature_begins_with_its_series(void **state)
{
    (void)state;
    assert_false(release_has(release("3.5"), FEATURE_LEVEL_OPERATORS));
    assert_true(release_has(release("3.6"), FEATURE_LEVEL_OPERATORS));
    assert_true(release_has(release("3.11"), FEATURE_LEVEL_OPERATORS));
    assert_true(release_has(release("2.10"), FEATURE_RAW_NOT_EXPANDED));
    assert_true(release_has(release("2.10"), FEATURE_NONE));
    assert_true(release_has(release("3.11"), FEATURE_NONE));
}

/* --- parameters ------------------------------------------------------------------------------ */

static void every_parameter_is_found_by_its_name(void **state)
{
    (void)state;
    assert_true(PARAM_END > 880);
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *at = facts_parameter_at((enum parameter_number)number);
        assert_ptr_equal(facts_parameter(at->name), at);
        assert_int_equal(at->number, number);
    }
    assert_null(facts_parameter_at(PARAM_END));
}

static void a_number_is_that_of_its_name(void **state)
{
    (void)state;
    assert_string_equal(text(parameter_name(PARAM_MYHOSTNAME)), "myhostname");
    assert_string_equal(text(parameter_name(PARAM_2BOUNCE_NOTICE_RECIPIENT)),
                        "2bounce_notice_recipient");
    assert_string_equal(text(parameter_name(PARAM_SMTP_TLS_CAPATH)), "smtp_tls_CApath");
    assert_string_equal(text(parameter_name(PARAM_NONE)), "");
    assert_null(facts_parameter_at(PARAM_NONE));
}

static void names_are_found_whole_and_exactly(void **state)
{
    (void)state;
    struct str longer = STR("myhostname\0");
    assert_null(facts_parameter(longer));
    assert_null(facts_parameter(str_of("myhostnam")));
    assert_null(facts_parameter(str_of("Myhostname")));
    assert_null(facts_parameter(str_of("")));
    assert_null(facts_parameter(STR_NONE));
}

static void a_default_changes_with_the_series_that_changed_it(void **state)
{
    (void)state;
    assert_string_equal(default_in("append_dot_mydomain", "2.11"), "yes");
    assert_string_equal(default_in("append_dot_mydomain", "3.0"),
                        "${{$compatibility_level} < {1} ? {yes} : {no}}");
    assert_string_equal(default_in("append_dot_mydomain", "3.5"),
                        "${{$compatibility_level} < {1} ? {yes} : {no}}");
    assert_string_equal(default_in("append_dot_mydomain", "3.6"),
                        "${{$compatibility_level} <level {1} ? {yes} : {no}}");
    assert_string_equal(default_in("alias_maps", "3.10"), "hash:/etc/aliases");
    assert_string_equal(default_in("alias_maps", "3.11"), "$default_database_type:/etc/aliases");
}

static void an_empty_default_is_not_an_absent_one(void **state)
{
    (void)state;
    struct str empty = parameter_default(parameter("always_bcc"), release("3.8"));
    assert_non_null(empty.at);
    assert_int_equal(empty.len, 0);
}

static void a_release_has_no_default_for_a_parameter_it_does_not_know(void **state)
{
    (void)state;
    assert_null(parameter_default(parameter("known_tcp_ports"), release("3.5")).at);
    assert_null(parameter_default(parameter("postscreen_dnsbl_ttl"), release("3.1")).at);
    assert_string_equal(default_in("postscreen_dnsbl_ttl", "3.0"), "1h");
}

static void what_is_asked_of_the_machine_has_no_text(void **state)
{
    (void)state;
    assert_true(parameter("myhostname")->host_default);
    assert_null(parameter_default(parameter("myhostname"), release("3.8")).at);
    assert_false(parameter("mail_version")->host_default);
    assert_string_equal(default_in("mail_version", "3.8"), "3.8.5");
    assert_string_equal(default_in("mail_release_date", "3.8"), "20240121");
}

static void a_parameter_is_in_the_releases_from_its_first_to_its_last(void **state)
{
    (void)state;
    const struct parameter *gone = parameter("tlsproxy_client_level");
    assert_false(parameter_in(gone, release("3.3")));
    assert_true(parameter_in(gone, release("3.4")));
    assert_true(parameter_in(gone, release("3.6")));
    assert_false(parameter_in(gone, release("3.7")));
}

static void a_parameter_of_a_patch_level_is_in_packages_that_have_it(void **state)
{
    (void)state;
    static const struct {
        const char *platform, *name;
        bool has;
        const char *newer;
    } cases[] = {
        /* mail_params.h of the tags 3.5.8, 3.5.25, 3.7.2, 3.7.11 */
        {"rhel8", "smtpd_forbid_bare_newline", false, "3.5.23"},
        {"rhel8", "smtpd_forbid_bare_newline_reject_code", false, "3.5.24"},
        {"rhel8", "tls_config_file", false, "3.5.20"},
        {"rhel8", "dnssec_probe", false, "3.5.9"},
        {"rhel9", "smtpd_forbid_bare_newline", true, NULL},
        {"amzn2023", "smtpd_forbid_bare_newline", false, "3.7.9"},
        {"debian12", "cleanup_replace_stray_cr_lf", true, NULL},
        {"postfix-3.5", "smtpd_forbid_unauth_pipelining", true, NULL},
        /* what packages add */
        {"rhel8", "use_srv_lookup", true, NULL},
        {"rhel9", "allow_srv_lookup_fallback", true, NULL},
        {"amzn2023", "use_srv_lookup", false, "3.8"},
        {"leap15", "smtpd_forbid_bare_newline", true, NULL},
        {"leap15", "smtpd_forbid_bare_newline_reject_code", false, "3.5.24"},
        {"leap15", "dnssec_probe", true, NULL},
        {"ubuntu20.04", "smtpd_forbid_bare_newline", true, NULL},
        {"ubuntu20.04", "smtpd_forbid_unauth_pipelining", false, "3.5.20"},
        {"ubuntu22.04", "smtpd_forbid_bare_newline_reject_code", true, NULL},
        {"ubuntu22.04", "smtpd_forbid_unauth_pipelining", false, "3.6.10"},
        {"debian13", "smtpd_use_tls", true, NULL},
        {"rhel9", "tlsproxy_client_level", true, NULL},
        {"debian13", "tlsproxy_client_level", false, NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct platform *platform = facts_platform(str_of(cases[i].platform));
        const struct parameter *known = parameter(cases[i].name);
        struct str newer = platform_newer_version(arena, platform, known);
        if (platform_has(platform, known) != cases[i].has ||
            (cases[i].newer == NULL ? newer.at != NULL : !str_is(newer, cases[i].newer)))
            fail_msg("%s, %s: %.*s", cases[i].platform, cases[i].name, STR_ARG(newer));
    }
}

static void what_a_package_adds_has_the_default_of_the_first_series(void **state)
{
    (void)state;
    const struct parameter *closing = parameter("smtpd_forbid_bare_newline");
    assert_string_equal(
        text(platform_upstream_default(facts_platform(str_of("ubuntu20.04")), closing)), "no");
    assert_string_equal(
        text(platform_upstream_default(facts_platform(str_of("debian13")), closing)), "normalize");
    assert_null(platform_upstream_default(facts_platform(str_of("rhel8")), closing).at);
}

static void an_old_name_is_legacy_from_its_renaming_on(void **state)
{
    (void)state;
    const struct parameter *renamed = parameter("tlsproxy_client_level");
    assert_false(parameter_legacy_in(renamed, release("3.6")));
    assert_true(parameter_legacy_in(renamed, release("3.7")));
    assert_int_equal(parameter("virtual_maps")->type, PARAMETER_LEGACY);
    assert_true(parameter_legacy_in(parameter("virtual_maps"), release("3.11")));
    assert_false(parameter_in(parameter("virtual_maps"), release("3.11")));
    assert_false(parameter_legacy_in(parameter("virtual_alias_maps"), release("3.11")));
}

static void bounds_are_there_where_postfix_checks_them(void **state)
{
    (void)state;
    const struct parameter *code = parameter("unknown_local_recipient_reject_code");
    assert_string_equal(parameter_type_names[code->type], "int");
    assert_false(code->has_min);
    const struct parameter *text_parameter = parameter("mydomain");
    assert_true(text_parameter->has_min);
    assert_int_equal(text_parameter->min, 1);
    const struct parameter *seconds = parameter("address_verify_sender_ttl");
    assert_false(seconds->has_max);
}

static void only_the_process_sets_what_is_read_only(void **state)
{
    (void)state;
    assert_int_equal(parameter("process_id")->type, PARAMETER_READ_ONLY);
    assert_int_equal(parameter("process_name")->type, PARAMETER_READ_ONLY);
    assert_int_equal(parameter("mail_version")->type, PARAMETER_STR);
}

static void the_expansion_filter_keeps_its_backslashes(void **state)
{
    (void)state;
    const char *value = default_in("smtpd_expansion_filter", "3.8");
    assert_non_null(strstr(value, "\\t\\40!\"#$%&'()*+,-./0123456789:;<=>?@"));
    assert_non_null(strstr(value, "[\\\\]^_`"));
}

static void transports_have_parameters_of_their_own(void **state)
{
    (void)state;
    size_t count;
    const struct service_suffix *suffixes = facts_service_suffixes(str_of("smtp"), &count);
    assert_int_equal(count, 16);
    assert_string_equal(text(suffixes[0].suffix), "_recipient_limit");
    assert_string_equal(text(suffixes[count - 1].suffix), "_transport_rate_delay");
    assert_int_equal(suffixes[count - 1].first, release("3.1")->index);
    suffixes = facts_service_suffixes(str_of("pipe"), &count);
    assert_int_equal(count, 17);
    assert_string_equal(text(parameter_name(suffixes[0].fallback)), "command_time_limit");
    assert_non_null(facts_service_suffixes(str_of("spawn"), &count));
    assert_int_equal(count, 1);
    assert_null(facts_service_suffixes(str_of("smtpd"), &count));
    assert_int_equal(count, 0);
}

/* --- what changed ---------------------------------------------------------------------------- */

static void a_deprecation_says_what_to_write_instead(void **state)
{
    (void)state;
    const struct deprecation *found = facts_deprecation(str_of("smtpd_use_tls"));
    assert_non_null(found);
    assert_int_equal(found->kind, DEPRECATION_TLS_LEVEL);
    assert_int_equal(found->warns_since, release("3.9")->index);
    assert_int_equal(found->removed_in, -1);
    assert_string_equal(text(found->target), "smtpd_tls_security_level");
    assert_null(facts_deprecation(str_of("smtpd_tls_security_level")));
}

static void deprecations_older_or_newer_than_all_releases_keep_their_order(void **state)
{
    (void)state;
    const struct deprecation *old = facts_deprecation(str_of("check_relay_domains"));
    assert_int_equal(old->warns_since, 0);
    assert_int_equal(old->removed_in, release("3.9")->index);
    const struct deprecation *coming =
        facts_deprecation(str_of("tlsproxy_client_loglevel_parameter"));
    assert_int_equal(coming->warns_since, facts_newest_release()->index + 1);
}

static void every_deprecation_has_advice_and_a_source(void **state)
{
    (void)state;
    size_t count;
    const struct deprecation *all = facts_deprecations(&count);
    assert_int_equal(count, 40);
    for (size_t i = 0; i < count; i++) {
        assert_true(all[i].advice.len > 0 && all[i].source.len > 0);
        bool parameter_known = all[i].kind == DEPRECATION_RESTRICTION
                                   ? facts_restriction(all[i].name) != NULL
                                   : facts_parameter(all[i].name) != NULL;
        if (!parameter_known)
            fail_msg("%s is neither a parameter nor a restriction", text(all[i].name));
    }
}

static void what_a_renamed_parameter_becomes_is_a_parameter(void **state)
{
    (void)state;
    size_t count;
    const struct deprecation *all = facts_deprecations(&count);
    for (size_t i = 0; i < count; i++)
        if (all[i].kind != DEPRECATION_RESTRICTION && all[i].target.len > 0)
            assert_non_null(facts_parameter(all[i].target));
}

static void restrictions_know_their_argument(void **state)
{
    (void)state;
    assert_int_equal(facts_restriction(str_of("check_client_access"))->argument, RESTRICTION_TABLE);
    assert_int_equal(facts_restriction(str_of("check_sender_ns_access"))->argument,
                     RESTRICTION_CONTAINER);
    assert_int_equal(facts_restriction(str_of("reject_rbl_client"))->argument, RESTRICTION_DOMAIN);
    assert_int_equal(facts_restriction(str_of("permit_rhswl_client"))->argument,
                     RESTRICTION_DOMAIN);
    assert_int_equal(facts_restriction(str_of("check_policy_service"))->argument,
                     RESTRICTION_SERVICE);
    assert_int_equal(facts_restriction(str_of("sleep"))->argument, RESTRICTION_NUMBER);
    assert_int_equal(facts_restriction(str_of("reject"))->argument, RESTRICTION_NO_ARGUMENT);
}

static void restrictions_fold_their_case_as_postfix_does(void **state)
{
    (void)state;
    assert_ptr_equal(facts_restriction(str_of("Permit_MyNetworks")),
                     facts_restriction(str_of("permit_mynetworks")));
    assert_non_null(facts_restriction(str_of("PERMIT_MYNETWORKS")));
    char endless[4096];
    memset(endless, 'a', sizeof endless);
    assert_null(facts_restriction((struct str){endless, sizeof endless}));
}

static void restrictions_come_and_go_with_releases(void **state)
{
    (void)state;
    assert_int_equal(facts_restriction(str_of("check_sasl_access"))->first, release("2.11")->index);
    assert_int_equal(facts_restriction(str_of("check_helo_a_access"))->first,
                     release("3.0")->index);
    assert_int_equal(facts_restriction(str_of("reject_maps_rbl"))->last, release("3.8")->index);
}

/* --- tables and ports ------------------------------------------------------------------------ */

static void table_types_know_their_kind(void **state)
{
    (void)state;
    const struct table_type *hash = facts_table_type(str_of("hash"));
    assert_int_equal(hash->kind, TABLE_INDEXED);
    assert_true(hash->berkeley_db);
    assert_string_equal(text(hash->extension), ".db");
    const struct table_type *lmdb = facts_table_type(str_of("lmdb"));
    assert_false(lmdb->berkeley_db);
    assert_int_equal(lmdb->first, release("2.11")->index);
    assert_int_equal(facts_table_type(str_of("pcre"))->kind, TABLE_TEXT);
    assert_int_equal(facts_table_type(str_of("proxy"))->kind, TABLE_ADAPTER);
    assert_null(facts_table_type(str_of("hash:")));
}

static void clients_of_databases_know_their_settings(void **state)
{
    (void)state;
    const struct table_type *mysql = facts_table_type(str_of("mysql"));
    assert_int_equal(mysql->kind, TABLE_CLIENT);
    assert_true(str_list_has(&mysql->settings, str_of("query")));
    assert_true(str_list_has(&mysql->settings, str_of("where_field")));
    assert_false(str_list_has(&mysql->settings, str_of("quary")));
    assert_int_equal(facts_table_type(str_of("cidr"))->settings.count, 0);
}

static void names_of_ports_stand_for_their_numbers(void **state)
{
    (void)state;
    assert_int_equal(facts_port(str_of("smtp")), 25);
    assert_int_equal(facts_port(str_of("submission")), 587);
    assert_int_equal(facts_port(str_of("smtps")), 465);
    assert_int_equal(facts_port(str_of("submissions")), 465);
    assert_int_equal(facts_port(str_of("urd")), 465);
    assert_int_equal(facts_port(str_of("465")), 0);
    assert_int_equal(facts_port(STR_NONE), 0);
}

/* --- platforms ------------------------------------------------------------------------------- */

static void a_platform_is_found_by_any_of_its_names(void **state)
{
    (void)state;
    assert_ptr_equal(platform("almalinux10"), platform("rhel10"));
    assert_ptr_equal(platform("rocky10"), platform("rhel10"));
    assert_ptr_equal(platform("Bookworm"), platform("debian12"));
    assert_ptr_equal(platform("jammy"), platform("ubuntu22.04"));
    assert_null(facts_platform(str_of("windows95")));
    assert_null(facts_platform(str_of("")));
    assert_null(facts_platform(STR_NONE));
}

static void a_release_of_postfix_is_a_platform(void **state)
{
    (void)state;
    const struct platform *upstream = platform("postfix-3.8");
    assert_ptr_equal(upstream->release, release("3.8"));
    assert_ptr_equal(platform("postfix-3.8.5"), upstream);
    assert_string_equal(text(upstream->default_database_type), "hash");
    assert_true(upstream->berkeley_db);
    assert_null(upstream->ca_file.at);
    assert_int_equal(upstream->default_count, 0);
    assert_null(facts_platform(str_of("postfix-3.99")));
    assert_null(facts_platform(str_of("postfix-")));
}

static void upstream_has_every_table_type_of_its_release(void **state)
{
    (void)state;
    assert_null(platform_table(platform("postfix-2.10"), str_of("lmdb")));
    const struct table_package *lmdb = platform_table(platform("postfix-2.11"), str_of("lmdb"));
    assert_non_null(lmdb);
    assert_int_equal(lmdb->package.len, 0);
}

static void rhel10_has_no_berkeley_db(void **state)
{
    (void)state;
    const struct platform *rhel10 = platform("rhel10");
    assert_string_equal(text(rhel10->postfix), "3.8.5");
    assert_false(rhel10->berkeley_db);
    assert_null(platform_table(rhel10, str_of("hash")));
    assert_non_null(platform_table(platform("rhel9"), str_of("hash")));
    assert_int_equal(platform_table(rhel10, str_of("lmdb"))->package.len, 0);
    assert_string_equal(text(platform_table(rhel10, str_of("pcre"))->package), "postfix-pcre");
}

static void every_platform_is_whole(void **state)
{
    (void)state;
    size_t count;
    const struct platform *all = facts_platforms(&count);
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(all[i].release);
        assert_true(all[i].source.len > 0 && all[i].title.len > 0);
        assert_true(all[i].ca_file.len > 0 && all[i].install_command.len > 0);
        assert_ptr_equal(facts_platform(all[i].name), &all[i]);
        for (size_t j = 0; j < all[i].table_count; j++) {
            const struct table_type *type = facts_table_type(all[i].tables[j].type);
            assert_non_null(type);
            if (type->first > all[i].release->index ||
                (type->berkeley_db && !all[i].berkeley_db && all[i].tables[j].package.len == 0))
                fail_msg("%s cannot have %s", text(all[i].name), text(type->name));
        }
    }
}

static void a_build_differs_from_upstream_where_it_says_so(void **state)
{
    (void)state;
    const struct platform_default *daemons =
        platform_default(platform("debian13"), PARAM_DAEMON_DIRECTORY);
    assert_string_equal(text(daemons->value), "/usr/lib/postfix/sbin");
    assert_null(platform_default(platform("rhel9"), PARAM_DAEMON_DIRECTORY));
    assert_string_equal(
        text(platform_default(platform("debian14"), PARAM_DEFAULT_DATABASE_TYPE)->value), "cdb");
    assert_null(platform_default(platform("debian13"), PARAM_DEFAULT_DATABASE_TYPE));
}

static void a_platform_says_its_own_patch_level(void **state)
{
    (void)state;
    assert_string_equal(text(platform_default(platform("ubuntu22.04"), PARAM_MAIL_VERSION)->value),
                        "3.6.4");
    assert_null(platform_default(platform("rhel10"), PARAM_MAIL_VERSION));
}

static void trust_paths_are_those_of_the_platform(void **state)
{
    (void)state;
    struct str bundle = STR("/etc/pki/tls/certs/ca-bundle.crt");
    struct str cert = STR("/etc/pki/tls/cert.pem");
    assert_true(platform_has_trust_path(platform("rhel9"), bundle));
    assert_true(platform_has_trust_path(platform("rhel9"), cert));
    assert_true(platform_has_trust_path(platform("rhel10"), bundle));
    assert_false(platform_has_trust_path(platform("rhel10"), cert));
    assert_true(str_list_has(&platform("rhel10")->trust_paths_gone, cert));
    assert_false(platform_has_trust_path(platform("debian13"), bundle));
    assert_true(platform_has_trust_path(platform("debian13"), str_of("/etc/ssl/certs/")));
}

static void a_trust_path_of_any_platform_is_known_as_one(void **state)
{
    (void)state;
    assert_true(facts_trust_path(str_of("/etc/ssl/certs/ca-certificates.crt")));
    assert_true(facts_trust_path(str_of("/etc/ssl/ca-bundle.pem")));
    assert_false(facts_trust_path(str_of("/etc/postfix/ssl/our-own-ca.pem")));
    assert_false(facts_trust_path(str_of("")));
    assert_false(facts_trust_path(STR_NONE));
}

static void a_bundle_is_outdated_when_only_dead_platforms_have_it(void **state)
{
    (void)state;
    const struct platform *dead =
        facts_outdated_trust_path(str_of("/usr/share/ssl/certs/ca-bundle.crt"));
    assert_non_null(dead);
    assert_true(dead->end_of_life);
    assert_null(facts_outdated_trust_path(str_of("/etc/pki/tls/certs/ca-bundle.crt")));
    assert_null(facts_outdated_trust_path(str_of("/etc/pki/tls/cert.pem")));
    assert_null(facts_outdated_trust_path(str_of("/no/such/bundle")));
}

/* --- a user's own platform ------------------------------------------------------------------- */

/* loads a platform from a file that holds LEN bytes of YAML */
static const struct platform *load_bytes(const char *yaml, size_t len, struct str *error)
{
    char path[] = "/tmp/facts-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, yaml, len), len);
    close(file);
    *error = STR_NONE;
    const struct platform *loaded = facts_load_platform(arena, path, error);
    unlink(path);
    assert_true((loaded == NULL) == (error->at != NULL));
    if (error->at != NULL)
        assert_int_equal(str_find(*error, '\n', 0), error->len);
    return loaded;
}

static const struct platform *load(const char *yaml, struct str *error)
{
    return load_bytes(yaml, strlen(yaml), error);
}

/* the text is refused with the problem, which is one line */
static void refuses(const char *yaml, const char *problem)
{
    struct str error;
    assert_null(load(yaml, &error));
    assert_string_equal(text(error), problem);
}

static void a_user_describes_a_platform_of_their_own(void **state)
{
    (void)state;
    struct str error;
    const struct platform *ours = load("source: our build host\n"
                                       "platforms:\n"
                                       "  - name: ours\n"
                                       "    title: Our own build\n"
                                       "    family: ours\n"
                                       "    postfix: 3.9.1\n"
                                       "    default_database_type: cdb\n"
                                       "    berkeley_db: no\n"
                                       "    ca_file: /opt/ca.pem\n"
                                       "    ca_directory: /opt/ca\n"
                                       "    submissions_service: submissions\n"
                                       "    config_directory: /opt/postfix/etc\n"
                                       "    install_command: pkgadd\n"
                                       "    tables:\n"
                                       "      built_in: [cdb, cidr]\n"
                                       "      packages: {pcre: OURpcre}\n"
                                       "    defaults:\n"
                                       "      mail_name: Ours\n",
                                       &error);
    assert_non_null(ours);
    assert_ptr_equal(ours->release, release("3.9"));
    assert_string_equal(text(platform_default(ours, PARAM_MAIL_NAME)->value), "Ours");
    assert_string_equal(text(platform_default(ours, PARAM_CONFIG_DIRECTORY)->value),
                        "/opt/postfix/etc");
    assert_string_equal(text(platform_table(ours, str_of("pcre"))->package), "OURpcre");
    assert_string_equal(text(ours->source), "our build host");
}

static void a_platform_like_another_takes_what_it_does_not_say(void **state)
{
    (void)state;
    struct str error;
    const struct platform *ours = load("platforms:\n"
                                       "  - name: ours\n"
                                       "    title: Ours\n"
                                       "    like: alma10\n"
                                       "    ca_file: /opt/ca.pem\n"
                                       "    defaults: {mail_name: Ours}\n",
                                       &error);
    assert_non_null(ours);
    assert_string_equal(text(ours->ca_file), "/opt/ca.pem");
    assert_string_equal(text(ours->default_database_type), "lmdb");
    assert_int_equal(ours->table_count, platform("rhel10")->table_count);
    assert_int_equal(ours->aliases.count, 0);
    assert_non_null(platform_default(ours, PARAM_MAIL_NAME));
    assert_non_null(platform_default(ours, PARAM_DEFAULT_DATABASE_TYPE));
}

static void a_platform_says_how_its_firewall_opens_and_what_its_stock_files_set(void **state)
{
    (void)state;
    struct str error;
    const struct platform *ours = load("platforms:\n"
                                       "  - name: ours\n"
                                       "    title: Ours\n"
                                       "    like: rhel10\n"
                                       "    firewall:\n"
                                       "      commands: [\"open %s\", \"open --reload\"]\n"
                                       "      port: open tcp %s\n"
                                       "      25: mail\n"
                                       "      465: mails\n"
                                       "      587: submit\n"
                                       "    stock: {sendmail_path: /opt/sbin/sendmail}\n",
                                       &error);
    assert_non_null(ours);
    assert_int_equal(ours->firewall_commands.count, 2);
    assert_string_equal(text(ours->firewall_port), "open tcp %s");
    assert_string_equal(text(ours->firewall_465), "mails");
    assert_string_equal(text(platform_stock(ours, PARAM_SENDMAIL_PATH)->value),
                        "/opt/sbin/sendmail");
    assert_null(platform_stock(ours, PARAM_MAILQ_PATH));
}

static void a_mistake_in_a_platform_is_told_with_its_place(void **state)
{
    (void)state;
    refuses("platforms:\n  - name: x\n    title: X\n    like: rhel10\n    colour: red\n",
            "line 5, column 5: unknown key \"colour\"");
    refuses("platforms:\n  - name: x\n    title: X\n    like: beos\n",
            "line 4, column 11: unknown platform \"beos\"");
    refuses("platforms:\n  - name: x\n    title: X\n", "line 2, column 5: \"postfix\" is missing");
    refuses("platforms:\n  - {name: x, title: X, like: rhel10, postfix: 9.9}\n",
            "line 2, column 48: postmend has no release of Postfix for \"9.9\"");
    refuses("platforms:\n  - {name: x, title: X, like: rhel10, berkeley_db: maybe}\n",
            "line 2, column 52: expected yes or no");
    refuses("platforms:\n  - {name: x, title: X, like: rhel10, defaults: {no_such: 1}}\n",
            "line 2, column 50: \"no_such\" is not a parameter of that release");
    refuses("platforms:\n  - {name: x, title: X, like: rhel10, tables: {built_in: [hush]}}\n",
            "line 2, column 59: unknown table type \"hush\"");
    refuses("platforms:\n  - {name: x, title: X, like: rhel10, default_database_type: hash}\n",
            "line 2, column 5: the platform does not have the table type \"hash\"");
}

static void a_platform_file_holds_one_platform(void **state)
{
    (void)state;
    refuses("platforms:\n  - {name: x, title: X, like: rhel9}\n"
            "  - {name: y, title: Y, like: x}\n",
            "line 2, column 3: expected one platform, found 2");
    refuses("platforms: []\n", "line 1, column 12: expected one platform, found 0");
    refuses("platforms: {}\n", "line 1, column 12: expected a list, found a mapping");
    refuses("[]\n", "line 1, column 1: expected a mapping, found a list");
}

static void a_file_that_is_not_there_is_no_platform(void **state)
{
    (void)state;
    struct str error = STR_NONE;
    assert_null(facts_load_platform(arena, "/no/such/file.yaml", &error));
    assert_string_equal(text(error), "line 1, column 1: cannot open: No such file or directory");
    assert_null(facts_load_platform(arena, "/", &error));
    assert_string_equal(text(error), "line 1, column 1: cannot read: Is a directory");
}

/* --- hostile YAML ---------------------------------------------------------------------------- */

static void yaml_that_postmend_does_not_speak_is_refused(void **state)
{
    (void)state;
    refuses("", "line 1, column 1: the file is empty");
    refuses("platforms: &a []\n", "line 1, column 12: anchors are not supported");
    refuses("platforms: *a\n", "line 1, column 12: aliases are not supported");
    refuses("platforms: !!python/object:os.system []\n",
            "line 1, column 12: tags are not supported");
    refuses("platforms: []\nplatforms: []\n", "line 2, column 1: this key is defined twice");
    refuses("source: a\n---\nsource: b\n", "line 2, column 1: more than one document");
    refuses("[a]: b\n", "line 1, column 1: a key must be a scalar");
    refuses("source: \"a\\0b\"\n", "line 1, column 9: NUL characters are not allowed");
    refuses("platforms: [\n", "line 2, column 1: did not find expected node content");
}

static void a_problem_is_one_line_whatever_it_quotes(void **state)
{
    (void)state;
    refuses("\"bad\\nkey\\x1b[31m\": 1\n", "line 1, column 1: unknown key \"bad?key?[31m\"");
}

static void nul_bytes_are_refused(void **state)
{
    (void)state;
    static const char yaml[] = "source: a\0b\n";
    struct str error;
    assert_null(load_bytes(yaml, sizeof yaml - 1, &error));
}

static void bytes_that_are_no_utf8_are_refused(void **state)
{
    (void)state;
    struct str error;
    assert_null(load("source: \xff\xfe\x80\n", &error));
    assert_null(load_bytes("\xff\xfe\0s", 4, &error));
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    static char yaml[200000];
    memset(yaml, '[', sizeof yaml);
    struct str error;
    assert_null(load_bytes(yaml, sizeof yaml, &error));
    assert_string_equal(text(error), "line 1, column 17: nested more than 16 levels deep");
}

static void a_huge_file_is_refused(void **state)
{
    (void)state;
    size_t size = YAML_MAX_SIZE + 2;
    char *yaml = malloc(size);
    assert_non_null(yaml);
    memset(yaml, '#', size);
    struct str error;
    assert_null(load_bytes(yaml, size, &error));
    free(yaml);
    assert_string_equal(text(error), "line 1, column 1: longer than 1048576 bytes");
}

static void a_list_without_end_is_refused(void **state)
{
    (void)state;
    static char yaml[YAML_MAX_SIZE];
    for (size_t i = 0; i < sizeof yaml; i++)
        yaml[i] = "-\n"[i % 2];
    struct str error;
    assert_null(load_bytes(yaml, sizeof yaml, &error));
    assert_true(str_ends(error, "more than 4096 members"));
    /* 20 lists of 4000 values */
    size_t len = 0;
    for (int list = 0; list < 20; list++) {
        len += (size_t)snprintf(yaml + len, sizeof yaml - len, "- [");
        for (int i = 0; i < 4000; i++)
            len += (size_t)snprintf(yaml + len, sizeof yaml - len, "1,");
        len += (size_t)snprintf(yaml + len, sizeof yaml - len, "]\n");
    }
    assert_null(load_bytes(yaml, len, &error));
    assert_true(str_ends(error, "more than 65536 values"));
}

/* --- the arena and texts --------------------------------------------------------------------- */

static void an_arena_holds_no_more_after_ten_thousand_resets(void **state)
{
    (void)state;
    struct arena *own = arena_create(NULL);
    size_t after_first = 0;
    for (int i = 0; i < 10000; i++) {
        for (int j = 0; j < 100; j++)
            memset(arena_alloc_raw(own, 3000), j, 3000);
        arena_alloc(own, 1000000);
        arena_reset(own);
        if (i == 0)
            after_first = arena_held(own);
    }
    assert_int_equal(arena_held(own), after_first);
    arena_destroy(own);
}

static void an_arena_gives_aligned_and_zeroed_memory(void **state)
{
    (void)state;
    for (size_t size = 0; size < 40000; size += 777) {
        arena_copy(arena, str_of("x"));
        unsigned char *bytes = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xaa, size);
    }
}

static void a_growing_array_keeps_its_items(void **state)
{
    (void)state;
    size_t *items = NULL;
    size_t capacity = 0;
    for (size_t i = 0; i < 20000; i++) {
        items = arena_grow(arena, items, i, &capacity, sizeof *items);
        items[i] = i;
        if (i % 7 == 0)
            arena_alloc(arena, 1);
    }
    for (size_t i = 0; i < 20000; i++)
        assert_int_equal(items[i], i);
}

static void a_buffer_keeps_its_text(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, arena);
    assert_int_equal(buffer_str(&buffer).len, 0);
    for (int i = 0; i < 5000; i++) {
        buffer_printf(&buffer, "%d", i % 10);
        buffer_add_char(&buffer, ',');
    }
    struct str all = buffer_str(&buffer);
    assert_int_equal(all.len, 10000);
    assert_true(str_starts(all, "0,1,2,") && str_ends(all, ",8,9,"));
}

static void a_printed_text_may_be_longer_than_a_chunk(void **state)
{
    (void)state;
    struct str long_text = arena_printf(arena, "%0200000d", 7);
    assert_int_equal(long_text.len, 200000);
    assert_true(str_ends(long_text, "0007"));
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 1).at, "a-1");
}

static void texts_are_searched_by_bytes(void **state)
{
    (void)state;
    struct str s = STR("a\0b=c=d");
    assert_int_equal(str_find(s, '=', 0), 3);
    assert_int_equal(str_find(s, '=', 4), 5);
    assert_int_equal(str_find(s, 'x', 0), s.len);
    assert_int_equal(str_find(s, 'a', 99), s.len);
    assert_int_equal(str_search(s, "c="), 4);
    assert_int_equal(str_search(s, "zz"), s.len);
    assert_int_equal(str_span(s, 3, "=c"), 6);
    assert_int_equal(str_span_not(s, 0, "=d"), 3);
    assert_int_equal(str_search(STR_NONE, "x"), 0);
}

static void texts_are_trimmed_and_sliced_within_their_bounds(void **state)
{
    (void)state;
    assert_string_equal(text(str_trim(str_of(" \t\r\n a b \v\f"))), "a b");
    assert_int_equal(str_trim(str_of(" \n ")).len, 0);
    struct str s = STR("abc");
    assert_string_equal(text(str_slice(s, 1, 99)), "bc");
    assert_int_equal(str_slice(s, 2, 1).len, 0);
    assert_int_equal(str_slice(STR_NONE, 0, 5).len, 0);
    assert_true(str_eq(STR_NONE, str_of("")));
    assert_true(str_cmp(str_of("a"), str_of("ab")) < 0);
    assert_true(str_cmp(str_of("\xff"), str_of("a")) > 0);
    assert_true(str_is_digits(str_of("012")) && !str_is_digits(str_of("")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)

/* named - the platform that NAME finds, or "" */
static struct str named(const char *name)
{
    const struct platform *platform = facts_platform(str_of(name));

    return platform != NULL ? platform->name : str_of("");
}

static void test_platforms_have_the_names_that_people_type(void **state)
{
    static const char *const rows[][2] = {
        {"RHEL-10", "rhel10"},
        {"el9", "rhel9"},
        {"Rocky Linux 9", "rhel9"},
        {"rhel9.6", "rhel9"},
        {"rhel9.2", "rhel9.3"},
        {"debian-12", "debian12"},
        {"ubuntu26", "ubuntu26.04"},
        {"leap15.6", "leap15"},
        {"3.8", "postfix-3.8"},
        {"Postfix-3.8", "postfix-3.8"},
        {"ubuntu22.10", ""},
        {"rhel9.x", ""},
        {"rhel", ""},
        {"", ""},
        {"-", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_true(str_is(named(rows[i][0]), rows[i][1]));
    assert_true(platform_is_minor(facts_platform(str_of("rhel9.6")), str_of("rhel9.6")));
    assert_false(platform_is_minor(facts_platform(str_of("rhel9.2")), str_of("rhel9.2")));
    assert_true(str_is(facts_nearest_platform(str_of("debain12")), "debian12"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_platforms_have_the_names_that_people_type),
        TEST(releases_are_numbered_from_the_oldest_on),
        TEST(a_version_is_of_its_series),
        TEST(what_is_no_version_has_no_release),
        TEST(a_feature_begins_with_its_series),
        TEST(every_parameter_is_found_by_its_name),
        TEST(a_number_is_that_of_its_name),
        TEST(names_are_found_whole_and_exactly),
        TEST(a_default_changes_with_the_series_that_changed_it),
        TEST(an_empty_default_is_not_an_absent_one),
        TEST(a_release_has_no_default_for_a_parameter_it_does_not_know),
        TEST(what_is_asked_of_the_machine_has_no_text),
        TEST(a_parameter_is_in_the_releases_from_its_first_to_its_last),
        TEST(a_parameter_of_a_patch_level_is_in_packages_that_have_it),
        TEST(what_a_package_adds_has_the_default_of_the_first_series),
        TEST(an_old_name_is_legacy_from_its_renaming_on),
        TEST(bounds_are_there_where_postfix_checks_them),
        TEST(only_the_process_sets_what_is_read_only),
        TEST(the_expansion_filter_keeps_its_backslashes),
        TEST(transports_have_parameters_of_their_own),
        TEST(a_deprecation_says_what_to_write_instead),
        TEST(deprecations_older_or_newer_than_all_releases_keep_their_order),
        TEST(every_deprecation_has_advice_and_a_source),
        TEST(what_a_renamed_parameter_becomes_is_a_parameter),
        TEST(restrictions_know_their_argument),
        TEST(restrictions_fold_their_case_as_postfix_does),
        TEST(restrictions_come_and_go_with_releases),
        TEST(table_types_know_their_kind),
        TEST(clients_of_databases_know_their_settings),
        TEST(names_of_ports_stand_for_their_numbers),
        TEST(a_platform_is_found_by_any_of_its_names),
        TEST(a_release_of_postfix_is_a_platform),
        TEST(upstream_has_every_table_type_of_its_release),
        TEST(rhel10_has_no_berkeley_db),
        TEST(every_platform_is_whole),
        TEST(a_build_differs_from_upstream_where_it_says_so),
        TEST(a_platform_says_its_own_patch_level),
        TEST(trust_paths_are_those_of_the_platform),
        TEST(a_trust_path_of_any_platform_is_known_as_one),
        TEST(a_bundle_is_outdated_when_only_dead_platforms_have_it),
        TEST(a_user_describes_a_platform_of_their_own),
        TEST(a_platform_like_another_takes_what_it_does_not_say),
        TEST(a_mistake_in_a_platform_is_told_with_its_place),
        TEST(a_platform_says_how_its_firewall_opens_and_what_its_stock_files_set),
        TEST(a_platform_file_holds_one_platform),
        TEST(a_file_that_is_not_there_is_no_platform),
        TEST(yaml_that_postmend_does_not_speak_is_refused),
        TEST(a_problem_is_one_line_whatever_it_quotes),
        TEST(nul_bytes_are_refused),
        TEST(bytes_that_are_no_utf8_are_refused),
        TEST(deep_nesting_is_refused),
        TEST(a_huge_file_is_refused),
        TEST(a_list_without_end_is_refused),
        TEST(an_arena_holds_no_more_after_ten_thousand_resets),
        TEST(an_arena_gives_aligned_and_zeroed_memory),
        TEST(a_growing_array_keeps_its_items),
        TEST(a_buffer_keeps_its_text),
        TEST(a_printed_text_may_be_longer_than_a_chunk),
        TEST(texts_are_searched_by_bytes),
        TEST(texts_are_trimmed_and_sliced_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
