/* bounce_template - the file of bounce_template_file: texts of the notices about mail */
#include <ctype.h>

#include "facts/programs.h"
#include "rules/tables/tables.h"

/* a template, as bounce(8) reads it */
struct template
{
    struct check *check;
    const struct source *source;
    struct str class; /* "failure" of "failure_template" */
    bool has_charset; /* other than us-ascii */
};

static void report_at(const struct template *template, struct str part, enum severity severity,
                      struct str message, const char *advice)
{
    const struct source *source = template->source;
    struct span span = {source, (size_t)(part.at - source->bytes.at), part.len};

    check_report(template->check, span, message, str_of(advice))->severity = severity;
}

/* report_exit - bounce(8) exits; a notice of mail that could not be delivered is lost */
static void report_exit(const struct template *template, struct str part, const char *what,
                        const char *advice)
{
    report_at(template, part, SEVERITY_ERROR,
              arena_printf(template->check->arena,
                           "bounce(8) exits, and senders are not told that mail was not "
                           "delivered: %s",
                           what),
              advice);
}

/* report_ignored - bounce(8) warns, and uses the text that is built in */
static bool report_ignored(const struct template *template, struct str part, const char *what,
                           const char *advice)
{
    report_at(template, part, SEVERITY_WARNING,
              arena_printf(template->check->arena, "bounce(8) ignores this template: %s", what),
              advice);
    return false;
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 127)
            return false;
    return true;
}

/* next_line - cuts the first line off *REST; false at the end */
static bool next_line(struct str *rest, struct str *line)
{
    if (rest->len == 0)
        return false;
    size_t end = str_find(*rest, '\n', 0);
    *line = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end < rest->len ? end + 1 : end, rest->len);
    return true;
}

/* --- the headers ------------------------------------------------------------------------------ */

/* find_label - "Subject" of "Subject: text", or an empty text */
static struct str find_label(struct str line)
{
    size_t colon = str_find(line, ':', 0);
    struct str label = str_trim(str_slice(line, 0, colon));

    return colon < line.len && str_span_not(label, 0, " \t") == label.len && is_ascii(label) &&
                   label.at == line.at
               ? label
               : str_of("");
}

/* has_postmaster - only notices of failure and delay go to the postmaster too */
static bool has_postmaster(const struct template *template)
{
    return str_is(template->class, "failure") || str_is(template->class, "delay");
}

static bool check_header(struct template *template, struct str label, struct str line)
{
    size_t colon = str_find(line, ':', 0);
    struct str value = str_trim(str_slice(line, colon + 1, line.len));

    if (value.len == 0)
        return report_ignored(template, label, "this header is empty", "give it a value");
    if (!is_ascii(value))
        return report_ignored(template, value, "headers must not have letters outside ASCII",
                              "write the header in ASCII");
    if (str_is_nocase(label, "charset"))
        template->has_charset = !str_is_nocase(value, "us-ascii");
    else if (str_is_nocase(label, "postmaster-subject") && !has_postmaster(template))
        return report_ignored(template, label, "this notice does not go to the postmaster",
                              "remove the header");
    else if (!str_is_nocase(label, "from") && !str_is_nocase(label, "subject") &&
             !str_is_nocase(label, "postmaster-subject"))
        return report_ignored(template, label, "it may not have this header",
                              "use Charset, From, Subject and Postmaster-Subject only");
    return true;
}

/* --- the text --------------------------------------------------------------------------------- */

/* is_known_unit - of "maximal_queue_lifetime_days"; *IS_TIME: it begins with such a time */
static bool is_known_unit(struct str name, bool *is_time)
{
    static const char *const times[] = {"delay_warning_time_", "maximal_queue_lifetime_"};
    static const char *const units[] = {"seconds", "minutes", "hours", "days", "weeks"};

    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (!str_starts(name, times[i]))
            continue;
        *is_time = true;
        for (size_t k = 0; k < sizeof units / sizeof *units; k++)
            if (str_is(str_slice(name, strlen(times[i]), name.len), units[k]))
                return true;
    }
    return false;
}

static void check_name(void *context, struct str name, struct str reference)
{
    const struct template *template = context;
    const struct config *config = template->check->config;
    const struct program *bounce = facts_program(str_of("bounce"));
    const struct parameter *parameter = facts_parameter(name);
    bool is_time = false;

    if (is_known_unit(name, &is_time) || config_find_named(config, NULL, name).line != NULL)
        return;
    if (is_time)
        report_exit(template, reference, "this unit of time does not exist",
                    "use _seconds, _minutes, _hours, _days or _weeks");
    else if (parameter == NULL ||
             (facts_is_read(parameter->number) && !program_reads(bounce, parameter->number)))
        report_exit(template, reference,
                    "main.cf does not set this name, and bounce(8) does not know a default",
                    "correct the name, or set it in main.cf; write $$ for a dollar sign");
}

static void check_line(struct template *template, struct str line)
{
    struct check *check = template->check;
    struct expand_error error;

    if (expand_needed(line) &&
        (expand_scan(check->config->release, check->arena, line, check_name, template, &error) &
         EXPAND_FAILED) != 0)
        report_exit(template, line, "a dollar sign does not begin a name",
                    "write $$ for a dollar sign");
}

