/*
 * arena.c - chunks that double, handed out from front to back.
 */
#include "support/arena.h"

#include "support/alloc.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

/* Under the address sanitizer what is not handed out may not be touched: neither the end of a chunk
 * nor what was restored away. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define FORBID(at, size) ASAN_POISON_MEMORY_REGION(at, size)
#define PERMIT(at, size) ASAN_UNPOISON_MEMORY_REGION(at, size)
#else
#define FORBID(at, size) ((void)0)
#define PERMIT(at, size) ((void)0)
#endif

enum { ALIGNMENT = 16, FIRST_CHUNK = 4 * 1024, LARGEST_CHUNK = 1024 * 1024 };

struct arena_chunk {
    struct arena_chunk *older;
    size_t capacity;
    size_t used;
    alignas(ALIGNMENT) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit};
}

/* Chunks double, so that a large result costs few of them and a small one little memory. */
static bool add_chunk(struct arena *arena, size_t size)
{
    size_t capacity = arena->chunks ? arena->chunks->capacity * 2 : FIRST_CHUNK;
    capacity = capacity > LARGEST_CHUNK ? LARGEST_CHUNK : capacity;
    capacity = capacity < size ? size : capacity;
    struct arena_chunk *chunk = mem_alloc(sizeof(*chunk) + capacity);
    if (!chunk)
        return false;
    chunk->older = arena->chunks;
    chunk->capacity = capacity;
    chunk->used = 0;
    arena->chunks = chunk;
    FORBID(chunk->bytes, capacity);
    return true;
}

/* Uninitialised memory; NULL at the limit or when the heap has none. */
static void *take(struct arena *arena, size_t wanted)
{
    if (wanted > SIZE_MAX - ALIGNMENT - sizeof(struct arena_chunk))
        return NULL;
    size_t size = (wanted + (wanted == 0) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (arena->limit != 0 && size > arena->limit - arena->used)
        return NULL;
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || size > chunk->capacity - chunk->used) {
        if (!add_chunk(arena, size))
            return NULL;
        chunk = arena->chunks;
    }
    void *block = chunk->bytes + chunk->used;
    PERMIT(block, wanted);
    chunk->used += size;
    arena->used += size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *block = take(arena, size);
    return block ? memset(block, 0, size) : NULL;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *copy = size < SIZE_MAX ? take(arena, size + 1) : NULL;
    if (copy) {
        if (size > 0)
            memcpy(copy, bytes, size);
        copy[size] = '\0';
    }
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *arena_str(struct arena *arena, struct str s)
{
    return arena_copy(arena, s.ptr, s.len);
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

struct arena_mark arena_save(const struct arena *arena)
{
    return (struct arena_mark){
        .chunk = arena->chunks,
        .chunk_used = arena->chunks ? arena->chunks->used : 0,
        .used = arena->used,
    };
}

static void drop_newest(struct arena *arena)
{
    struct arena_chunk *chunk = arena->chunks;
    arena->chunks = chunk->older;
    mem_free(chunk);
}

static void rewind_newest(struct arena *arena, size_t used)
{
    struct arena_chunk *chunk = arena->chunks;
    if (chunk) {
        chunk->used = used;
        FORBID(chunk->bytes + used, chunk->capacity - used);
    }
}

void arena_restore(struct arena *arena, struct arena_mark mark)
{
    while (arena->chunks != mark.chunk)
        drop_newest(arena);
    rewind_newest(arena, mark.chunk_used);
    arena->used = mark.used;
}

/* The newest chunk is the largest and stays, unless one large block made it larger than chunks are:
 * an arena that is used again and again must not keep the memory of its worst day. */
void arena_reset(struct arena *arena)
{
    struct arena_chunk *newest = arena->chunks;
    if (newest && newest->capacity > LARGEST_CHUNK) {
        arena_release(arena);
        return;
    }
    while (newest && newest->older) {
        struct arena_chunk *older = newest->older;
        newest->older = older->older;
        mem_free(older);
    }
    rewind_newest(arena, 0);
    arena->used = 0;
}

void arena_release(struct arena *arena)
{
    while (arena->chunks)
        drop_newest(arena);
    arena->used = 0;
}
