#include "smtp/service/policy.h"

#include <limits.h>
#include <stdlib.h>

#include "smtp/service/disabled.h"

/* --- values -------------------------------------------------------------------------- */

/* find_last_letter - of a time's default: the unit of numbers without one */
static char find_last_letter(struct str text)
{
    return text.len > 0 ? text.at[text.len - 1] : '\0';
}

static long parse_number(const struct parameter *parameter, const struct release *release,
                         struct str value)
{
    const char *from = value.at;
    char *end;

    if (value.at == NULL || value.len == 0)
        return -1;
    if (parameter->type == PARAMETER_BOOL || parameter->type == PARAMETER_NBOOL)
        return str_is_nocase(value, "yes") ? 1 : str_is_nocase(value, "no") ? 0 : -1;
    long number = strtol(from, &end, 10); /* ends in a NUL: see find_value() */
    if (end == from)
        return -1;
    if (parameter->type != PARAMETER_TIME)
        return number;
    long unit = *end != '\0' ? time_unit(*end)
                             : time_unit(find_last_letter(parameter_default(parameter, release)));
    return unit == 0 || number > LONG_MAX / unit ? -1 : number * unit;
}

/* find_value_slot - where the value of the parameter is kept */
static struct policy_value *find_value_slot(const struct policy_service *service,
                                            const struct parameter *parameter)
{
    struct policy_value **chunk = &service->values[parameter->number / POLICY_CHUNK];

    if (*chunk == NULL)
        *chunk = arena_alloc(service->policy->arena, POLICY_CHUNK * sizeof **chunk);
    return &(*chunk)[parameter->number % POLICY_CHUNK];
}

/* read_origin - the domain in the file PATH; STR_NONE: it may not be read, or has none */
static struct str read_origin(const struct policy *policy, struct str path)
{
    const struct config *config = policy->config;
    struct str file;
    const struct source *source =
        config_owns_file(config, path, &file) ? config_read(config, policy->arena, file) : NULL;
    struct str line = source == NULL
                          ? STR_NONE
                          : str_trim(str_slice(source->bytes, 0, str_find(source->bytes, '\n', 0)));

    return line.len > 0 ? line : STR_NONE;
}

/* expand_value - as the program of the service does */
static struct str expand_value(const struct policy_service *service, enum parameter_number number,
                               int *flags)
{
    const struct config *config = service->policy->config;
    struct setting setting = config_find(config, service->service, number);

    if (setting.line == NULL || service->service == NULL || !expand_needed(setting.value))
        return config_value(config, service->service, number, flags, NULL);
    const struct program *program = facts_program(service_process_name(service->service));
    struct config_reader reader = {service->service, program, number, STR_NONE};
    if (program == NULL || !program_reads(program, number))
        return config_value(config, service->service, number, flags, NULL);
    return config_expand_for(config, &reader, setting.value, flags, NULL);
}

static const struct policy_value *find_value(const struct policy_service *service,
                                             enum parameter_number number)
{
    static const struct policy_value absent = {.value = STR("")};
    const struct config *config = service->policy->config;
    const struct parameter *parameter = facts_parameter_at(number);
    int flags = 0;

    if (!platform_has(config->platform, parameter))
        return &absent;
    struct policy_value *value = find_value_slot(service, parameter);
    if (value->known)
        return value;
    struct str text = expand_value(service, number, &flags);
    if ((flags & (EXPAND_HAS_UNDETERMINED | EXPAND_FAILED)) != 0)
        text = STR_NONE;
    if (config->platform->origin_file && number == PARAM_MYORIGIN && str_starts(text, "/"))
        text = read_origin(service->policy, text);
    *value = (struct policy_value){.known = true, .value = text};
    if (text.at != NULL) {
        value->value = arena_copy(service->policy->arena, text);
        value->number = parse_number(parameter, config->release, value->value);
    } else {
        value->number = -1;
    }
    return value;
}

struct str policy_str(const struct policy_service *service, enum parameter_number number)
{
    return find_value(service, number)->value;
}

bool policy_flag(const struct policy_service *service, enum parameter_number number)
{
    return find_value(service, number)->number == 1;
}

long policy_number(const struct policy_service *service, enum parameter_number number)
{
    return find_value(service, number)->number;
}

bool policy_has(const struct policy_service *service, enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);

    return platform_has(service->policy->config->platform, parameter);
}

struct str policy_user_str(const struct policy_service *service, struct str name)
{
    return config_value_named(service->policy->config, service->service, name, NULL, NULL);
}

/* --- services ------------------------------------------------------------------------ */

static void init_service(struct policy_service *made, struct policy *policy,
                         const struct service *service, const struct service *listener)
{
    *made = (struct policy_service){.policy = policy, .service = service, .listener = listener};
    made->values =
        arena_alloc(policy->arena, (PARAM_END / POLICY_CHUNK + 1) * sizeof *made->values);
    made->port = listener == NULL ? 0 : service_port(listener);
}

