/*
 * strmap.c - open addressing with linear probing, at most three quarters full.
 */
#include "support/strmap.h"

#include "support/alloc.h"

#include <assert.h>

enum { FIRST_CAPACITY = 16 };

/* The slot that has the key, or the free one where it would go. */
static struct strmap_entry *slot_of(const struct strmap *map, struct str key, uint64_t hash)
{
    size_t mask = map->capacity - 1;
    for (size_t at = hash & mask;; at = (at + 1) & mask) {
        struct strmap_entry *slot = &map->slots[at];
        if (!slot->key.ptr || (slot->hash == hash && str_equal(slot->key, key)))
            return slot;
    }
}

void *strmap_get(const struct strmap *map, struct str key)
{
    return map->count > 0 ? slot_of(map, key, str_hash(key))->value : NULL;
}

static bool grow(struct strmap *map)
{
    struct strmap larger = {.capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY,
                            .count = map->count};
    larger.slots = mem_zalloc(larger.capacity, sizeof(*larger.slots));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        const struct strmap_entry *old = &map->slots[i];
        if (old->key.ptr)
            *slot_of(&larger, old->key, old->hash) = *old;
    }
    mem_free(map->slots);
    *map = larger;
    return true;
}

bool strmap_put(struct strmap *map, struct str key, void *value)
{
    uint64_t hash = str_hash(key);
    assert(key.ptr && value);
    struct strmap_entry *slot = map->capacity > 0 ? slot_of(map, key, hash) : NULL;
    if (slot && slot->key.ptr) {
        slot->value = value;
        return true;
    }
    if (map->count >= map->capacity / 4 * 3) {
        if (!grow(map))
            return false;
        slot = slot_of(map, key, hash);
    }
    *slot = (struct strmap_entry){.key = key, .value = value, .hash = hash};
    map->count++;
    return true;
}

/* Moves entries back over the freed slot, each as far as its own first choice allows, so that no
 * search ends at a gap before what it looks for. */
static void close_gap(struct strmap *map, size_t gap)
{
    size_t mask = map->capacity - 1;
    for (size_t at = (gap + 1) & mask; map->slots[at].key.ptr; at = (at + 1) & mask) {
        size_t from_home = (at - (size_t)map->slots[at].hash) & mask;
        if (from_home >= ((at - gap) & mask)) {
            map->slots[gap] = map->slots[at];
            gap = at;
        }
    }
    map->slots[gap] = (struct strmap_entry){.key = STR_NONE};
}

void *strmap_remove(struct strmap *map, struct str key)
{
    struct strmap_entry *slot = map->count > 0 ? slot_of(map, key, str_hash(key)) : NULL;
    if (!slot || !slot->key.ptr)
        return NULL;
    void *value = slot->value;
    close_gap(map, (size_t)(slot - map->slots));
    map->count--;
    return value;
}

struct strmap_entry *strmap_next(const struct strmap *map, size_t *at)
{
    while (*at < map->capacity) {
        struct strmap_entry *slot = &map->slots[(*at)++];
        if (slot->key.ptr)
            return slot;
    }
    return NULL;
}

void strmap_release(struct strmap *map)
{
    mem_free(map->slots);
    *map = (struct strmap){.slots = NULL};
}
