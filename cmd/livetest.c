/* livetest - runs the sessions of a plan against a server, and compares the answers */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/path.h"
#include "base/terminal.h"
#include "cmd/command.h"
#include "cmd/livetest_verdicts.h"
#include "smtp/start/start.h"

static const char help[] =
    "usage: postmend livetest [--engine builtin|postfix] [--against DIR] [--server HOST]\n"
    "                         [--postfix-root DIR] [--assume A]... [--platform P]\n"
    "                         [--hostname NAME] [--format text|json] [-v] [--output FILE]\n"
    "                         PATH | PLAN\n"
    "\n"
    "Plans SMTP sessions from the configuration in PATH (or reads them from the file PLAN,\n"
    "*.yaml), starts a server with that configuration on loopback, runs the sessions, and\n"
    "prints the expected and the actual answers.\n"
    "  --engine E        builtin: the reference server; postfix: the installed Postfix, in\n"
    "                    namespaces of its own (requires root; no mail leaves them)\n"
    "  --postfix-root D  the directory in which Postfix is installed, which is its /\n"
    "  --against DIR     run the same sessions against the old configuration in DIR, and\n"
    "                    list what changed; --from P is the platform of those files\n"
    "  --server HOST     test a running server, on its own ports; no message is sent, and\n"
    "                    nobody logs in\n"
    "  --assume A        what cannot be determined from the files: dns=ok, recipient=exists, ...\n"
    "  -v, --verbose     all verdicts, and each question with the expected and the actual answer\n"
    "  --output FILE     write the plan to FILE and run no session\n"
    "Exit status: 0 nothing failed, 1 a verdict is FAIL, 2 wrong use or no server.\n";

/* what is tested */
struct test {
    struct arena *arena;
    struct options *options;
    const struct engine *engine;
    struct config *config; /* NULL: a plan against --server */
    const struct policy *policy;
    struct plan plan;
    struct users users;
    struct assumption_list assumptions;
};

/* --- the plan ------------------------------------------------------------------------ */

static bool is_plan(struct str path)
{
    struct stat status;

    return (str_ends(path, ".yaml") || str_ends(path, ".yml")) &&
           (stat(path.at, &status) != 0 || !S_ISDIR(status.st_mode));
}

/* find_plan_directory - the configuration of a plan: the one that it names, or the directory that
   it is in */
static struct str find_plan_directory(struct test *test, struct str path)
{
    struct str directory = path_directory(path);
    struct str configuration = test->plan.configuration;

    if (configuration.at == NULL)
        return arena_copy(test->arena, directory);
    if (str_starts(configuration, "/"))
        return configuration;
    return arena_printf(test->arena, "%.*s/%.*s", STR_ARG(directory), STR_ARG(configuration));
}

static bool add_assumptions(struct test *test)
{
    const struct assumption_list *given = &test->options->assumptions;
    struct str error;

    for (size_t i = 0; i < test->plan.assume.count; i++)
        if (!assumption_add(&test->assumptions, test->arena, test->plan.assume.items[i], &error)) {
            complain("livetest", "assume: invalid value \"%.*s\" (expected %.*s)",
                     STR_ARG(test->plan.assume.items[i]), STR_ARG(error));
            return false;
        }
    /* of several the last is used: the command line has precedence */
    for (size_t i = 0; i < given->count; i++) {
        test->assumptions.items =
            arena_grow(test->arena, test->assumptions.items, test->assumptions.count,
                       &test->assumptions.capacity, sizeof *test->assumptions.items);
        test->assumptions.items[test->assumptions.count++] = given->items[i];
    }
    return true;
}

static bool open_configuration(struct test *test, struct str path, struct str platform)
{
    test->config = arena_alloc(test->arena, sizeof *test->config);
    if (!command_open_live(test->config, test->arena, test->options, path, platform))
        return false;
    test->policy = policy_open(test->arena, test->config);
    if (test->policy->count > 0 || test->config->master_cf.source != NULL)
        return true;
    complain("livetest", "%.*s has no master.cf: no service is known", STR_ARG(path));
    return false;
}

