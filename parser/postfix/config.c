#include "parser/postfix/config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "parser/postfix/host.h"
#include "parser/postfix/names.h"

/* more than any real configuration needs, and less than any machine has */
enum { EXPANSIONS_MAX = 4 * EXPAND_SIZE_MAX };

/* --- reading ------------------------------------------------------------------------- */

/* read_failed - one line that says why PATH cannot be read */
static bool read_failed(struct arena *arena, struct str path, struct str *error)
{
    *error = errno == EINVAL
                 ? arena_printf(arena, "%.*s: is no regular file", STR_ARG(path))
                 : arena_printf(arena, "%.*s: cannot read: %s", STR_ARG(path), strerror(errno));
    return false;
}

/* looks_like_master - a file whose first logical line is no "name = value" */
static bool looks_like_master(struct arena *arena, const struct source *source)
{
    struct line_reader reader = {.source = source};
    struct line line;
    struct str name, value;

    if (!line_next(&reader, arena, &line))
        return false;
    return split_name_value(line.text, &name, &value) != NULL || str_find(name, '/', 0) < name.len;
}

static bool open_file(struct config *config, struct str path, struct str *error)
{
    const struct source *source = source_read(config->arena, path);

    if (source == NULL)
        return read_failed(config->arena, path, error);
    bool standard_input = str_is(path, "-");
    struct str name = path_base(path);
    config->directory = standard_input ? str_slice(path, 0, 0) : path_directory(path);
    bool master = str_starts(name, "master.cf") ||
                  (!str_starts(name, "main.cf") && looks_like_master(config->arena, source));
    if (master)
        master_cf_parse(&config->master_cf, config->arena, source);
    else
        main_cf_parse(&config->main_cf, config->arena, source);
    return true;
}

static const struct source *read_in(struct config *config, const char *name)
{
    struct str directory = path_trim_slashes(config->path);

    config->directory = directory;
    return source_read(config->arena, arena_printf(config->arena, "%.*s%s%s", STR_ARG(directory),
                                                   str_is(directory, "/") ? "" : "/", name));
}

static bool open_directory(struct config *config, struct str *error)
{
    const struct source *main_source = read_in(config, "main.cf");
    int main_errno = errno;
    const struct source *master_source = read_in(config, "master.cf");

    if (main_source == NULL && main_errno != ENOENT) {
        errno = main_errno;
        return read_failed(config->arena,
                           arena_printf(config->arena, "%.*s/main.cf", STR_ARG(config->directory)),
                           error);
    }
    if (master_source == NULL && errno != ENOENT)
        return read_failed(
            config->arena,
            arena_printf(config->arena, "%.*s/master.cf", STR_ARG(config->directory)), error);
    if (main_source == NULL && master_source == NULL) {
        *error = arena_printf(config->arena,
                              "%.*s: holds neither main.cf nor master.cf; name a Postfix "
                              "configuration directory",
                              STR_ARG(config->path));
        return false;
    }
    if (main_source != NULL)
        main_cf_parse(&config->main_cf, config->arena, main_source);
    if (master_source != NULL)
        master_cf_parse(&config->master_cf, config->arena, master_source);
    return true;
}

/* number_entries - the entry that holds for each parameter that we know */
static void number_entries(struct config *config)
{
    config->by_number = arena_alloc(config->arena, PARAM_END * sizeof *config->by_number);
    for (size_t i = 0; i < config->main_cf.count; i++) {
        struct main_cf_entry *entry = config->main_cf.entries[i];
        entry->parameter = facts_parameter(entry->name);
        if (entry->parameter != NULL)
            config->by_number[entry->parameter->number] = entry;
    }
}

/* take_sources - files that are in memory already */
static void take_sources(struct config *config, const struct config_input *input)
{
    config->directory = path_trim_slashes(input->path);
    config->files = input->files;
    config->file_count = input->file_count;
    if (input->main_source != NULL)
        main_cf_parse(&config->main_cf, config->arena, input->main_source);
    if (input->master_source != NULL)
        master_cf_parse(&config->master_cf, config->arena, input->master_source);
}

/* read_files - a directory or a file */
static bool read_files(struct config *config, struct str path, struct str *error)
{
    struct stat status;

    if (!str_is(path, "-") && stat(arena_cstr(config->arena, path), &status) == 0 &&
        S_ISDIR(status.st_mode))
        return open_directory(config, error);
    return open_file(config, path, error);
}

void config_reinterpret(struct config *config, const struct platform *platform, struct host host)
{
    config->platform = platform;
    config->release = platform->release;
    config->host = host;
    config->config_directory =
        platform->config_directory.len > 0 ? platform->config_directory : config->path;
    names_build(config);
}

bool config_open(struct config *config, struct arena *arena, const struct config_input *input,
                 struct str *error)
{
    *config = (struct config){.arena = arena, .path = input->path};
    if (input->main_source != NULL || input->master_source != NULL)
        take_sources(config, input);
    else if (!read_files(config, input->path, error))
        return false;
    number_entries(config);
    config->asking_host = arena_alloc(arena, HOST_DEFAULT_COUNT * sizeof *config->asking_host);
    config->expansion_left = arena_alloc(arena, sizeof *config->expansion_left);
    *config->expansion_left = EXPANSIONS_MAX;
    config_reinterpret(config, input->platform, input->host);
    return true;
}

