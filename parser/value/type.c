#include "parser/value/type.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static const struct str no_fault = {NULL, 0};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* take_number - strtol(3); *REST is what follows the number.  False if it is out of range */
static bool take_number(struct arena *arena, struct str value, long *number, struct str *rest)
{
    const char *text = arena_cstr(arena, value);
    char *end;

    errno = 0;
    *number = strtol(text, &end, 10);
    *rest = str_slice(value, (size_t)(end - text), value.len);
    return errno != ERANGE;
}

static struct str find_bounds_fault(struct arena *arena, const struct parameter *parameter,
                                    long number)
{
    const char *unit = parameter->type == PARAMETER_TIME ? " seconds" : "";

    if (parameter->has_min && number < parameter->min)
        return arena_printf(arena, "is less than the minimum, %ld%s", parameter->min, unit);
    if (parameter->has_max && number > parameter->max)
        return arena_printf(arena, "is greater than the maximum, %ld%s", parameter->max, unit);
    return no_fault;
}

static struct str find_number_fault(struct arena *arena, const struct parameter *parameter,
                                    struct str value)
{
    long number;
    struct str rest;
    bool in_range = take_number(arena, value, &number, &rest);

    if (value.len == 0)
        return (struct str)STR("is not a valid number");
    if (rest.len > 0 && rest.len < value.len)
        return is_letter(rest.at[0])
                   ? (struct str)STR("is not a valid number: unit suffixes are not allowed")
                   : (struct str)STR("is not a valid number: nothing may follow the digits");
    if (rest.len > 0)
        return (struct str)STR("is not a valid number");
    if (!in_range || (parameter->type != PARAMETER_LONG && (number > INT_MAX || number < INT_MIN)))
        return (struct str)STR("is out of range");
    return find_bounds_fault(arena, parameter, number);
}

static struct str find_time_fault(struct arena *arena, const struct parameter *parameter,
                                  struct str value, char unit)
{
    long number;
    struct str rest;
    bool in_range = take_number(arena, value, &number, &rest);
    long seconds = time_unit(rest.len > 0 ? rest.at[0] : unit);

    if (value.len == 0)
        return (struct str)STR("is not a valid time");
    if (seconds == 0)
        return (struct str)STR(
            "is not a valid time: expected a number directly followed by s, m, h, d or w");
    if (!in_range || number > INT_MAX || (seconds > 1 && number >= INT_MAX / seconds))
        return (struct str)STR("is out of range");
    if (number < 0)
        return (struct str)STR("is negative");
    return find_bounds_fault(arena, parameter, number * seconds);
}

static struct str find_text_fault(const struct parameter *parameter, struct str value)
{
    if (parameter->has_min && value.len < (size_t)parameter->min)
        return (struct str)STR("is not allowed");
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
        return find_number_fault(arena, parameter, value);
    case PARAMETER_TIME:
        return find_time_fault(arena, parameter, value, unit);
    case PARAMETER_STR:
    case PARAMETER_STR_FN:
    case PARAMETER_RAW:
        return find_text_fault(parameter, value);
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
