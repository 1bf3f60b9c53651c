/*
 * names.h - texts that repeat, each kept once and known by a small number (0, 1, 2 … in the order
 * of their first appearance). And the growing array that imports collect things in.
 */
#pragma once

#include "support/arena.h"
#include "support/compiler.h"
#include "support/str.h"
#include "support/strmap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A zeroed struct is empty. The bytes of the texts live in the arena given to names_add. */
struct names {
    struct strmap map;
    struct str *items;
    size_t count, capacity;
};

/* The number of the text, which is copied when it is new. False: out of memory. */
bool names_add(struct names *names, struct arena *arena, struct str text,
               uint32_t *number) MUST_CHECK;
/* Puts the texts into byte-wise order and gives the new number of each old one (an array to be
 * freed with mem_free). Nothing can be added any more. NULL: out of memory, and nothing was
 * changed. */
uint32_t *names_sort(struct names *names) MUST_CHECK;
void names_release(struct names *names);

/* The array with room for one more than `count` items of `size` bytes: itself or a larger copy.
 * NULL when out of memory; the array is then as it was. Free with mem_free. */
void *grow_array(void *items, size_t *capacity, size_t count, size_t size) MUST_CHECK;
