/* config_setting - the value of a parameter and where it comes from: see parser/postfix/config.h */
#include <stdint.h>

#include "parser/postfix/config.h"
#include "parser/postfix/host.h"
#include "parser/postfix/names.h"

/* --- defaults that depend on the machine
 * ---------------------------------------------------------- */

static const char default_domain[] = "localdomain";

/* find_known_value - STR_NONE where part of the value is not known */
static struct str find_known_value(const struct config *config, enum parameter_number number)
{
    int flags;
    struct str value = config_value(config, NULL, number, &flags, NULL);

    return flags & (EXPAND_HAS_UNDETERMINED | EXPAND_FAILED) ? STR_NONE : value;
}

static struct str make_hostname(const struct config *config)
{
    struct str name = config->host.hostname;

    if (name.at == NULL || str_find(name, '.', 0) < name.len)
        return name;
    struct setting domain = config_find(config, NULL, PARAM_MYDOMAIN);
    struct str text = domain.origin == ORIGIN_MAIN_CF
                          ? config_expand(config, NULL, domain.value, NULL, NULL)
                          : str_of(default_domain);
    return arena_printf(config->arena, "%.*s.%.*s", STR_ARG(name), STR_ARG(text));
}

static struct str make_mydomain(const struct config *config)
{
    struct str name = find_known_value(config, PARAM_MYHOSTNAME);
    size_t dot = str_find(name, '.', 0);

    if (name.at == NULL)
        return STR_NONE;
    return dot == name.len ? str_of(default_domain) : str_slice(name, dot + 1, name.len);
}

static struct str make_mynetworks(const struct config *config)
{
    return host_networks(config->arena, config->host.interfaces,
                         find_known_value(config, PARAM_INET_INTERFACES),
                         find_known_value(config, PARAM_INET_PROTOCOLS),
                         find_known_value(config, PARAM_MYNETWORKS_STYLE));
}

static const struct {
    enum parameter_number number;
    struct str (*make)(const struct config *config);
} defaults[HOST_DEFAULT_COUNT] = {
    {PARAM_MYHOSTNAME, make_hostname},
    {PARAM_MYDOMAIN, make_mydomain},
    {PARAM_MYNETWORKS, make_mynetworks},
};

static struct str find_host_default(const struct config *config, enum parameter_number number)
{
    for (size_t i = 0; i < HOST_DEFAULT_COUNT; i++) {
        bool *asking = &config->asking_host[i];
        if (defaults[i].number != number)
            continue;
        /* a default that depends on itself ("myhostname = $mydomain" in main.cf) has no value */
        if (*asking)
            return STR_NONE;
        *asking = true;
        struct str value = defaults[i].make(config);
        *asking = false;
        return value;
    }
    return STR_NONE;
}

/* --- settings ------------------------------------------------------------------------ */

/* find_suffix - the suffix of SERVICE's daemon that is this TEXT, in the release */
static const struct service_suffix *find_suffix(const struct config *config,
                                                const struct service *service, struct str text)
{
    int release = config->release->index;
    size_t count;
    const struct service_suffix *suffixes = facts_service_suffixes(service->command, &count);

    for (size_t i = 0; i < count; i++)
        if (str_eq(suffixes[i].suffix, text) && suffixes[i].first <= release &&
            release <= suffixes[i].last)
            return &suffixes[i];
    return NULL;
}

const struct service_suffix *config_service_parameter(const struct config *config, struct str name,
                                                      const struct service **which)
{
    const struct service_suffix *found = NULL;
    size_t first = SIZE_MAX;

    for (size_t at = name.len; at-- > 0 && name.len - at <= SERVICE_SUFFIX_LENGTH_MAX;) {
        if (name.at[at] != '_')
            continue;
        const struct named_service *candidate =
            map_get(&config->names->services, str_slice(name, 0, at));
        for (; candidate != NULL; candidate = candidate->next) {
            const struct service_suffix *suffix =
                find_suffix(config, candidate->service, str_slice(name, at, name.len));
            if (suffix == NULL || candidate->service->number >= first)
                continue;
            found = suffix;
            first = candidate->service->number;
        }
    }
    if (found != NULL && which != NULL)
        *which = config->master_cf.services[first];
    return found;
}

static struct setting find_default(const struct config *config, const struct parameter *parameter)
{
    struct setting setting = {.origin = ORIGIN_HOST, .parameter = parameter};
    const struct platform_default *own;

