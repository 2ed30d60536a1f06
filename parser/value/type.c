#include "parser/value/type.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static const struct str no_fault = {NULL, 0};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* take_number - strtol(3); *REST is what it leaves.  False where the number is too large */
static bool take_number(struct arena *arena, struct str value, long *number, struct str *rest)
{
    const char *text = arena_cstr(arena, value);
    char *end;

    errno = 0;
    *number = strtol(text, &end, 10);
    *rest = str_slice(value, (size_t)(end - text), value.len);
    return errno != ERANGE;
}

static struct str bounds_fault(struct arena *arena, const struct parameter *parameter, long number)
{
    if (parameter->has_min && number < parameter->min)
        return arena_printf(arena, "is less than %ld, the least that Postfix takes",
                            parameter->min);
    if (parameter->has_max && number > parameter->max)
        return arena_printf(arena, "is more than %ld, the most that Postfix takes", parameter->max);
    return no_fault;
}

static struct str number_fault(struct arena *arena, const struct parameter *parameter,
                               struct str value)
{
    long number;
    struct str rest;
    bool in_range = take_number(arena, value, &number, &rest);

    if (value.len == 0)
        return (struct str)STR("is no number");
    if (rest.len > 0 && rest.len < value.len)
        return (struct str)STR("is no number: nothing may follow the digits");
    if (rest.len > 0)
        return (struct str)STR("is no number");
    if (!in_range || (parameter->type != PARAMETER_LONG && (number > INT_MAX || number < INT_MIN)))
        return (struct str)STR("is too large a number");
    return bounds_fault(arena, parameter, number);
}

static struct str time_fault(struct arena *arena, const struct parameter *parameter,
                             struct str value, char unit)
{
    long number;
    struct str rest;
    bool in_range = take_number(arena, value, &number, &rest);
    long seconds = time_unit(rest.len > 0 ? rest.at[0] : unit);

    if (value.len == 0)
        return (struct str)STR("is no time");
    if (seconds == 0)
        return (struct str)STR("is no time: a number and, right behind it, one of s m h d w");
    if (!in_range || number > INT_MAX || (seconds > 1 && number >= INT_MAX / seconds))
        return (struct str)STR("is too long a time");
    if (number < 0)
        return (struct str)STR("is a negative time");
    return bounds_fault(arena, parameter, number * seconds);
}

static struct str text_fault(const struct parameter *parameter, struct str value)
{
    if (parameter->has_min && value.len < (size_t)parameter->min)
        return (struct str)STR("is empty, which Postfix does not take here");
    return no_fault;
}

struct str value_fault(struct arena *arena, const struct parameter *parameter, struct str value,
                       char unit)
{
    switch (parameter->type) {
    case PARAMETER_BOOL:
    case PARAMETER_NBOOL:
        return str_is_nocase(value, "yes") || str_is_nocase(value, "no")
                   ? no_fault
                   : (struct str)STR("is neither yes nor no");
    case PARAMETER_INT:
    case PARAMETER_NINT:
    case PARAMETER_LONG:
        return number_fault(arena, parameter, value);
    case PARAMETER_TIME:
        return time_fault(arena, parameter, value, unit);
    case PARAMETER_STR:
    case PARAMETER_STR_FN:
    case PARAMETER_RAW:
        return text_fault(parameter, value);
    default:
        return no_fault;
    }
}

char value_unit(const struct config *config, const struct parameter *parameter)
{
    struct str text = parameter_default(parameter, config->release);

    if (parameter->type != PARAMETER_TIME)
        return 0;
    text = config_expand(config, NULL, text, NULL, NULL);
    for (size_t i = 0; i < text.len; i++)
        if (is_letter(text.at[i]))
            return text.at[i];
    return 's';
}
