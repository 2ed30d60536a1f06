/* .postmend.yaml, and which platform a configuration is for */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/yaml.h"
#include "cmd/command.h"
#include "parser/files/file.h"
#include "parser/files/write.h"

static const char file_name[] = ".postmend.yaml";

/* fill_setting - unless the command line has it */
static void fill_setting(struct yaml_reader *reader, const struct yaml_value *map, const char *key,
                         struct str *value)
{
    const struct yaml_value *member = yaml_get(map, key);

    if (member != NULL && value->at == NULL)
        *value = yaml_as_text(reader, member);
}

/* find_settings - the file with the settings for PATH; STR_NONE if there is none */
static struct str find_settings(struct arena *arena, struct str path)
{
    struct str inside = arena_printf(arena, "%.*s/%s", STR_ARG(path), file_name);
    const char *slash = memrchr(path.at, '/', path.len);

    if (str_is(path, "-"))
        return STR_NONE;
    if (access(inside.at, F_OK) == 0 || !file_is_missing(errno))
        return inside; /* where it cannot be read, that is said */
    if (errno != ENOTDIR)
        return STR_NONE;
    struct str beside =
        slash == NULL ? str_of(file_name)
                      : arena_printf(arena, "%.*s/%s", (int)(slash - path.at), path.at, file_name);
    return access(beside.at, F_OK) == 0 || !file_is_missing(errno) ? beside : STR_NONE;
}

bool settings_read(struct options *options, struct arena *arena, struct str path, struct str *error)
{
    static const char *const keys[] = {"platform", "hostname", "interfaces",
                                       "users",    "expect",   NULL};
    struct str file = find_settings(arena, path);
    struct yaml_reader reader;

    if (file.at == NULL)
        return true;
    yaml_reader_init(&reader, arena);
    const struct yaml_value *map = yaml_load_file(&reader, file.at);
    if (map != NULL && yaml_only_keys(&reader, map, keys)) {
        fill_setting(&reader, map, "platform", &options->platform);
        fill_setting(&reader, map, "hostname", &options->host.hostname);
        fill_setting(&reader, map, "interfaces", &options->host.interfaces);
        fill_setting(&reader, map, "users", &options->host.users);
        if (yaml_get(map, "expect") != NULL)
            expectation_read(&options->expectations, &reader, yaml_get(map, "expect"));
    }
    if (!reader.failed)
        return true;
    *error = arena_printf(arena, "%.*s: %.*s", STR_ARG(file), STR_ARG(yaml_problem(&reader)));
    return false;
}

static struct str describe_unknown(struct arena *arena, struct str name)
{
    struct str near = facts_nearest_platform(name);

    if (near.at == NULL)
        return arena_printf(arena, "unknown platform \"%.*s\"; \"postmend platforms\" lists them",
                            STR_ARG(name));
    return arena_printf(arena,
                        "unknown platform \"%.*s\"; did you mean \"%.*s\"?  \"postmend "
                        "platforms\" lists them",
                        STR_ARG(name), STR_ARG(near));
}

const struct platform *platform_named(struct arena *arena, struct str name, struct str *error)
{
    struct str problem;
    bool is_file = str_find(name, '/', 0) < name.len || str_ends(name, ".yaml");

    if (!is_file) {
        const struct platform *platform = facts_platform(name);
        if (platform == NULL)
            *error = describe_unknown(arena, name);
        return platform;
    }
    const struct platform *own = facts_load_platform(arena, arena_cstr(arena, name), &problem);
    if (own == NULL)
        *error = arena_printf(arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(problem));
    return own;
}

/* find_documented_version - the "2.10.1" of ".../postfix-2.10.1/README_FILES", or nothing */
static struct str find_documented_version(struct str value)
{
    static const char mark[] = "/postfix-";
    size_t at = str_search(value, mark);
    size_t from = at + sizeof mark - 1;

    if (at == value.len)
        return STR_NONE;
    return str_slice(value, from, str_span_not(value, from, "/ \t"));
}

/* find_documented_platform - the one whose Postfix version is in the paths of the manuals */
static const struct platform *find_documented_platform(const struct config *config,
                                                       const char **parameter)
{
    static const char *const names[] = {"readme_directory", "sample_directory", "html_directory"};
    size_t count;
    const struct platform *platforms = facts_platforms(&count);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct main_cf_entry *entry = main_cf_get(&config->main_cf, str_of(names[i]));
        struct str version = entry ? find_documented_version(entry->value) : STR_NONE;
        for (size_t k = 0; version.len > 0 && k < count; k++)
            if (str_eq(platforms[k].postfix, version)) {
                *parameter = names[i];
                return &platforms[k];
            }
    }
    return NULL;
}

static const struct platform *find_newest_platform(void)
{
    char name[32];
    struct str series = facts_newest_release()->series;

    snprintf(name, sizeof name, "postfix-%.*s", STR_ARG(series));
    return facts_platform(str_of(name));
}