    if ((own = platform_default(config->platform, parameter->number)) != NULL) {
        setting.origin = ORIGIN_PLATFORM;
        setting.value = own->value;
    } else if (parameter->host_default) {
        setting.value = find_host_default(config, parameter->number);
    } else {
        setting.origin = ORIGIN_RELEASE;
        setting.value = platform_upstream_default(config->platform, parameter);
    }
    return setting;
}

/* remove_files - the configuration as if its files were empty */
static struct config remove_files(const struct config *config)
{
    struct config bare = *config;

    bare.main_cf = (struct main_cf){0};
    bare.by_number = arena_alloc(config->arena, PARAM_END * sizeof *bare.by_number);
    return bare;
}

/* find_service_default - "slow_destination_rate_delay", or the setting of an unknown name */
static struct setting find_service_default(const struct config *config, struct str name)
{
    const struct service_suffix *suffix = config_service_parameter(config, name, NULL);

    if (suffix == NULL)
        return (struct setting){.origin = ORIGIN_NONE, .value = STR_NONE};
    return (struct setting){
        .origin = ORIGIN_RELEASE,
        .value = arena_printf(config->arena, "$%.*s", STR_ARG(parameter_name(suffix->fallback)))};
}

struct setting config_default(const struct config *config, enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);

    if (platform_has(config->platform, parameter)) {
        if (!parameter->host_default)
            return find_default(config, parameter);
        const struct config bare = remove_files(config);
        /* cppcheck-suppress returnDanglingLifetime ; what is found is in the arena or constant */
        return find_default(&bare, parameter);
    }
    if (parameter_legacy_in(parameter, config->release))
        return (struct setting){ORIGIN_RELEASE, STR(""), NULL, parameter};
    struct setting setting = find_service_default(config, parameter->name);
    setting.parameter = setting.origin == ORIGIN_NONE ? parameter : NULL;
    return setting;
}

struct setting config_default_named(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    return parameter != NULL ? config_default(config, parameter->number)
                             : find_service_default(config, name);
}

const struct main_cf_entry *config_entry(const struct config *config, enum parameter_number number)
{
    return config->by_number[number];
}

/* find_service_name - what Postfix itself sets for each service; false where it is not such a name
 */
static bool find_service_name(const struct service *service, const struct parameter *parameter,
                              struct setting *setting)
{
    if (parameter->number != PARAM_SERVICE_NAME && parameter->number != PARAM_PROCESS_NAME)
        return false;
    struct str value =
        parameter->number == PARAM_SERVICE_NAME ? service->name : service_process_name(service);
    *setting = (struct setting){ORIGIN_SERVICE, value, NULL, parameter};
    return true;
}

struct setting config_find(const struct config *config, const struct service *service,
                           enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);
    const struct master_override *override;
    const struct main_cf_entry *entry;
    struct setting setting;

    if (service != NULL) {
        if (find_service_name(service, parameter, &setting))
            return setting;
        if ((override = service_override(service, number)) != NULL)
            return (struct setting){ORIGIN_OVERRIDE, override->value, &service->line, parameter};
    }
    if (parameter->type != PARAMETER_READ_ONLY && (entry = config_entry(config, number)) != NULL)
        return (struct setting){ORIGIN_MAIN_CF, entry->value, &entry->line, parameter};
    if (number == PARAM_CONFIG_DIRECTORY)
        return (struct setting){ORIGIN_HOST, config->config_directory, NULL, parameter};
    if (platform_has(config->platform, parameter))
        return find_default(config, parameter);
    return config_default(config, number);
}

struct setting config_find_named(const struct config *config, const struct service *service,
                                 struct str name)
{
    const struct parameter *parameter = facts_parameter(name);
    const struct master_override *override;
    const struct main_cf_entry *entry;

    if (parameter != NULL)
        return config_find(config, service, parameter->number);
    if (service != NULL && (override = service_override_named(service, name)) != NULL)
        return (struct setting){ORIGIN_OVERRIDE, override->value, &service->line, NULL};
    if ((entry = main_cf_get(&config->main_cf, name)) != NULL)
        return (struct setting){ORIGIN_MAIN_CF, entry->value, &entry->line, NULL};
    return find_service_default(config, name);
}

/* --- expansion ------------------------------------------------------------------------ */

