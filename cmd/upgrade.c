#include <stdio.h>

#include "cmd/command.h"
#include "cmd/livetest_plan.h"
#include "cmd/report/runbook.h"
#include "parser/text/diff.h"

static const char help[] =
    "usage: postmend upgrade --from P --to P [--defaults keep|adopt]\n"
    "                        [--diff | --output DIR | --in-place]\n"
    "                        [--format F[=FILE]]... [--fail-on LEVEL] PATH\n"
    "\n"
    "Moves the configuration in the directory PATH from one platform to another.\n"
    "  --diff         print what would change (default)\n"
    "  --output DIR   write the new files, runbook.sh and a live test (livetest.sh) to the\n"
    "                 new directory DIR\n"
    "  --in-place     rewrite the files, and keep the old ones as backups\n"
    "  --defaults D   keep: write out defaults that the new release changed, so that\n"
    "                 behaviour stays the same (default); adopt: use the new defaults\n"
    "  --format F     how --output and --in-place print the findings\n"
    "  --fail-on L    error, warning (default), advice or never: exit status 1 if a\n"
    "                 finding of this level remains after the upgrade\n"
    "Exit status: 0 moved, 1 moved and findings remain or cannot be printed, 2 nothing was\n"
    "written.\n";

static bool choose_platforms(struct arena *arena, const struct options *options,
                             const struct platform **from, const struct platform **to)
{
    struct str error;

    if (options->from.at == NULL || options->to.at == NULL) {
        complain("upgrade",
                 "--from and --to are required; \"postmend platforms\" lists the platforms");
        return false;
    }
    *from = platform_named(arena, options->from, &error);
    if (*from != NULL)
        *to = platform_named(arena, options->to, &error);
    if (*from == NULL || *to == NULL)
        complain("upgrade", "%.*s", STR_ARG(error));
    return *from != NULL && *to != NULL;
}

static bool check_use(const struct options *options)
{
    if (options->operand_count != 1) {
        complain("upgrade", "expected one configuration directory");
        return false;
    }
    if (options->diff + options->in_place + (options->output.at != NULL) > 1) {
        complain("upgrade", "--diff, --output and --in-place cannot be used together");
        return false;
    }
    return true;
}

/* print_diff - byte for byte, for patch(1), unless it is for a terminal */
static bool print_diff(struct arena *arena, const struct fix *fix)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < fix->file_count; i++) {
        const struct source *source = fix->files[i].source;
        diff_unified(&out, source->path, source->bytes, source->path, fix->files[i].bytes);
    }
    return print_exact("upgrade", buffer_str(&out));
}

/* print_findings - on false it has printed why */
static bool print_findings(struct arena *arena, struct options *options,
                           const struct config *config, const struct finding_list *list)
{
    const struct report_item item = {.path = config->path, .config = config, .findings = list};
    struct report_piece piece;

    reports_begin(&options->reports, arena, "upgrade");
    reports_start_piece(&piece, arena);
    reports_compose(&options->reports, &piece, arena, &item);
    reports_print(&options->reports, &piece);
    return reports_end(&options->reports);
}

/* write_files - as the options say; on false it has printed why */
static bool write_files(struct arena *arena, struct options *options, const struct config *old,
                        const struct fix *fix, const struct runbook *runbook)
{
    struct extra_file extra[3];
    size_t extra_count = 1;
    struct buffer text, messages;
    struct str error;

    buffer_init(&text, arena);
    buffer_init(&messages, arena);
    runbook_print(&text, runbook);
    extra[0] = (struct extra_file){STR("runbook.sh"), buffer_str(&text), 0755};
    if (!options->in_place) {
        struct plan plan;
        livetest_plan_make(&plan, arena, &fix->fixed);
        livetest_plan_note_intended(&plan, arena, old, runbook->from, fix);
        livetest_plan_files(extra, &extra_count, arena, &plan);
    }
    bool good = options_read_all(options, arena, &error) &&
                (options->in_place ? write_in_place(fix, buffer_str(&text), &messages, &error)
                                   : write_directory(fix, options->output, extra, extra_count,
                                                     &messages, &error));
    if (!good) {
        complain("upgrade", "%.*s", STR_ARG(error));
        return false;
    }
    fprintf(stderr, "%.*s", STR_ARG(buffer_str(&messages)));
    options->wrote = true;
    return true;
}

static bool writes(const struct options *options)
{
    return options->output.at != NULL || options->in_place;
}

static int run_upgrade(struct arena *arena, struct options *options)
{
    const struct platform *from, *to;
    struct config config;
    struct fix fix;
    struct str error;

    if (!check_use(options) || !choose_platforms(arena, options, &from, &to) ||
        (writes(options) && !options_open_folder(options, arena, options->operands[0])) ||
        !command_open(&config, arena, options, options->operands[0], options->to))
        return STATUS_WRONG_USE;
    struct rules_request request = {.from = from, .keep_defaults = options->keep_defaults};
    if (!fix_run(&fix, &config, &request, &error)) {
        complain("upgrade", "%.*s", STR_ARG(error));
        return STATUS_WRONG_USE;
    }
    if (fix.refused.at != NULL) {
        complain("upgrade", "%.*s", STR_ARG(fix.refused));
        return STATUS_WRONG_USE;
    }
    if (!writes(options)) {
        return print_diff(arena, &fix) ? options_status(options, fix.after.by_severity)
                                       : STATUS_WRONG_USE;
    }
    const struct runbook runbook = {from, to, config.directory, fix.steps, fix.step_count};
    if (!write_files(arena, options, &config, &fix, &runbook))
        return STATUS_WRONG_USE;
    if (!print_findings(arena, options, &config, &fix.before))
        return STATUS_FINDINGS;
    return options_status(options, fix.after.by_severity);
}

const struct command command_upgrade = {
    .name = "upgrade",
    .summary = "move a configuration to another release or distribution",
    .help = help,
    .takes = TAKES_FROM_TO | TAKES_DEFAULTS | TAKES_OUTPUT | TAKES_REPORT | TAKES_HOST,
    .run = run_upgrade,
};
