/* pattern_file - files of networks and of domains: "mynetworks = /etc/postfix/networks" */
#include "rules/names/value_report.h"
#include "rules/names/written.h"
#include "rules/tables/tables.h"

/* of one file; a bound says so */
enum { FAULTS_MAX = 20 };

struct pattern_files {
    struct check *check;
    struct map known; /* files and places that were looked at */
};

/* is_new - the first time that KEY is met */
static bool is_new(struct pattern_files *files, struct str key)
{
    bool known = map_get(&files->known, key) != NULL;

    map_put(&files->known, key, files);
    return !known;
}

static void report_missing(struct pattern_files *files, const struct listed_file *use)
{
    struct check *check = files->check;
    struct span span = line_span(use->written->line, use->written->value);
    bool live = tables_is_live(check);

    if (!is_new(files, tables_place(check, span)))
        return;
    struct finding *finding = check_reportf(
        check, span,
        live ? "create the file, or remove it from the list"
             : "copy the file too, so that postmend can check it",
        live ? "%.*s does not exist: smtpd answers 451 to all clients that it looks up there"
             : "this file was not checked: the directory does not contain %.*s",
        STR_ARG(use->path));

    if (!live)
        finding->severity = SEVERITY_ADVICE;
}

static void check_file(struct pattern_files *files, const struct listed_file *use)
{
    struct check *check = files->check;
    const struct source *source = tables_read(check, use->path);
    struct line_reader reader = {.source = source};
    struct line line;
    size_t count = 0;

    while (source != NULL && count < FAULTS_MAX && line_next(&reader, check->arena, &line)) {
        struct value_fault fault;
        if (line.stray ||
            value_valid(check->arena, check->config, use->parameter, line.text, &fault))
            continue;
        count++;
        value_report(check, line_span(&line, line.text), use->parameter->name, &fault);
    }
    if (count == FAULTS_MAX)
        check_reportf(check, line_span(&line, line.text), "correct the lines above first",
                      "the rest of %.*s was not checked: %d lines are wrong", STR_ARG(use->path),
                      FAULTS_MAX)
            ->severity = SEVERITY_WARNING;
}

static void see_file(void *context, const struct listed_file *use)
{
    struct pattern_files *files = context;
    bool inside;
    enum table_file_state state =
        tables_look(files->check, use->path, (struct str)STR(""), &inside);

    if (state == TABLE_FILE_ABSENT)
        report_missing(files, use);
    else if (state == TABLE_FILE_PRESENT && inside &&
             is_new(files, tables_identity(files->check, use->path)))
        check_file(files, use);
}

static void check_pattern_files(struct check *check)
{
    struct pattern_files files = {.check = check};

    map_init(&files.known, check->arena);
    tables_listed_files(check, see_file, &files);
}

static const struct example examples[] = {
    {.title = "without a directory on disk nothing is known about files",
     .platform = "debian12",
     .main_cf = "mynetworks = /etc/postfix/networks\n"
                "mydestination = localhost, /etc/postfix/domains\n"},
};

const struct rule rule_pattern_file = {
    .name = "pattern-file",
    .summary = "a file of networks or domains is missing, or has an item that is wrong",
    .why = "A list such as mynetworks or mydestination may name a file with more items, one or "
           "several on a line.  They follow the same rules as those in main.cf: smtpd answers 451 "
           "to all clients because of one network in the file that is not one, or because the file "
           "does not exist.\n\n"
           "In a copy of the directory a missing file is only worth an advice: it may be left out, "
           "or be made on the server.  In the directory that the installed Postfix reads, it is an "
           "error.",
    .source = "src/util/match_list.c, match_list_parse(); measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ERROR,
    .check = check_pattern_files,
    RULE_EXAMPLES(examples),
};
