#include "cmd/report/report.h"

/* the first one is the default */
extern const struct report_format report_text, report_gcc, report_json, report_jsonl, report_sarif,
    report_github, report_gitlab, report_codeclimate, report_junit, report_checkstyle, report_tap,
    report_markdown, report_html, report_baseline;

static const struct report_format *const formats[] = {
    &report_text,   &report_gcc,      &report_json,        &report_jsonl,    &report_sarif,
    &report_github, &report_gitlab,   &report_codeclimate, &report_junit,    &report_checkstyle,
    &report_tap,    &report_markdown, &report_html,        &report_baseline,
};

enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

const struct report_format *const *report_formats(size_t *count)
{
    *count = FORMAT_COUNT;
    return formats;
}

const struct report_format *report_format_named(struct str name)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (str_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}

struct str report_format_names(struct arena *arena)
{
    struct buffer names;

    buffer_init(&names, arena);
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        buffer_printf(&names, "%s%s", i > 0 ? ", " : "", formats[i]->name);
    return buffer_str(&names);
}

void report_print_formats(FILE *to)
{
    fputs("\nValues of --format, which may be given several times; with =FILE the report is\n"
          "written to that file:\n",
          to);
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        fprintf(to, "  %-11s %s%s\n", formats[i]->name, formats[i]->summary,
                i == 0 ? " (default)" : "");
}
