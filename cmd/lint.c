#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/report/report.h"
#include "cmd/write_out.h"

static const char help[] =
    "usage: postmend lint [--platform P] [--format text|json] [--fail-on LEVEL] [--fix]\n"
    "                     [-j N] PATH...\n"
    "\n"
    "Says what is wrong with each PATH: a configuration directory, main.cf or master.cf,\n"
    "or \"-\" for standard input.\n"
    "  --platform P   what it must run on: rhel10, debian13, postfix-3.8, ...\n"
    "  --fix          make the changes that are safe; the old files stay as backups\n"
    "  --fail-on L    error, warning (default), advice or never\n"
    "  -j N           examine N configurations at a time (default: one a processor)\n"
    "Exit status: 0 nothing at or above --fail-on, 1 findings, 2 unreadable input.\n";

/* what all workers share */
struct lint {
    const struct options *options;
    const struct report_format *format;
    atomic_size_t next; /* the next path to take */
    bool unreadable;    /* these are kept under the lock */
    size_t printed;
    size_t reported;
    size_t by_severity[3];
    pthread_mutex_t lock;
    pthread_cond_t turn;
};

/* what became of one path */
struct result {
    bool readable;
    size_t by_severity[3];
    struct buffer out;  /* the report */
    struct buffer said; /* for standard error */
};

static void keep_severities(struct result *result, const struct finding_list *list)
{
    for (int i = 0; i < 3; i++)
        result->by_severity[i] = list->by_severity[i];
}

/* fix_path - makes the changes; the report is about what is left */
static bool fix_path(struct result *result, const struct config *config,
                     const struct engine_request *request, struct finding_list *left)
{
    struct fix fix;
    struct str error;

    bool good = fix_run(&fix, config, request, &error) &&
                (fix.file_count == 0 || write_in_place(&fix, STR_NONE, &result->said, &error));
    if (!good)
        buffer_printf(&result->said, "postmend lint: %.*s\n", STR_ARG(error));
    *left = fix.after;
    return good;
}

static void examine(const struct lint *lint, struct arena *arena, struct str path, bool first,
                    struct result *result)
{
    struct options options = *lint->options;
    struct config config;
    struct finding_list list;
    const struct engine_request request = {.keep_defaults = true};

    buffer_init(&result->out, arena);
    buffer_init(&result->said, arena);
    result->readable = command_open(&config, arena, &options, path, options.platform);
    if (!result->readable)
        return;
    if (options.fix)
        result->readable = fix_path(result, &config, &request, &list);
    else
        engine_run(&list, &config, &request);
    if (!result->readable)
        return;
    const struct report_item item = {&config, &list};
    const struct report_style style = {.color = options.color, .first = first};
    lint->format->item(&result->out, &item, &style);
    keep_severities(result, &list);
}

/* print_in_turn - waits until all paths before INDEX are printed */
static void print_in_turn(struct lint *lint, size_t index, const struct result *result)
{
    pthread_mutex_lock(&lint->lock);
    while (lint->printed != index)
        pthread_cond_wait(&lint->turn, &lint->lock);
    fwrite(result->said.at, 1, result->said.len, stderr);
    fwrite(result->out.at, 1, result->out.len, stdout);
    lint->printed++;
    lint->reported += result->readable;
    lint->unreadable |= !result->readable;
    for (int i = 0; i < 3; i++)
        lint->by_severity[i] += result->by_severity[i];
    pthread_cond_broadcast(&lint->turn);
    pthread_mutex_unlock(&lint->lock);
}

static void *work(void *context)
{
    struct lint *lint = context;
    struct arena *arena = arena_create(out_of_memory);
    size_t index;

    while ((index = atomic_fetch_add(&lint->next, 1)) < lint->options->operand_count) {
        struct result result = {0};
        examine(lint, arena, lint->options->operands[index], index == 0, &result);
        print_in_turn(lint, index, &result);
        arena_reset(arena);
    }
    arena_destroy(arena);
    return NULL;
}

static size_t worker_count(const struct options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = options->jobs > 0 ? (size_t)options->jobs
                    : processors > 0  ? (size_t)processors
                                      : 1;

    return wanted < options->operand_count ? wanted : options->operand_count;
}

/* run_workers - the main thread is one of them */
static void run_workers(struct lint *lint)
{
    size_t count = worker_count(lint->options);
    pthread_t *threads = calloc(count, sizeof *threads);
    size_t started = 0;

    while (threads != NULL && started + 1 < count &&
           pthread_create(&threads[started], NULL, work, lint) == 0)
        started++;
    work(lint);
    while (started > 0)
        pthread_join(threads[--started], NULL);
    free(threads);
}

static int status_of(const struct lint *lint)
{
    if (lint->unreadable)
        return STATUS_WRONG_USE;
    if (lint->options->fail_never)
        return STATUS_GOOD;
    for (int level = lint->options->fail_on; level <= SEVERITY_ERROR; level++)
        if (lint->by_severity[level] > 0)
            return STATUS_FINDINGS;
    return STATUS_GOOD;
}

static bool check_use(const struct options *options)
{
    if (options->operand_count == 0) {
        complain("lint", "name a configuration directory or a file");
        return false;
    }
    for (size_t i = 0; i < options->operand_count && options->fix; i++)
        if (str_is(options->operands[i], "-")) {
            complain("lint", "--fix cannot rewrite standard input; name the file");
            return false;
        }
    return true;
}

static int lint_command(struct arena *arena, struct options *options)
{
    struct lint lint = {.options = options,
                        .format = report_format_named(options->format.at != NULL ? options->format
                                                                                 : str_of("text")),
                        .lock = PTHREAD_MUTEX_INITIALIZER,
                        .turn = PTHREAD_COND_INITIALIZER};
    struct buffer out;

    if (!check_use(options))
        return STATUS_WRONG_USE;
    buffer_init(&out, arena);
    lint.format->begin(&out);
    fwrite(out.at, 1, out.len, stdout);
    run_workers(&lint);
    buffer_init(&out, arena);
    lint.format->end(&out, lint.reported, lint.by_severity);
    fwrite(out.at, 1, out.len, stdout);
    return status_of(&lint);
}

const struct command command_lint = {
    .name = "lint",
    .summary = "say what is wrong with configurations",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_REPORT | TAKES_FIX | TAKES_JOBS,
    .run = lint_command,
};
