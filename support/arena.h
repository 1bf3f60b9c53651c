/*
 * arena.h - memory of one request or one result: allocate many, free once.
 *
 * Zero-initialised structs are valid empty arenas without a limit. Not thread-safe. An allocation
 * that fails (heap or limit) returns NULL; callers report error_memory. Blocks are aligned to 16.
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"

#include <stdarg.h>
#include <stdint.h>

struct arena_chunk;

struct arena {
    struct arena_chunk *chunks; /* newest first */
    size_t used;                /* bytes handed out */
    size_t limit;               /* 0 = none */
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t chunk_used;
    size_t used;
};

void arena_init(struct arena *arena, size_t limit);
/* Zeroed; the second is NULL also when count * size overflows. */
void *arena_alloc(struct arena *arena, size_t size) MUST_CHECK;
void *arena_array(struct arena *arena, size_t count, size_t size) MUST_CHECK;
/* Copies end in a NUL byte. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size) MUST_CHECK;
char *arena_strdup(struct arena *arena, const char *text) MUST_CHECK;
char *arena_str(struct arena *arena, struct str s) MUST_CHECK;
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

struct arena_mark arena_save(const struct arena *arena);
void arena_restore(struct arena *arena, struct arena_mark mark); /* frees what came since */
void arena_reset(struct arena *arena);   /* empty, keeps one chunk of at most 1 MiB */
void arena_release(struct arena *arena); /* empty, keeps nothing */
