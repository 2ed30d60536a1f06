#include "cmd/reports.h"

#include <errno.h>
#include <string.h>

#include "cmd/output.h"
#include "parser/files/replace.h"

/* default_format - the first one, which has colors too */
static const struct report_format *default_format(void)
{
    size_t count;

    return report_formats(&count)[0];
}

static bool has_standard_output(const struct report_set *reports)
{
    for (size_t i = 0; i < reports->count; i++)
        if (reports->outputs[i].file.at == NULL)
            return true;
    return false;
}

bool reports_choose(struct report_set *reports, struct arena *arena, struct str choice,
                    struct str *expected)
{
    size_t equals = str_find(choice, '=', 0);
    const struct report_format *format = report_format_named(str_slice(choice, 0, equals));
    struct str file = equals < choice.len ? str_slice(choice, equals + 1, choice.len) : STR_NONE;

    *expected = report_format_names(arena);
    if (format == NULL)
        return false;
    if (file.at != NULL && file.len == 0) {
        *expected = str_of("the name of a file after \"=\"");
        return false;
    }
    if (file.at == NULL && has_standard_output(reports)) {
        *expected = str_of("NAME=FILE for all formats but one");
        return false;
    }
    if (reports->count == REPORTS_MAX - 1) { /* one is kept for the default format */
        *expected = arena_printf(arena, "at most %d of them", REPORTS_MAX - 1);
        return false;
    }
    reports->outputs[reports->count++] = (struct report_output){.format = format, .file = file};
    return true;
}

/* is_kept - is nothing printed before the end? */
static bool is_kept(const struct report_output *output)
{
    return output->file.at != NULL || output->format->tally_first;
}

/* print - to standard output */
static void print(const struct report_set *reports, const struct report_output *output,
                  struct str text)
{
    if (output->format->raw || (reports->style.color && output->format == default_format()))
        print_raw(reports->command, text);
    else
        print_to(stdout, text);
}

static void add(const struct report_set *reports, struct report_output *output, struct str text)
{
    if (is_kept(output))
        buffer_add(&output->text, text);
    else
        print(reports, output, text);
}

static const struct report_style *style_of(const struct report_set *reports,
                                           const struct report_output *output)
{
    static const struct report_style of_files = {.color = false};

    return output->file.at == NULL ? &reports->style : &of_files;
}

static struct str make_begin(const struct report_set *reports, const struct report_output *output)
{
    struct buffer text;

    buffer_init(&text, reports->arena);
    if (output->format->begin != NULL)
        output->format->begin(&text, &reports->tally);
    return buffer_str(&text);
}

static struct str make_end(const struct report_set *reports, const struct report_output *output)
{
    struct buffer text;

    buffer_init(&text, reports->arena);
    if (output->format->end != NULL)
        output->format->end(&text, &reports->tally, style_of(reports, output));
    return buffer_str(&text);
}

void reports_begin(struct report_set *reports, struct arena *arena, const char *command)
{
    reports->arena = arena;
    reports->command = command;
    if (!has_standard_output(reports) && !reports->quiet)
        reports->outputs[reports->count++] = (struct report_output){.format = default_format()};
    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        buffer_init(&output->text, arena);
        if (!output->format->tally_first)
            add(reports, output, make_begin(reports, output));
    }
}

void reports_start_piece(struct report_piece *piece, struct arena *arena)
{
    *piece = (struct report_piece){.arena = arena};
    for (size_t i = 0; i < REPORTS_MAX; i++)
        buffer_init(&piece->texts[i], arena);
}

static struct str separator_of(const struct report_output *output)
{
    return str_of(output->format->separator != NULL ? output->format->separator : "");
}

/* reports_compose - a text starts with its separator, which the first one printed goes without */
void reports_compose(const struct report_set *reports, struct report_piece *piece,
                     struct arena *scratch, const struct report_item *item)
{
    for (size_t i = 0; i < reports->count; i++) {
        const struct report_output *output = &reports->outputs[i];
        struct buffer text;
        buffer_init(&text, scratch);
        output->format->item(&text, item, style_of(reports, output));
        if (text.len > 0)
            buffer_add(&piece->texts[i], separator_of(output));
        buffer_add(&piece->texts[i], buffer_str(&text));
    }
    tally_add(&piece->tally, piece->arena, item);
}

void reports_print(struct report_set *reports, const struct report_piece *piece)
{
    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        struct str text = buffer_str(&piece->texts[i]);
        size_t start = output->begun ? 0 : separator_of(output).len;
        add(reports, output, str_slice(text, start, text.len));
        output->begun = output->begun || text.len > 0;
    }
    tally_merge(&reports->tally, reports->arena, &piece->tally);
}

/* end_report - false: it cannot be written, and errno says why */
static bool end_report(struct report_set *reports, struct report_output *output)
{
    struct str begin = output->format->tally_first ? make_begin(reports, output) : STR_NONE;
    struct str end = make_end(reports, output);
    struct buffer whole;

    if (!is_kept(output)) {
        print(reports, output, end);
        return true;
    }
    buffer_init(&whole, reports->arena);
    buffer_add(&whole, begin);
    buffer_add(&whole, buffer_str(&output->text));
    buffer_add(&whole, end);
    if (output->file.at != NULL)
        return file_replace(reports->arena, output->file, buffer_str(&whole));
    print(reports, output, buffer_str(&whole));
    return true;
}

bool reports_end(struct report_set *reports)
{
    bool good = true;

    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        if (end_report(reports, output))
            continue;
        complain(reports->command, "%.*s: cannot write: %s", STR_ARG(output->file),
                 strerror(errno));
        good = false;
    }
    return good;
}
