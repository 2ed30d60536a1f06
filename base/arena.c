/*
 * arena - memory that is released all at once: see base/arena.h
 *
 * Chunks of one size form a list and are filled one after the other; a reset
 * starts again at the first and keeps them all.  A large allocation gets a chunk
 * of its own, which a reset frees, so that one huge configuration does not make
 * the arena huge for ever, and which can be given back earlier.
 *
 * With the address sanitizer every allocation gets a chunk of its own, so that
 * an access past its end or after a reset is reported.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ALONE true
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define EACH_ALONE true
#endif
#ifndef EACH_ALONE
#define EACH_ALONE false
#endif

enum {
    ALIGNMENT = _Alignof(max_align_t),
    CHUNK_SIZE = 64 * 1024,
    LARGE_SIZE = CHUNK_SIZE / 4,
    FIRST_CAPACITY = 8,
    FIRST_BUFFER = 64,
};

/* the header of a chunk; it is aligned, and so are the bytes after it */
struct chunk {
    _Alignas(max_align_t) struct chunk *next;
    struct chunk *previous; /* of a chunk in the list LARGE */
    size_t size;            /* bytes after this header */
};

struct ending {
    void (*release)(void *data);
    void *data;
    struct ending *next;
};

struct arena {
    char *at;  /* the next free byte of the current chunk */
    char *end; /* one past its last byte */
    struct chunk *current;
    struct chunk *first;    /* chunks of CHUNK_SIZE: those before current are full */
    struct chunk *large;    /* chunks of one allocation each */
    struct ending *endings; /* the newest first; allocated in the arena itself */
    size_t held;
    void (*out_of_memory)(void);
};

_Noreturn static void fail_allocation(const struct arena *arena)
{
    if (arena->out_of_memory != NULL)
        arena->out_of_memory();
    abort();
}

static struct chunk *create_chunk(struct arena *arena, size_t size)
{
    struct chunk *chunk = NULL;
    if (size <= SIZE_MAX - sizeof *chunk)
        chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        fail_allocation(arena);
    chunk->next = chunk->previous = NULL;
    chunk->size = size;
    arena->held += sizeof *chunk + size;
    return chunk;
}

static char *get_bytes(struct chunk *chunk)
{
    return (char *)(chunk + 1);
}

static void use_chunk(struct arena *arena, struct chunk *chunk)
{
    arena->current = chunk;
    arena->at = get_bytes(chunk);
    arena->end = arena->at + chunk->size;
}

static void free_chunks(struct arena *arena, struct chunk *chunk)
{
    while (chunk != NULL) {
        struct chunk *next = chunk->next;
        arena->held -= sizeof *chunk + chunk->size;
        free(chunk);
        chunk = next;
    }
}

struct arena *arena_create(void (*out_of_memory)(void))
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        fail_allocation(&(struct arena){.out_of_memory = out_of_memory});
    arena->held = sizeof *arena;
    arena->out_of_memory = out_of_memory;
    arena->first = create_chunk(arena, CHUNK_SIZE);
    use_chunk(arena, arena->first);
    return arena;
}

struct arena *arena_create_like(const struct arena *arena)
{
    return arena_create(arena->out_of_memory);
}

static void run_endings(struct arena *arena)
{
    for (const struct ending *ending = arena->endings; ending != NULL; ending = ending->next)
        ending->release(ending->data);
    arena->endings = NULL;
}

void arena_at_end(struct arena *arena, void (*release)(void *data), void *data)
{
    struct ending *ending = arena_alloc(arena, sizeof *ending);

    *ending = (struct ending){release, data, arena->endings};
    arena->endings = ending;
}

void arena_reset(struct arena *arena)
{
    run_endings(arena);
    free_chunks(arena, arena->large);
    arena->large = NULL;
    use_chunk(arena, arena->first);
}

void arena_destroy(struct arena *arena)
{
    if (arena == NULL)
        return;
    run_endings(arena);
    free_chunks(arena, arena->large);
    free_chunks(arena, arena->first);
    free(arena);
}

size_t arena_held(const struct arena *arena)
{
    return arena->held;
}

/* link_large - puts a chunk of one allocation before the others */
static char *link_large(struct arena *arena, struct chunk *chunk)
{
    chunk->next = arena->large;
    if (chunk->next != NULL)
        chunk->next->previous = chunk;
    arena->large = chunk;
    return get_bytes(chunk);
}

/* alloc_slow - an allocation that does not fit into the current chunk */
static char *alloc_slow(struct arena *arena, size_t size)
{
    if (EACH_ALONE || size >= LARGE_SIZE)
        return link_large(arena, create_chunk(arena, size));
    if (arena->current->next == NULL)
        arena->current->next = create_chunk(arena, CHUNK_SIZE);
    use_chunk(arena, arena->current->next);
    char *bytes = arena->at;
    arena->at += size;
    return bytes;
}

/* alloc - SIZE bytes at a multiple of ALIGN, which is a power of two */
static inline char *alloc(struct arena *arena, size_t size, size_t align)
{
    size_t padding = (size_t)(-(uintptr_t)arena->at & (align - 1));
    size_t room = (size_t)(arena->end - arena->at);
    if (EACH_ALONE || size >= LARGE_SIZE || room < padding || size > room - padding)
        return alloc_slow(arena, size);
    char *bytes = arena->at + padding;
    arena->at = bytes + size;
    return bytes;
}

/* extend - enlarges an allocation of OLD bytes in place; false where it is not the newest one, the
   chunk is full, or it becomes large */
static bool extend(struct arena *arena, const char *bytes, size_t old, size_t size)
{
    if (EACH_ALONE || size >= LARGE_SIZE || bytes + old != arena->at ||
        size - old > (size_t)(arena->end - arena->at))
        return false;
    arena->at += size - old;
    return true;
}

