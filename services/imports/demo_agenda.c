/* demo_agenda.c - what is due later, as a binary heap; growing arrays. */
#include "services/imports/demo_build.h"

#include "support/alloc.h"

#include <assert.h>
#include <string.h>

void demo_vec_init(struct demo_vec *vec, size_t item_size)
{
    assert(vec && item_size > 0);
    *vec = (struct demo_vec){.item_size = item_size};
}

void *demo_vec_push(struct demo_vec *vec)
{
    assert(vec->item_size > 0);
    if (vec->count == vec->capacity) {
        size_t capacity = vec->capacity ? vec->capacity * 2 : 64;
        void *items = mem_resize(vec->items, capacity * vec->item_size);
        if (!items)
            return NULL;
        vec->items = items;
        vec->capacity = capacity;
    }
    char *item = (char *)vec->items + vec->count++ * vec->item_size;
    return memset(item, 0, vec->item_size);
}

void demo_vec_release(struct demo_vec *vec)
{
    mem_free(vec->items);
    vec->items = NULL;
    vec->count = vec->capacity = 0;
}

/* Total order, so that the heap's shape does not decide who comes first among equals. */
static bool earlier(const struct demo_agenda_entry *a, const struct demo_agenda_entry *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->index < b->index;
}

static void swap_entries(struct demo_agenda_entry *a, struct demo_agenda_entry *b)
{
    struct demo_agenda_entry held = *a;
    *a = *b;
    *b = held;
}

bool demo_agenda_add(struct demo_build *build, int64_t at, enum demo_agenda_kind kind,
                     uint32_t index, int64_t quantity)
{
    struct demo_agenda_entry *entry = demo_vec_push(&build->agenda);
    if (!entry)
        return false;
    *entry =
        (struct demo_agenda_entry){.at = at, .kind = kind, .index = index, .quantity = quantity};

    struct demo_agenda_entry *heap = build->agenda.items;
    for (size_t i = build->agenda.count - 1; i > 0;) {
        size_t parent = (i - 1) / 2;
        if (!earlier(&heap[i], &heap[parent]))
            break;
        swap_entries(&heap[i], &heap[parent]);
        i = parent;
    }
    return true;
}

bool demo_agenda_take(struct demo_build *build, int64_t until, struct demo_agenda_entry *entry)
{
    struct demo_agenda_entry *heap = build->agenda.items;
    if (build->agenda.count == 0 || heap[0].at > until)
        return false;
    *entry = heap[0];
    size_t count = --build->agenda.count;
    heap[0] = heap[count];
    for (size_t i = 0;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++)
            first = earlier(&heap[child], &heap[first]) ? child : first;
        if (first == i)
            return true;
        swap_entries(&heap[i], &heap[first]);
        i = first;
    }
}
