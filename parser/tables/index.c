#include "parser/tables/index.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

enum { MARK_SIZE = 4, HEAD_SIZE = 64 };

/* the first bytes of a file, and how many there are in all */
struct head {
    char bytes[HEAD_SIZE];
    size_t count;
    off_t size;
};

/* open_file - through the folder of the configuration, if it has one */
static int open_file(struct arena *arena, const struct config *config, struct str path)
{
    enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };
    struct str name = path_below(path, config->directory);

    if (config->folder != NULL && name.at != NULL)
        return folder_open_name(config->folder->fd, arena_cstr(arena, name), FLAGS,
                                FOLDER_LINKS_INSIDE);
    return open(arena_cstr(arena, path), FLAGS);
}

/* read_head - false where it cannot be read; a database may be large, and is not read as a whole */
static bool read_head(struct arena *arena, const struct config *config, struct str path,
                      struct head *head)
{
    struct stat status;

    if (config->files != NULL)
        return false;
    int file = open_file(arena, config, path);
    if (file < 0)
        return false;
    ssize_t count = fstat(file, &status) == 0 && S_ISREG(status.st_mode)
                        ? read(file, head->bytes, sizeof head->bytes)
                        : -1;
    close(file);
    head->count = count > 0 ? (size_t)count : 0;
    head->size = status.st_size;
    return count >= 0;
}

/* has_mark - in the order of bytes of this machine, or of another */
static bool has_mark(const struct head *head, const struct table_type *type)
{
    unsigned char mark[MARK_SIZE];
    const char *at = head->bytes + type->magic_at;
    bool same = true, reversed = true;

    if (head->count < (size_t)type->magic_at + MARK_SIZE ||
        type->magic.len != 2 * (size_t)MARK_SIZE)
        return false;
    for (size_t i = 0; i < MARK_SIZE; i++) {
        char digits[3] = {type->magic.at[2 * i], type->magic.at[2 * i + 1], '\0'};
        mark[i] = (unsigned char)strtoul(digits, NULL, 16);
        same = same && (unsigned char)at[i] == mark[i];
        reversed = reversed && (unsigned char)at[MARK_SIZE - 1 - i] == mark[i];
    }
    return same || reversed;
}

bool index_valid(struct arena *arena, const struct config *config, const struct table_type *type,
                 struct str name, struct str *file, bool *exits)
{
    struct head head;
    struct str path;

    if ((type->magic.len == 0 && type->smallest == 0) || name.len == 0 || name.at[0] != '/')
        return true;
    *file = arena_printf(arena, "%.*s%.*s", STR_ARG(name), STR_ARG(type->extension));
    if (!config_owns_file(config, *file, &path) || !read_head(arena, config, path, &head))
        return true;
    *exits = type->magic.len == 0;
    return type->magic.len > 0 ? has_mark(&head, type) : head.size >= type->smallest;
}
