#include "smtp/start/attributes.h"

/* one service, and where its fault goes */
struct attributes {
    struct arena *arena;
    const struct config *config;
    const struct service *service;
    const struct program *program;
    struct attribute_fault *fault;
};

static bool fail_attribute(const struct attributes *attributes, struct str place, struct str why,
                           struct str advice)
{
    *attributes->fault = (struct attribute_fault){place, why, advice};
    return false;
}

/* list_names - "argv, user" */
static struct str list_names(struct arena *arena, const struct str_list *names)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0)
            buffer_add_cstr(&text, ", ");
        buffer_add(&text, names->items[i]);
    }
    return buffer_str(&text);
}

/* knows_attribute - names are in upper or lower case */
static bool knows_attribute(const struct program *program, struct str name)
{
    for (size_t i = 0; i < program->attributes.count; i++)
        if (str_eq_nocase(program->attributes.items[i], name))
            return true;
    return false;
}

static bool check_flags(const struct attributes *attributes, struct str place, struct str flags)
{
    struct str known = attributes->program->flags;

    for (size_t i = 0; i < flags.len && known.len > 0; i++)
        if (str_find(known, flags.at[i], 0) == known.len)
            return fail_attribute(
                attributes, place,
                arena_printf(attributes->arena, "the flag \"%c\" does not exist", flags.at[i]),
                arena_printf(attributes->arena, "the flags are %.*s", STR_ARG(known)));
    return true;
}

/* is_value_of - is NAME the value of the parameter, as far as it is known? */
static bool is_value_of(const struct attributes *attributes, struct str name,
                        enum parameter_number number)
{
    struct str value = config_value(attributes->config, NULL, number, NULL, NULL);

    return value.at != NULL && str_eq(name, value);
}

/* check_user - "user" or "user:group"; the group of mail_owner has its name */
static bool check_user(const struct attributes *attributes, struct str place, struct str user)
{
    static const char advice[] = "use an account that only this command has";
    size_t colon = str_find(user, ':', 0);
    struct str name = str_slice(user, 0, colon), group = str_slice(user, colon + 1, user.len);

    if (str_is(name, "root") || str_is(group, "root"))
        return fail_attribute(attributes, place, (struct str)STR("its command may not run as root"),
                              str_of(advice));
    if (is_value_of(attributes, name, PARAM_MAIL_OWNER) ||
        is_value_of(attributes, group, PARAM_MAIL_OWNER))
        return fail_attribute(
            attributes, place,
            (struct str)STR("its command may not run as the owner of the mail system"),
            str_of(advice));
    if (group.len > 0 && is_value_of(attributes, group, PARAM_SETGID_GROUP) &&
        str_is(attributes->program->name, "pipe"))
        return fail_attribute(
            attributes, place,
            (struct str)STR("its command may not run with the group of postdrop(1)"),
            str_of(advice));
    return true;
}

/* check_attribute - "name=value" */
static bool check_attribute(const struct attributes *attributes,
                            const struct master_argument *argument)
{
    size_t equals = str_find(argument->text, '=', 0);
    struct str name = str_slice(argument->text, 0, equals);
    struct str value = str_slice(argument->text, equals + 1, argument->text.len);

    if (equals == argument->text.len || !knows_attribute(attributes->program, name))
        return fail_attribute(
            attributes, argument->place,
            arena_printf(attributes->arena, "%.*s has no attribute \"%.*s\"",
                         STR_ARG(attributes->program->name), STR_ARG(name)),
            arena_printf(attributes->arena,
                         "the attributes are %.*s; what follows argv= is the "
                         "command",
                         STR_ARG(list_names(attributes->arena, &attributes->program->attributes))));
    if (str_is_nocase(name, "flags"))
        return check_flags(attributes, argument->place, value);
    return !str_is_nocase(name, "user") || check_user(attributes, argument->place, value);
}

/* find_command - the number of the argument with "argv=", or their count */
static size_t find_command(const struct service *service)
{
    size_t i = 0;

    for (; i < service->argument_count; i++)
        if (!service_takes_option(service, &service->arguments[i]) &&
            str_is_nocase(str_slice(service->arguments[i].text, 0, strlen("argv=")), "argv="))
            break;
    return i;
}

static bool has_attribute(const struct service *service, const char *prefix)
{
    for (size_t i = 0; i < find_command(service); i++)
        if (!service_takes_option(service, &service->arguments[i]) &&
            str_is_nocase(str_slice(service->arguments[i].text, 0, strlen(prefix)), prefix))
            return true;
    return false;
}

bool attributes_valid(struct arena *arena, const struct config *config,
                      const struct service *service, const struct program *program,
                      struct attribute_fault *fault)
{
    const struct attributes attributes = {arena, config, service, program, fault};
    size_t command = find_command(service);

    if (program->attributes.count == 0)
        return true;
    for (size_t i = 0; i < command; i++)
        if (!service_takes_option(service, &service->arguments[i]) &&
            !check_attribute(&attributes, &service->arguments[i]))
            return false;
    if (knows_attribute(program, str_of("user")) && !has_attribute(service, "user="))
        return fail_attribute(&attributes, service->command, (struct str)STR("user= is missing"),
                              (struct str)STR("add user=name before argv="));
    if (knows_attribute(program, str_of("argv")) && command == service->argument_count)
        return fail_attribute(&attributes, service->command, (struct str)STR("argv= is missing"),
                              (struct str)STR("add argv=command at the end of the line"));
    return true;
}

/* --- macros ----------------------------------------------------------------------------------- */

struct macro_search {
    const struct program *program;
    struct str unknown;
};

static void check_macro(void *context, struct str name, struct str reference)
{
    struct macro_search *search = context;

    if (search->unknown.at == NULL && !str_list_has(&search->program->macros, name))
        search->unknown = reference;
}

struct str attributes_unknown_macro(struct arena *arena, const struct config *config,
                                    const struct service *service, const struct program *program)
{
    struct macro_search search = {.program = program};

    for (size_t i = find_command(service);
         i < service->argument_count && program->macros.count > 0 && search.unknown.at == NULL; i++)
        expand_scan(config->release, arena, service->arguments[i].place, check_macro, &search,
                    NULL);
    return search.unknown;
}
