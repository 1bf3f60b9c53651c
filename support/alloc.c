/*
 * alloc.c - malloc with two counters: what lives, and when to fail.
 */
#include "support/alloc.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_long live_blocks;
static atomic_long failing_after = -1;

/* Relaxed everywhere: the counters order nothing. Negative: not failing; 0: failing. */
static bool may_allocate(void)
{
    long left = atomic_load_explicit(&failing_after, memory_order_relaxed);
    while (left > 0 &&
           !atomic_compare_exchange_weak_explicit(&failing_after, &left, left - 1,
                                                  memory_order_relaxed, memory_order_relaxed))
        continue;
    return left != 0;
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add_explicit(&live_blocks, 1, memory_order_relaxed);
    return block;
}

void *mem_alloc(size_t size)
{
    return may_allocate() ? counted(malloc(size ? size : 1)) : NULL;
}

void *mem_zalloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || !may_allocate())
        return NULL;
    return counted(calloc(1, bytes ? bytes : 1));
}

void *mem_resize(void *block, size_t size)
{
    if (!block)
        return mem_alloc(size);
    return may_allocate() ? realloc(block, size ? size : 1) : NULL;
}

void mem_free(void *block)
{
    if (block) {
        atomic_fetch_sub_explicit(&live_blocks, 1, memory_order_relaxed);
        free(block);
    }
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void mem_fail_after(long successes)
{
    atomic_store_explicit(&failing_after, successes, memory_order_relaxed);
}

long mem_live_blocks(void)
{
    return atomic_load_explicit(&live_blocks, memory_order_relaxed);
}
