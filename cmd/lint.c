#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/baseline.h"
#include "cmd/operand.h"
#include "cmd/write_out.h"
#include "parser/sendmail/mc.h"
#include "smtp/tls/ciphers.h"

static const char help[] =
    "usage: postmend lint [--platform P] [--format F[=FILE]]... [--fail-on LEVEL]\n"
    "                     [--fix] [--select R,...] [--ignore R,...]\n"
    "                     [--baseline F [--update-baseline]] [-v] [-j N] PATH...\n"
    "\n"
    "Checks each PATH and reports what is wrong: a configuration directory, main.cf,\n"
    "master.cf, sendmail.mc, sendmail.cf, or \"-\" for standard input.\n"
    "  --platform P   the platform to check for: rhel10, debian13, postfix-3.8, ...\n"
    "  --fix          make the changes that are safe, and keep the old files as backups\n"
    "  --fail-on L    error, warning (default), advice or never\n"
    "  --select R,... check these rules and families of rules alone; --ignore R,... all others\n"
    "  --baseline F   do not report the findings that the file F has; --update-baseline writes\n"
    "                 there what is found, and reports nothing\n"
    "  -v, --verbose  print every finding of more than 10 configurations, not only a table\n"
    "  -j N           check N configurations in parallel (default: one per processor)\n"
    "Exit status: 0 no finding at or above --fail-on, 1 findings, 2 unreadable input, and\n"
    "nothing was written.\n";

/* shared by all workers */
struct lint {
    const struct options *options;
    const struct baseline *baseline; /* or NULL */
    atomic_size_t next;              /* the next batch to take */
    struct report_set reports;       /* this and what follows is protected by the lock */
    size_t printed;                  /* batches */
    bool wrote;                      /* some file was written */
    pthread_mutex_t lock;
    pthread_cond_t turn;
};

enum { DETAILED_MAX = 10 }; /* configurations that are reported in full without --verbose */

enum { BATCH = 16 }; /* paths that a worker takes, and whose reports it prints, at a time */

/* the result of a batch */
struct batch_result {
    struct tls_ciphers *ciphers; /* of the worker */
    bool wrote;
    struct report_piece piece;
    struct buffer messages; /* for standard error */
};

/* fix_path - makes the changes, in SENDMAIL if it is one; *LEFT is what remains to be reported */
static bool fix_path(struct batch_result *result, struct options *options,
                     const struct config *config, const struct sendmail *sendmail,
                     const struct rules_request *request, struct finding_list *left)
{
    struct fix fix;
    struct str error;

    bool good =
        (sendmail != NULL ? fix_run_sendmail(&fix, config, sendmail, request, &error)
                          : fix_run(&fix, config, request, &error)) &&
        (fix.file_count == 0 || (options_read_all(options, config->arena, &error) &&
                                 write_in_place(&fix, STR_NONE, &result->messages, &error)));
    if (!good || fix.refused.at != NULL)
        buffer_printf(&result->messages, "postmend lint: %.*s\n",
                      STR_ARG(good ? fix.refused : error));
    if (!good)
        options->problem = error;
    *left = fix.after;
    result->wrote |= good && fix.file_count > 0;
    return good;
}

/* open_sendmail - a file of Sendmail's, with an empty configuration for the report; on false it has
   printed why */
static bool open_sendmail(struct sendmail *sendmail, struct config *config, struct arena *arena,
                          struct options *options, struct str path)
{
    struct str newest =
        arena_printf(arena, "postfix-%.*s", STR_ARG(facts_newest_release()->series));
    struct config_input input = {.path = path, .main_source = source_of(arena, path, str_of(""))};
    struct str error;

    input.platform =
        platform_named(arena, options->platform.at != NULL ? options->platform : newest, &error);
    bool good = input.platform != NULL && config_open(config, arena, &input, &error) &&
                sendmail_open(sendmail, arena, path, &error);
    if (!good && (input.platform == NULL || sendmail->mc == NULL || !sendmail->mc->failed)) {
        command_fail(options, arena, "%.*s", STR_ARG(error));
        return false;
    }
    /* else the rule sendmail-syntax reports why m4 failed */
    config->directory = sendmail->directory;
    config->folder = options->folder;
    return true;
}

/* left_out_rules - the names of the rules that need main.cf */
static struct str left_out_rules(struct arena *arena)
{
    size_t count;
    const struct rule *const *rules = rules_all(&count);
    struct buffer names;

    buffer_init(&names, arena);
    for (size_t i = 0; i < count; i++)
        if (rules[i]->needs_main_cf)
            buffer_printf(&names, "%s%s", names.len > 0 ? ", " : "", rules[i]->name);
    return buffer_str(&names);
}

