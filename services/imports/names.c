#include "services/imports/names.h"

#include "support/alloc.h"

#include <assert.h>
#include <stdlib.h>

void *grow_array(void *items, size_t *capacity, size_t count, size_t size)
{
    assert(size > 0 && count <= *capacity);
    if (items && count < *capacity)
        return items;
    size_t wanted = *capacity ? *capacity * 2 : 64;
    if (wanted > SIZE_MAX / size)
        return NULL;
    void *grown = mem_resize(items, wanted * size);
    if (grown)
        *capacity = wanted;
    return grown;
}

/* A map's value is the number plus one, because NULL says "absent". */
static void *to_value(size_t number)
{
    return (void *)(uintptr_t)(number + 1);
}

static uint32_t from_value(const void *value)
{
    return (uint32_t)((uintptr_t)value - 1);
}

bool names_add(struct names *names, struct arena *arena, struct str text, uint32_t *number)
{
    const void *known = strmap_get(&names->map, text);
    if (known) {
        *number = from_value(known);
        return true;
    }
    assert(names->count < UINT32_MAX);
    struct str *items =
        grow_array(names->items, &names->capacity, names->count, sizeof *names->items);
    if (!items)
        return false;
    names->items = items;
    struct str copy = str_make(arena_str(arena, text), text.len);
    if (!copy.ptr || !strmap_put(&names->map, copy, to_value(names->count)))
        return false;
    *number = (uint32_t)names->count;
    names->items[names->count++] = copy;
    return true;
}

struct numbered {
    struct str text;
    uint32_t number;
};

static int compare_texts(const void *a, const void *b)
{
    return str_compare(((const struct numbered *)a)->text, ((const struct numbered *)b)->text);
}

uint32_t *names_sort(struct names *names)
{
    size_t room = names->count + 1; /* a block of no bytes is nothing to rely on */
    struct numbered *sorted = mem_zalloc(room, sizeof *sorted);
    uint32_t *renumber = mem_zalloc(room, sizeof *renumber);
    if (!sorted || !renumber) {
        mem_free(sorted);
        mem_free(renumber);
        return NULL;
    }
    for (size_t i = 0; i < names->count; i++)
        sorted[i] = (struct numbered){.text = names->items[i], .number = (uint32_t)i};
    qsort(sorted, names->count, sizeof *sorted, compare_texts);
    for (size_t i = 0; i < names->count; i++) {
        names->items[i] = sorted[i].text;
        renumber[sorted[i].number] = (uint32_t)i;
    }
    mem_free(sorted);
    strmap_release(&names->map); /* it has the old numbers */
    return renumber;
}

void names_release(struct names *names)
{
    strmap_release(&names->map);
    mem_free(names->items);
    *names = (struct names){.items = NULL};
}
