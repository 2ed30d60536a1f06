/*
 * map - a hash table from names to pointers, in an arena
 *
 * Keys are not copied: they must live as long as the map.  A name maps to one
 * pointer, which must not be NULL; map_put() replaces the one that was there.
 * A map that is copied as a struct must not grow any more.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"

struct map_slot {
    struct str key;
    void *value;
    size_t hash;
};

struct map {
    struct arena *arena;
    struct map_slot *slots; /* capacity is a power of two, at most three quarters used */
    size_t capacity;
    size_t count;
};

void map_init(struct map *map, struct arena *arena);
void map_put(struct map *map, struct str key, void *value);
/* empties the map and gives its memory back, if it is large */
void map_give_back(struct map *map);
void *map_get(const struct map *map, struct str key); /* NULL where the key is not in the map */

#endif
