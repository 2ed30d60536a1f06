/*
 * source - one file's bytes, and places in them
 *
 * A source is immutable: parsers point into it, edits name places in it, and
 * what no edit touches is written out byte for byte.  It lives in an arena.
 */
#ifndef PARSER_TEXT_SOURCE_H
#define PARSER_TEXT_SOURCE_H

#include "base/arena.h"
#include "base/str.h"

/* larger files are refused: no Postfix configuration is nearly as large */
#define SOURCE_SIZE_MAX (256u * 1024 * 1024)

struct source {
    struct str path;            /* as the user wrote it, for messages; ends in a NUL */
    struct str bytes;           /* followed by one NUL that does not count */
    struct source_lines *lines; /* where lines start; kept by source.c, NULL: searched each time */
};

/* a part of a source; SOURCE is NULL where there is no place to name */
struct span {
    const struct source *source;
    size_t at;  /* byte offset */
    size_t len; /* bytes; 0 means a place between two bytes */
};

#define SPAN_NONE ((struct span){NULL, 0, 0})

/* the place of a byte for people: both count from 1, columns in bytes */
struct position {
    size_t line;
    size_t column;
};

/*
 * Reads PATH ("-" is standard input), following symbolic links.  Returns NULL
 * with errno set: EFBIG where it is larger than SOURCE_SIZE_MAX, EISDIR where it
 * is a directory, EINVAL where it is a FIFO or a device, which only standard input
 * may be.
 */
const struct source *source_read(struct arena *arena, struct str path);
/* the same from an open descriptor, which stays open; PATH is for messages */
const struct source *source_read_open(struct arena *arena, int fd, struct str path);
/* why a file was not read, for messages, from an errno of the functions above: "not found",
   "cannot read: Permission denied", ... */
struct str source_problem(struct arena *arena, int number);
/*
 * A source of bytes in memory, which are not copied.  They must be followed by a
 * NUL, as those of edit_apply(), arena_copy() and literals are.
 */
const struct source *source_of(struct arena *arena, struct str path, struct str bytes);

/* an AT past the end means the end */
struct position source_position(const struct source *source, size_t at);
/*
 * The same for places in ascending order: *LAST (zero at first) keeps how far the search has come,
 * so that all of them together cost one pass over the source.
 */
struct source_cursor {
    const struct source *source;
    size_t at;      /* how far the search has come */
    size_t line_at; /* where the line starts */
    size_t line;
};

struct position source_position_next(struct source_cursor *last, const struct source *source,
                                     size_t at);
/* the text of the line that contains AT, without its line end (LF or CR LF, which belongs to the
   line that it ends) */
struct str source_line(const struct source *source, size_t at);
struct str span_str(struct span span); /* STR_NONE without a source */

#endif