/* check_config - the findings about one configuration, or about one file of it */
static bool check_config(struct batch_result *result, struct options *options,
                         const struct config *config, struct finding_list *list)
{
    const struct rules_request request = {
        .keep_defaults = true, .choice = &options->choice, .ciphers = result->ciphers};

    if (config->main_cf.source == NULL)
        buffer_printf(&result->messages,
                      "postmend lint: %.*s: there is no main.cf beside it: rules that need both "
                      "files are left out: %.*s\n",
                      STR_ARG(config->path), STR_ARG(left_out_rules(config->arena)));
    if (options->fix)
        return fix_path(result, options, config, NULL, &request, list);
    engine_run(list, config, &request);
    return true;
}

static bool check_sendmail(struct batch_result *result, struct options *options,
                           struct config *config, struct arena *arena, struct str path,
                           struct finding_list *list)
{
    const struct rules_request request = {
        .keep_defaults = true, .choice = &options->choice, .ciphers = result->ciphers};
    struct sendmail sendmail = {.mc = NULL};

    if (!command_recover(options, arena, path) ||
        !open_sendmail(&sendmail, config, arena, options, path))
        return false;
    if (options->fix)
        return fix_path(result, options, config, &sendmail, &request, list);
    engine_run_sendmail(list, config, &sendmail, &request);
    return true;
}

/* open_to_fix - what is changed is read through the directory that it is written to */
static bool open_to_fix(struct options *options, struct arena *arena, struct str path)
{
    return !options->fix || str_is(path, "-") || options_open_folder(options, arena, path);
}

/* check_path - the findings about one path; false if it cannot be read */
static bool check_path(struct batch_result *result, struct options *options, struct config *config,
                       struct arena *arena, struct str path, struct finding_list *list)
{
    struct str error;

    options->folder = NULL;
    switch (operand_kind(arena, path, &error)) {
    case OPERAND_SENDMAIL:
        return open_to_fix(options, arena, path) &&
               check_sendmail(result, options, config, arena, path, list);
    case OPERAND_CONFIG:
        return open_to_fix(options, arena, path) &&
               command_open(config, arena, options, path, options->platform) &&
               check_config(result, options, config, list);
    case OPERAND_TABLE:
        return operand_open_table(config, arena, options, path) &&
               check_config(result, options, config, list);
    case OPERAND_UNKNOWN:
        break;
    }
    command_fail(options, arena, "%.*s", STR_ARG(error));
    return false;
}

/* without_path - "not found" of "/etc/postfix: not found", as reports name the path anyway */
static struct str without_path(struct str problem, struct str path)
{
    struct str rest = str_slice(problem, path.len, problem.len);

    return str_eq(str_slice(problem, 0, path.len), path) && str_starts(rest, ": ")
               ? str_slice(rest, 2, rest.len)
               : problem;
}

/* report_path - one path */
static void report_path(const struct lint *lint, struct arena *arena, size_t index,
                        struct batch_result *result)
{
    struct options options = *lint->options;
    struct config config;
    struct finding_list list;

    struct report_item item = {.path = options.operands[index]};

    if (check_path(result, &options, &config, arena, item.path, &list)) {
        if (lint->baseline != NULL)
            baseline_apply(lint->baseline, arena, item.path, &config, &list);
        item.config = &config;
        item.findings = &list;
    } else {
        item.problem = without_path(options.problem, item.path);
    }
    reports_compose(&lint->reports, &result->piece, arena, &item);
}

/* print_in_turn - waits until all batches before NUMBER are printed */
static void print_in_turn(struct lint *lint, size_t number, const struct batch_result *result)
{
    pthread_mutex_lock(&lint->lock);
    while (lint->printed != number)
        pthread_cond_wait(&lint->turn, &lint->lock);
    print_to(stderr, buffer_str(&result->messages));
    reports_print(&lint->reports, &result->piece);
    lint->printed++;
    lint->wrote |= result->wrote;
    pthread_cond_broadcast(&lint->turn);
    pthread_mutex_unlock(&lint->lock);
}

static void *run_worker(void *context)
{
    struct lint *lint = context;
    struct arena *arena = arena_create(out_of_memory);
    struct arena *texts = arena_create(out_of_memory);
    struct arena *lasting = arena_create(out_of_memory);
    struct tls_ciphers *ciphers = tls_ciphers_create(lasting);
    size_t count = lint->options->operand_count;
    size_t number;

    while ((number = atomic_fetch_add(&lint->next, 1)) * BATCH < count) {
        struct batch_result result = {.ciphers = ciphers};
        reports_start_piece(&result.piece, texts);
        buffer_init(&result.messages, texts);
        for (size_t i = number * BATCH; i < count && i < (number + 1) * BATCH; i++) {
            report_path(lint, arena, i, &result);
            arena_reset(arena);
        }
        print_in_turn(lint, number, &result);
        arena_reset(texts);
    }
    arena_destroy(lasting);
    arena_destroy(texts);
    arena_destroy(arena);
    return NULL;
}

