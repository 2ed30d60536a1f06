#include "parser/postfix/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "parser/files/file.h"
#include "parser/postfix/kind.h"
#include "parser/postfix/names.h"
#include "parser/text/network.h"
#include "parser/text/token.h"

/* --- reading ------------------------------------------------------------------------- */

/* describe_failure - *ERROR becomes one line that says why PATH cannot be read; returns false */
static bool describe_failure(struct arena *arena, struct str path, struct str *error)
{
    struct str why = source_problem(arena, errno);

    *error = arena_printf(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(why));
    return false;
}

/* is_small - false, with *ERROR: it has more text than any real file, comments apart */
static bool is_small(struct arena *arena, const struct source *source, struct str *error)
{
    if (source->bytes.len <= CONFIG_TEXT_MAX || line_text_size(source) <= CONFIG_TEXT_MAX)
        return true;
    *error = arena_printf(arena,
                          "%.*s: more than %u MiB of settings, comments not counted; move long "
                          "lists to tables",
                          STR_ARG(source->path), CONFIG_TEXT_MAX / (1024 * 1024));
    return false;
}

/* leads_out - is the file a symbolic link to one outside of its directory? */
static bool leads_out(struct arena *arena, struct str path)
{
    struct str directory = path_directory(path);
    char file[PATH_MAX], place[PATH_MAX];

    return realpath(arena_cstr(arena, path), file) != NULL &&
           realpath(directory.len > 0 ? arena_cstr(arena, directory) : ".", place) != NULL &&
           path_below(str_of(file), str_of(place)).at == NULL;
}

/* is_foreign - does a link lead to a file that is none of Postfix's, such as /etc/shadow?  Nothing
   of it may be printed */
static bool is_foreign(struct arena *arena, const struct source *source,
                       const struct problem_list *problems, struct str *error)
{
    bool readable = true;

    for (size_t i = 0; i < problems->count && readable; i++)
        readable = !problems->items[i].fatal;
    if (readable || !leads_out(arena, source->path))
        return false;
    *error = arena_printf(
        arena, "%.*s: a symbolic link to a file elsewhere that Postfix cannot read either",
        STR_ARG(source->path));
    return true;
}

static bool parse_main(struct config *config, const struct source *source, struct str *error)
{
    if (!is_small(config->arena, source, error))
        return false;
    main_cf_parse(&config->main_cf, config->arena, source);
    return !is_foreign(config->arena, source, &config->main_cf.problems, error);
}

static bool parse_master(struct config *config, const struct source *source, struct str *error)
{
    if (!is_small(config->arena, source, error))
        return false;
    master_cf_parse(&config->master_cf, config->arena, source);
    return !is_foreign(config->arena, source, &config->master_cf.problems, error);
}

/* read_own - a file of the opened directory, NAME in it */
static const struct source *read_own(const struct config *config, struct arena *arena,
                                     struct str name, struct str path)
{
    const struct source *source = config->folder != NULL
                                      ? folder_read(config->folder, arena, name, path)
                                      : source_read(arena, path);

    if (source == NULL && config->failure != NULL && config->failure->path.at == NULL &&
        !file_is_missing(errno))
        *config->failure = (struct read_failure){arena_copy(config->arena, path), errno};
    return source;
}

static const struct source *read_file(struct config *config, const char *name)
{
    struct str directory = path_trim_slashes(config->path);

    config->directory = directory;
    return read_own(config, config->arena, str_of(name),
                    arena_printf(config->arena, "%.*s%s%s", STR_ARG(directory),
                                 str_is(directory, "/") ? "" : "/", name));
}

/* open_main_beside - the main.cf in the directory of a master.cf; false where it cannot be read */
static bool open_main_beside(struct config *config, struct str *error)
{
    struct str path = arena_printf(config->arena, "%.*s%smain.cf", STR_ARG(config->directory),
                                   str_is(config->directory, "/") ? "" : "/");
    const struct source *source = read_own(config, config->arena, str_of("main.cf"), path);

    if (source == NULL)
        return errno == ENOENT || describe_failure(config->arena, path, error);
    return parse_main(config, source, error);
}

static bool open_file(struct config *config, struct str path, struct str *error)
{
    bool standard_input = str_is(path, "-");
    const struct source *source = read_own(config, config->arena, path_base(path), path);

    if (source == NULL)
        return describe_failure(config->arena, path, error);
    config->directory = standard_input ? str_slice(path, 0, 0) : path_directory(path);
    switch (file_kind(config->arena, source)) {
    case FILE_MAIN_CF:
        return parse_main(config, source, error);
    case FILE_MASTER_CF:
        if (!parse_master(config, source, error))
            return false;
        config->only = source->path;
        return standard_input || open_main_beside(config, error);
    case FILE_OTHER:
        break;
    }
    *error = arena_printf(config->arena,
                          "%.*s: not recognized as main.cf or master.cf, neither by its name nor "
                          "by its content",
                          STR_ARG(path));
    return false;
}

