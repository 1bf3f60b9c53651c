/*
 * alloc.h - the one door to the heap.
 *
 * Every allocation of the engine goes through these four, so that tests can make the N-th fail and
 * count what is still alive. A failure is NULL, never an abort: a library must not end its host.
 * Callers turn NULL into error_memory(err). Thread-safe like malloc.
 */
#pragma once

#include "support/compiler.h"

#include <stddef.h>

void *mem_alloc(size_t size) MUST_CHECK; /* uninitialised; size 0 gives non-NULL */
/* Zeroed; NULL also when count * size overflows. */
void *mem_zalloc(size_t count, size_t size) MUST_CHECK;
void *mem_resize(void *block, size_t size) MUST_CHECK; /* like realloc; block stays valid on NULL */
void mem_free(void *block);                            /* NULL allowed */
char *mem_strdup(const char *text) MUST_CHECK;

/* For tests: let the next `successes` allocations of the process pass and fail all after them;
 * a negative number switches failing off. */
void mem_fail_after(long successes);
/* Blocks allocated and not freed yet. */
long mem_live_blocks(void);
