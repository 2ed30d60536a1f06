#include "rules/rule/finding.h"

static const char *const names[] = {"advice", "warning", "error"};

const char *severity_name(enum severity severity)
{
    return names[severity];
}

bool severity_of(struct str text, enum severity *severity)
{
    for (int i = SEVERITY_ADVICE; i <= SEVERITY_ERROR; i++)
        if (str_is(text, names[i])) {
            *severity = (enum severity)i;
            return true;
        }
    return false;
}