static bool open_directory(struct config *config, struct str *error)
{
    const struct source *main_source = read_file(config, "main.cf");
    int main_errno = errno;
    const struct source *master_source = read_file(config, "master.cf");

    if (main_source == NULL && main_errno != ENOENT) {
        errno = main_errno;
        return describe_failure(
            config->arena, arena_printf(config->arena, "%.*s/main.cf", STR_ARG(config->directory)),
            error);
    }
    if (master_source == NULL && errno != ENOENT)
        return describe_failure(
            config->arena,
            arena_printf(config->arena, "%.*s/master.cf", STR_ARG(config->directory)), error);
    if (main_source == NULL && master_source == NULL) {
        *error = arena_printf(config->arena,
                              "%.*s: contains neither main.cf nor master.cf; give a Postfix "
                              "configuration directory",
                              STR_ARG(config->path));
        return false;
    }
    return (main_source == NULL || parse_main(config, main_source, error)) &&
           (master_source == NULL || parse_master(config, master_source, error));
}

/* number_entries - sets by_number, the entry that counts for each parameter */
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

/* parse_sources - parses files that are already in memory */
static void parse_sources(struct config *config, const struct config_input *input)
{
    config->directory = path_trim_slashes(input->path);
    config->files = input->files;
    config->file_count = input->file_count;
    if (input->main_source != NULL)
        main_cf_parse(&config->main_cf, config->arena, input->main_source);
    if (input->master_source != NULL)
        master_cf_parse(&config->master_cf, config->arena, input->master_source);
}

/* read_path - a directory or a file */
static bool read_path(struct config *config, struct str path, struct str *error)
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

void config_read_as_postconf(struct config *config)
{
    config->config_directory = config->path;
    master_cf_read_as_postconf(&config->master_cf, config->arena);
    names_build(config);
}

bool config_open(struct config *config, struct arena *arena, const struct config_input *input,
                 struct str *error)
{
    *config = (struct config){
        .arena = arena, .path = input->path, .folder = input->folder, .failure = input->failure};
    if (input->main_source != NULL || input->master_source != NULL)
        parse_sources(config, input);
    else if (!read_path(config, input->path, error))
        return false;
    number_entries(config);
    config->asking_host = arena_alloc(arena, HOST_DEFAULT_COUNT * sizeof *config->asking_host);
    config->kept = arena_alloc(arena, sizeof *config->kept);
    config->expansion_left = arena_alloc(arena, sizeof *config->expansion_left);
    *config->expansion_left = EXPAND_TOGETHER_MAX;
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
    struct buffer file;
    buffer_init(&file, config->arena);
    buffer_reserve(&file, config->directory.len + name.len + 2);
    buffer_add(&file, config->directory);
    buffer_add_char(&file, '/');
    buffer_add(&file, name);
    return buffer_text(&file);
}

bool config_is_own(const struct config *config)
{
    struct str own = config->platform->config_directory;

    return own.len > 0 && str_eq(config->directory, own);
}

bool config_owns_file(const struct config *config, struct str path, struct str *file)
{
    bool inside;

    *file = config_file(config, path, &inside);
    return config_is_own(config) ||
           ((inside || path_below(path, config->directory).at != NULL) && !path_climbs(path));
}

/* read_once - as config_read(), from the disk or the files in memory */
static const struct source *read_once(const struct config *config, struct arena *arena,
                                      struct str file)
{
    struct str name = path_below(file, config->directory);

    if (config->files == NULL && name.at != NULL)
        return read_own(config, arena, name, file);
    if (config->files == NULL || name.at == NULL)
        return source_read(arena, file);
    for (size_t i = 0; i < config->file_count; i++)
        if (str_eq(config->files[i]->path, name))
            return config->files[i];
    errno = ENOENT;
    return NULL;
}

void config_keep(const struct config *config)
{
    if (config->kept->arena == NULL)
        map_init(config->kept, config->arena);
}

/* what reading a file gave */
struct kept_file {
    const struct source *source; /* or NULL */
    int reason;                  /* an errno, where SOURCE is NULL */
};

const struct source *config_read(const struct config *config, struct arena *arena, struct str file)
{
    if (config->kept->arena == NULL)
        return read_once(config, arena, file);
    struct kept_file *kept = map_get(config->kept, file);
    if (kept == NULL) {
        file = arena_copy(config->arena, file);
        kept = arena_alloc(config->arena, sizeof *kept);
        kept->source = read_once(config, config->arena, file);
        kept->reason = errno;
        map_put(config->kept, file, kept);
    }
    if (kept->source == NULL)
        errno = kept->reason;
    return kept->source;
}

bool config_chroots(const struct config *config, const struct service *service)
{
    static const char first_level_without[] = "1"; /* src/global/mail_params.h, COMPAT_LEVEL_1 */
    struct str field = service->fields[MASTER_CHROOT];

    if (!str_is(field, "-"))
        return str_is(field, "y");
    if (!platform_has(config->platform, facts_parameter_at(PARAM_COMPATIBILITY_LEVEL)))
        return true;
    struct str level = config_value(config, NULL, PARAM_COMPATIBILITY_LEVEL, NULL, NULL);
    return compatibility_level(level) < compatibility_level(str_of(first_level_without));
}

bool config_is_local(const struct config *config, const struct service *service)
{
    int flags;
    struct str rest = config_value(config, NULL, PARAM_INET_INTERFACES, &flags, NULL), word;
    bool any = false;

    if (service->host.len > 0)
        return network_is_loopback_host(service->host);
    if (rest.at == NULL || flags != 0)
        return false;
    while (token_next_plain(&rest, TOKEN_COMMAS, &word)) {
        if (!network_is_loopback_host(word))
            return false;
        any = true;
    }
    return any;
}
