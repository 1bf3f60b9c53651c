/*
 * catalog_cache.c - what the process remembers, and when it may still be believed.
 *
 * Sixteen shards, each a hash table under a read-write lock, with a queue for eviction: new entries
 * come in at its end; the one at its front leaves, unless it was used since it came there last,
 * then it goes to the end once more (second chance). An entry is one block of memory. It is
 * believed while the generations of all it depends on are what they were before its data was read,
 * and for cache.lifetime at most. Entries that are believed no longer stay until they are replaced
 * or evicted: they are better than nothing while the documents are away.
 */
#include "services/catalog/catalog_parts.h"

#include "support/alloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { SHARDS = 16, BUCKETS_MIN = 64, FLIGHT_PAUSE = 200 /* microseconds */ };

struct entry {
    struct entry *next;          /* in the bucket */
    struct entry *newer, *older; /* in the queue */
    uint64_t hash;
    enum cache_kind kind;
    atomic_bool used;
    size_t size; /* of the whole block */
    struct str key, bytes;
    int64_t number, made_wall, made_monotonic;
    const struct dependency *dependencies;
    size_t dependency_count;
};

struct shard {
    pthread_rwlock_t lock;
    struct entry **buckets; /* bucket_count of them, a power of two */
    size_t bucket_count, count, bytes;
    struct entry *oldest, *newest;
};

struct flight {
    struct flight *next;
    uint64_t hash;
    struct str key;
};

struct catalog_cache {
    struct shard shards[SHARDS];
    size_t shard_bytes_max;
    int64_t lifetime, stampede_wait;
    pthread_mutex_t flight_lock;
    struct flight *flights;
};

bool catalog_can_remember(const struct shop *shop)
{
    return shop->catalog != NULL && manager_can(&shop->live->base, CAPABILITY_GENERATIONS);
}

/* ---- life ---- */

static bool shard_init(struct shard *shard)
{
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* Readers never cease; a writer must get its turn all the same. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&shard->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    shard->bucket_count = BUCKETS_MIN;
    shard->buckets = mem_zalloc(BUCKETS_MIN, sizeof(struct entry *));
    return shard->buckets != NULL;
}

bool catalog_cache_open(struct shop *shop, ecommerce_error *err)
{
    struct catalog_cache *cache = mem_zalloc(1, sizeof(*cache));
    if (cache == NULL) {
        return error_memory(err);
    }
    shop->catalog = cache;
    cache->shard_bytes_max =
        (size_t)settings_size(shop->settings, SETTING_CACHE_MAX_BYTES) / SHARDS;
    cache->lifetime = settings_duration(shop->settings, SETTING_CACHE_LIFETIME);
    cache->stampede_wait = settings_duration(shop->settings, SETTING_CACHE_STAMPEDE_WAIT);
    pthread_mutex_init(&cache->flight_lock, NULL);
    bool ok = true;
    for (size_t i = 0; i < SHARDS; i++) {
        ok = shard_init(&cache->shards[i]) && ok;
    }
    if (!ok) {
        catalog_cache_close(shop);
        return error_memory(err);
    }
    return true;
}

void catalog_cache_close(struct shop *shop)
{
    struct catalog_cache *cache = shop->catalog;
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        while (shard->oldest != NULL) {
            struct entry *entry = shard->oldest;
            shard->oldest = entry->newer;
            mem_free(entry);
        }
        mem_free(shard->buckets);
        pthread_rwlock_destroy(&shard->lock);
    }
    pthread_mutex_destroy(&cache->flight_lock);
    mem_free(cache);
    shop->catalog = NULL;
}

/* ---- dependencies ---- */

static bool is_dependency(const struct dependency *dependency, struct str prefix, struct str id)
{
    struct str key = dependency->key;
    return key.len == prefix.len + id.len && memcmp(key.ptr, prefix.ptr, prefix.len) == 0 &&
           (id.len == 0 || memcmp(key.ptr + prefix.len, id.ptr, id.len) == 0);
}

static struct dependency *next_dependency(struct call *call, struct dependencies *dependencies)
{
    if (dependencies->count == dependencies->capacity) {
        size_t capacity = dependencies->capacity == 0 ? 16 : dependencies->capacity * 2;
        struct dependency *items = arena_array(&call->arena, capacity, sizeof(*items));
        if (items == NULL) {
            return NULL;
        }
        if (dependencies->count > 0) {
            memcpy(items, dependencies->items, dependencies->count * sizeof(*items));
        }
        dependencies->items = items;
        dependencies->capacity = capacity;
    }
    return &dependencies->items[dependencies->count++];
}