/* add_expectations - of the site, unless the plan has them already */
static bool add_expectations(struct test *test)
{
    const struct expectation_list *list = &test->options->expectations;
    struct plan *plan = &test->plan;
    struct plan extra = {
        .users = plan->users, .user_count = plan->user_count, .user_capacity = plan->user_capacity};
    struct str error;

    for (size_t i = 0; i < plan->session_count; i++)
        if (plan->sessions[i].wanted.len > 0)
            return true;
    if (!expectation_add(&extra, test->arena, test->policy, list, &error)) {
        complain("livetest", "%.*s: %.*s", STR_ARG(test->config->path), STR_ARG(error));
        return false;
    }
    livetest_expect(&extra, test->arena, test->policy, &test->assumptions);
    for (size_t i = 0; i < extra.session_count; i++)
        *plan_add_session(plan, test->arena) = extra.sessions[i];
    plan->users = extra.users;
    plan->user_count = extra.user_count;
    plan->user_capacity = extra.user_capacity;
    return true;
}

/* read_plan - the command line takes precedence over the plan */
static bool read_plan(struct test *test, struct str path)
{
    struct options *options = test->options;
    struct str error;

    if (!plan_read(&test->plan, test->arena, path, &error)) {
        complain("livetest", "%.*s", STR_ARG(error));
        return false;
    }
    if (options->platform.at == NULL)
        options->platform = test->plan.platform;
    if (options->host.hostname.at == NULL)
        options->host.hostname = test->plan.hostname;
    if (!add_assumptions(test))
        return false;
    if (options->server.at != NULL)
        return true;
    return open_configuration(test, find_plan_directory(test, path), options->platform) &&
           add_expectations(test);
}

static bool make_plan(struct test *test, struct str path)
{
    if (!add_assumptions(test) || !open_configuration(test, path, test->options->platform))
        return false;
    livetest_make_plan(&test->plan, test->arena, test->policy, &test->assumptions);
    if (!add_expectations(test))
        return false;
    struct str left_out = plan_left_out(&test->plan, test->arena);
    if (left_out.len > 0)
        complain("livetest", "%.*s: %.*s", STR_ARG(path),
                 STR_ARG(terminal_text(test->arena, left_out)));
    return true;
}

static int write_plan(struct test *test)
{
    const char *path = test->options->output.at;
    FILE *file = fopen(path, "we");
    struct buffer out;

    buffer_init(&out, test->arena);
    plan_write(&out, &test->plan);
    bool good = file != NULL && fwrite(out.at, 1, out.len, file) == out.len;
    if (file != NULL && fclose(file) != 0)
        good = false;
    if (good)
        return STATUS_GOOD;
    complain("livetest", "cannot write %s: %s", path, strerror(errno));
    return STATUS_WRONG_USE;
}

/* --- asking -------------------------------------------------------------------------- */

/* keep_harmless - a running server gets no messages, and does not know us as its network or user */
static void keep_harmless(struct plan *plan)
{
    size_t kept = 0;

    for (size_t i = 0; i < plan->session_count; i++)
        if (plan_is_harmless(&plan->sessions[i]))
            plan->sessions[kept++] = plan->sessions[i];
    plan->session_count = kept;
}

/* ask_server - one that runs already, on the ports in the plan */
static struct livetest_answer **ask_server(struct test *test)
{
    keep_harmless(&test->plan);

    struct engine_endpoint *endpoints =
        arena_alloc(test->arena, (test->plan.session_count + 1) * sizeof *endpoints);
    struct engine_target target = {.endpoints = endpoints, .timeout_ms = 10000};

    for (size_t i = 0; i < test->plan.session_count; i++) {
        const struct plan_session *session = &test->plan.sessions[i];
        bool known = session->port == 0;
        for (size_t k = 0; k < target.endpoint_count; k++)
            known = known || endpoints[k].port == session->port;
        if (!known)
            endpoints[target.endpoint_count++] =
                (struct engine_endpoint){.service = session->service,
                                         .port = session->port,
                                         .host = test->options->server,
                                         .local_port = session->port};
    }
    return livetest_run(test->arena, &test->plan, &target);
}

/* ask_engine - starts one with the configuration, tests it, stops it; on NULL it has printed why.
   RUN (filled) keeps what was left out */
static struct livetest_answer **ask_engine(struct test *test, const struct config *config,
                                           const struct policy *policy, struct engine_run *run)
{
    struct engine_request request = {.config = config,
                                     .policy = policy,
                                     .users = &test->users,
                                     .assumptions = &test->assumptions,
                                     .root = test->options->postfix_root};
    struct str error = STR("unknown reason");

    if (policy->count == 0)
        return arena_alloc(test->arena, sizeof(struct livetest_answer *)); /* nothing to ask */
    if (!test->engine->start(run, test->arena, &request, &error)) {
        complain("livetest", "%.*s: %.*s", STR_ARG(config->path), STR_ARG(error));
        return NULL;
    }
    struct livetest_answer **answers = livetest_run(test->arena, &test->plan, &run->target);
    error = test->engine->failure(run);
    test->engine->stop(run);
    if (error.len == 0)
        return answers;
    complain("livetest", "%.*s: %.*s", STR_ARG(config->path),
             STR_ARG(terminal_text(test->arena, error)));
    return NULL;
}