/* check_text - TEXT is what stands between the name and the end marker */
static void check_text(struct template *template, struct str name, struct str text)
{
    struct str rest = text, line = STR(""), label;
    bool more;

    while ((more = next_line(&rest, &line)) && (label = find_label(line)).len > 0)
        if (!check_header(template, label, line))
            return;
    while (more && str_trim(line).len == 0)
        more = next_line(&rest, &line);
    if (!more) {
        report_ignored(template, name, "it has no text after its headers",
                       "write an empty line after the headers, and then the text");
        return;
    }
    text = str_slice(text, (size_t)(line.at - text.at), text.len);
    if (!template->has_charset && !is_ascii(text)) {
        report_ignored(template, name, "its text has letters outside ASCII",
                       "begin it with Charset: utf-8");
        return;
    }
    for (; more; more = next_line(&rest, &line))
        check_line(template, line);
}

/* --- the file --------------------------------------------------------------------------------- */

static bool is_class(struct template *template, struct str name)
{
    static const char *const classes[] = {"failure", "delay", "success", "verify"};
    static const char suffix[] = "_template";

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        template->class = str_of(classes[i]);
        if (str_starts(name, classes[i]) &&
            str_is(str_slice(name, strlen(classes[i]), name.len), suffix))
            return true;
    }
    return false;
}

/* find_text - the lines of *REST before one that is MARKER; false: there is none */
static bool find_text(struct str *rest, struct str marker, struct str *text)
{
    struct str begin = *rest, line;

    while (next_line(rest, &line))
        if (str_eq(line, marker)) {
            *text = str_slice(begin, 0, (size_t)(line.at - begin.at));
            return true;
        }
    return false;
}

/* check_template - begins at LINE, and goes on in *REST; false: bounce(8) reads no further */
static bool check_template(struct template *template, struct str line, struct str *rest)
{
    size_t equals = str_find(line, '=', 0);
    struct str name = str_trim(str_slice(line, 0, equals));
    struct str text = str_trim(str_slice(line, equals + 1, line.len));

    if (equals == line.len || name.len == 0 || str_span_not(name, 0, " \t") < name.len) {
        report_exit(template, str_trim(line), "this is not name = value",
                    "write failure_template = <<EOF");
        return false;
    }
    if (str_starts(text, "<<")) {
        struct str marker = str_trim(str_slice(text, 2, text.len));
        if (marker.len == 0 || !isalnum((unsigned char)marker.at[0])) {
            report_exit(template, text, "<< must be followed by a word that ends the template",
                        "write <<EOF, and a line EOF after the text");
            return false;
        }
        if (!find_text(rest, marker, &text)) {
            report_exit(template, marker,
                        "no line is the same as this one, which ends the template",
                        "write a line after the text that has this, and nothing else");
            return false;
        }
    }
    if (is_class(template, name))
        check_text(template, name, text);
    else
        report_ignored(template, name, "bounce(8) does not know this name",
                       "use failure_template, delay_template, success_template or verify_template");
    return true;
}

static void check_file(struct check *check, const struct source *source)
{
    struct str rest = source->bytes, line;

    while (next_line(&rest, &line)) {
        struct template template = {.check = check, .source = source};
        struct str text = str_trim(line);
        if (text.len > 0 && text.at[0] != '#' && !check_template(&template, line, &rest))
            return;
    }
}

static void report_missing(struct check *check, struct span span, struct str path, bool inside)
{
    bool live = tables_is_live(check);

    if (!live && !inside)
        return;
    check_reportf(check, span,
                  live ? "create the file, or remove this line"
                       : "copy the file too, so that postmend can check it",
                  live ? "bounce(8) exits, and senders are not told that mail was not delivered: "
                         "%.*s does not exist"
                       : "this file was not checked: the directory does not contain %.*s",
                  STR_ARG(path))
        ->severity = live ? SEVERITY_ERROR : SEVERITY_ADVICE;
}

static void check_templates(struct check *check)
{
    struct str path = check_value(check, NULL, PARAM_BOUNCE_TEMPLATE_FILE);
    struct span span = check_span(check, NULL, PARAM_BOUNCE_TEMPLATE_FILE);
    bool inside = false;

    if (path.len == 0)
        return;
    if (path.at[0] != '/') {
        check_reportf(check, span, "write the whole path",
                      "bounce(8) exits, and senders are not told that mail was not delivered: it "
                      "looks for \"%.*s\" in the queue directory",
                      STR_ARG(path));
        return;
    }
    if (tables_look(check, path, (struct str)STR(""), &inside) == TABLE_FILE_ABSENT)
        report_missing(check, span, path, inside);
    const struct source *source = tables_read(check, path);
    if (source != NULL)
        check_file(check, source);
}

static const struct example examples[] = {
    {.title = "a relative path",
     .platform = "debian12",
     .main_cf = "bounce_template_file = bounce.cf\n",
     .findings = {{1, "bounce.cf"}}},
    {.title = "without a directory on disk nothing is known about the file",
     .platform = "debian12",
     .main_cf = "bounce_template_file = /etc/postfix/bounce.cf\n"},
};

const struct rule rule_bounce_template = {
    .name = "bounce-template",
    .summary = "a text for notices about mail that bounce(8) cannot use",
    .why = "bounce(8) reads the file of bounce_template_file when it starts.  Where it cannot read "
           "it, or comes to a name in a text that it does not know, it exits: mail that cannot be "
           "delivered stays in the queue or is lost, and nobody is told.  A template with a wrong "
           "header, or with letters outside ASCII and no Charset, is ignored with a warning in the "
           "log.",
    .source = "bounce(5); src/bounce/bounce_templates.c, bounce_template.c; measured with Postfix "
              "3.5, 3.7 and 3.10",
    .severity = SEVERITY_ERROR,
    .check = check_templates,
    RULE_EXAMPLES(examples),
};
