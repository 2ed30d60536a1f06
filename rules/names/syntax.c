#include <stdlib.h>

#include "parser/postfix/names.h"
#include "rules/names/written.h"

/* --- what the parsers found ---------------------------------------------------------------- */

static void report_problems(struct check *check, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        struct finding *finding =
            check_report(check, problem->span, problem->message, problem->advice);
        finding->severity = problem->fatal ? SEVERITY_ERROR : SEVERITY_WARNING;
    }
}

/* --- expressions --------------------------------------------------------------------------- */

/* what is kept for all expressions */
struct expressions {
    const struct line **lines; /* all lines, by the address of their text */
    size_t count;
    struct map reported; /* the places of findings, as the bytes of a span */
};

static int compare_lines(const void *a, const void *b)
{
    const char *x = (*(const struct line *const *)a)->text.at;
    const char *y = (*(const struct line *const *)b)->text.at;

    return x < y ? -1 : x > y;
}

static void sort_lines(const struct config *config, struct expressions *expressions)
{
    size_t count = 0;
    const struct line **lines =
        arena_alloc_raw(config->arena, (config->main_cf.count + config->master_cf.count + 1) *
                                           sizeof(struct line *));

    for (size_t i = 0; i < config->main_cf.count; i++)
        lines[count++] = &config->main_cf.entries[i]->line;
    for (size_t i = 0; i < config->master_cf.count; i++)
        lines[count++] = &config->master_cf.services[i]->line;
    qsort(lines, count, sizeof *lines, compare_lines);
    expressions->lines = lines;
    expressions->count = count;
}

/* find_line - the line whose text PLACE is part of, or NULL if it is part of a default */
static const struct line *find_line(const struct config *config, struct expressions *expressions,
                                    struct str place)
{
    size_t low = 0, high;

    if (expressions->lines == NULL)
        sort_lines(config, expressions);
    high = expressions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (expressions->lines[middle]->text.at <= place.at)
            low = middle + 1;
        else
            high = middle;
    }
    const struct line *line = low == 0 ? NULL : expressions->lines[low - 1];
    return line != NULL && place.at <= line->text.at + line->text.len ? line : NULL;
}

/* is_reported - is there a finding at this place already?  It is noted */
static bool is_reported(const struct check *check, struct expressions *expressions,
                        struct span span)
{
    struct str key = arena_printf(check->arena, "%p %zu", (const void *)span.source, span.at);

    if (map_get(&expressions->reported, key) != NULL)
        return true;
    map_put(&expressions->reported, key, expressions);
    return false;
}

/* report_expression - once for each place, even if several values refer to it */
static void report_expression(struct check *check, struct expressions *expressions,
                              struct span span, const struct expand_error *error)
{
    struct finding *finding;

    if (is_reported(check, expressions, span))
        return;
    if (error->bound) {
        finding = check_reportf(check, span, "use fewer references",
                                "not decided whether Postfix can use this value: %.*s",
                                STR_ARG(error->message));
        finding->severity = SEVERITY_WARNING;
        return;
    }
    finding = check_reportf(
        check, span, "correct the expression",
        "programs that read this value will not start, because Postfix cannot expand it: %.*s",
        STR_ARG(error->message));
    finding->severity = SEVERITY_ERROR;
}

static void check_expansion(struct check *check, const struct written *written, void *context)
{
    const struct config *config = check->config;
    struct expand_error error;
    int flags;
    struct expressions *expressions = context;

    if (!expand_needed(written->value))
        return;
    const struct parameter *parameter = written->parameter;
    if (parameter != NULL && parameter->type == PARAMETER_RAW)
        return;
    config_expand(config, written->service, written->value, &flags, &error);
    if (!(flags & EXPAND_FAILED) ||
        config_name_class(config, written->service, written->name) == NAME_UNKNOWN)
        return; /* Postfix does not expand what it does not read */
    const struct line *line = find_line(config, expressions, error.place);
    report_expression(check, expressions,
                      line != NULL ? line_span(line, error.place)
                                   : line_span(written->line, written->value),
                      &error);
}

/* --- "-oname=value" ------------------------------------------------------------------------ */

/* is_removable - may another rule remove the whole -o, so that an edit here would overlap? */
static bool is_removable(struct str name)
{
    return facts_deprecation(name) != NULL || str_search(name, "tls") < name.len;
}

/* check_option - an -o with its value in the same word */
static void check_option(struct check *check, const struct service *service,
                         const struct master_override *o)
{
    bool dash = o->place.at[0] == '-';
    struct str text = {o->name.at, (size_t)(o->value.at + o->value.len - o->name.at)};

    if (o->place.at[0] == '{' || o->name.at != o->place.at + (dash ? 2 : 1) ||
        str_find(text, 'o', 0) == text.len)
        return;
    struct finding *finding =
        check_reportf(check, line_span(&service->line, text), "put a space after -o",
                      "without a space after -o, postconf(1) splits \"%.*s\" at each letter o and "
                      "shows a setting that the daemon does not have",
                      STR_ARG(text));
    finding->severity = SEVERITY_ADVICE;
    if (dash && !is_removable(o->name))
        finding_edit(check, finding, line_span(&service->line, str_slice(text, 0, 0)),
                     (struct str)STR(" "));
}

