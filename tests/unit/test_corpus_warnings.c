/*
 * what the real postconf warns about in 82 published configurations, under three releases: each
 * warning has a finding there, and the rules that mirror a warning say nothing that postconf does
 * not.  The configurations are in POSTMEND_SHARED/corpus; without it the test is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/engine/engine.h"

enum { HOST_COUNT = 82 };

static const char *const views[] = {"n", "M", "P", "F", "nx"};

enum { VIEW_COUNT = sizeof views / sizeof *views };

/* --- one host under one release -------------------------------------------------------------- */

struct corpus_run {
    const char *platform, *expected; /* "postfix-3.8", "3.8.5" */
    struct arena *arena;
    int host;
    struct config config;
    struct finding_list list;
    struct str warnings; /* all views of the host, one after the other */
    size_t seen;         /* warnings that were checked in all hosts */
};

static void no_memory(void)
{
    abort();
}

static const char *corpus(void)
{
    static char path[4096];

    snprintf(path, sizeof path, "%s/corpus", getenv("POSTMEND_SHARED"));
    return path;
}

static struct str host_path(const struct corpus_run *world)
{
    return arena_printf(world->arena, "%s/hosts/h%03d", corpus(), world->host);
}

/* read_warnings - a view without warnings has no file */
static struct str read_warnings(const struct corpus_run *world)
{
    struct buffer all;

    buffer_init(&all, world->arena);
    for (size_t i = 0; i < VIEW_COUNT; i++) {
        struct str path = arena_printf(world->arena, "%s/expected/%s/h%03d/%s.err", corpus(),
                                       world->expected, world->host, views[i]);
        const struct source *source = source_read(world->arena, path);
        if (source != NULL)
            buffer_add(&all, source->bytes);
    }
    return buffer_str(&all);
}

static void read_host(struct corpus_run *world, int host)
{
    struct str error = STR_NONE;

    arena_reset(world->arena);
    world->host = host;
    struct config_input input = {.path = host_path(world),
                                 .platform = facts_platform(str_of(world->platform)),
                                 .host = {.hostname = str_of("mail.example.com")}};
    struct rules_request request = {0};
    assert_non_null(input.platform);
    if (!config_open(&world->config, world->arena, &input, &error))
        fail_msg("%.*s", STR_ARG(error));
    engine_run(&world->list, &world->config, &request);
    world->warnings = read_warnings(world);
}

/* --- findings -------------------------------------------------------------------------------- */

static size_t line_number(struct span span)
{
    return source_position(span.source, span.at).line;
}

/* has_finding_at - does any rule say something about the line of PLACE, a part of LINE? */
static bool has_finding_at(const struct corpus_run *world, const struct line *line,
                           struct str place)
{
    size_t number = line_number(line_span(line, place));

    for (size_t i = 0; i < world->list.count; i++) {
        struct span span = world->list.items[i].span;
        if (span.source == line->source && line_number(span) == number)
            return true;
    }
    return false;
}

static bool is_rule(const struct finding *finding, const char *name)
{
    return strcmp(finding->rule->name, name) == 0;
}

/* --- postconf's warnings --------------------------------------------------------------------- */

/* next_warning - the text behind "postconf: warning: " */
static bool next_warning(struct str *rest, struct str *warning)
{
    static const char mark[] = "postconf: warning: ";

    while (rest->len > 0) {
        size_t end = str_find(*rest, '\n', 0);
        struct str line = str_slice(*rest, 0, end);
        *rest = str_slice(*rest, end + 1, rest->len);
        if (!str_starts(line, mark))
            continue;
        *warning = str_slice(line, sizeof mark - 1, line.len);
        return true;
    }
    return false;
}

/* behind - what follows TEXT in WARNING, or STR_NONE */
static struct str behind(struct str warning, const char *text)
{
    size_t at = str_search(warning, text);

    return at == warning.len ? STR_NONE : str_slice(warning, at + strlen(text), warning.len);
}

static bool is_about_main(struct str warning)
{
    return str_search(warning, "/main.cf:") < warning.len;
}

/* up_to - TEXT before the first of SET */
static struct str up_to(struct str text, const char *set)
{
    size_t end = 0;

