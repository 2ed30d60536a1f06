#include "parser/value/type.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* what each check of a type is given */
struct type_request {
    struct arena *arena;
    const struct config *config;
    const struct parameter *parameter;
    struct str value;
    struct value_fault *fault;
};

static const struct str must_not_be_empty = STR("must not be empty");

static bool fail_type(const struct type_request *request, struct str what, const char *advice)
{
    bool comment = str_find(request->value, '#', 0) < request->value.len;

    *request->fault = (struct value_fault){
        .effect = VALUE_EXITS,
        .part = request->value,
        .what = what,
        .advice = str_of(comment ? "put the comment on a line of its own" : advice)};
    return false;
}

/* read_number - strtol(3); *REST is what it leaves.  False where the number is too large */
static bool read_number(struct arena *arena, struct str value, long *number, struct str *rest)
{
    const char *text = arena_cstr(arena, value);
    char *end;

    errno = 0;
    *number = strtol(text, &end, 10);
    *rest = str_slice(value, (size_t)(end - text), value.len);
    return errno != ERANGE;
}

static bool check_bounds(const struct type_request *request, long number, const char *advice)
{
    const struct parameter *parameter = request->parameter;
    const char *unit = parameter->type == PARAMETER_TIME ? " seconds" : "";

    if (parameter->has_min && number < parameter->min)
        return fail_type(
            request,
            arena_printf(request->arena, "is less than the minimum, %ld%s", parameter->min, unit),
            advice);
    if (parameter->has_max && number > parameter->max)
        return fail_type(request,
                         arena_printf(request->arena, "is greater than the maximum, %ld%s",
                                      parameter->max, unit),
                         advice);
    return true;
}

static bool check_number(const struct type_request *request)
{
    static const char advice[] = "use a whole number in the permitted range";
    bool is_long = request->parameter->type == PARAMETER_LONG;
    long number;
    struct str rest;
    bool in_range = read_number(request->arena, request->value, &number, &rest);

    if (request->value.len == 0)
        return fail_type(request, must_not_be_empty, advice);
    if (rest.len > 0 && rest.len < request->value.len)
        return fail_type(request,
                         (struct str)STR("is not a valid number: unit suffixes are not allowed"),
                         advice);
    if (rest.len > 0)
        return fail_type(request, (struct str)STR("is not a valid number"), advice);
    if (!in_range || (!is_long && (number > INT_MAX || number < INT_MIN)))
        return fail_type(request, (struct str)STR("is out of range"), advice);
    return check_bounds(request, number, advice);
}

/* default_unit - of a time without one: the first letter of the parameter's default */
static char default_unit(const struct type_request *request)
{
    struct str text = platform_upstream_default(request->config->platform, request->parameter);

    text = config_expand(request->config, NULL, text, NULL, NULL);
    for (size_t i = 0; i < text.len; i++)
        if (is_alnum(text.at[i]) && (text.at[i] < '0' || text.at[i] > '9'))
            return text.at[i];
    return 's';
}

static bool check_time(const struct type_request *request)
{
    static const char advice[] = "use a number with a unit, such as 30s or 4h";
    long number;
    struct str rest;
    bool in_range = read_number(request->arena, request->value, &number, &rest);
    long seconds = time_unit(rest.len > 0 ? rest.at[0] : default_unit(request));

    if (request->value.len == 0)
        return fail_type(request, must_not_be_empty, advice);
    if (seconds == 0)
        return fail_type(request,
                         (struct str)STR("is not a valid time: expected a number directly followed "
                                         "by s, m, h, d or w"),
                         advice);
    if (!in_range || number > INT_MAX || (seconds > 1 && number >= INT_MAX / seconds))
        return fail_type(request, (struct str)STR("is out of range"), advice);
    if (number < 0)
        return fail_type(request, (struct str)STR("is negative"), advice);
    return check_bounds(request, number * seconds, advice);
}

static bool check_bool(const struct type_request *request)
{
    if (str_is_nocase(request->value, "yes") || str_is_nocase(request->value, "no"))
        return true;
    return fail_type(request, (struct str)STR("is neither yes nor no"), "use yes or no");
}

static bool check_text(const struct type_request *request)
{
    const struct parameter *parameter = request->parameter;

    if (parameter->has_min && request->value.len < (size_t)parameter->min)
        return fail_type(request, must_not_be_empty,
                         "set a value, or remove the line to use the default");
    return true;
}

bool type_valid(struct arena *arena, const struct config *config, const struct parameter *parameter,
                struct str value, struct value_fault *fault)
{
    struct type_request request = {arena, config, parameter, value, fault};

    switch (parameter->type) {
    case PARAMETER_BOOL:
    case PARAMETER_NBOOL:
        return check_bool(&request);
    case PARAMETER_INT:
    case PARAMETER_NINT:
    case PARAMETER_LONG:
        return check_number(&request);
    case PARAMETER_TIME:
        return check_time(&request);
    case PARAMETER_STR:
    case PARAMETER_STR_FN:
    case PARAMETER_RAW:
        return check_text(&request);
    default:
        return true;
    }
}