static void check_options(struct check *check, const struct service *service)
{
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        check_option(check, service, o);
}

static void check_syntax(struct check *check)
{
    const struct config *config = check->config;
    struct expressions expressions = {0};

    map_init(&expressions.reported, check->arena);
    report_problems(check, &config->main_cf.problems);
    report_problems(check, &config->master_cf.problems);
    for (size_t i = 0; i < config->names->bad_count; i++) {
        const struct bad_expression *bad = &config->names->bad[i];
        if (config_name_class(config, bad->service, bad->name) == NAME_UNKNOWN)
            continue;
        report_expression(check, &expressions, line_span(bad->line, bad->error.place), &bad->error);
    }
    written_each(check, check_expansion, &expressions);
    for (size_t i = 0; i < config->master_cf.count; i++)
        check_options(check, config->master_cf.services[i]);
}

static const struct example examples[] = {
    {.title = "a line without =",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n"
                "relayhost\n",
     .findings = {{2, "relayhost"}}},
    {.title = "white space before the first setting",
     .platform = "rhel10",
     .main_cf = "# main.cf\n"
                "  myhostname = mail.example.com\n"
                "mydomain = example.com\n",
     .findings = {{2, "myhostname = mail.example.com"}}},
    {.title = "a field is missing in master.cf",
     .platform = "rhel10",
     .master_cf = "smtp inet n - n - smtpd\n"
                  "pickup unix n - n 60 1 pickup\n",
     .findings = {{1, NULL}}},
    {.title = "sockets that master(8) cannot create, and an option that no program has",
     .platform = "rhel10",
     .master_cf = "smtp inet y - n - - smtpd\n"
                  "filters/one unix - n n - - pipe user=vmail argv=/bin/cat\n"
                  "submission inet n - n - - smtpd -x\n",
     .findings = {{1, "y"}, {2, "filters/one"}, {3, "-x"}}},
    {.title = "what nothing reads, nothing expands",
     .platform = "rhel10",
     .main_cf = "nobody_reads = ${mydomain\n"},
    {.title = "a reference without an end",
     .platform = "rhel10",
     .main_cf = "mydestination = $myhostname,\n"
                "    ${mydomain\n",
     .findings = {{2, "${mydomain"}}},
    {.title = "a value that refers to itself",
     .platform = "rhel10",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "mynetworks = $mynetworks 192.0.2.0/24\n",
     .findings = {{2, "$mynetworks"}}},
    {.title = "a bad expression in a service's -o",
     .platform = "rhel10",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_banner=$myhostname\n"
                  "  -o myhostname=${x\n",
     .findings = {{3, "${x"}}},
    {.title = "no space after -o",
     .platform = "rhel10",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -osyslog_name=postfix/submission -v\n",
     .findings = {{2, "syslog_name=postfix/submission"}},
     .fixed_master_cf = "submission inet n - n - - smtpd\n"
                        "  -o syslog_name=postfix/submission -v\n"},
    {.title = "nothing to split: no letter o",
     .platform = "rhel10",
     .master_cf = "submission inet n - n - - smtpd -ssmtpd_milters\n"
                  "  -omail_name=Smith\n"},
    {.title = "a dollar sign in a value that Postfix does not expand when it reads it",
     .platform = "rhel10",
     .main_cf = "smtpd_banner = $myhostname ESMTP $$\n"
                "mailbox_command = /usr/bin/procmail -a \"$EXTENSION\"\n"},
    {.title = "comments, empty lines and continuation lines",
     .platform = "rhel10",
     .main_cf = "\n"
                "# hosts\n"
                "mydestination = $myhostname,\r\n"
                "# and\n"
                "\tlocalhost\r\n"},
};

const struct rule rule_syntax = {
    .name = "syntax",
    .summary = "Postfix cannot read a line, or reads it differently than it looks",
    .why = "A line of main.cf is \"name = value\", a line of master.cf has eight fields, and a "
           "line that starts with white space continues the line before it, even across comments "
           "and empty lines.  If a line is none of these, or if an expression such as ${name?text} "
           "has no end or refers to itself, Postfix programs exit with a fatal error: the daemons "
           "that are running keep the configuration that they have read, and fail when they are "
           "started next, often after a reboot.\n\n"
           "What is wrong with \"-oname=value\"?  The daemons accept it, but postconf(1) takes the "
           "word for several options and shows \"-o sysl -o g_name=bar\" for "
           "\"-osyslog_name=bar\"; when it edits master.cf, it writes that to the file.",
    .source = "postconf(5) and master(5), introductions; measured with postconf -M of 3.10",
    .severity = SEVERITY_WARNING,
    .check = check_syntax,
    RULE_EXAMPLES(examples),
};
