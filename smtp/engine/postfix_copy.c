/* postfix_copy - the private copy of a configuration directory, and the catcher */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/text/source.h"
#include "smtp/engine/postfix_config.h"

enum {
    COPY_DEPTH_MAX = 8,
    COPY_FILES_MAX = 20000,
    COPY_SIZE_MAX = 64 << 20, /* of one file */
};

/* --- copying ------------------------------------------------------------------------- */

struct copy {
    const struct postfix *postfix;
    size_t files;
    struct str problem; /* why the copy is not whole; empty: it is */
};

static void copy_file(struct copy *copy, const char *from, const char *below, mode_t mode)
{
    struct arena *arena = copy->postfix->arena;
    const struct source *source = source_read(arena, str_of(from));

    if (source == NULL)
        return;
    struct str text = source->bytes;
    /* a file with a NUL is a database, which has no paths to change */
    if (str_find(text, '\0', 0) == text.len)
        text = postfix_map_paths(copy->postfix, text);
    postfix_write_file(copy->postfix, below, text, 0640 | (mode & 0111));
}

/* check_limits - false, with a problem: PATH is not copied */
static bool check_limits(struct copy *copy, const char *path, const struct stat *status, int depth)
{
    struct arena *arena = copy->postfix->arena;

    if (++copy->files > COPY_FILES_MAX)
        copy->problem =
            arena_printf(arena, "%.*s has more than %d files",
                         STR_ARG(copy->postfix->request->config->directory), COPY_FILES_MAX);
    else if (S_ISREG(status->st_mode) && status->st_size > COPY_SIZE_MAX)
        copy->problem = arena_printf(arena, "%s is larger than %d MB", path, COPY_SIZE_MAX >> 20);
    else if (S_ISDIR(status->st_mode) && depth >= COPY_DEPTH_MAX)
        copy->problem = arena_printf(arena, "%s: more than %d directories inside each other", path,
                                     COPY_DEPTH_MAX);
    return copy->problem.len == 0;
}

/* copy_directory - without files that cannot be read, as Postfix could not read them either */
static void copy_directory(struct copy *copy, const char *from, const char *below, int depth)
{
    struct arena *arena = copy->postfix->arena;
    DIR *directory = opendir(from);
    struct dirent *entry;
    struct stat status;

    while (directory != NULL && copy->problem.len == 0 && (entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const char *path = arena_printf(arena, "%s/%s", from, entry->d_name).at;
        const char *to = arena_printf(arena, "%s/%s", below, entry->d_name).at;
        bool link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
        if (stat(path, &status) != 0 || (link && S_ISDIR(status.st_mode)) ||
            !check_limits(copy, path, &status, depth))
            continue;
        if (S_ISREG(status.st_mode)) {
            copy_file(copy, path, to, status.st_mode);
        } else if (S_ISDIR(status.st_mode)) {
            const char *made = postfix_outside(copy->postfix, to).at;
            if (mkdir(made, 0750) == 0 && chown(made, 0, copy->postfix->installed.owner_group) == 0)
                copy_directory(copy, path, to, depth + 1);
        }
    }
    if (directory != NULL)
        closedir(directory);
}

/* --- the catcher --------------------------------------------------------------------- */

/* write_catcher - a program for all deliveries, which keeps the message with its envelope */
static bool write_catcher(const struct postfix *postfix)
{
    struct str mail = postfix_inside(postfix, "/mail");
    struct str text = arena_printf(
        postfix->arena,
        "#!/bin/sh\n"
        "# transport nexthop sender recipient...\n"
        "umask 077\n"
        "name=$(date +%%s).$$\n"
        "{\n"
        "    printf 'X-Livetest-Transport: %%s\\nX-Livetest-Nexthop: %%s\\n' \"$1\" \"$2\"\n"
        "    printf 'X-Livetest-Sender: <%%s>\\n' \"$3\"\n"
        "    shift 3\n"
        "    printf 'X-Livetest-Recipient: <%%s>\\n' \"$@\"\n"
        "    cat\n"
        "} >'%.*s/tmp/'\"$name\" && mv '%.*s/tmp/'\"$name\" '%.*s/new/'\"$name\" || exit 75\n",
        STR_ARG(mail), STR_ARG(mail), STR_ARG(mail));

    return postfix_write_file(postfix, "/catch", text, 0755);
}

bool postfix_write_files(struct postfix *postfix, struct str *error)
{
    const struct config *config = postfix->request->config;
    struct copy copy = {.postfix = postfix, .problem = STR("")};

    if (config->directory.len > 0)
        copy_directory(&copy, arena_cstr(postfix->arena, config->directory), "/config", 0);
    if (copy.problem.len > 0) {
        *error = copy.problem;
        return false;
    }
    /* certificates are overrides in master.cf, which is written first */
    if (postfix_write_file(postfix, "/config/master.cf", postfix_master_cf(postfix), 0640) &&
        postfix_write_file(postfix, "/config/main.cf", postfix_main_cf(postfix), 0640) &&
        write_catcher(postfix)) {
        postfix_build_tables(postfix);
        return true;
    }
    *error = arena_printf(postfix->arena, "cannot write the configuration of Postfix: %s",
                          strerror(errno));
    return false;
}
