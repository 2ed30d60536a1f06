#include "parser/value/value.h"

#include "parser/value/shape.h"
#include "parser/value/type.h"

/* is_old_level - before Postfix 3.6: a number, and what follows its dot is ignored */
static bool is_old_level(struct str value)
{
    struct str number = str_slice(value, 0, str_find(value, '.', 0));

    if (str_starts(number, "-"))
        number = str_slice(number, 1, number.len);
    return str_is_digits(number) && number.len < 10;
}

static bool level_valid(const struct config *config, const struct parameter *parameter,
                        struct str value, struct value_fault *fault)
{
    if (parameter->number != PARAM_COMPATIBILITY_LEVEL ||
        (release_has(config->release, FEATURE_LEVEL_OPERATORS) ? compatibility_level(value) >= 0
                                                               : is_old_level(value)))
        return true;
    *fault = (struct value_fault){.effect = VALUE_EXITS,
                                  .part = value,
                                  .what = STR("is not a compatibility level"),
                                  .advice = STR("use a release, such as 3.6, or a number")};
    return false;
}

/* advise_comment - "all # every one": what follows is part of the value, whatever else is wrong */
static void advise_comment(struct str value, struct value_fault *fault)
{
    size_t sign = str_find(value, '#', 0);

    if (sign < value.len && sign > 0 && is_space(value.at[sign - 1]))
        fault->advice = (struct str)STR("put the comment on a line of its own");
}

bool value_valid(struct arena *arena, const struct config *config,
                 const struct parameter *parameter, struct str value, struct value_fault *fault)
{
    const struct value_shape *shape = parameter_shape(parameter->number);

    if (type_valid(arena, config, parameter, value, fault) &&
        level_valid(config, parameter, value, fault) &&
        (shape == NULL || shape_valid(arena, config, shape, value, fault)))
        return true;
    if (shape != NULL && shape->unread_with.len > 0 &&
        config_find_named(config, NULL, shape->unread_with).line != NULL)
        fault->effect = VALUE_NO_MATCH;
    advise_comment(value, fault);
    return false;
}
