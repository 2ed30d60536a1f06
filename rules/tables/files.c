/* the files of lookup tables; see tables.h */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "rules/tables/tables.h"

static bool is_directory(const char *path, struct stat *status)
{
    return stat(path, status) == 0 && S_ISDIR(status->st_mode);
}

/* the directory that was opened */
struct opened_place {
    bool is_directory;
    bool is_live;     /* the one that the platform's Postfix reads */
    const char *root; /* its path without links; NULL: it has none */
};

static const struct opened_place *find_place(const struct check *check)
{
    const struct config *config = check->config;
    struct stat opened, live;

    if (check->shared->place != NULL)
        return check->shared->place;
    struct opened_place *place = arena_alloc(check->arena, sizeof *place);
    check->shared->place = place;
    if (config->directory.len == 0)
        return place;
    const char *directory = arena_cstr(check->arena, config->directory);
    place->is_directory = is_directory(directory, &opened);
    place->is_live =
        place->is_directory &&
        is_directory(arena_cstr(check->arena, config->platform->config_directory), &live) &&
        opened.st_dev == live.st_dev && opened.st_ino == live.st_ino;
    char *root = realpath(directory, NULL);
    place->root = root != NULL ? arena_cstr(check->arena, str_of(root)) : NULL;
    free(root);
    return place;
}

bool tables_is_live(const struct check *check)
{
    return find_place(check)->is_live;
}

enum table_file_state tables_look(const struct check *check, struct str path, struct str extension,
                                  bool *inside)
{
    const struct config *config = check->config;
    struct stat status;
    bool below = false;

    if (inside != NULL)
        *inside = false;
    if (path.len == 0 || path.at[0] != '/' || path_climbs(path) || config->directory.len == 0)
        return TABLE_FILE_UNKNOWN;
    struct str full = extension.len == 0 ? path
                                         : arena_printf(check->arena, "%.*s%.*s", STR_ARG(path),
                                                        STR_ARG(extension));
    const char *file = config_file(config, full, &below).at;
    if (inside != NULL)
        *inside = below;
    if (!find_place(check)->is_directory)
        return TABLE_FILE_UNKNOWN;
    if (!below && !tables_is_live(check))
        return TABLE_FILE_UNKNOWN;
    if (stat(file, &status) == 0)
        return TABLE_FILE_PRESENT;
    return errno == ENOENT || errno == ENOTDIR ? TABLE_FILE_ABSENT : TABLE_FILE_UNKNOWN;
}

/* stays_inside - is the file below the directory after links are followed? */
static bool stays_inside(const struct check *check, const char *file)
{
    const char *root = find_place(check)->root;
    char *real = realpath(file, NULL);
    size_t length = root != NULL ? strlen(root) : 0;
    bool stays = root != NULL && real != NULL && strncmp(real, root, length) == 0 &&
                 (real[length] == '/' || strcmp(root, "/") == 0);

    free(real);
    return stays;
}

const struct source *tables_read(const struct check *check, struct str path)
{
    struct stat status;
    bool inside;

    if (tables_look(check, path, (struct str)STR(""), &inside) != TABLE_FILE_PRESENT || !inside)
        return NULL;
    struct str file = config_file(check->config, path, NULL);
    if (check->config->folder != NULL)
        return config_read(check->config, check->arena, file);
    if (!stays_inside(check, file.at) || stat(file.at, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    return source_read(check->arena, file);
}

bool tables_too_large(const struct check *check, struct str path)
{
    struct stat status;
    bool inside;

    return tables_look(check, path, (struct str)STR(""), &inside) == TABLE_FILE_PRESENT && inside &&
           stat(config_file(check->config, path, NULL).at, &status) == 0 &&
           S_ISREG(status.st_mode) && status.st_size > (off_t)SOURCE_SIZE_MAX;
}

int tables_unreadable(const struct check *check, struct str path)
{
    struct stat status;
    bool inside;

    if (tables_look(check, path, (struct str)STR(""), &inside) != TABLE_FILE_PRESENT || !inside)
        return 0;
    const char *file = config_file(check->config, path, NULL).at;
    if (stat(file, &status) != 0 || !S_ISREG(status.st_mode) || access(file, R_OK) == 0)
        return 0;
    return errno;
}

struct str tables_identity(const struct check *check, struct str path)
{
    struct stat status;

    if (stat(config_file(check->config, path, NULL).at, &status) != 0)
        return path;
    return arena_printf(check->arena, "%ju:%ju", (uintmax_t)status.st_dev,
                        (uintmax_t)status.st_ino);
}