void depend_on(struct call *call, struct dependencies *dependencies, const char *prefix,
               struct str id)
{
    if (dependencies == NULL || dependencies->failed || !catalog_can_remember(call->shop)) {
        return;
    }
    struct str head = str_of(prefix);
    for (size_t i = 0; i < dependencies->count; i++) {
        if (is_dependency(&dependencies->items[i], head, id)) {
            return; /* the older generation counts */
        }
    }
    const char *key = arena_printf(&call->arena, "%s%.*s", prefix, STR_ARG(id));
    struct dependency *dependency = key ? next_dependency(call, dependencies) : NULL;
    if (dependency == NULL) {
        dependencies->failed = true;
        return;
    }
    dependency->key = str_of(key);
    dependency->generation = live_generation(call->shop->live, dependency->key);
}

/* ---- finding ---- */

static uint64_t hash_of(enum cache_kind kind, struct str key)
{
    uint64_t hash = str_hash(key) + (uint64_t)kind * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 29);
}

static struct shard *shard_of(struct catalog_cache *cache, uint64_t hash)
{
    return &cache->shards[(hash >> 48) % SHARDS];
}

static struct entry **find_link(struct shard *shard, enum cache_kind kind, uint64_t hash,
                                struct str key)
{
    struct entry **link = &shard->buckets[hash & (shard->bucket_count - 1)];
    while (*link != NULL &&
           ((*link)->hash != hash || (*link)->kind != kind || !str_equal((*link)->key, key))) {
        link = &(*link)->next;
    }
    return link;
}

static bool is_fresh(struct shop *shop, const struct entry *entry)
{
    if (!catalog_can_remember(shop) ||
        seams_monotonic(shop->seams) - entry->made_monotonic >= shop->catalog->lifetime) {
        return false;
    }
    for (size_t i = 0; i < entry->dependency_count; i++) {
        const struct dependency *dependency = &entry->dependencies[i];
        if (live_generation(shop->live, dependency->key) != dependency->generation) {
            return false;
        }
    }
    return true;
}

bool cache_visit(struct shop *shop, enum cache_kind kind, struct str key, bool stale_too,
                 cache_visitor *visit, void *context)
{
    if (shop->catalog == NULL) {
        return false;
    }
    uint64_t hash = hash_of(kind, key);
    struct shard *shard = shard_of(shop->catalog, hash);
    bool visited = false;
    pthread_rwlock_rdlock(&shard->lock);
    struct entry *entry = *find_link(shard, kind, hash, key);
    if (entry != NULL) {
        bool fresh = is_fresh(shop, entry);
        if (fresh || stale_too) {
            struct cache_view view = {entry->bytes, entry->number, entry->made_wall, fresh};
            visit(context, &view);
            visited = true;
        }
        if (visited && !atomic_load_explicit(&entry->used, memory_order_relaxed)) {
            atomic_store_explicit(&entry->used, true, memory_order_relaxed);
        }
    }
    pthread_rwlock_unlock(&shard->lock);
    return visited;
}

/* ---- keeping ---- */

static void queue_remove(struct shard *shard, struct entry *entry)
{
    *(entry->older ? &entry->older->newer : &shard->oldest) = entry->newer;
    *(entry->newer ? &entry->newer->older : &shard->newest) = entry->older;
}

static void queue_add(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    *(shard->newest ? &shard->newest->newer : &shard->oldest) = entry;
    shard->newest = entry;
}

static void drop(struct shard *shard, struct entry *entry)
{
    *find_link(shard, entry->kind, entry->hash, entry->key) = entry->next;
    queue_remove(shard, entry);
    shard->bytes -= entry->size;
    shard->count--;
    mem_free(entry);
}

static void make_room(struct shard *shard, size_t size, size_t maximum)
{
    while (shard->oldest != NULL && shard->bytes + size > maximum) {
        struct entry *entry = shard->oldest;
        if (atomic_exchange_explicit(&entry->used, false, memory_order_relaxed)) {
            queue_remove(shard, entry);
            queue_add(shard, entry);
        } else {
            drop(shard, entry);
        }
    }
}

/* Without memory the table stays as it is, with longer chains. */
static void grow(struct shard *shard)
{
    size_t wider = shard->bucket_count * 2;
    struct entry **buckets = mem_zalloc(wider, sizeof(*buckets));
    if (buckets == NULL) {
        return;
    }
    for (struct entry *entry = shard->oldest; entry != NULL; entry = entry->newer) {
        struct entry **bucket = &buckets[entry->hash & (wider - 1)];
        entry->next = *bucket;
        *bucket = entry;
    }
    mem_free(shard->buckets);
    shard->buckets = buckets;
    shard->bucket_count = wider;
}

static void insert(struct shard *shard, struct entry *entry, size_t maximum)
{
    pthread_rwlock_wrlock(&shard->lock);
    struct entry *old = *find_link(shard, entry->kind, entry->hash, entry->key);
    if (old != NULL) {
        drop(shard, old);
    }
    make_room(shard, entry->size, maximum);
    if (shard->count >= shard->bucket_count) {
        grow(shard);
    }
    struct entry **bucket = &shard->buckets[entry->hash & (shard->bucket_count - 1)];
    entry->next = *bucket;
    *bucket = entry;
    queue_add(shard, entry);
    shard->bytes += entry->size;
    shard->count++;
    pthread_rwlock_unlock(&shard->lock);
}

