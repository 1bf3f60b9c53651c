/* number_map.c - linear probing, at most two thirds full; a round number says which slots count. */
#include "db_managers/embedded/number_map.h"

#include "support/alloc.h"

#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* Finalizer of SplitMix64: numbers given out one after the other spread over all bits. */
static uint64_t scatter(uint64_t key)
{
    key = (key ^ (key >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ (key >> 27)) * UINT64_C(0x94d049bb133111eb);
    return key ^ (key >> 31);
}

/* The slot that has the key, or the free one where it would go. */
static struct number_slot *slot_of(const struct number_map *map, uint64_t key)
{
    size_t mask = map->capacity - 1;
    for (size_t at = scatter(key) & mask;; at = (at + 1) & mask) {
        struct number_slot *slot = &map->slots[at];
        if (slot->round != map->round || slot->key == key)
            return slot;
    }
}

static bool grow(struct number_map *map)
{
    struct number_map larger = {
        .capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY,
        .count = map->count,
        .round = 1,
    };
    larger.slots = mem_zalloc(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct number_slot *old = &map->slots[i];
        if (old->round == map->round)
            *slot_of(&larger, old->key) = (struct number_slot){old->key, old->value, 1};
    }
    mem_free(map->slots);
    *map = larger;
    return true;
}

uint32_t *number_map_get(const struct number_map *map, uint64_t key)
{
    if (map->count == 0)
        return NULL;
    struct number_slot *slot = slot_of(map, key);
    return slot->round == map->round ? &slot->value : NULL;
}

uint32_t *number_map_put(struct number_map *map, uint64_t key, uint32_t value, bool *made)
{
    if ((map->count + 1) * 3 > map->capacity * 2 && !grow(map))
        return NULL;
    struct number_slot *slot = slot_of(map, key);
    bool fresh = slot->round != map->round;
    if (fresh) {
        *slot = (struct number_slot){key, value, map->round};
        map->count++;
    }
    if (made)
        *made = fresh;
    return &slot->value;
}

void number_map_clear(struct number_map *map)
{
    if (map->count == 0)
        return;
    map->count = 0;
    if (++map->round != 0)
        return;
    memset(map->slots, 0, map->capacity * sizeof(*map->slots));
    map->round = 1;
}

void number_map_release(struct number_map *map)
{
    mem_free(map->slots);
    *map = (struct number_map){0};
}
