/* write_stage - the new contents, before any of them is at its place; see write.h */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "parser/files/file.h"
#include "parser/files/write_set.h"

/* how a new file is made */
struct staging {
    struct str bytes;
    write_make *make; /* in place of bytes, or NULL */
    void *context;
    unsigned mode;
    int like; /* an open file whose metadata it gets, or -1 */
    const struct stat *status;
    bool *kept; /* NULL: its owner and group must be kept */
};

static bool is_listed(const struct write_set *set, struct str name)
{
    for (size_t i = 0; i < set->file_count; i++) {
        if (str_eq(set->files[i].name, name))
            return true;
    }
    return false;
}

/* keep_metadata - NULL, or what went wrong */
static const char *keep_metadata(struct write_set *set, const struct staging *staging, int fd)
{
    if (staging->like < 0)
        return NULL;
    const char *wrong = file_keep_metadata(set->arena, staging->like, fd, staging->status);
    if (wrong == NULL || staging->kept == NULL || errno != EPERM)
        return wrong;
    /* without its group, the file is for nobody but its owner and those whom everybody includes */
    mode_t others = staging->status->st_mode & 07;
    *staging->kept = false;
    return fchmod(fd, (staging->status->st_mode & 0700) | others << 3 | others) == 0
               ? NULL
               : "cannot keep its mode";
}

/* write_waiting - all that is in the buffer, unless an error came before */
static void write_waiting(struct write_stream *stream)
{
    if (stream->error == 0 && !file_write(stream->fd, buffer_str(&stream->out)))
        stream->error = errno;
    stream->out.len = 0;
}

void write_stream(struct write_stream *stream)
{
    enum { WAITING_MAX = 64 * 1024 };

    if (stream->out.len >= WAITING_MAX)
        write_waiting(stream);
}

/* write_content - false with errno set */
static bool write_content(struct write_set *set, const struct staging *staging, int fd)
{
    struct write_stream stream = {.fd = fd};

    if (staging->make == NULL)
        return file_write(fd, staging->bytes);
    buffer_init(&stream.out, set->arena);
    staging->make(staging->context, &stream);
    write_waiting(&stream);
    buffer_give_back(&stream.out);
    errno = stream.error;
    return stream.error == 0;
}

/* fill - the new content and the metadata into the new file FD, which it closes */
static bool fill(struct write_set *set, struct write_file *file, const struct staging *staging,
                 int fd, struct str *error)
{
    const char *wrong = write_content(set, staging, fd) ? NULL : "cannot write";

    if (wrong == NULL)
        wrong = keep_metadata(set, staging, fd);
    if (wrong == NULL && (fsync(fd) != 0 || fstat(fd, &file->staged) != 0))
        wrong = "cannot write";
    if (wrong != NULL)
        write_fail(set, file->name, wrong, error);
    if (close(fd) != 0 && errno != EINTR && wrong == NULL) {
        wrong = "cannot write";
        write_fail(set, file->name, wrong, error);
    }
    return wrong == NULL;
}

/* find_place - where the new content is written: in the journal, or at its name in a new directory
 */
static int find_place(const struct write_set *set, const struct write_file *file, const char **name)
{
    *name = set->journal >= 0 ? file->slot : file->base;
    return set->journal >= 0 ? set->journal : write_directory_fd(set, file);
}

static void keep_file(struct write_set *set, struct write_file file)
{
    set->files = arena_grow(set->arena, set->files, set->file_count, &set->file_capacity,
                            sizeof(*set->files));
    set->files[set->file_count++] = file;
}

/* stage - writes the new content; only its owner can read it until it has its mode */
static bool stage(struct write_set *set, struct write_file *file, const struct staging *staging,
                  struct str *error)
{
    const char *name;
    int directory = find_place(set, file, &name);
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    staging->like >= 0 ? 0600 : (mode_t)staging->mode);

    if (fd < 0)
        return write_fail(set, file->name, "cannot write", error);
    if (fill(set, file, staging, fd, error)) {
        keep_file(set, *file);
        return true;
    }
    unlinkat(directory, name, 0);
    return false;
}

/* begin_file - checks NAME, and opens its directory */
static bool begin_file(struct write_set *set, struct write_file *file, struct str name,
                       enum write_mode how, struct str *error)
{
    *file = (struct write_file){
        .name = arena_copy(set->arena, name), .how = how, .old_bytes = STR_NONE};
    errno = EINVAL;
    if (is_listed(set, name)) {
        write_fail(set, name, "cannot be written twice", error);
        return false;
    }
    file->slot = arena_printf(set->arena, "%zu.new", set->file_count).at;
    return write_open_directories(set, file, error);
}

