/* every rule's own examples: findings, fixes, and that a fixed text needs no second fix */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/text/diff.h"
#include "rules/engine/engine.h"

static void no_memory(void)
{
    abort();
}

struct example_run {
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
static void run_sendmail(struct example_run *run, const char *text,
                         const struct rules_request *request)
{
    struct sendmail *sendmail = arena_alloc(run->arena, sizeof *sendmail);
    struct str error = STR_NONE;

    run->sendmail_mc = source_named(run->arena, "sendmail.mc", text);
    /* where m4 gives up there is a model of what stands before it */
    bool read =
        sendmail_read(sendmail, run->arena, run->sendmail_mc, str_of("/nonexistent"), &error);
    assert_true(read == (error.at == NULL));
    engine_run_sendmail(&run->list, &run->config, sendmail, request);
}

static void run_example(struct example_run *run, const char *main_text, const char *master_text,
                        const char *sendmail_text)
{
    const struct example *example = run->example;
    struct str error = STR_NONE;
    struct config_input input = {.path = str_of("/nonexistent"),
                                 .platform = facts_platform(str_of(example->platform)),
                                 .main_source = source_named(run->arena, "main.cf", main_text),
                                 .master_source =
                                     source_named(run->arena, "master.cf", master_text)};
    struct rules_request request = {.only = run->rule, .keep_defaults = true};

    assert_non_null(input.platform);
    if (example->from != NULL) {
        request.from = facts_platform(str_of(example->from));
        assert_non_null(request.from);
    }
    if (run->rule->sendmail)
        input.main_source = source_named(run->arena, "main.cf", "");
    assert_true(config_open(&run->config, run->arena, &input, &error));
    if (run->rule->sendmail)
        run_sendmail(run, sendmail_text, &request);
    else
        engine_run(&run->list, &run->config, &request);
}

/* is_expected - either may be NULL: there is none */
static bool is_expected(const struct finding *finding, const struct example_finding *expected)
{
    if (finding == NULL || expected == NULL)
        return finding == NULL && expected == NULL;
    const struct source *source = finding->span.source;
    return source != NULL &&
           source_position(source, finding->span.at).line == (size_t)expected->line &&
           (expected->text == NULL || str_is(span_str(finding->span), expected->text));
}

static size_t count_expected(const struct example *example)
{
    size_t count = 0;

    while (count < EXAMPLE_FINDINGS_MAX && example->findings[count].line != 0)
        count++;
    return count;
}

/* --- what is printed about a failure ---------------------------------------------------------- */

static void print_title(const struct example_run *run)
{
    print_error("%s: %s\n", run->rule->name, run->example->title);
}

/* escape_text - TEXT in double quotes, on one line */
static struct str escape_text(struct arena *arena, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    buffer_add_char(&out, '"');
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\n' || text.at[i] == '\r')
            buffer_add_cstr(&out, text.at[i] == '\n' ? "\\n" : "\\r");
        else
            buffer_add_char(&out, text.at[i]);
    buffer_add_char(&out, '"');
    return buffer_str(&out);
}

static struct str describe_expected(struct arena *arena, const struct example_finding *expected)
{
    if (expected == NULL)
        return str_of("-");
    struct str text =
        expected->text != NULL ? escape_text(arena, str_of(expected->text)) : str_of("(any text)");
    return arena_printf(arena, "%d: %.*s", expected->line, STR_ARG(text));
}

static struct str describe_found(struct arena *arena, const struct finding *finding)
{
    if (finding == NULL)
        return str_of("-");
    if (finding->span.source == NULL)
        return str_of("(no place)");
    struct str text = escape_text(arena, span_str(finding->span));
    return arena_printf(arena, "%zu: %.*s",
                        source_position(finding->span.source, finding->span.at).line,
                        STR_ARG(text));
}

static void print_messages(const struct example_run *run)
{
    for (size_t i = 0; i < run->list.count; i++)
        print_error("    message %zu: %.*s\n", i + 1, STR_ARG(run->list.items[i].message));
}

/* print_findings - line and text of each finding, expected and found side by side */
static void print_findings(const struct example_run *run)
{
    size_t expected_count = count_expected(run->example);
    size_t count = expected_count > run->list.count ? expected_count : run->list.count;

    print_title(run);
    print_error("      %-36s %s\n", "expected", "found");
    for (size_t i = 0; i < count; i++) {
        const struct example_finding *expected =
            i < expected_count ? &run->example->findings[i] : NULL;
        const struct finding *found = i < run->list.count ? &run->list.items[i] : NULL;
        print_error("    %s %-36.*s %.*s\n", is_expected(found, expected) ? " " : "!",
                    STR_ARG(describe_expected(run->arena, expected)),
                    STR_ARG(describe_found(run->arena, found)));
    }
    print_messages(run);
}

/* print_fixed - the difference between the text that was expected and the fixed one */
static void print_fixed(const struct example_run *run, struct str name, struct str expected,
                        struct str fixed)
{
    struct str old_path = arena_printf(run->arena, "%.*s (expected)", STR_ARG(name));
    struct str new_path = arena_printf(run->arena, "%.*s (fixed)", STR_ARG(name));
    struct buffer out;