static struct str lay(char **at, struct str s)
{
    char *start = *at;
    if (s.len > 0) {
        memcpy(start, s.ptr, s.len);
    }
    *at += s.len;
    return str_make(start, s.len);
}

static size_t size_of(struct str key, struct str bytes, const struct dependencies *dependencies)
{
    size_t size = sizeof(struct entry) + key.len + bytes.len;
    for (size_t i = 0; i < dependencies->count; i++) {
        size += sizeof(struct dependency) + dependencies->items[i].key.len;
    }
    return size;
}

/* header, dependencies, then texts */
static struct entry *entry_new(size_t size, struct str key, struct str bytes,
                               const struct dependencies *dependencies)
{
    struct entry *entry = mem_zalloc(1, size);
    if (entry == NULL) {
        return NULL;
    }
    struct dependency *copies = (struct dependency *)(entry + 1);
    char *at = (char *)(copies + dependencies->count);
    for (size_t i = 0; i < dependencies->count; i++) {
        copies[i].key = lay(&at, dependencies->items[i].key);
        copies[i].generation = dependencies->items[i].generation;
    }
    entry->dependencies = copies;
    entry->dependency_count = dependencies->count;
    entry->key = lay(&at, key);
    entry->bytes = lay(&at, bytes);
    entry->size = size;
    return entry;
}

void cache_keep(struct shop *shop, enum cache_kind kind, struct str key, struct str bytes,
                int64_t number, const struct dependencies *dependencies)
{
    if (!catalog_can_remember(shop) || dependencies->failed) {
        return;
    }
    size_t size = size_of(key, bytes, dependencies);
    if (size > shop->catalog->shard_bytes_max) {
        return;
    }
    struct entry *entry = entry_new(size, key, bytes, dependencies);
    if (entry == NULL) {
        return;
    }
    entry->hash = hash_of(kind, key);
    entry->kind = kind;
    entry->number = number;
    entry->made_wall = seams_wall(shop->seams);
    entry->made_monotonic = seams_monotonic(shop->seams);
    insert(shard_of(shop->catalog, entry->hash), entry, shop->catalog->shard_bytes_max);
}

/* ---- one computes for all ---- */

static struct flight **find_flight(struct catalog_cache *cache, uint64_t hash, struct str key)
{
    struct flight **link = &cache->flights;
    while (*link != NULL && ((*link)->hash != hash || !str_equal((*link)->key, key))) {
        link = &(*link)->next;
    }
    return link;
}

/* True: nobody was at it, now the caller is. Without memory everybody computes. */
static bool take_off(struct catalog_cache *cache, uint64_t hash, struct str key)
{
    struct flight *flight = mem_alloc(sizeof(*flight) + key.len);
    if (flight != NULL) {
        char *at = (char *)(flight + 1);
        *flight = (struct flight){.hash = hash, .key = lay(&at, key)};
    }
    pthread_mutex_lock(&cache->flight_lock);
    bool first = *find_flight(cache, hash, key) == NULL;
    if (first && flight != NULL) {
        flight->next = cache->flights;
        cache->flights = flight;
        flight = NULL;
    }
    pthread_mutex_unlock(&cache->flight_lock);
    mem_free(flight);
    return first;
}

/* Naps rather than parks: the one who computes needs a few hundred microseconds, rarely has
 * company, and is not to spend its time on waking others. */
bool cache_flight_begin(struct call *call, struct str key)
{
    struct catalog_cache *cache = call->shop->catalog;
    const struct seams *seams = call->shop->seams;
    if (cache == NULL) {
        return true;
    }
    uint64_t hash = str_hash(key);
    if (take_off(cache, hash, key)) {
        return true;
    }
    int64_t until = seams_monotonic(seams) + cache->stampede_wait;
    until = until < call->deadline ? until : call->deadline;
    bool flying = true;
    for (int64_t now; flying && (now = seams_monotonic(seams)) < until;) {
        seams->sleep_until(seams->context, now + FLIGHT_PAUSE);
        pthread_mutex_lock(&cache->flight_lock);
        flying = *find_flight(cache, hash, key) != NULL;
        pthread_mutex_unlock(&cache->flight_lock);
    }
    return false;
}

void cache_flight_end(struct shop *shop, struct str key)
{
    struct catalog_cache *cache = shop->catalog;
    if (cache == NULL) {
        return;
    }
    pthread_mutex_lock(&cache->flight_lock);
    struct flight **link = find_flight(cache, str_hash(key), key);
    struct flight *flight = *link;
    if (flight != NULL) {
        *link = flight->next;
    }
    pthread_mutex_unlock(&cache->flight_lock);
    mem_free(flight);
}
