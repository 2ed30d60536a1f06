#include "rules/names/written.h"

#include "facts/programs.h"
#include "parser/postfix/names.h"

void written_each(struct check *check,
                  void (*seen)(struct check *check, const struct written *written, void *context),
                  void *context)
{
    struct written_walk walk = {.config = check->config};
    struct written written;

    while (written_next(&walk, &written))
        seen(check, &written, context);
}

const struct parameter *written_parameter(const struct config *config,
                                          const struct written *written)
{
    const struct parameter *parameter = written->parameter;
    const struct service_suffix *suffix;

    if (parameter != NULL && (platform_has(config->platform, parameter) ||
                              parameter_legacy_in(parameter, config->release)))
        return parameter;
    suffix = config_service_parameter(config, written->name, NULL);
    return suffix != NULL ? facts_parameter_at(suffix->fallback) : NULL;
}

bool written_is_never_read(const struct written *written, const struct parameter *parameter)
{
    const struct program *program =
        written->service != NULL ? facts_program(service_process_name(written->service)) : NULL;

    return program != NULL && !program_reads(program, parameter->number);
}

size_t written_at_line(const struct line *line, struct str part)
{
    return source_position(line->source, line_at(line, part.at)).line;
}

bool written_is_referred_to(const struct config *config, struct str name)
{
    return map_get(&config->names->by_name, name) != NULL;
}

struct str written_newer_version(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    return parameter != NULL ? platform_newer_version(config->arena, config->platform, parameter)
                             : STR_NONE;
}
