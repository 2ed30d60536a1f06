#include "cmd/report/report.h"

static const struct report_format *const formats[] = {&report_text, &report_json};

const struct report_format *report_format_named(struct str name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (str_is(name, formats[i]->name))
            return formats[i];
    return NULL;
}

struct str report_format_names(void)
{
    return (struct str)STR("text or json");
}
