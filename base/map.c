#include "base/map.h"

#include <stdint.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

/* hash_key - FNV-1a, eight bytes a step, finished by a multiplication */
static size_t hash_key(struct str key)
{
    const uint64_t prime = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t hash = key.len * prime;
    size_t i = 0;

    for (; i + 8 <= key.len; i += 8) {
        uint64_t word;
        memcpy(&word, key.at + i, 8);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 29;
    }
    for (; i < key.len; i++)
        hash = (hash ^ (unsigned char)key.at[i]) * prime;
    return (size_t)(hash ^ (hash >> 32));
}

void map_init(struct map *map, struct arena *arena)
{
    *map = (struct map){.arena = arena};
}

/* find_slot - the slot that holds KEY, or the free one where it belongs */
static struct map_slot *find_slot(const struct map *map, struct str key, size_t hash)
{
    size_t mask = map->capacity - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct map_slot *slot = &map->slots[i];
        if (slot->value == NULL || (slot->hash == hash && str_eq(slot->key, key)))
            return slot;
    }
}

void map_give_back(struct map *map)
{
    arena_give_back(map->arena, map->slots, map->capacity * sizeof *map->slots);
    map_init(map, map->arena);
}

static void enlarge(struct map *map)
{
    struct map old = *map;

    map->capacity = old.capacity == 0 ? FIRST_CAPACITY : old.capacity * 2;
    map->slots = arena_alloc(map->arena, map->capacity * sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value != NULL)
            *find_slot(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
    map_give_back(&old);
}

void map_put(struct map *map, struct str key, void *value)
{
    if (map->count >= map->capacity / 4 * 3)
        enlarge(map);

    size_t hash = hash_key(key);
    struct map_slot *slot = find_slot(map, key, hash);
    if (slot->value == NULL)
        map->count++;
    *slot = (struct map_slot){.key = key, .value = value, .hash = hash};
}

void *map_get(const struct map *map, struct str key)
{
    return map->count == 0 ? NULL : find_slot(map, key, hash_key(key))->value;
}
