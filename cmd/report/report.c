#include "cmd/report/report.h"

/* the first one is the default */
extern const struct report_format report_text, report_json;

static const struct report_format *const formats[] = {&report_text, &report_json};

enum { FORMAT_COUNT = sizeof formats / sizeof *formats };

const struct report_format *const *report_formats(size_t *count)
{
    *count = FORMAT_COUNT;
    return formats;
}

const struct report_format *report_format_named(struct str name)
{
    if (name.at == NULL)
        return formats[0];
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
    fputs("\nValues of --format:\n", to);
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        fprintf(to, "  %-8s %s%s\n", formats[i]->name, formats[i]->summary,
                i == 0 ? " (default)" : "");
}
