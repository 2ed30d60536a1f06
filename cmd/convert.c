#include "cmd/convert.h"

#include <stdio.h>

#include "cmd/command.h"
#include "cmd/livetest_plan.h"
#include "cmd/report/conversion.h"
#include "cmd/report/runbook.h"
#include "cmd/write_out.h"
#include "convert/convert.h"
#include "convert/write/write.h"
#include "parser/sendmail/mc.h"

static const char help[] =
    "usage: postmend convert --to P --output DIR FILE\n"
    "\n"
    "Converts FILE, a sendmail.mc or sendmail.cf, and the tables beside it to a Postfix\n"
    "configuration for the platform P, and writes it to the new directory DIR.\n"
    "CONVERSION.md there accounts for every directive and every line of a table,\n"
    "runbook.sh has the steps for the new host, and livetest.sh tests the result.\n"
    "Exit status: 0 everything was converted, 1 open points remain, 2 nothing was written.\n";

/* the origin that runbook.sh names */
static const struct platform sendmail_platform = {.title = STR("Sendmail")};

static const struct str report_name = STR("CONVERSION.md"), runbook_name = STR("runbook.sh");

enum { LIVE_FILES = 2 };

static bool check_use(const struct options *options)
{
    if (options->operand_count != 1) {
        complain("convert", "expected one sendmail.mc or sendmail.cf");
        return false;
    }
    if (options->to.at == NULL || options->output.at == NULL) {
        complain("convert", "--to P and --output DIR are required; \"postmend platforms\" lists "
                            "the platforms");
        return false;
    }
    return true;
}

static struct str make_runbook(struct arena *arena, const struct draft *draft)
{
    const struct runbook runbook = {&sendmail_platform, draft->platform,
                                    draft->platform->config_directory, draft->steps,
                                    draft->step_count};
    struct buffer steps;

    buffer_init(&steps, arena);
    runbook_print(&steps, &runbook);
    return buffer_str(&steps);
}

void convert_reports(struct arena *arena, const struct draft *draft,
                     struct extra_file files[CONVERT_REPORTS])
{
    struct buffer report;

    buffer_init(&report, arena);
    conversion_print(&report, draft, NULL);
    files[0] = (struct extra_file){report_name, buffer_str(&report), 0644};
    files[1] = (struct extra_file){runbook_name, make_runbook(arena, draft), 0755};
}

struct extra_file *convert_files(const struct draft *draft, size_t *count)
{
    struct draft_files made;

    draft_write(draft, &made);
    struct extra_file *files = arena_alloc(draft->arena, (made.count + LIVE_FILES) * sizeof *files);
    for (*count = 0; *count < made.count; ++*count)
        files[*count] = (struct extra_file){made.files[*count].name, made.files[*count].bytes,
                                            made.files[*count].mode};
    return files;
}

void convert_add_live_test(const struct draft *draft, struct str place, struct host host,
                           struct extra_file *files, size_t *count)
{
    struct arena *arena = draft->arena;
    const struct source **sources = arena_alloc(arena, *count * sizeof *sources);
    struct config config;
    struct plan plan;
    struct str error;

    for (size_t i = 0; i < *count; i++)
        sources[i] = source_of(arena, files[i].name, files[i].bytes);
    const struct config_input input = {.path = place,
                                       .main_source = sources[DRAFT_MAIN_CF],
                                       .master_source = sources[DRAFT_MASTER_CF],
                                       .files = sources,
                                       .file_count = *count,
                                       .platform = draft->platform,
                                       .host = host};
    if (!config_open(&config, arena, &input, &error))
        return; /* it opens no file */
    livetest_plan_make(&plan, arena, &config);
    livetest_plan_files(files, count, arena, &plan);
}

/* is_sendmail - does it call one of Sendmail's macros?  Text alone may be any file */
static bool is_sendmail(const struct sendmail *sendmail)
{
    if (sendmail->mc != NULL && sendmail->mc->has_prelude)
        return true;
    for (size_t i = 0; i < sendmail->directive_count; i++)
        if (sendmail->is_cf || (sendmail->items[i].kind != ITEM_TEXT && !sendmail->items[i].early))
            return true;
    return false;
}

static void make_report(void *context, struct write_stream *stream)
{
    conversion_print(&stream->out, context, stream);
}

/* write_reports - CONVERSION.md is never whole in memory */
static bool write_reports(struct write_set *set, struct draft *draft, struct str *error)
{
    return write_add_made(set, report_name, 0644, make_report, draft, error) &&
           write_add(set, runbook_name, make_runbook(draft->arena, draft), 0755, WRITE_NEW, error);
}

/* write_files - the new directory, with all files or none */
static bool write_files(struct draft *draft, const struct options *options, struct str *error)
{
    struct buffer messages;
    size_t count;

    buffer_init(&messages, draft->arena);
    struct write_set *set = write_begin_output(draft->arena, options->output, &messages, error);
    if (set == NULL)
        return false;
    bool good = write_reports(set, draft, error);
    draft_forget_texts(draft);
    if (good) {
        struct extra_file *files = convert_files(draft, &count);
        convert_add_live_test(draft, options->output, options->host, files, &count);
        good = write_extra(set, files, count, error);
    }
    if (!good) {
        write_abandon(set);
        return false;
    }
    print_to(stderr, buffer_str(&messages));
    return write_commit(set, error);
}

static int run_convert(struct arena *arena, struct options *options)
{
    struct sendmail sendmail;
    struct draft draft;
    struct buffer summary;
    struct str error;

    if (!check_use(options))
        return STATUS_WRONG_USE;
    if (!command_recover(options, arena, options->operands[0]))
        return STATUS_WRONG_USE;
    const struct platform *platform = platform_named(arena, options->to, &error);
    if (platform == NULL || !sendmail_open(&sendmail, arena, options->operands[0], &error)) {
        complain("convert", "%.*s", STR_ARG(error));
        return STATUS_WRONG_USE;
    }
    if (!is_sendmail(&sendmail)) {
        complain("convert", "%.*s: not a sendmail.mc or sendmail.cf: it calls no Sendmail macro",
                 STR_ARG(options->operands[0]));
        return STATUS_WRONG_USE;
    }
    draft_init(&draft, arena, &sendmail, platform);
    convert_sendmail(&draft);
    if (draft.unreadable.at != NULL) {
        complain("convert", "%.*s", STR_ARG(draft.unreadable));
        return STATUS_WRONG_USE;
    }
    if (!write_files(&draft, options, &error)) {
        complain("convert", "%.*s", STR_ARG(error));
        return STATUS_WRONG_USE;
    }
    options->wrote = true;
    const struct conversion_count count = conversion_count(&draft);
    buffer_init(&summary, arena);
    conversion_summary(&summary, &count);
    printf("%.*s\n", STR_ARG(buffer_str(&summary)));
    return count.by_fate[FATE_OPEN] > 0 ? STATUS_FINDINGS : STATUS_GOOD;
}

const struct command command_convert = {
    .name = "convert",
    .summary = "convert a Sendmail configuration to Postfix",
    .help = help,
    .takes = TAKES_CONVERT | TAKES_HOST,
    .run = run_convert,
};