/* open_old - the old file, or -1; false: it cannot be replaced */
static bool open_old(struct write_set *set, struct write_file *file, int *old, struct str *error)
{
    int directory = write_directory_fd(set, file);

    *old = -1;
    errno = ENOENT;
    if (directory >= 0)
        *old = file_open_regular(directory, file->base, &file->before);
    file->exists = *old >= 0;
    if (file->exists || errno == ENOENT)
        return true;
    write_detect_link(directory, file->base);
    return write_fail(set, file->name, "cannot be replaced", error);
}

bool write_fail_changed(const struct write_set *set, const struct write_file *file,
                        struct str *error)
{
    errno = 0;
    return write_fail(set, file->name,
                      "was changed by another process after postmend had read it; nothing was "
                      "written",
                      error);
}

/* check_old - is the old file, if there is one, what it must be?  WAS may be STR_NONE */
static bool check_old(struct write_set *set, struct write_file *file, int old, struct str was,
                      struct str *error)
{
    errno = EEXIST;
    if (file->exists && file->how == WRITE_NEW)
        return write_fail(set, file->name, "is not overwritten", error);
    if (!file->exists)
        return was.at == NULL || write_fail_changed(set, file, error);
    const struct source *source = source_read_open(set->arena, old, file->name);
    if (source == NULL)
        return write_fail(set, file->name, "cannot read", error);
    file->old_bytes = source->bytes;
    return was.at == NULL || str_eq(was, source->bytes) || write_fail_changed(set, file, error);
}

/* add - WAS: what was read before, or STR_NONE */
static bool add(struct write_set *set, struct str name, struct str was, struct staging staging,
                enum write_mode how, struct str *error)
{
    struct write_file file;
    int old;

    if (!begin_file(set, &file, name, how, error) || !open_old(set, &file, &old, error))
        return false;
    if (file.exists) {
        staging.like = old;
        staging.status = &file.before;
    }
    bool staged = check_old(set, &file, old, was, error) && stage(set, &file, &staging, error);
    if (old >= 0)
        close(old);
    return staged;
}

bool write_add(struct write_set *set, struct str name, struct str bytes, unsigned mode,
               enum write_mode how, struct str *error)
{
    return add(set, name, STR_NONE, (struct staging){.bytes = bytes, .mode = mode, .like = -1}, how,
               error);
}

bool write_add_made(struct write_set *set, struct str name, unsigned mode, write_make *make,
                    void *context, struct str *error)
{
    return add(set, name, STR_NONE,
               (struct staging){.make = make, .context = context, .mode = mode, .like = -1},
               WRITE_NEW, error);
}

bool write_add_changed(struct write_set *set, struct str name, struct str was, struct str bytes,
                       enum write_mode how, struct str *error)
{
    return add(set, name, was, (struct staging){.bytes = bytes, .like = -1, .mode = 0600}, how,
               error);
}

bool write_add_copy(struct write_set *set, struct str name, struct str bytes, int like,
                    const struct stat *status, bool *kept, struct str *error)
{
    return add(set, name, STR_NONE,
               (struct staging){.bytes = bytes, .like = like, .status = status, .kept = kept},
               WRITE_NEW, error);
}

bool write_add_directory(struct write_set *set, struct str name, int like,
                         const struct stat *status, struct str *error)
{
    struct write_file inside = {.name = name.len == 0
                                            ? (struct str)STR("x")
                                            : arena_printf(set->arena, "%.*s/x", STR_ARG(name))};
    struct stat own = *status;

    if (!write_open_directories(set, &inside, error))
        return false;
    int fd = write_directory_fd(set, &inside);
    /* in a root that exists, directories are made by the commit, and like any new one */
    if (set->journal >= 0 || fd < 0)
        return true;
    own.st_mode |= 0700; /* files are still to be written there */
    const char *wrong = file_keep_metadata(set->arena, like, fd, &own);
    if (wrong == NULL)
        return true;
    if (errno != EPERM)
        return write_fail(set, name, wrong, error);
    mode_t others = own.st_mode & 07;
    return fchmod(fd, (own.st_mode & 0700) | others << 3 | others) == 0 ||
           write_fail(set, name, "cannot keep its mode", error);
}

bool write_add_link(struct write_set *set, struct str name, struct str target, struct str *error)
{
    struct write_file file;
    const char *place;

    if (!begin_file(set, &file, name, WRITE_NEW, error))
        return false;
    int directory = find_place(set, &file, &place);
    if (symlinkat(arena_cstr(set->arena, target), directory, place) != 0 ||
        fstatat(directory, place, &file.staged, AT_SYMLINK_NOFOLLOW) != 0)
        return write_fail(set, name, "cannot write", error);
    keep_file(set, file);
    return true;
}
