#include "parser/text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* read_some - read(2) that retries after signals and waits on a non-blocking descriptor */
static ssize_t read_some(int fd, char *at, size_t size)
{
    for (;;) {
        ssize_t got = read(fd, at, size);
        if (got >= 0)
            return got;
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = fd, .events = POLLIN};
            if (poll(&wait, 1, -1) >= 0)
                continue;
        }
        if (errno != EINTR)
            return -1;
    }
}

/* read_rest - adds everything up to the end of FD */
static bool read_rest(int fd, struct buffer *bytes)
{
    char chunk[64 * 1024];

    for (;;) {
        ssize_t got = read_some(fd, chunk, sizeof(chunk));
        if (got <= 0)
            return got == 0;
        if ((size_t)got > SOURCE_SIZE_MAX - bytes->len) {
            errno = EFBIG;
            return false;
        }
        buffer_add(bytes, (struct str){chunk, (size_t)got});
    }
}

/* read_unsized - for pipes, and for files whose size is not what fstat(2) said */
static bool read_unsized(struct arena *arena, int fd, struct str start, struct str *bytes)
{
    struct buffer buffer;

    buffer_init(&buffer, arena);
    buffer_add(&buffer, start);
    if (!read_rest(fd, &buffer))
        return false;
    buffer_add_char(&buffer, '\0');
    *bytes = buffer_str(&buffer);
    bytes->len--;
    return true;
}

/*
 * read_regular - the common case: one read.  It asks for one byte more than the
 * size of the file, so that a short answer proves its end.
 */
static bool read_regular(struct arena *arena, int fd, size_t size, struct str *bytes)
{
    if (size > SOURCE_SIZE_MAX) {
        errno = EFBIG;
        return false;
    }
    char *at = arena_alloc_raw(arena, size + 1);
    ssize_t got = read_some(fd, at, size + 1);
    if (got < 0)
        return false;
    if ((size_t)got != size)
        return read_unsized(arena, fd, (struct str){at, (size_t)got}, bytes);
    at[size] = '\0';
    *bytes = (struct str){at, size};
    return true;
}

static bool read_open(struct arena *arena, int fd, struct str *bytes)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (S_ISREG(status.st_mode))
        return read_regular(arena, fd, (size_t)status.st_size, bytes);
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    /* standard input is waited for, even if it is a pipe or a terminal */
    if (fd == STDIN_FILENO)
        return read_unsized(arena, fd, STR_NONE, bytes);
    errno = EINVAL;
    return false;
}

static bool read_path(struct arena *arena, const char *path, struct str *bytes)
{
    /* O_NONBLOCK: a FIFO without a writer must not block before fstat can refuse it */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    bool read = read_open(arena, fd, bytes);
    int error = errno;
    close(fd);
    errno = error;
    return read;
}

const struct source *source_read(struct arena *arena, struct str path)
{
    struct str name = arena_copy(arena, path);
    struct str bytes;

    if (name.len == 0 || memchr(name.at, '\0', name.len) != NULL) {
        errno = ENOENT;
        return NULL;
    }
    bool read = str_is(name, "-") ? read_open(arena, STDIN_FILENO, &bytes)
                                  : read_path(arena, name.at, &bytes);
    return read ? source_of(arena, name, bytes) : NULL;
}

const struct source *source_of(struct arena *arena, struct str path, struct str bytes)
{
    struct source *source = arena_alloc(arena, sizeof(*source));

    source->path = arena_copy(arena, path);
    source->bytes = bytes;
    return source;
}

static size_t clamp(const struct source *source, size_t at)
{
    return at < source->bytes.len ? at : source->bytes.len;
}

struct position source_position_next(struct source_cursor *last, const struct source *source,
                                     size_t at)
{
    size_t place = clamp(source, at);
    const char *end;

    if (last->source != source || last->line_at > place)
        *last = (struct source_cursor){.source = source, .line = 1};
    while (last->line_at < place &&
           (end = memchr(source->bytes.at + last->line_at, '\n', place - last->line_at)) != NULL) {
        last->line_at = (size_t)(end - source->bytes.at) + 1;
        last->line++;
    }
    return (struct position){.line = last->line, .column = place - last->line_at + 1};
}

struct position source_position(const struct source *source, size_t at)
{
    struct source_cursor start = {0};

    return source_position_next(&start, source, at);
}

struct str source_line(const struct source *source, size_t at)
{
    struct str bytes = source->bytes;
    size_t place = clamp(source, at);
    const char *before = place > 0 ? memrchr(bytes.at, '\n', place) : NULL;
    size_t start = before != NULL ? (size_t)(before - bytes.at) + 1 : 0;
    size_t end = str_find(bytes, '\n', start);

    if (end < bytes.len && end > start && bytes.at[end - 1] == '\r')
        end--;
    return str_slice(bytes, start, end);
}

struct str span_str(struct span span)
{
    if (span.source == NULL)
        return STR_NONE;
    struct str bytes = span.source->bytes;
    size_t at = clamp(span.source, span.at);
    size_t rest = bytes.len - at;
    return str_slice(bytes, at, at + (span.len < rest ? span.len : rest));
}
