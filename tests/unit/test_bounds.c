/* Input is hostile: what a small file could make large, and what must stay right when it is long */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "smtp/address/address.h"
#include "smtp/engine/postfix.h"
#include "tests/unit/restriction_fixture.h"

enum { MEGABYTE = 1024 * 1024 };

/* COUNT times TEXT */
static void repeat(struct buffer *buffer, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_add_cstr(buffer, text);
}

/* a configuration whose main.cf is what BUFFER holds */
static void open_main(struct config *config, struct buffer *buffer)
{
    config_of(config, buffer->arena, "rhel10", arena_cstr(buffer->arena, buffer_str(buffer)), NULL);
}

static void assert_too_large(const struct config *config, const char *name, const char *message)
{
    struct expand_error error = {.place = STR_NONE};
    int flags;

    config_value_named(config, NULL, str_of(name), &flags, &error);
    assert_true(flags & EXPAND_FAILED);
    assert_true(error.bound);
    assert_string_equal(arena_cstr(config->arena, error.message), message);
}

static void the_expansions_of_one_configuration_have_a_bound_together(void **state)
{
    struct arena *arena = *state;
    struct buffer text;
    struct config config;
    int failed = 0;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "a = ");
    repeat(&text, "x", MEGABYTE);
    buffer_add_cstr(&text, "\nb = $a$a$a$a$a$a$a$a\n");
    open_main(&config, &text);
    for (int i = 0; i < 1000; i++) {
        int flags;
        struct expand_error error;
        config_value_named(&config, NULL, str_of("b"), &flags, &error);
        failed += (flags & EXPAND_FAILED) != 0;
        if ((flags & EXPAND_FAILED) != 0)
            assert_str(error.message, "all expansions together take more than 64 MB");
    }
    assert_true(failed > 900 && failed < 1000);
    assert_true(arena_held(arena) < (size_t)512 * MEGABYTE);
}

static void dollar_signs_count_towards_the_bound(void **state)
{
    struct buffer text;
    struct config config;

    buffer_init(&text, *state);
    buffer_add_cstr(&text, "a = ");
    repeat(&text, "$$", MEGABYTE);
    buffer_add_cstr(&text, "\nb = ");
    repeat(&text, "$a", 100);
    open_main(&config, &text);
    assert_too_large(&config, "b", "the expansion takes more than 16 MB");
}

static void text_that_is_read_and_not_taken_has_a_bound_too(void **state)
{
    struct buffer text;
    struct config config;

    buffer_init(&text, *state);
    buffer_add_cstr(&text, "a = ${none?");
    repeat(&text, "x", MEGABYTE);
    buffer_add_cstr(&text, "}\nb = ");
    repeat(&text, "$a", 1000);
    open_main(&config, &text);
    assert_too_large(&config, "b", "the references in it are longer than 256 MB");
}

static void more_references_than_are_followed_are_said(void **state)
{
    struct buffer text;
    struct config config;

    buffer_init(&text, *state);
    buffer_add_cstr(&text, "a = ");
    repeat(&text, "$none ", 100);
    buffer_add_cstr(&text, "\nb = ");
    repeat(&text, "$a ", 1000);
    open_main(&config, &text);
    assert_too_large(&config, "b", "the expansion has more than 100000 references");
}

/* a service with COUNT overrides: a0=0 a1=1 ... */
static const struct service *with_overrides(struct arena *arena, int count)
{
    struct buffer text;
    struct config *config = arena_alloc(arena, sizeof *config);

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "smtp inet n - n - - smtpd\n");
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "  -o a%d=%d\n", i, i);
    buffer_add_cstr(&text, "  -o a1=last\n");
    config_of(config, arena, "rhel10", NULL, arena_cstr(arena, buffer_str(&text)));
    return config->master_cf.services[0];
}

static void overrides_are_found_be_they_few_or_many(void **state)
{
    struct arena *arena = *state;

    for (int count = 2; count < 300; count += 7) {
        const struct service *service = with_overrides(arena, count);
        const struct master_override *o = service->overrides;
        for (int i = 0; i < count; i++, o = o->next) {
            struct str name = arena_printf(arena, "a%d", i);
            assert_str(o->name, name.at);
            assert_true(i == 1 || service_override_named(service, name) == o);
        }
        assert_str(service_override_named(service, str_of("a1"))->value, "last");
        assert_ptr_equal(service_override_named(service, str_of("a1")), o);
        assert_null(o->next);
        assert_null(service_override_named(service, str_of("b")));
    }
}

/* --- restriction classes ----------------------------------------------------------------- */

/* with_classes - COUNT classes, each of which contains the next one TIMES times, the last one LAST;
   LIST begins with the first */
