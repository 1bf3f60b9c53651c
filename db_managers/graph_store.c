/* graph_store.c - what all implementations of the graph role share. */
#include "db_managers/graph_store.h"

bool graph_run(struct graph_store *store, struct graph_request *request, ecommerce_error *err)
{
    graph_submit(store, request);
    if (graph_wait(store, request))
        return true;
    if (err)
        *err = request->base.error;
    return false;
}

/* FNV-1a, 64 bit. Not str_hash: this one is stored and compared between stores, so its input is
 * written down byte by byte: numbers as eight bytes, the lowest first, texts after their length. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
    for (const uint8_t *at = bytes, *end = at + size; at < end; at++)
        hash = (hash ^ *at) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t hash_int(uint64_t hash, int64_t value)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
    return hash_bytes(hash, bytes, sizeof(bytes));
}

static uint64_t hash_str(uint64_t hash, struct str s)
{
    hash = hash_int(hash, (int64_t)s.len);
    return s.len ? hash_bytes(hash, s.ptr, s.len) : hash;
}

uint64_t graph_relation_hash(struct str order_id, const struct graph_line *line)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    hash = hash_str(hash, order_id);
    hash = hash_str(hash, line->product_id);
    return hash_int(hash, line->quantity);
}