static size_t count_workers(const struct options *options)
{
    size_t batches = (options->operand_count + BATCH - 1) / BATCH;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = options->jobs > 0 ? (size_t)options->jobs
                    : processors > 0  ? (size_t)processors
                                      : 1;

    if (options->fix)
        return 1; /* several paths may be of one directory, which only one may write to */
    return wanted < batches ? wanted : batches;
}

/* run_workers - the main thread is one of them */
static void run_workers(struct lint *lint)
{
    size_t count = count_workers(lint->options);
    pthread_t *threads = calloc(count + 1, sizeof *threads);
    size_t started = 0;

    while (threads != NULL && started + 1 < count &&
           pthread_create(&threads[started], NULL, run_worker, lint) == 0)
        started++;
    run_worker(lint);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    free(threads);
}

static bool check_use(const struct options *options)
{
    if (options->operand_count == 0) {
        complain("lint", "expected a configuration directory or file");
        return false;
    }
    if (options->update_baseline && options->baseline.at == NULL) {
        complain("lint", "--update-baseline writes the file of --baseline, which is not given");
        return false;
    }
    if (options->fix && options->baseline.at != NULL) {
        complain("lint", "--fix and --baseline cannot be used together: --fix changes what it can");
        return false;
    }
    for (size_t i = 0; i < options->operand_count && options->fix; i++)
        if (str_is(options->operands[i], "-")) {
            complain("lint", "--fix cannot rewrite standard input");
            return false;
        }
    return true;
}

/* check_operands - with --fix: is each of them something that may be changed?  Else nothing is */
static bool check_operands(struct options *options)
{
    struct arena *arena = arena_create(out_of_memory);
    bool good = true;

    for (size_t i = 0; i < options->operand_count && options->fix; i++) {
        good = operand_is_known(arena, options, options->operands[i]) && good;
        arena_reset(arena);
    }
    arena_destroy(arena);
    if (!good && options->operand_count > 1)
        complain("lint", "nothing was changed: --fix changes all files or none");
    return good;
}

/* choose_baseline - reads it, or reports to it instead of standard output; on false it has printed
   why */
static bool choose_baseline(struct lint *lint, struct baseline *baseline, struct arena *arena)
{
    const struct options *options = lint->options;
    struct str error;

    if (options->baseline.at == NULL)
        return true;
    if (options->update_baseline) {
        lint->reports = (struct report_set){.quiet = true};
        return reports_choose(&lint->reports, arena,
                              arena_printf(arena, "baseline=%.*s", STR_ARG(options->baseline)),
                              &error);
    }
    lint->baseline = baseline;
    if (baseline_read(baseline, arena, options->baseline, &error))
        return true;
    complain("lint", "%.*s", STR_ARG(error));
    return false;
}

static int run_lint(struct arena *arena, struct options *options)
{
    struct lint lint = {.options = options,
                        .reports = options->reports,
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .turn = PTHREAD_COND_INITIALIZER};

    struct baseline baseline;

    if (!check_use(options) || !check_operands(options) ||
        !choose_baseline(&lint, &baseline, arena))
        return STATUS_WRONG_USE;
    lint.reports.style.brief = !options->verbose && options->operand_count > DETAILED_MAX;
    reports_begin(&lint.reports, arena, "lint");
    run_workers(&lint);
    bool good = reports_end(&lint.reports);
    options->wrote = lint.wrote;
    if (!good || lint.reports.tally.unreadable > 0)
        return lint.wrote ? STATUS_FINDINGS : STATUS_WRONG_USE;
    if (options->update_baseline) {
        const size_t *found = lint.reports.tally.by_severity;
        complain("lint", "%.*s: %zu findings are accepted", STR_ARG(options->baseline),
                 found[SEVERITY_ERROR] + found[SEVERITY_WARNING] + found[SEVERITY_ADVICE]);
        return STATUS_GOOD;
    }
    return options_status(options, lint.reports.tally.by_severity);
}

const struct command command_lint = {
    .name = "lint",
    .summary = "check configurations and report what is wrong",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_REPORT | TAKES_FIX | TAKES_JOBS | TAKES_VERBOSE |
             TAKES_CHOICE,
    .run = run_lint,
};