/* ask_before - the server of the old configuration, on its own platform */
static struct livetest_answer **ask_before(struct test *test)
{
    struct config *old = arena_alloc(test->arena, sizeof *old);
    struct engine_run run;

    if (!command_open_live(old, test->arena, test->options, test->options->against,
                           test->options->from))
        return NULL;
    return ask_engine(test, old, policy_open(test->arena, old), &run);
}

static bool has_answers(const struct livetest_report *report)
{
    for (size_t i = 0; i < report->plan->session_count; i++)
        for (size_t k = 0; k < report->plan->sessions[i].step_count; k++)
            if (report->answers[i][k].reply.code != 0 || report->answers[i][k].tls)
                return true;
    return false;
}

static int find_status(struct test *test, const struct livetest_report *report)
{
    bool nothing_to_ask = test->policy != NULL && test->policy->count == 0;

    if (verdict_count(&report->verdicts, VERDICT_FAIL) > 0)
        return STATUS_FINDINGS;
    if (nothing_to_ask || has_answers(report))
        return STATUS_GOOD;
    complain("livetest", "no server answered");
    return STATUS_WRONG_USE;
}

static int run_test(struct test *test)
{
    struct options *options = test->options;
    struct livetest_report report = {
        .config = test->config, .policy = test->policy, .plan = &test->plan};
    struct engine_run run = {.left_out_count = 0};
    time_t began = time(NULL);
    struct buffer out;

    for (size_t i = 0; i < test->plan.user_count; i++)
        users_add(&test->users, test->arena, test->plan.users[i].name,
                  test->plan.users[i].password);
    report.asked = options->server.at != NULL ? options->server : str_of(test->engine->summary);
    report.answers = options->server.at != NULL
                         ? ask_server(test)
                         : ask_engine(test, test->config, test->policy, &run);
    if (report.answers == NULL)
        return STATUS_WRONG_USE;
    report.left_out = run.left_out;
    report.left_out_count = run.left_out_count;
    if (options->against.at != NULL) {
        report.asked_before = options->against;
        report.before = ask_before(test);
        if (report.before == NULL)
            return STATUS_WRONG_USE;
    }
    livetest_verdicts_fill(&report, test->arena, &test->assumptions, options->server.at != NULL);
    report.verbose = options->verbose;
    report.seconds = (long)(time(NULL) - began);
    buffer_init(&out, test->arena);
    if (str_is(options->format, "json"))
        livetest_report_json(&out, &report);
    else
        livetest_report_text(&out, &report);
    print_to(stdout, buffer_str(&out));
    return find_status(test, &report);
}

static int run_livetest(struct arena *arena, struct options *options)
{
    struct test test = {.arena = arena, .options = options};

    if (options->operand_count != 1) {
        complain("livetest", "expected one configuration directory or one plan");
        return STATUS_WRONG_USE;
    }
    test.engine = engine_named(options->engine.at != NULL ? options->engine : str_of("builtin"));
    if (test.engine == NULL) {
        complain("livetest", "--engine: invalid value \"%.*s\" (expected builtin or postfix)",
                 STR_ARG(options->engine));
        return STATUS_WRONG_USE;
    }
    if (options->server.at != NULL && options->against.at != NULL) {
        complain("livetest", "--server and --against cannot be used together");
        return STATUS_WRONG_USE;
    }
    struct str path = options->operands[0];
    if (!(is_plan(path) ? read_plan(&test, path) : make_plan(&test, path)))
        return STATUS_WRONG_USE;
    return options->output.at != NULL ? write_plan(&test) : run_test(&test);
}

const struct command command_livetest = {
    .name = "livetest",
    .summary = "test that a server answers as its configuration says",
    .help = help,
    .takes =
        TAKES_PLATFORM | TAKES_HOST | TAKES_FORMAT | TAKES_ASSUME | TAKES_ENGINE | TAKES_VERBOSE,
    .run = run_livetest,
};
