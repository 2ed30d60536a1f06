#include "rules/names/nearest.h"

#include "base/nearest.h"

/* is_near - may a word of that length be the nearest? */
static bool is_near(const struct nearest *nearest, size_t len)
{
    size_t distance = (size_t)nearest->distance;

    return len < nearest->wanted.len + distance && nearest->wanted.len < len + distance;
}

static void try_service(const struct config *config, struct nearest *nearest,
                        const struct service *service)
{
    size_t count;
    const struct service_suffix *suffixes =
        facts_service_suffixes(service_process_name(service), &count);

    if (service->name.len > nearest->wanted.len + (size_t)nearest->distance)
        return;
    for (size_t i = 0; suffixes != NULL && i < count; i++)
        if (suffixes[i].first <= config->release->index &&
            config->release->index <= suffixes[i].last &&
            is_near(nearest, service->name.len + suffixes[i].suffix.len))
            nearest_try(nearest, arena_printf(config->arena, "%.*s%.*s", STR_ARG(service->name),
                                              STR_ARG(suffixes[i].suffix)));
}

struct str nearest_restriction(const struct config *config, struct str word, bool in_result)
{
    static const char *const actions[] = {
        "DUNNO", "REJECT", "DEFER",   "DEFER_IF_PERMIT", "DEFER_IF_REJECT", "INFO",
        "WARN",  "FILTER", "HOLD",    "DISCARD",         "REDIRECT",        "BCC",
        "OK",    "RELAY",  "PREPEND",
    };
    struct nearest nearest;
    size_t count;
    const struct restriction *restrictions = facts_restrictions(&count);

    nearest_start(&nearest, word);
    for (size_t i = 0; in_result && i < sizeof actions / sizeof *actions; i++)
        nearest_try(&nearest, str_of(actions[i]));
    for (size_t i = 0; i < count; i++)
        if (restrictions[i].first <= config->release->index &&
            config->release->index <= restrictions[i].last &&
            facts_deprecation(restrictions[i].name) == NULL)
            nearest_try(&nearest, restrictions[i].name);
    return nearest.found;
}

struct str nearest_name(const struct config *config, struct str name)
{
    struct nearest nearest;

    nearest_start(&nearest, name);
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        if (platform_has(config->platform, parameter) && parameter->deprecation == NULL)
            nearest_try(&nearest, parameter->name);
    }
    for (size_t i = 0; i < config->master_cf.count; i++)
        try_service(config, &nearest, config->master_cf.services[i]);
    return nearest.found;
}
