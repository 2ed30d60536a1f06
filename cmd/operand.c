#include "cmd/operand.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "parser/postfix/kind.h"
#include "parser/sendmail/cf.h"
#include "rules/tables/tables.h"

enum { ABOVE_MAX = 3 }; /* directories that are searched for main.cf: /etc/postfix/maps/virtual */

/* find_directory - of the main.cf beside the file PATH, or above it; STR_NONE if there is none */
static struct str find_directory(struct arena *arena, struct str path)
{
    struct str directory = path_directory(path);

    for (int i = 0; i < ABOVE_MAX; i++) {
        if (access(arena_printf(arena, "%.*s/main.cf", STR_ARG(directory)).at, F_OK) == 0)
            return directory;
        struct str above = path_directory(directory);
        if (above.len >= directory.len || str_is(above, "."))
            break;
        directory = above;
    }
    return STR_NONE;
}

static bool is_mc(struct str path, struct str name)
{
    return str_ends(path, ".mc") && !str_is(name, "main.cf") && !str_is(name, "master.cf");
}

enum operand_kind operand_kind(struct arena *arena, struct str path, struct str *error)
{
    struct str name = path_base(path);
    struct stat status;

    if (str_is(path, "-") || stat(arena_cstr(arena, path), &status) != 0 ||
        !S_ISREG(status.st_mode))
        return OPERAND_CONFIG;
    if (is_mc(path, name))
        return OPERAND_SENDMAIL;
    const struct source *source = source_read(arena, path);
    if (source == NULL || str_is(name, "main.cf") || str_is(name, "master.cf"))
        return OPERAND_CONFIG;
    if (file_is_own_copy(name)) {
        *error = arena_printf(arena,
                              "%.*s: not checked: a copy that postmend made; give it another name",
                              STR_ARG(path));
        return OPERAND_UNKNOWN;
    }
    if (sendmail_cf_is(source->bytes))
        return OPERAND_SENDMAIL;
    if (file_kind(arena, source) != FILE_OTHER)
        return OPERAND_CONFIG;
    if (find_directory(arena, path).at != NULL)
        return OPERAND_TABLE;
    *error = arena_printf(arena,
                          "%.*s: not recognized as main.cf, master.cf, sendmail.mc or sendmail.cf; "
                          "a lookup table needs the main.cf that uses it beside it",
                          STR_ARG(path));
    return OPERAND_UNKNOWN;
}

/* find_table - sets config->only; on false it has printed that PATH is not a table of CONFIG */
static bool find_table(struct config *config, struct arena *arena, struct options *options,
                       struct str path)
{
    config->only = tables_find_file(config, arena_cstr(arena, path));
    if (config->only.at != NULL)
        return true;
    command_fail(options, arena,
                 "%.*s: not recognized as main.cf, master.cf, sendmail.mc or sendmail.cf, and "
                 "%.*s/main.cf names no such file in a lookup table or a list",
                 STR_ARG(path), STR_ARG(config->directory));
    return false;
}

bool operand_open_table(struct config *config, struct arena *arena, struct options *options,
                        struct str path)
{
    struct str directory = find_directory(arena, path);

    return (!options->fix || options_open_folder(options, arena, directory)) &&
           command_open(config, arena, options, directory, options->platform) &&
           find_table(config, arena, options, path);
}

/* open_quietly - which platform is assumed is said when the files are checked */
static bool open_quietly(struct config *config, struct arena *arena, struct options *options,
                         struct str path)
{
    struct config_input input = {.path = path};
    struct str error;
    struct str newest =
        arena_printf(arena, "postfix-%.*s", STR_ARG(facts_newest_release()->series));

    if (!command_recover(options, arena, path))
        return false;
    input.platform =
        platform_named(arena, options->platform.at != NULL ? options->platform : newest, &error);
    if (input.platform != NULL && config_open(config, arena, &input, &error))
        return true;
    command_fail(options, arena, "%.*s", STR_ARG(error));
    return false;
}

bool operand_is_known(struct arena *arena, struct options *options, struct str path)
{
    struct config config;
    struct str error;

    switch (operand_kind(arena, path, &error)) {
    case OPERAND_SENDMAIL:
        return true;
    case OPERAND_CONFIG:
        return open_quietly(&config, arena, options, path);
    case OPERAND_TABLE:
        return open_quietly(&config, arena, options, find_directory(arena, path)) &&
               find_table(&config, arena, options, path);
    case OPERAND_UNKNOWN:
        break;
    }
    command_fail(options, arena, "%.*s", STR_ARG(error));
    return false;
}
