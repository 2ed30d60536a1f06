/*
 * arena - memory that is released all at once
 *
 * Whatever postmend learns about one configuration lives in one arena; a
 * worker resets it for the next configuration, so that ten thousand cost no
 * more memory than one.  Nothing is freed individually.
 *
 * Running out of memory is not an error code that every caller must pass on:
 * the arena calls the function given to arena_create(), which must not return
 * (cmd/ ends the program there).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/str.h"

struct arena;

struct arena *arena_create(void (*out_of_memory)(void));
/* another one, for what is needed for a moment only; the caller destroys it */
struct arena *arena_create_like(const struct arena *arena);
void arena_reset(struct arena *arena); /* releases all allocations; keeps the memory for the next */
void arena_destroy(struct arena *arena);
size_t arena_held(const struct arena *arena); /* bytes held from the system */

/* calls RELEASE with DATA when the arena is reset or destroyed: for what a library allocated */
void arena_at_end(struct arena *arena, void (*release)(void *data), void *data);

void *arena_alloc(struct arena *arena, size_t size);     /* zeroed, aligned for any type */
void *arena_alloc_raw(struct arena *arena, size_t size); /* as above, but not zeroed */

/*
 * Makes room for one more item in an array that grows: returns ITEMS while COUNT is below
 * *CAPACITY, else a larger copy.  Start with NULL, 0, 0.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
                 size_t item_size);
/* the same for an array that only its owner points into: a large old one is given back */
void *arena_grow_own(struct arena *arena, void *items, size_t count, size_t *capacity,
                     size_t item_size);
/* gives back an allocation of that SIZE before the others, if it is large; NULL is nothing */
void arena_give_back(struct arena *arena, void *bytes, size_t size);

struct str arena_copy(struct arena *arena, struct str s); /* the copy ends in a NUL */
const char *arena_cstr(struct arena *arena, struct str s);
/* with ASCII letters in lower case; S itself where it has none in upper case */
/* the start of S, for a message: at most MOST bytes, whole characters, and "..." if there are more
 */
struct str arena_shorten(struct arena *arena, struct str s, size_t most);
struct str arena_lower(struct arena *arena, struct str s);
struct str arena_vprintf(struct arena *arena, const char *format, va_list arguments);
struct str arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * buffer - text that grows
 */
struct buffer {
    struct arena *arena;
    char *at;
    size_t len;
    size_t capacity;
};

void buffer_init(struct buffer *buffer, struct arena *arena);
void buffer_reserve(struct buffer *buffer, size_t more); /* room for MORE bytes */

static inline void buffer_add(struct buffer *buffer, struct str s)
{
    if (s.len == 0)
        return;
    if (s.len > buffer->capacity - buffer->len)
        buffer_reserve(buffer, s.len);
    memcpy(buffer->at + buffer->len, s.at, s.len);
    buffer->len += s.len;
}

static inline void buffer_add_char(struct buffer *buffer, char c)
{
    if (buffer->len == buffer->capacity)
        buffer_reserve(buffer, 1);
    buffer->at[buffer->len++] = c;
}

static inline void buffer_add_cstr(struct buffer *buffer, const char *nul_terminated)
{
    buffer_add(buffer, str_of(nul_terminated));
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str buffer_str(const struct buffer *buffer); /* valid until the next addition */
/* the same, followed by a NUL that does not count */
struct str buffer_text(struct buffer *buffer);
/* empties the buffer and gives its memory back, if it is large */
void buffer_give_back(struct buffer *buffer);

#endif