    while (end < text.len && strchr(set, text.at[end]) == NULL)
        end++;
    return str_slice(text, 0, end);
}

static bool is_warned(const struct corpus_run *world, const char *kind, const char *file,
                      struct str name)
{
    struct str rest = world->warnings, warning;

    while (next_warning(&rest, &warning)) {
        struct str found = behind(warning, kind);
        if (found.at != NULL && str_search(warning, file) < warning.len &&
            str_eq(up_to(found, "="), name))
            return true;
    }
    return false;
}

/* --- each warning has a finding -------------------------------------------------------------- */

/* check_name - a warning about a parameter's name has a finding where it is set */
static bool check_name(const struct corpus_run *world, struct str warning, struct str name)
{
    size_t places = 0;

    if (is_about_main(warning)) {
        const struct main_cf_entry *entry = main_cf_get(&world->config.main_cf, name);
        return entry != NULL && has_finding_at(world, &entry->line, entry->name);
    }
    for (size_t i = 0; i < world->config.master_cf.count; i++) {
        const struct service *service = world->config.master_cf.services[i];
        const struct master_override *o = service_override_named(service, name);
        if (o == NULL)
            continue;
        places++;
        if (!has_finding_at(world, &service->line, o->name))
            return false;
    }
    return places > 0;
}

/* has_text - a finding of the rule whose span holds TEXT */
static bool has_text(const struct corpus_run *world, const char *rule, struct str text)
{
    const char *wanted = arena_cstr(world->arena, text);

    for (size_t i = 0; i < world->list.count; i++) {
        const struct finding *finding = &world->list.items[i];
        struct str place = span_str(finding->span);
        if (is_rule(finding, rule) && str_search(place, wanted) < place.len)
            return true;
    }
    return false;
}

static bool check_warning(const struct corpus_run *world, struct str warning)
{
    struct str text;

    if ((text = behind(warning, "unused parameter: ")).at != NULL)
        return check_name(world, warning, up_to(text, "="));
    if ((text = behind(warning, "support for parameter ")).at != NULL)
        return check_name(world, warning,
                          text.at[0] == '"' ? up_to(str_slice(text, 1, text.len), "\"")
                                            : up_to(text, " "));
    if ((text = behind(warning, "undefined parameter: ")).at != NULL)
        return has_text(world, "undefined-reference", text);
    if ((text = behind(warning, "is not allowed: ")).at != NULL)
        return has_text(world, "comment-after-value",
                        str_slice(text, 0, text.len - (sizeof "..." - 1)));
    if (str_starts(warning, "open \"")) /* a table that is missing: its path stands in the value */
        return has_text(world, "missing-table", up_to(behind(warning, "configuration \""), "\""));
    return str_search(warning, "DEPRECATION_README") < warning.len;
}

static void test_each_warning_has_a_finding(void **state)
{
    struct corpus_run *world = *state;
    size_t missed = 0;

    for (int host = 1; host <= HOST_COUNT; host++) {
        struct str warning;
        read_host(world, host);
        struct str rest = world->warnings;
        for (; next_warning(&rest, &warning); world->seen++)
            if (!check_warning(world, warning)) {
                missed++;
                print_error("h%03d %s: no finding for: %.*s\n", host, world->expected,
                            STR_ARG(warning));
            }
    }
    assert_int_equal(missed, 0);
    assert_true(world->seen > 0);
}

/* --- each finding has a warning -------------------------------------------------------------- */

static const char *file_of(const struct corpus_run *world, const struct finding *finding)
{
    return finding->span.source == world->config.main_cf.source ? "/main.cf:" : "/master.cf:";
}

static bool has_warning(const struct corpus_run *world, const struct finding *finding)
{
    struct str place = span_str(finding->span);

    if (is_rule(finding, "unknown-parameter"))
        return facts_parameter(place) != NULL
                   ? is_warned(world, "unused parameter: ", file_of(world, finding), place) ||
                         facts_parameter(place)->type == PARAMETER_READ_ONLY
                   : is_warned(world, "unused parameter: ", file_of(world, finding), place);
    if (is_rule(finding, "undefined-reference")) {
        size_t from = str_span(place, 0, "${( ");
        return is_warned(world, "undefined parameter: ", file_of(world, finding),
                         up_to(str_slice(place, from, place.len), "})?: "));
    }
    return true;
}

