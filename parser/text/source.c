#include "parser/text/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_SIZE = 4096 };

/* the cursors at the starts of the blocks of a source, made when a place is first asked for */
struct source_lines {
    struct arena *arena;
    struct source_cursor *blocks;
};

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

const struct source *source_read_open(struct arena *arena, int fd, struct str path)
{
    struct str bytes;

    return read_open(arena, fd, &bytes) ? source_of(arena, path, bytes) : NULL;
}

struct str source_problem(struct arena *arena, int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return str_of("not found");
    case EINVAL:
        return str_of("not a regular file");
    case EXDEV:
        return str_of("a link that leads out of the directory, and is not followed");
    default:
        return arena_printf(arena, "cannot read: %s", strerror(number));
    }
}

const struct source *source_of(struct arena *arena, struct str path, struct str bytes)
{
    struct source *source = arena_alloc(arena, sizeof(*source));

    source->path = arena_copy(arena, path);
    source->bytes = bytes;
    source->lines = arena_alloc(arena, sizeof *source->lines);
    source->lines->arena = arena;
    return source;
}

/* --- places ---------------------------------------------------------------------------------- */

static size_t clamp(const struct source *source, size_t at)
{
    return at < source->bytes.len ? at : source->bytes.len;
}

/* search_on - moves the cursor forward to PLACE */
static void search_on(struct source_cursor *cursor, size_t place)
{
    const char *bytes = cursor->source->bytes.at;
    const char *end;

    while (cursor->at < place &&
           (end = memchr(bytes + cursor->at, '\n', place - cursor->at)) != NULL) {
        cursor->at = cursor->line_at = (size_t)(end - bytes) + 1;
        cursor->line++;
    }
    cursor->at = place;
}

static struct source_cursor start_cursor(const struct source *source)
{
    return (struct source_cursor){.source = source, .line = 1};
}

/* note_blocks - one pass over the source; the places of all blocks are known after it */
static const struct source_cursor *note_blocks(const struct source *source)
{
    struct source_lines *lines = source->lines;
    struct source_cursor cursor = start_cursor(source);
    size_t count = source->bytes.len / BLOCK_SIZE + 1;
    struct source_cursor *blocks = arena_alloc_raw(lines->arena, count * sizeof *blocks);

    for (size_t i = 0; i < count; i++) {
        search_on(&cursor, i * BLOCK_SIZE);
        blocks[i] = cursor;
    }
    lines->blocks = blocks;
    return blocks;
}

/* find_block - the cursor at the start of the block of PLACE */
static struct source_cursor find_block(const struct source *source, size_t place)
{
    if (place < BLOCK_SIZE || source->lines == NULL)
        return start_cursor(source);
    const struct source_cursor *blocks = source->lines->blocks;
    if (blocks == NULL)
        blocks = note_blocks(source);
    return blocks[place / BLOCK_SIZE];
}

struct position source_position_next(struct source_cursor *last, const struct source *source,
                                     size_t at)
{
    size_t place = clamp(source, at);

    if (last->source != source || last->at > place || place - last->at > BLOCK_SIZE)
        *last = find_block(source, place);
    search_on(last, place);
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
    size_t start = place + 1 - source_position(source, place).column;
    size_t end = str_find(bytes, '\n', place);

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
