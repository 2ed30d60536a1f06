#include "rules/names/value_report.h"

/* describe_value - VALUE, all or part of the value of NAME, as a message shows it */
static struct str describe_value(const struct check *check, struct str name, struct str value)
{
    enum { LENGTH_MAX = 60 };

    if (value.len == 0)
        return name;
    return arena_printf(check->arena, "\"%.*s\"",
                        STR_ARG(arena_shorten(check->arena, value, LENGTH_MAX)));
}

/* describe_effect - what Postfix does about such a value */
static struct str describe_effect(const struct check *check, const struct value_fault *fault,
                                  struct str name)
{
    switch (fault->effect) {
    case VALUE_EXITS:
        break;
    case VALUE_CONNECTS:
        return arena_printf(check->arena,
                            "the program that reads %.*s exits when a client connects",
                            STR_ARG(name));
    case VALUE_LOOKS_UP:
        return arena_printf(check->arena,
                            "programs that read %.*s exit at their first look-up, and mail waits",
                            STR_ARG(name));
    case VALUE_FAILS:
        if (fault->failure.len > 0)
            return fault->failure;
        return arena_printf(check->arena, "mail stays in the queue, because what uses %.*s fails",
                            STR_ARG(name));
    case VALUE_NO_MATCH:
        return (struct str)STR("Postfix does not say so");
    case VALUE_WARNS:
        return (struct str)STR("Postfix logs a warning and does not use it");
    }
    return arena_printf(check->arena, "programs that read %.*s will not start", STR_ARG(name));
}

void value_report(struct check *check, struct span span, struct str name,
                  const struct value_fault *fault)
{
    struct finding *finding =
        check_reportf(check, span, arena_cstr(check->arena, fault->advice), "%.*s %.*s; %.*s",
                      STR_ARG(describe_value(check, name, fault->part)), STR_ARG(fault->what),
                      STR_ARG(describe_effect(check, fault, name)));

    if (fault->effect == VALUE_WARNS || fault->effect == VALUE_NO_MATCH)
        finding->severity = SEVERITY_WARNING;
}