void *arena_alloc_raw(struct arena *arena, size_t size)
{
    return alloc(arena, size, ALIGNMENT);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(alloc(arena, size, ALIGNMENT), 0, size);
}

static bool is_large(size_t size)
{
    return EACH_ALONE || size >= LARGE_SIZE;
}

void arena_give_back(struct arena *arena, void *bytes, size_t size)
{
    if (bytes == NULL || !is_large(size))
        return;
    struct chunk *chunk = (struct chunk *)bytes - 1;
    if (chunk->previous != NULL)
        chunk->previous->next = chunk->next;
    else
        arena->large = chunk->next;
    if (chunk->next != NULL)
        chunk->next->previous = chunk->previous;
    arena->held -= sizeof *chunk + chunk->size;
    free(chunk);
}

static void *grow_slow(struct arena *arena, void *items, size_t *capacity, size_t item_size,
                       bool own)
{
    size_t old = *capacity;
    size_t wanted = old == 0 ? FIRST_CAPACITY : old * 2;
    if (wanted < old || (item_size != 0 && wanted > SIZE_MAX / item_size))
        fail_allocation(arena);
    *capacity = wanted;
    if (items != NULL && extend(arena, items, old * item_size, wanted * item_size))
        return items;
    char *larger = alloc(arena, wanted * item_size, ALIGNMENT);
    if (items != NULL)
        memcpy(larger, items, old * item_size);
    if (own)
        arena_give_back(arena, items, old * item_size);
    return larger;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity)
        return items;
    return grow_slow(arena, items, capacity, item_size, false);
}

void *arena_grow_own(struct arena *arena, void *items, size_t count, size_t *capacity,
                     size_t item_size)
{
    if (count < *capacity)
        return items;
    return grow_slow(arena, items, capacity, item_size, true);
}

struct str arena_copy(struct arena *arena, struct str s)
{
    if (s.at == NULL)
        return s;
    if (s.len == SIZE_MAX)
        fail_allocation(arena);
    char *copy = alloc(arena, s.len + 1, 1);
    memcpy(copy, s.at, s.len);
    copy[s.len] = '\0';
    return (struct str){copy, s.len};
}

const char *arena_cstr(struct arena *arena, struct str s)
{
    return s.at == NULL ? NULL : arena_copy(arena, s).at;
}

struct str arena_shorten(struct arena *arena, struct str s, size_t most)
{
    size_t end = most;

    if (s.len <= most)
        return arena_copy(arena, s);
    while (end > 0 && ((unsigned char)s.at[end] & 0xc0) == 0x80)
        end--;
    return arena_printf(arena, "%.*s...", (int)end, s.at);
}

struct str arena_lower(struct arena *arena, struct str s)
{
    size_t i = 0;

    while (i < s.len && char_lower(s.at[i]) == s.at[i])
        i++;
    if (i == s.len)
        return s;
    char *lower = alloc(arena, s.len, 1);
    for (size_t k = 0; k < s.len; k++)
        lower[k] = char_lower(s.at[k]);
    return (struct str){lower, s.len};
}

/* prints into the rest of the current chunk, and a second time if that was too small */
struct str arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    size_t room = (size_t)(arena->end - arena->at);
    int len = vsnprintf(arena->at, room, format, arguments);
    if (len < 0)
        fail_allocation(arena);
    size_t size = (size_t)len + 1;
    bool fitted = !is_large(size) && size <= room;
    char *text = alloc(arena, size, 1);
    if (!fitted)
        vsnprintf(text, size, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}

struct str arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void buffer_init(struct buffer *buffer, struct arena *arena)
{
    *buffer = (struct buffer){.arena = arena};
}

static void move_buffer(struct buffer *buffer, size_t wanted)
{
    char *larger = alloc(buffer->arena, wanted, 1);

    if (buffer->at != NULL)
        memcpy(larger, buffer->at, buffer->len);
    arena_give_back(buffer->arena, buffer->at, buffer->capacity);
    buffer->at = larger;
}

void buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more <= buffer->capacity - buffer->len)
        return;
    if (more > SIZE_MAX / 2 - buffer->len)
        fail_allocation(buffer->arena);
    size_t wanted = buffer->capacity == 0 ? FIRST_BUFFER : buffer->capacity * 2;
    if (wanted < buffer->len + more)
        wanted = buffer->len + more;
    if (buffer->at == NULL || !extend(buffer->arena, buffer->at, buffer->capacity, wanted))
        move_buffer(buffer, wanted);
    buffer->capacity = wanted;
}

void buffer_vprintf(struct buffer *buffer, const char *format, va_list arguments)
{
    char small[256];
    va_list again;

    va_copy(again, arguments);
    int len = vsnprintf(small, sizeof small, format, arguments);
    if (len >= 0 && (size_t)len < sizeof small) {
        buffer_add(buffer, (struct str){small, (size_t)len});
    } else if (len >= 0) {
        buffer_reserve(buffer, (size_t)len + 1);
        vsnprintf(buffer->at + buffer->len, (size_t)len + 1, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    buffer_vprintf(buffer, format, arguments);
    va_end(arguments);
}

/* the text of an empty buffer is empty, not absent */
struct str buffer_str(const struct buffer *buffer)
{
    return buffer->at == NULL ? (struct str){"", 0} : (struct str){buffer->at, buffer->len};
}

struct str buffer_text(struct buffer *buffer)
{
    buffer_add_char(buffer, '\0');
    buffer->len--;
    return buffer_str(buffer);
}

void buffer_give_back(struct buffer *buffer)
{
    arena_give_back(buffer->arena, buffer->at, buffer->capacity);
    buffer_init(buffer, buffer->arena);
}