static struct restriction_fixture *with_classes(struct arena *arena, int count, int times,
                                                const char *last, const char *list)
{
    struct buffer text;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "smtpd_restriction_classes =");
    for (int i = 0; i < count; i++)
        buffer_printf(&text, " c%d", i);
    for (int i = 0; i + 1 < count; i++) {
        buffer_printf(&text, "\nc%d =", i);
        for (int k = 0; k < times; k++)
            buffer_printf(&text, " c%d", i + 1);
    }
    buffer_printf(&text, "\nc%d = %s\n%s = c0\n", count - 1, last, list);
    return fixture_of(arena, "debian12", arena_cstr(arena, buffer_str(&text)));
}

static const char *answer_at_data(struct restriction_fixture *fixture)
{
    fixture->state.sender = str_of("");
    fixture->state.recipient_count = 1;
    return answer(fixture, STAGE_DATA);
}

static void a_hundred_classes_inside_each_other_are_evaluated(void **state)
{
    struct restriction_fixture *fixture =
        with_classes(*state, 90, 1, "reject", "smtpd_data_restrictions");

    assert_true(str_starts(str_of(answer_at_data(fixture)), "554 5.7.1"));
    assert_int_equal(fixture->world.cut.len, 0);
}

static void classes_that_are_nested_deeper_are_not_decided(void **state)
{
    struct arena *arena = *state;
    struct restriction_fixture *fixture =
        with_classes(arena, 150, 1, "reject", "smtpd_data_restrictions");

    answer_at_data(fixture);
    assert_str(fixture->world.cut, "more than 100 classes inside each other");
}

static void a_class_in_itself_is_decided(void **state)
{
    struct restriction_fixture *fixture =
        with_classes(*state, 3, 1, "c1", "smtpd_data_restrictions");

    assert_true(str_starts(str_of(answer_at_data(fixture)), "421 4.3.0"));
    assert_int_equal(fixture->world.cut.len, 0);
}

static void classes_that_double_are_not_decided(void **state)
{
    struct arena *arena = *state;
    struct restriction_fixture *fixture =
        with_classes(arena, 30, 2, "permit_mynetworks", "smtpd_data_restrictions");

    answer_at_data(fixture);
    assert_str(fixture->world.cut, "more than 100000 restrictions");
}

static void results_of_tables_that_double_are_not_decided(void **state)
{
    struct arena *arena = *state;
    struct restriction_fixture *fixture =
        with_classes(arena, 30, 2, "check_client_access inline:{198.51.100.1=permit_mynetworks}",
                     "smtpd_data_restrictions");

    answer_at_data(fixture);
    assert_str(fixture->world.cut, "more than 100000 restrictions");
}

static void smtpd_starts_however_deep_the_class_that_protects_it(void **state)
{
    struct arena *arena = *state;
    static const char list[] = "smtpd_recipient_restrictions =\nsmtpd_relay_restrictions";
    struct restriction_fixture *deep =
        with_classes(arena, 5000, 1, "reject_unauth_destination", list);
    struct restriction_fixture *doubled = with_classes(arena, 60, 2, "permit_mynetworks", list);
    struct restriction_fixture *endless = with_classes(arena, 60, 2, "c1", list);

    assert_int_equal(restriction_start_error(deep->service).len, 0);
    assert_true(str_starts(restriction_start_error(doubled->service), "in parameter"));
    assert_str(restriction_start_error(endless->service),
               "a restriction class contains itself: smtpd runs out of stack");
}

static void an_address_that_is_too_long_is_not_decided(void **state)
{
    struct arena *arena = *state;
    struct restriction_fixture *fixture = fixture_of(arena, "debian12", "");
    struct buffer text;

    buffer_init(&text, arena);
    repeat(&text, "x", ADDRESS_LENGTH_MAX);
    address_resolve(&fixture->state, STR_NONE, buffer_str(&text));
    assert_int_equal(fixture->world.cut.len, 0);
    buffer_add_cstr(&text, "x");
    assert_true(address_resolve(&fixture->state, STR_NONE, buffer_str(&text)).bad_syntax);
    assert_str(fixture->world.cut, "an address is longer than 4096 bytes");
}

/* --- references and copies --------------------------------------------------------------- */

static void references_inside_each_other_have_postfix_s_bound(void **state)
{
    struct expand_error error = {.place = STR_NONE};
    struct arena *arena = *state;
    struct buffer text;
    struct config config;
    int flags;

    buffer_init(&text, arena);
    for (int i = 0; i < 200; i++)
        buffer_printf(&text, "a%d = $a%d\n", i, i + 1);
    open_main(&config, &text);
    config_value_named(&config, NULL, str_of("a150"), &flags, &error);
    assert_int_equal(flags & EXPAND_FAILED, 0);
    config_value_named(&config, NULL, str_of("a0"), &flags, &error);
    assert_true(flags & EXPAND_FAILED);
    assert_str(error.message,
               "the value refers to itself, or its references are nested more than 100 "
               "levels deep");
}

