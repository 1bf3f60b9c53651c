/*
 * strmap.h - a hash table from strings to pointers (open addressing). Keys are not copied: they
 * must outlive the entry. Not thread-safe.
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stdint.h>

struct strmap_entry {
    struct str key; /* ptr NULL: free slot */
    void *value;
    uint64_t hash;
};

struct strmap {
    struct strmap_entry *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* A zeroed struct is an empty map. Keys are present strings (perhaps empty), values not NULL. */
void *strmap_get(const struct strmap *map, struct str key); /* NULL when absent */
/* False: out of memory, the map is as before. Putting a key again replaces its value only, the
 * first key stays. */
bool strmap_put(struct strmap *map, struct str key, void *value) MUST_CHECK;
void *strmap_remove(struct strmap *map, struct str key); /* its value, NULL when absent */
/* Walks all entries in no order: for (size_t at = 0; (e = strmap_next(&map, &at));). The map must
 * not change on the way, but for the values of its entries. */
struct strmap_entry *strmap_next(const struct strmap *map, size_t *at);
void strmap_release(struct strmap *map);
