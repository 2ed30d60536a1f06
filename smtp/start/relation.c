#include "smtp/start/relation.h"

#include "parser/value/shape.h"

/* read_size - false where the text is not a number; the type has its own check for that */
static bool read_size(struct str text, long *size)
{
    *size = 0;
    if (!str_is_digits(text) || text.len > 18) /* more digits than a long holds */
        return false;
    for (size_t i = 0; i < text.len; i++)
        *size = *size * 10 + (text.at[i] - '0');
    return true;
}

/* is_not_below - 0, and what is not a number, is no limit */
static bool is_not_below(struct str value, struct str other)
{
    long limit, least;

    return !read_size(value, &limit) || !read_size(other, &least) || limit <= 0 ||
           (least > 0 && limit >= least);
}

/* is_kept - does the relation hold for the service?  What is not known counts as kept */
static bool is_kept(const struct config *config, const struct service *service,
                    const struct value_relation *relation)
{
    struct str value = config_value(config, service, relation->parameter, NULL, NULL);
    struct str other = config_value(config, service, relation->other, NULL, NULL);

    if (value.at == NULL || other.at == NULL)
        return true;
    switch (relation->kind) {
    case RELATION_DIFFERS:
        return !str_eq_nocase(value, other);
    case RELATION_NOT_BELOW:
        return is_not_below(value, other);
    case RELATION_NEEDS:
        return !str_is_nocase(value, "yes") || other.len > 0;
    case RELATION_ONE_OF:
        return !str_is_nocase(other, "yes") || str_list_has(&relation->words, value);
    }
    return true;
}

/* describe - the fault's texts; VALUE is what the relation's parameter has */
static void describe(struct arena *arena, const struct value_relation *relation, struct str value,
                     struct start_fault *fault)
{
    struct str name = parameter_name(relation->parameter);
    struct str other = parameter_name(relation->other);

    switch (relation->kind) {
    case RELATION_DIFFERS:
        fault->why = arena_printf(arena, "%.*s is the same as %.*s", STR_ARG(name), STR_ARG(other));
        fault->advice = relation->advice;
        break;
    case RELATION_NOT_BELOW:
        fault->why = arena_printf(arena, "%.*s is less than %.*s", STR_ARG(name), STR_ARG(other));
        fault->advice =
            arena_printf(arena, "raise %.*s, or set it to 0 for no limit", STR_ARG(name));
        break;
    case RELATION_NEEDS:
        fault->why =
            arena_printf(arena, "%.*s is yes, and %.*s is empty", STR_ARG(name), STR_ARG(other));
        fault->advice =
            arena_printf(arena, "set %.*s, or %.*s = no", STR_ARG(other), STR_ARG(name));
        break;
    case RELATION_ONE_OF:
        fault->why = arena_printf(arena, "%.*s: \"%.*s\" is not a valid value", STR_ARG(name),
                                  STR_ARG(value));
        fault->advice =
            arena_printf(arena, "use %.*s", STR_ARG(shape_list_words(arena, &relation->words)));
        break;
    }
}

/* find_place - where the value that holds is written; a default has no source */
static struct span find_place(const struct config *config, const struct service *service,
                              enum parameter_number parameter)
{
    struct setting setting = config_find(config, service, parameter);

    if (setting.line == NULL)
        return SPAN_NONE;
    return line_span(setting.line, setting.value);
}

bool start_check_relations(const struct policy *policy, const struct service *service,
                           struct str program, struct start_fault *fault)
{
    const struct config *config = policy->config;
    size_t count;
    const struct value_relation *relations = facts_relations(&count);

    for (size_t i = 0; i < count; i++) {
        const struct value_relation *relation = &relations[i];
        if (!str_eq(relation->program, program) || is_kept(config, service, relation))
            continue;
        struct span span = find_place(config, service, relation->parameter);
        if (span.source == NULL)
            span = find_place(config, service, relation->other);
        *fault = (struct start_fault){
            .problem = program.len > 0 ? START_EXITS : START_MASTER,
            .cause = CAUSE_RELATION,
            .parameter = relation->parameter,
            .span = span,
        };
        describe(policy->arena, relation,
                 config_value(config, service, relation->parameter, NULL, NULL), fault);
        return false;
    }
    return true;
}
