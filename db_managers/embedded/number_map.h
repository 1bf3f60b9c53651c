/*
 * number_map.h - a hash table from 64-bit numbers to 32-bit ones (open addressing), for sets and
 * groups of a report. Emptying it costs nothing. Not thread-safe.
 */
#pragma once

#include "support/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct number_slot {
    uint64_t key;
    uint32_t value;
    uint32_t round; /* the slot is in use when this is the map's */
};

/* Zeroed it is empty. */
struct number_map {
    struct number_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    uint32_t round;
};

/* The value's place, NULL when absent; valid until the next number_map_put. */
uint32_t *number_map_get(const struct number_map *map, uint64_t key);
/* The same, made with `value` when absent: *made (may be NULL) says so. NULL: out of memory. */
uint32_t *number_map_put(struct number_map *map, uint64_t key, uint32_t value,
                         bool *made) MUST_CHECK;
void number_map_clear(struct number_map *map); /* keeps the memory */
void number_map_release(struct number_map *map);