    buffer_init(&out, run->arena);
    diff_unified(&out, old_path, expected, new_path, fixed);
    print_title(run);
    print_error("%.*s", STR_ARG(buffer_str(&out)));
}

static void print_steps(const struct example_run *run)
{
    print_title(run);
    print_error("    no step of the runbook has \"%s\":\n", run->example->runbook);
    for (size_t i = 0; i < run->list.step_count; i++)
        print_error("    %.*s (%.*s)\n", STR_ARG(run->list.steps[i].command),
                    STR_ARG(run->list.steps[i].reason));
}

/* --- what an example promises ----------------------------------------------------------------- */

static void check_findings(const struct example_run *run)
{
    size_t count = count_expected(run->example);
    bool same = run->list.count == count;

    for (size_t i = 0; same && i < count; i++)
        same = is_expected(&run->list.items[i], &run->example->findings[i]);
    if (same)
        return;
    print_findings(run);
    fail_msg("the findings are not those of the example");
}

/* check_fixed - what SOURCE, which was BEFORE, is once it is fixed; NULL where there is no file */
static const char *check_fixed(struct example_run *run, const struct source *source,
                               const char *expected, const char *before)
{
    struct str result, error = STR_NONE;

    if (source == NULL || before == NULL)
        return NULL;
    if (!engine_apply(run->arena, &run->list, source, &result, &error))
        fail_msg("%.*s", STR_ARG(error));
    if (expected == NULL)
        expected = before;
    if (!str_is(result, expected)) {
        print_fixed(run, source->path, str_of(expected), result);
        fail_msg("the fixed text is not that of the example");
    }
    return arena_cstr(run->arena, result);
}

static void check_runbook(const struct example_run *run)
{
    const char *wanted = run->example->runbook;
    bool found = wanted == NULL;

    for (size_t i = 0; i < run->list.step_count && !found; i++) {
        const struct step *step = &run->list.steps[i];
        found = str_search(step->command, wanted) < step->command.len ||
                str_search(step->reason, wanted) < step->reason.len;
    }
    if (found)
        return;
    print_steps(run);
    fail_msg("the runbook lacks what the example wants");
}

static void test_example(void **state)
{
    struct example_run *run = *state;
    const struct example *example = run->example;

    run_example(run, example->main_cf, example->master_cf, example->sendmail_mc);
    check_findings(run);
    check_runbook(run);
    const char *main_text =
        check_fixed(run, run->config.main_cf.source, example->fixed_main_cf, example->main_cf);
    const char *master_text = check_fixed(run, run->config.master_cf.source,
                                          example->fixed_master_cf, example->master_cf);
    const char *sendmail_text =
        check_fixed(run, run->sendmail_mc, example->fixed_sendmail_mc, example->sendmail_mc);
    run_example(run, main_text, master_text, sendmail_text);
    for (size_t i = 0; i < run->list.count; i++)
        if (run->list.items[i].edit_count > 0) {
            print_title(run);
            print_messages(run);
            fail_msg("a fixed text is fixed again");
        }
}

static int set_up(void **state)
{
    struct example_run *run = *state;
    run->arena = arena_create(no_memory);
    return 0;
}

static int tear_down(void **state)
{
    struct example_run *run = *state;
    arena_destroy(run->arena);
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
    struct example_run *runs = calloc(total, sizeof *runs);
    char(*titles)[200] = calloc(total, sizeof *titles);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_rules_are_documented);
    for (size_t i = 0; i < rule_count; i++)
        for (size_t k = 0; k < rules[i]->example_count; k++, count++) {
            runs[count] = (struct example_run){.rule = rules[i], .example = &rules[i]->examples[k]};
            snprintf(titles[count], sizeof titles[count], "%s: %s", rules[i]->name,
                     rules[i]->examples[k].title);
            tests[count] = (struct CMUnitTest){.name = titles[count],
                                               .test_func = test_example,
                                               .setup_func = set_up,
                                               .teardown_func = tear_down,
                                               .initial_state = &runs[count]};
        }
    int failed = _cmocka_run_group_tests("the rules' examples", tests, total, NULL, NULL);
    free(tests);
    free(runs);
    free(titles);
    return failed;
}