static void a_copy_for_postfix_is_whole_or_says_why_not(void **state)
{
    struct arena *arena = *state;
    char from[] = "/tmp/postmend-from.XXXXXX", to[] = "/tmp/postmend-to.XXXXXX";
    struct config config;
    struct engine_request request = {.config = &config};
    struct postfix postfix = {.arena = arena, .request = &request, .root = str_of(to)};
    struct str error = STR_NONE;

    assert_non_null(mkdtemp(from));
    assert_non_null(mkdtemp(to));
    config_of(&config, arena, "debian12", "", "");
    config.directory = str_of(from);
    const char *large = arena_printf(arena, "%s/large", from).at;
    FILE *file = fopen(large, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 65L * MEGABYTE), 0);
    fclose(file);
    assert_false(postfix_write_files(&postfix, &error));
    assert_str(error, arena_printf(arena, "%s is larger than 64 MB", large).at);
    unlink(large);
    rmdir(from);
    rmdir(to);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_all(const char *path)
{
    assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* copy_of - what is wrong with a copy of FROM for a private Postfix */
static struct str copy_of(struct arena *arena, const char *from)
{
    char to[] = "/tmp/postmend-to.XXXXXX";
    struct config config;
    struct engine_request request = {.config = &config};
    struct postfix postfix = {.arena = arena, .request = &request, .root = str_of(to)};
    struct str error = STR_NONE;

    assert_non_null(mkdtemp(to));
    config_of(&config, arena, "debian12", "", "");
    config.directory = str_of(from);
    postfix.installed.owner_group = getgid();
    mkdir(arena_printf(arena, "%s" POSTFIX_PLACE, to).at, 0700);
    mkdir(arena_cstr(arena, postfix_outside(&postfix, "/config")), 0700);
    assert_false(postfix_write_files(&postfix, &error));
    remove_all(to);
    return error;
}

static void a_copy_has_a_bound_for_files(void **state)
{
    struct arena *arena = *state;
    char from[] = "/tmp/postmend-from.XXXXXX";

    assert_non_null(mkdtemp(from));
    /* pipes are counted, but not copied */
    for (int i = 0; i < 20001; i++)
        assert_int_equal(mkfifo(arena_printf(arena, "%s/%d", from, i).at, 0600), 0);
    assert_str(copy_of(arena, from), arena_printf(arena, "%s has more than 20000 files", from).at);
    remove_all(from);
}

static void a_copy_has_a_bound_for_depth(void **state)
{
    struct arena *arena = *state;
    char from[] = "/tmp/postmend-from.XXXXXX";

    if (geteuid() != 0) {
        print_message("SKIPPED: only root can give the directories of the copy to Postfix\n");
        skip();
    }
    assert_non_null(mkdtemp(from));
    struct str deep = str_of(from);
    for (int i = 0; i < 9; i++) {
        deep = arena_printf(arena, "%.*s/d", STR_ARG(deep));
        assert_int_equal(mkdir(arena_cstr(arena, deep), 0700), 0);
    }
    assert_str(
        copy_of(arena, from),
        arena_printf(arena, "%.*s: more than 8 directories inside each other", STR_ARG(deep)).at);
    remove_all(from);
}

static void a_login_name_may_be_as_long_as_a_user_s(void **state)
{
    struct arena *arena = *state;
    struct users users = {0};
    struct postfix_auth auth = {.login = false};
    struct buffer name, out;

    buffer_init(&name, arena);
    buffer_init(&out, arena);
    repeat(&name, "n", USER_TEXT_MAX - 1);
    users_add(&users, arena, buffer_str(&name), str_of("p"));
    postfix_auth_line(&auth, &users, str_of("AUTH\t1\tLOGIN\tservice=smtp"), &out);
    struct str encoded = base64_encode(arena, buffer_str(&name));
    postfix_auth_line(&auth, &users, arena_printf(arena, "CONT\t1\t%.*s", STR_ARG(encoded)), &out);
    postfix_auth_line(&auth, &users, str_of("CONT\t1\tcA=="), &out);
    assert_true(str_search(buffer_str(&out), "OK\t1\tuser=nnn") < out.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(the_expansions_of_one_configuration_have_a_bound_together),
        arena_test(dollar_signs_count_towards_the_bound),
        arena_test(text_that_is_read_and_not_taken_has_a_bound_too),
        arena_test(more_references_than_are_followed_are_said),
        arena_test(overrides_are_found_be_they_few_or_many),
        arena_test(a_hundred_classes_inside_each_other_are_evaluated),
        arena_test(classes_that_are_nested_deeper_are_not_decided),
        arena_test(a_class_in_itself_is_decided),
        arena_test(classes_that_double_are_not_decided),
        arena_test(results_of_tables_that_double_are_not_decided),
        arena_test(smtpd_starts_however_deep_the_class_that_protects_it),
        arena_test(an_address_that_is_too_long_is_not_decided),
        arena_test(references_inside_each_other_have_postfix_s_bound),
        arena_test(a_copy_for_postfix_is_whole_or_says_why_not),
        arena_test(a_copy_has_a_bound_for_files),
        arena_test(a_copy_has_a_bound_for_depth),
        arena_test(a_login_name_may_be_as_long_as_a_user_s),
    };

    return cmocka_run_group_tests_name("bounds", tests, NULL, NULL);
}
