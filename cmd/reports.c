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

static void print(const struct report_set *reports, const char *command,
                  struct report_output *output, struct str text)
{
    if (output->file.at != NULL)
        buffer_add(&output->text, text);
    else if (output->format->raw || (reports->color && output->format == default_format()))
        print_raw(command, text);
    else
        print_to(stdout, text);
}

void reports_begin(struct report_set *reports, struct arena *arena)
{
    struct buffer text;

    if (!has_standard_output(reports))
        reports->outputs[reports->count++] = (struct report_output){.format = default_format()};
    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        buffer_init(&output->text, arena);
        buffer_init(&text, arena);
        if (output->format->begin != NULL)
            output->format->begin(&text);
        print(reports, "", output, buffer_str(&text));
    }
}

void reports_init_texts(struct buffer texts[REPORTS_MAX], struct arena *arena)
{
    for (size_t i = 0; i < REPORTS_MAX; i++)
        buffer_init(&texts[i], arena);
}

static const char *separator_of(const struct report_output *output)
{
    return output->format->separator != NULL ? output->format->separator : "";
}

/* reports_compose - each text starts with its separator, which the first one printed goes without
 */
void reports_compose(const struct report_set *reports, struct buffer texts[REPORTS_MAX],
                     struct arena *scratch, const struct report_item *item)
{
    for (size_t i = 0; i < reports->count; i++) {
        const struct report_output *output = &reports->outputs[i];
        struct buffer text;
        buffer_init(&text, scratch);
        output->format->item(&text, item, reports->color && output->file.at == NULL);
        if (text.len > 0)
            buffer_add_cstr(&texts[i], separator_of(output));
        buffer_add(&texts[i], buffer_str(&text));
    }
}

void reports_print(struct report_set *reports, const char *command,
                   const struct buffer texts[REPORTS_MAX])
{
    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        struct str text = buffer_str(&texts[i]);
        if (text.len == 0)
            continue;
        print(reports, command, output,
              str_slice(text, output->begun ? 0 : strlen(separator_of(output)), text.len));
        output->begun = true;
    }
}

bool reports_end(struct report_set *reports, const char *command,
                 const struct report_totals *totals)
{
    bool good = true;

    for (size_t i = 0; i < reports->count; i++) {
        struct report_output *output = &reports->outputs[i];
        struct buffer text;
        buffer_init(&text, output->text.arena);
        if (output->format->end != NULL)
            output->format->end(&text, totals);
        print(reports, command, output, buffer_str(&text));
        if (output->file.at == NULL ||
            file_replace(output->text.arena, output->file, buffer_str(&output->text)))
            continue;
        complain(command, "%.*s: cannot write: %s", STR_ARG(output->file), strerror(errno));
        good = false;
    }
    return good;
}
