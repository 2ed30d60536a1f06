/* is this a file of a configuration's tables and lists?  See tables.h */
#include <sys/stat.h>

#include "base/path.h"
#include "rules/tables/tables.h"

struct file_search {
    const struct config *config;
    struct stat wanted;
    struct str path; /* STR_NONE until it is found */
};

static void compare_file(struct file_search *search, struct str name)
{
    struct stat status;
    bool inside;

    if (name.len == 0 || name.at[0] != '/' || path_climbs(name))
        return;
    struct str path = config_file(search->config, name, &inside);
    if (inside && stat(path.at, &status) == 0 && status.st_dev == search->wanted.st_dev &&
        status.st_ino == search->wanted.st_ino)
        search->path = path;
}

static void see_table(void *context, const struct used_table *use)
{
    compare_file(context, use->ref->name);
}

static void see_listed(void *context, const struct listed_file *use)
{
    compare_file(context, use->path);
}

struct str tables_find_file(const struct config *config, const char *file)
{
    struct file_search search = {.config = config, .path = STR_NONE};
    struct finding_list list = {0};
    struct check_shared shared = {0};
    struct check check = {
        .config = config, .arena = config->arena, .list = &list, .shared = &shared};

    if (stat(file, &search.wanted) != 0)
        return STR_NONE;
    tables_each(&check, see_table, &search);
    tables_listed_files(&check, see_listed, &search);
    return search.path;
}