/* open_without_main - for the defaults, which need neither main.cf nor the directory */
static bool open_without_main(struct config *config, struct arena *arena,
                              struct config_input *input)
{
    struct str directory = path_trim_slashes(input->path);
    struct str error;

    input->main_source = source_of(arena, str_of("main.cf"), str_of(""));
    input->master_source =
        source_read(arena, arena_printf(arena, "%.*s/master.cf", STR_ARG(directory)));
    return config_open(config, arena, input, &error);
}

/* open_for_platform - opens PATH for the platform named NAME */
static bool open_for_platform(struct config *config, struct arena *arena, struct options *options,
                              struct read_failure *failure, struct str path, struct str name)
{
    struct config_input input = {.path = path, .host = options->host, .folder = options->folder};
    struct str error = STR_NONE;

    input.failure = failure;
    input.platform = name.at != NULL ? platform_named(arena, name, &error) : find_newest_platform();
    if (input.platform != NULL && config_open(config, arena, &input, &error))
        return true;
    if (input.platform != NULL && options->request.view == POSTCONF_DEFAULT)
        return open_without_main(config, arena, &input);
    command_fail(options, arena, "%.*s", STR_ARG(error));
    return false;
}

bool options_open_folder(struct options *options, struct arena *arena, struct str path)
{
    struct stat status;
    bool directory = stat(arena_cstr(arena, path), &status) == 0 && S_ISDIR(status.st_mode);

    options->failure = (struct read_failure){.path = STR_NONE};
    options->folder =
        folder_open(arena, directory ? path_trim_slashes(path) : path_directory(path));
    struct str why = source_problem(arena, errno);
    if (options->folder == NULL)
        command_fail(options, arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(why));
    return options->folder != NULL;
}

bool options_read_all(const struct options *options, struct arena *arena, struct str *error)
{
    if (options->failure.path.at == NULL)
        return true;
    *error = arena_printf(arena, "%.*s: cannot read: %s; nothing was written",
                          STR_ARG(options->failure.path), strerror(options->failure.reason));
    return false;
}

void command_fail(struct options *options, struct arena *arena, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    options->problem = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    complain(options->command, "%.*s", STR_ARG(options->problem));
}

bool command_recover(struct options *options, struct arena *arena, struct str path)
{
    struct stat status;
    struct str message;

    if (str_is(path, "-"))
        return true;
    bool directory = stat(arena_cstr(arena, path), &status) == 0 && S_ISDIR(status.st_mode);
    enum write_recovery recovery =
        write_recover(arena, directory ? path : path_directory(path), &message);
    if (recovery == RECOVERY_FAILED)
        command_fail(options, arena, "%.*s", STR_ARG(message));
    else if (recovery != RECOVERY_NONE)
        complain(options->command, "%.*s", STR_ARG(message));
    return recovery != RECOVERY_FAILED;
}

bool command_open(struct config *config, struct arena *arena, struct options *options,
                  struct str path, struct str name)
{
    struct options settings = *options;
    struct str error;
    const char *parameter = "";
    struct read_failure *failure = options->folder != NULL ? &options->failure : NULL;

    settings.platform = name;
    if (!command_recover(options, arena, path))
        return false;
    if (!settings_read(&settings, arena, path, &error)) {
        command_fail(options, arena, "%.*s", STR_ARG(error));
        return false;
    }
    options->expectations = settings.expectations;
    if (!open_for_platform(config, arena, &settings, failure, path, settings.platform)) {
        options->problem = settings.problem;
        return false;
    }
    if (name.at != NULL)
        return true;
    if (settings.platform.at != NULL) {
        complain(options->command, "%.*s: assuming %.*s, from %s", STR_ARG(path),
                 STR_ARG(config->platform->name), file_name);
        return true;
    }
    const struct platform *documented = find_documented_platform(config, &parameter);
    if (documented != NULL) {
        config_reinterpret(config, documented, config->host);
        complain(options->command, "%.*s: assuming %.*s, from %s in main.cf", STR_ARG(path),
                 STR_ARG(documented->name), parameter);
    } else {
        complain(options->command,
                 "%.*s: assuming %.*s (the newest known); use --platform to change this",
                 STR_ARG(path), STR_ARG(config->platform->name));
    }
    return true;
}

bool command_open_live(struct config *config, struct arena *arena, struct options *options,
                       struct str path, struct str name)
{
    static const struct str hostname = STR("mail.example.com");
    int flags = 0;

    if (!command_open(config, arena, options, path, name))
        return false;
    config_value(config, NULL, PARAM_MYHOSTNAME, &flags, NULL);
    if ((flags & EXPAND_HAS_UNDETERMINED) == 0)
        return true;
    struct host host = config->host;
    host.hostname = hostname;
    config_reinterpret(config, config->platform, host);
    complain(options->command, "%.*s: assuming the host name %.*s; use --hostname to change this",
             STR_ARG(path), STR_ARG(hostname));
    return true;
}