static void test_no_finding_is_a_false_alarm(void **state)
{
    struct corpus_run *world = *state;
    size_t alarms = 0;

    for (int host = 1; host <= HOST_COUNT; host++) {
        read_host(world, host);
        for (size_t i = 0; i < world->list.count; i++) {
            const struct finding *finding = &world->list.items[i];
            if (has_warning(world, finding))
                continue;
            alarms++;
            print_error("h%03d %s: postconf does not say: %s, %.*s\n", host, world->expected,
                        finding->rule->name, STR_ARG(finding->message));
        }
    }
    assert_int_equal(alarms, 0);
}

/* --- fixes ----------------------------------------------------------------------------------- */

static const struct source *fixed(const struct corpus_run *world, const struct source *source)
{
    struct str result, error = STR_NONE;

    if (source == NULL)
        return NULL;
    if (!engine_apply(world->arena, &world->list, source, &result, &error))
        fail_msg("h%03d: %.*s", world->host, STR_ARG(error));
    return source_of(world->arena, source->path, result);
}

static void test_fixes_fit_together_and_need_no_second_run(void **state)
{
    struct corpus_run *world = *state;
    size_t again = 0;

    for (int host = 1; host <= HOST_COUNT; host++) {
        struct str error = STR_NONE;
        read_host(world, host);
        struct config_input input = {.path = host_path(world),
                                     .main_source = fixed(world, world->config.main_cf.source),
                                     .master_source = fixed(world, world->config.master_cf.source),
                                     .platform = world->config.platform,
                                     .host = world->config.host};
        struct rules_request request = {0};
        assert_true(config_open(&world->config, world->arena, &input, &error));
        engine_run(&world->list, &world->config, &request);
        for (size_t i = 0; i < world->list.count; i++) {
            const struct finding *finding = &world->list.items[i];
            if (finding->edit_count == 0)
                continue;
            again++;
            print_error("h%03d: fixed again by %s: %.*s\n", host, finding->rule->name,
                        STR_ARG(finding->message));
        }
    }
    assert_int_equal(again, 0);
}

/* --- running --------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    struct corpus_run *world = *state;

    world->arena = arena_create(no_memory);
    return 0;
}

static int tear_down(void **state)
{
    struct corpus_run *world = *state;

    arena_destroy(world->arena);
    return 0;
}

#define CORPUS_TEST(function, world)                                                               \
    {                                                                                              \
        .name = #function, .test_func = (function), .setup_func = set_up,                          \
        .teardown_func = tear_down, .initial_state = (world)                                       \
    }

int main(void)
{
    static struct corpus_run worlds[] = {{.platform = "postfix-3.5", .expected = "3.5.25"},
                                         {.platform = "postfix-3.8", .expected = "3.8.5"},
                                         {.platform = "postfix-3.11", .expected = "3.11.6"}};
    const struct CMUnitTest tests[] = {
        CORPUS_TEST(test_each_warning_has_a_finding, &worlds[0]),
        CORPUS_TEST(test_each_warning_has_a_finding, &worlds[1]),
        CORPUS_TEST(test_each_warning_has_a_finding, &worlds[2]),
        CORPUS_TEST(test_no_finding_is_a_false_alarm, &worlds[0]),
        CORPUS_TEST(test_no_finding_is_a_false_alarm, &worlds[1]),
        CORPUS_TEST(test_no_finding_is_a_false_alarm, &worlds[2]),
        CORPUS_TEST(test_fixes_fit_together_and_need_no_second_run, &worlds[0]),
        CORPUS_TEST(test_fixes_fit_together_and_need_no_second_run, &worlds[1]),
        CORPUS_TEST(test_fixes_fit_together_and_need_no_second_run, &worlds[2]),
    };

    if (getenv("POSTMEND_SHARED") == NULL) {
        fputs("POSTMEND_SHARED is not set\n", stderr);
        return 1;
    }
    return cmocka_run_group_tests_name("postconf's warnings", tests, NULL, NULL);
}
