/* every rule's own examples: findings, fixes, and that a fixed text needs no second fix */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rules/engine/engine.h"

static void no_memory(void)
{
    abort();
}

struct world {
    struct arena *arena;
    const struct rule *rule;
    const struct example *example;
    struct config config;
    struct finding_list list;
    const struct source *sendmail_mc;
};

static const struct source *source_named(struct arena *arena, const char *name, const char *text)
{
    return text == NULL ? NULL : source_of(arena, str_of(name), str_of(text));
}

/* run_sendmail - the example of a rule about sendmail.mc */
static void run_sendmail(struct world *world, const char *text, const struct rules_request *request)
{
    struct sendmail *sendmail = arena_alloc(world->arena, sizeof *sendmail);
    struct str error = STR_NONE;

    world->sendmail_mc = source_named(world->arena, "sendmail.mc", text);
    /* where m4 gives up there is a model of what stands before it */
    bool read =
        sendmail_read(sendmail, world->arena, world->sendmail_mc, str_of("/nonexistent"), &error);
    assert_true(read == (error.at == NULL));
    engine_run_sendmail(&world->list, &world->config, sendmail, request);
}

static void run(struct world *world, const char *main_text, const char *master_text,
                const char *sendmail_text)
{
    const struct example *example = world->example;
    struct str error = STR_NONE;
    struct config_input input = {.path = str_of("/nonexistent"),
                                 .platform = facts_platform(str_of(example->platform)),
                                 .main_source = source_named(world->arena, "main.cf", main_text),
                                 .master_source =
                                     source_named(world->arena, "master.cf", master_text)};
    struct rules_request request = {.only = world->rule, .keep_defaults = true};

    assert_non_null(input.platform);
    if (example->from != NULL) {
        request.from = facts_platform(str_of(example->from));
        assert_non_null(request.from);
    }
    if (world->rule->sendmail)
        input.main_source = source_named(world->arena, "main.cf", "");
    assert_true(config_open(&world->config, world->arena, &input, &error));
    if (world->rule->sendmail)
        run_sendmail(world, sendmail_text, &request);
    else
        engine_run(&world->list, &world->config, &request);
}

static void say(const struct world *world)
{
    print_error("%s: %s\n", world->rule->name, world->example->title);
    for (size_t i = 0; i < world->list.count; i++) {
        const struct finding *finding = &world->list.items[i];
        struct position place = {0, 0};
        if (finding->span.source != NULL)
            place = source_position(finding->span.source, finding->span.at);
        print_error("  found %zu \"%.*s\": %.*s\n", place.line,
                    STR_ARG(finding->span.source ? span_str(finding->span) : (struct str)STR("")),
                    STR_ARG(finding->message));
    }
}

static void check_findings(const struct world *world)
{
    const struct example_finding *expected = world->example->findings;
    size_t count = 0;

    while (count < EXAMPLE_FINDINGS_MAX && expected[count].line != 0)
        count++;
    if (world->list.count != count)
        say(world);
    assert_int_equal(world->list.count, count);
    for (size_t i = 0; i < count; i++) {
        const struct finding *finding = &world->list.items[i];
        assert_non_null(finding->span.source);
        struct position place = source_position(finding->span.source, finding->span.at);
        if ((size_t)expected[i].line != place.line)
            say(world);
        assert_int_equal(place.line, expected[i].line);
        if (expected[i].text != NULL && !str_is(span_str(finding->span), expected[i].text))
            say(world);
        if (expected[i].text != NULL)
            assert_true(str_is(span_str(finding->span), expected[i].text));
    }
}

static const char *fixed(struct world *world, const struct source *source, const char *expected,
                         const char *before)
{
    struct str result, error = STR_NONE;

    if (source == NULL || before == NULL)
        return NULL;
    if (!engine_apply(world->arena, &world->list, source, &result, &error))
        fail_msg("%.*s", STR_ARG(error));
    const char *text = arena_cstr(world->arena, result);
    assert_string_equal(text, expected != NULL ? expected : before);
    return text;
}

static void check_runbook(const struct world *world)
{
    const char *wanted = world->example->runbook;
    bool found = wanted == NULL;

    for (size_t i = 0; i < world->list.step_count && !found; i++) {
        const struct step *step = &world->list.steps[i];
        found = str_search(step->command, wanted) < step->command.len ||
                str_search(step->reason, wanted) < step->reason.len;
    }
    assert_true(found);
}

static void test_example(void **state)
{
    struct world *world = *state;
    const struct example *example = world->example;

    run(world, example->main_cf, example->master_cf, example->sendmail_mc);
    check_findings(world);
    check_runbook(world);
    const char *main_text =
        fixed(world, world->config.main_cf.source, example->fixed_main_cf, example->main_cf);
    const char *master_text =
        fixed(world, world->config.master_cf.source, example->fixed_master_cf, example->master_cf);
    const char *sendmail_text =
        fixed(world, world->sendmail_mc, example->fixed_sendmail_mc, example->sendmail_mc);
    run(world, main_text, master_text, sendmail_text);
    for (size_t i = 0; i < world->list.count; i++)
        if (world->list.items[i].edit_count > 0) {
            say(world);
            fail_msg("a fixed text is fixed again");
        }
}

static int set_up(void **state)
{
    struct world *world = *state;
    world->arena = arena_create(no_memory);
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    arena_destroy(world->arena);
    return 0;
}

static void test_rules_are_documented(void **state)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        print_message("%s\n", rules[i]->name);
        assert_true(rules[i]->example_count > 0);
        assert_true(strlen(rules[i]->summary) > 0 && strlen(rules[i]->summary) <= 100);
        assert_true(strlen(rules[i]->why) > 80);
        assert_true(strlen(rules[i]->source) > 0);
    }
}

int main(void)
{
    size_t rule_count, count = 0;
    const struct rule *const *rules = rules_all(&rule_count);
    size_t total = 1;

    for (size_t i = 0; i < rule_count; i++)
        total += rules[i]->example_count;
    struct CMUnitTest *tests = calloc(total, sizeof *tests);
    struct world *worlds = calloc(total, sizeof *worlds);
    char(*titles)[200] = calloc(total, sizeof *titles);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_rules_are_documented);
    for (size_t i = 0; i < rule_count; i++)
        for (size_t k = 0; k < rules[i]->example_count; k++, count++) {
            worlds[count] = (struct world){.rule = rules[i], .example = &rules[i]->examples[k]};
            snprintf(titles[count], sizeof titles[count], "%s: %s", rules[i]->name,
                     rules[i]->examples[k].title);
            tests[count] = (struct CMUnitTest){.name = titles[count],
                                               .test_func = test_example,
                                               .setup_func = set_up,
                                               .teardown_func = tear_down,
                                               .initial_state = &worlds[count]};
        }
    int failed = _cmocka_run_group_tests("the rules' examples", tests, total, NULL, NULL);
    free(tests);
    free(worlds);
    free(titles);
    return failed;
}
