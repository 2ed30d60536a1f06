/*
 * facts - what Postfix releases are: see facts/facts.h
 */
#include "facts/facts.h"

#include "facts/tables.h"

const struct release *facts_releases(size_t *count)
{
    *count = facts_tables.release_count;
    return facts_tables.releases;
}

const struct release *facts_release(struct str series_or_version)
{
    return tables_release(&facts_tables, series_or_version);
}

const struct release *facts_newest_release(void)
{
    return &facts_tables.releases[facts_tables.release_count - 1];
}

bool release_has(const struct release *release, enum release_feature feature)
{
    const struct feature *found = &facts_tables.features[feature];
    return found->since <= release->index && release->index <= found->until;
}

const struct parameter *facts_parameter_at(enum parameter_number number)
{
    return number > PARAM_NONE && number < PARAM_END ? &facts_tables.parameters[number - 1] : NULL;
}

struct str parameter_name(enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);
    return parameter == NULL ? (struct str)STR("") : parameter->name;
}

const struct parameter *facts_parameter(struct str name)
{
    uint64_t slot = str_hash(name);
    for (;; slot++) {
        const struct parameter *parameter =
            facts_parameter_at(facts_tables.parameter_slots[slot % PARAMETER_SLOTS]);
        if (parameter == NULL || str_eq(parameter->name, name))
            return parameter;
    }
}

bool parameter_in(const struct parameter *parameter, const struct release *release)
{
    return parameter->first <= release->index && release->index <= parameter->last;
}

bool parameter_legacy_in(const struct parameter *parameter, const struct release *release)
{
    return parameter->legacy_since >= 0 && parameter->legacy_since <= release->index;
}

struct str parameter_default(const struct parameter *parameter, const struct release *release)
{
    if (!parameter_in(parameter, release))
        return STR_NONE;
    for (size_t i = parameter->default_count; i > 0; i--)
        if (parameter->defaults[i - 1].since <= release->index)
            return parameter->defaults[i - 1].value;
    return STR_NONE;
}

struct str platform_upstream_default(const struct platform *platform,
                                     const struct parameter *parameter)
{
    if (!platform_has(platform, parameter))
        return STR_NONE;
    /* what a package adds is as in the first series that has it */
    if (parameter->first > platform->release->index && parameter->default_count > 0)
        return parameter->defaults[0].value;
    return parameter_default(parameter, platform->release);
}

struct str platform_newer_version(struct arena *arena, const struct platform *platform,
                                  const struct parameter *parameter)
{
    int first =
        parameter->first > platform->release->index ? parameter->first : platform->release->index;

    if (platform_has(platform, parameter) || first > parameter->last)
        return STR_NONE;
    const struct release *release = &facts_tables.releases[first];
    int level = 0;
    for (size_t i = 0; i < parameter->patch_count; i++)
        if (parameter->patches[i].series == first)
            level = parameter->patches[i].level;
    return level == 0 ? release->series
                      : arena_printf(arena, "%.*s.%d", STR_ARG(release->series), level);
}

const struct service_suffix *facts_service_suffixes(struct str daemon, size_t *count)
{
    const struct service_daemon *found = named_find(facts_tables.daemons, facts_tables.daemon_count,
                                                    sizeof *facts_tables.daemons, daemon);
    *count = found == NULL ? 0 : found->suffix_count;
    return found == NULL ? NULL : found->suffixes;
}

const struct stock_service *facts_stock_services(size_t *count)
{
    *count = facts_tables.stock_service_count;
    return facts_tables.stock_services;
}

const struct deprecation *facts_deprecation(struct str name)
{
    return named_find(facts_tables.deprecations, facts_tables.deprecation_count,
                      sizeof *facts_tables.deprecations, name);
}

const struct deprecation *facts_deprecations(size_t *count)
{
    *count = facts_tables.deprecation_count;
    return facts_tables.deprecations;
}

const struct restriction *facts_restriction(struct str name)
{
    char lower[64];
    if (name.len > sizeof lower)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        lower[i] = char_lower(name.at[i]);
    return named_find(facts_tables.restrictions, facts_tables.restriction_count,
                      sizeof *facts_tables.restrictions, (struct str){lower, name.len});
}

const struct restriction *facts_restrictions(size_t *count)
{
    *count = facts_tables.restriction_count;
    return facts_tables.restrictions;
}

const struct table_type *facts_table_type(struct str name)
{
    return tables_table_type(&facts_tables, name);
}

const struct mail_program *facts_mail_programs(size_t *count)
{
    *count = facts_tables.mail_program_count;
    return facts_tables.mail_programs;
}

int facts_port(struct str service_name)
{
    const struct port *found = named_find(facts_tables.ports, facts_tables.port_count,
                                          sizeof *facts_tables.ports, service_name);
    return found == NULL ? 0 : found->number;
}

int facts_block_list_ended(struct str zone)
{
    const struct block_list *found = NULL;

    while (zone.len > 0 && found == NULL) {
        found = named_find(facts_tables.block_lists, facts_tables.block_list_count,
                           sizeof *facts_tables.block_lists, zone);
        size_t dot = str_find(zone, '.', 0);
        zone = str_slice(zone, dot + 1, zone.len);
    }
    return found == NULL ? 0 : found->ended;
}