struct str config_file(const struct config *config, struct str path, bool *inside)
{
    struct str root = config->platform->config_directory;
    struct str name = path_below(path, root);
    bool below = name.at != NULL && config->directory.len > 0;

    if (inside != NULL)
        *inside = below;
    if (!below)
        return arena_copy(config->arena, path);
    return arena_printf(config->arena, "%.*s/%.*s", STR_ARG(config->directory), STR_ARG(name));
}

bool config_owns_file(const struct config *config, struct str path, struct str *file)
{
    struct str own = config->platform->config_directory;
    bool inside;

    *file = config_file(config, path, &inside);
    return (own.len > 0 && str_eq(config->directory, own)) ||
           ((inside || path_below(path, config->directory).at != NULL) && !path_climbs(path));
}

const struct source *config_read(const struct config *config, struct arena *arena, struct str file)
{
    struct str name = path_below(file, config->directory);

    if (config->files == NULL || name.at == NULL)
        return source_read(arena, file);
    for (size_t i = 0; i < config->file_count; i++)
        if (str_eq(config->files[i]->path, name))
            return config->files[i];
    errno = ENOENT;
    return NULL;
}

/* --- settings ------------------------------------------------------------------------ */

static struct setting default_of(const struct config *config, const struct parameter *parameter)
{
    struct setting setting = {.origin = ORIGIN_HOST, .parameter = parameter};
    const struct platform_default *own;

    if ((own = platform_default(config->platform, parameter->number)) != NULL) {
        setting.origin = ORIGIN_PLATFORM;
        setting.value = own->value;
    } else if (parameter->host_default) {
        setting.value = host_default(config, parameter->number);
    } else {
        setting.origin = ORIGIN_RELEASE;
        setting.value = parameter_default(parameter, config->release);
    }
    return setting;
}

/* without_files - the configuration as if no file set anything */
static struct config without_files(const struct config *config)
{
    struct config bare = *config;

    bare.main_cf = (struct main_cf){0};
    bare.by_number = arena_alloc(config->arena, PARAM_END * sizeof *bare.by_number);
    return bare;
}

/* default_made_by_service - "slow_destination_rate_delay", or the setting of an unknown name */
static struct setting default_made_by_service(const struct config *config, struct str name)
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

    if (parameter_in(parameter, config->release)) {
        if (!parameter->host_default)
            return default_of(config, parameter);
        const struct config bare = without_files(config);
        return default_of(&bare, parameter);
    }
    if (parameter_legacy_in(parameter, config->release))
        return (struct setting){ORIGIN_RELEASE, STR(""), NULL, parameter};
    struct setting setting = default_made_by_service(config, parameter->name);
    setting.parameter = setting.origin == ORIGIN_NONE ? parameter : NULL;
    return setting;
}

struct setting config_default_named(const struct config *config, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    return parameter != NULL ? config_default(config, parameter->number)
                             : default_made_by_service(config, name);
}

const struct main_cf_entry *config_entry(const struct config *config, enum parameter_number number)
{
    return config->by_number[number];
}

/* set_by_service - what Postfix itself sets for each service; false where it is not such a name */
static bool set_by_service(const struct service *service, const struct parameter *parameter,
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
        if (set_by_service(service, parameter, &setting))
            return setting;
        if ((override = service_override(service, number)) != NULL)
            return (struct setting){ORIGIN_OVERRIDE, override->value, &service->line, parameter};
    }
    if (parameter->type != PARAMETER_READ_ONLY && (entry = config_entry(config, number)) != NULL)
        return (struct setting){ORIGIN_MAIN_CF, entry->value, &entry->line, parameter};
    if (number == PARAM_CONFIG_DIRECTORY)
        return (struct setting){ORIGIN_HOST, config->config_directory, NULL, parameter};
    if (parameter_in(parameter, config->release))
        return default_of(config, parameter);
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
    return default_made_by_service(config, name);
}

/* --- expansion ------------------------------------------------------------------------ */

struct scope {
    const struct config *config;
    const struct service *service;
    bool defaults_only;
};

static enum expand_found find_name(void *context, struct str name, struct str *value)
{
    const struct scope *scope = context;
    struct setting setting = scope->defaults_only
                                 ? config_default_named(scope->config, name)
                                 : config_find_named(scope->config, scope->service, name);

    if (setting.origin == ORIGIN_NONE)
        return EXPAND_UNDEFINED;
    if (setting.value.at == NULL)
        return EXPAND_UNDETERMINED;
    *value = setting.value;
    if (setting.parameter != NULL && setting.parameter->type == PARAMETER_RAW &&
        release_has(scope->config->release, FEATURE_RAW_REFERENCES_KEPT))
        return EXPAND_RAW_TEXT;
    return EXPAND_TEXT;
}

static struct str expand_in(const struct scope *scope, struct str text, int *flags,
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
    return expand_in(&scope, text, flags, error);
}

struct str config_expand_default(const struct config *config, struct str text)
{
    struct scope scope = {.config = config, .defaults_only = true};
    return expand_in(&scope, text, NULL, NULL);
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