/* find_service - the first service that runs DAEMON, or NULL */
static const struct service *find_service(const struct config *config, const char *daemon)
{
    const struct master_cf *master_cf = &config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], daemon) &&
            !service_disabled(config, master_cf->services[i]))
            return master_cf->services[i];
    return NULL;
}

static struct policy_service *create_service(struct policy *policy, const struct service *service)
{
    struct policy_service *made = arena_alloc(policy->arena, sizeof *made);

    init_service(made, policy, service, NULL);
    return made;
}

/* make_endpoint - the same text for lines of which master(8) uses the last */
static struct str make_endpoint(struct arena *arena, const struct service *service)
{
    int port = service_port(service);

    if (port == 0)
        return service->name;
    return arena_printf(arena, "%.*s:%d", STR_ARG(service->host), port);
}

/* find_listeners - by endpoint, the line of master.cf that master(8) uses for it */
static void find_listeners(struct map *listeners, const struct policy *policy)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    map_init(listeners, policy->arena);
    for (size_t i = 0; i < master_cf->count; i++) {
        struct service *service = master_cf->services[i];
        if (str_is(service->type, "inet") && !service_disabled(policy->config, service))
            map_put(listeners, make_endpoint(policy->arena, service), service);
    }
}

/* find_smtpd - the smtpd that answers the clients of LISTENER, or NULL */
static const struct service *find_smtpd(struct policy *policy, const struct map *listeners,
                                        const struct service *listener)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    if (!str_is(listener->type, "inet") ||
        map_get(listeners, make_endpoint(policy->arena, listener)) != listener)
        return NULL;
    if (service_runs(listener, "smtpd"))
        return listener;
    if (!service_runs(listener, "postscreen"))
        return NULL;
    struct str name = policy_str(create_service(policy, listener), PARAM_SMTPD_SERVICE_NAME);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtpd") &&
            str_is(master_cf->services[i]->type, "pass") &&
            str_eq(master_cf->services[i]->name, name) &&
            !service_disabled(policy->config, master_cf->services[i]))
            return master_cf->services[i];
    return NULL;
}

const struct policy *policy_open(struct arena *arena, const struct config *config)
{
    const struct master_cf *master_cf = &config->master_cf;
    struct policy *policy = arena_alloc(arena, sizeof *policy);
    struct map listeners;

    policy->arena = arena;
    policy->config = config;
    policy->tables = tables_create(arena, config);
    policy->services = arena_alloc(arena, (master_cf->count + 1) * sizeof *policy->services);
    find_listeners(&listeners, policy);
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *smtpd = find_smtpd(policy, &listeners, master_cf->services[i]);
        if (smtpd != NULL)
            init_service(&policy->services[policy->count++], policy, smtpd, master_cf->services[i]);
    }
    policy->all = create_service(policy, NULL);
    policy->rewrite = create_service(policy, find_service(config, "trivial-rewrite"));
    policy->cleanup = create_service(policy, find_service(config, "cleanup"));
    return policy;
}

const struct policy_service *policy_service_named(const struct policy *policy, struct str name)
{
    for (size_t i = 0; i < policy->count; i++)
        if (str_eq(policy->services[i].listener->name, name) ||
            str_eq(policy->services[i].listener->port, name))
            return &policy->services[i];
    return str_is_digits(name) && name.len < 6
               ? policy_service_at_port(policy,
                                        (int)strtol(arena_cstr(policy->arena, name), NULL, 10))
               : NULL;
}

const struct policy_service *policy_service_at_port(const struct policy *policy, int port)
{
    const struct policy_service *found = NULL;

    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        /* one without an address of its own before those that have one */
        if (service->port == port && (found == NULL || service->listener->host.len == 0))
            found = service;
    }
    return found;
}

const struct policy_service *policy_cleanup_of(const struct policy_service *service)
{
    /* the service is const for its users, but caches what was found */
    struct policy_service *cache = (struct policy_service *)service;
    const struct policy *policy = service->policy;
    const struct master_cf *master_cf = &policy->config->master_cf;
    struct str name = policy_str(service, PARAM_CLEANUP_SERVICE_NAME);

    if (cache->cleanup != NULL)
        return cache->cleanup;
    cache->cleanup = policy->cleanup;
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *found = master_cf->services[i];
        if (service_runs(found, "cleanup") && str_eq(found->name, name) &&
            !service_disabled(policy->config, found)) {
            if (found != policy->cleanup->service)
                cache->cleanup = create_service((struct policy *)policy, found);
            break;
        }
    }
    return cache->cleanup;
}

const struct policy_service *policy_service_of(const struct policy *policy,
                                               const struct service *service)
{
    /* the policy is const for its users, but caches what was found */
    struct policy *cache = (struct policy *)policy;

    if (service == NULL)
        return policy->all;
    for (size_t i = 0; i < policy->count; i++)
        if (policy->services[i].service == service)
            return &policy->services[i];
    if (cache->others == NULL)
        cache->others =
            arena_alloc(policy->arena, policy->config->master_cf.count * sizeof *cache->others);
    if (cache->others[service->number] == NULL)
        cache->others[service->number] = create_service(cache, service);
    return cache->others[service->number];
}