struct scope {
    const struct config *config;
    const struct service *service;
    bool defaults_only;
    struct config_reader *reader; /* or NULL */
};

/* is_unread - to Postfix, what is neither in the files nor read before has no value */
static bool is_unread(const struct scope *scope, const struct setting *setting)
{
    const struct config_reader *reader = scope->reader;

    return reader != NULL && reader->program != NULL && setting->parameter != NULL &&
           setting->line == NULL && setting->origin != ORIGIN_SERVICE &&
           !program_knows(reader->program, reader->number, setting->parameter->number) &&
           facts_is_read(setting->parameter->number);
}

static enum expand_found find_name(void *context, struct str name, struct str *value)
{
    const struct scope *scope = context;
    struct setting setting = scope->defaults_only
                                 ? config_default_named(scope->config, name)
                                 : config_find_named(scope->config, scope->service, name);

    if (setting.origin == ORIGIN_NONE)
        return EXPAND_UNDEFINED;
    if (is_unread(scope, &setting)) {
        scope->reader->unread = name;
        return EXPAND_UNDEFINED;
    }
    if (setting.value.at == NULL)
        return EXPAND_UNDETERMINED;
    *value = setting.value;
    if (setting.parameter != NULL && setting.parameter->type == PARAMETER_RAW &&
        release_has(scope->config->release, FEATURE_RAW_REFERENCES_KEPT))
        return EXPAND_RAW_TEXT;
    return EXPAND_TEXT;
}

static struct str expand_scope(const struct scope *scope, struct str text, int *flags,
                               struct expand_error *error)
{
    const struct expand_names names = {.find = find_name,
                                       .context = (void *)scope,
                                       .release = scope->config->release,
                                       .left = scope->config->expansion_left};
    struct buffer out;
    int found = 0;

    if (flags != NULL)
        *flags = 0;
    if (text.at == NULL || !expand_needed(text))
        return text;
    buffer_init(&out, scope->config->arena);
    found = expand(&names, text, &out, error);
    if (flags != NULL)
        *flags = found;
    return buffer_str(&out);
}

struct str config_expand(const struct config *config, const struct service *service,
                         struct str text, int *flags, struct expand_error *error)
{
    struct scope scope = {.config = config, .service = service};
    return expand_scope(&scope, text, flags, error);
}

struct str config_expand_for(const struct config *config, struct config_reader *reader,
                             struct str text, int *flags, struct expand_error *error)
{
    struct scope scope = {.config = config, .service = reader->service, .reader = reader};

    reader->unread = STR_NONE;
    struct str value = expand_scope(&scope, text, flags, error);
    /* empty is what it is, not a mistake of the names */
    if (flags != NULL && reader->unread.at != NULL)
        *flags &= ~EXPAND_HAS_UNDEFINED;
    return value;
}

struct str config_expand_default(const struct config *config, struct str text)
{
    struct scope scope = {.config = config, .defaults_only = true};
    return expand_scope(&scope, text, NULL, NULL);
}

/* expand_setting - its value, expanded for SERVICE */
static struct str expand_setting(const struct config *config, const struct service *service,
                                 struct setting setting, int *flags, struct expand_error *error)
{
    if (flags != NULL)
        *flags = 0;
    if (setting.value.at == NULL) {
        if (flags != NULL && setting.origin != ORIGIN_NONE)
            *flags = EXPAND_HAS_UNDETERMINED;
        return STR_NONE;
    }
    return config_expand(config, service, setting.value, flags, error);
}

struct str config_value(const struct config *config, const struct service *service,
                        enum parameter_number number, int *flags, struct expand_error *error)
{
    return expand_setting(config, service, config_find(config, service, number), flags, error);
}

struct str config_value_named(const struct config *config, const struct service *service,
                              struct str name, int *flags, struct expand_error *error)
{
    return expand_setting(config, service, config_find_named(config, service, name), flags, error);
}

long time_unit(char letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 60 * 60;
    case 'd':
        return 24 * 60 * 60;
    case 'w':
        return 7 * 24 * 60 * 60;
    default:
        return 0;
    }
}

int config_flag(const struct config *config, const struct service *service,
                enum parameter_number number)
{
    int flags;
    struct str value = config_value(config, service, number, &flags, NULL);

    if (str_is_nocase(value, "yes"))
        return 1;
    if (str_is_nocase(value, "no"))
        return 0;
    return -1;
}
