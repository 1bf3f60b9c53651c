/*
 * insights_rfm.c - recency, frequency and monetary value of a customer among all.
 *
 * Compared are the customers with an active order up to as_of: recency by the time of their last
 * order, frequency by their active orders, monetary by their net spend. The score of a value is its
 * fifth of the ranking; equal values share the score of the middle of their places, so that no
 * order of ids decides about a customer and, where all are alike, all are 3.
 */
#include "services/analytics/analytics_parts.h"
#include "support/alloc.h"
#include "support/timestamp.h"

#include <pthread.h>
#include <stdlib.h>

enum { RFM_TABLES = 4, RFM_MEASURES = 3 };

struct rfm_entry {
    struct str customer_id;
    uint8_t scores[RFM_MEASURES]; /* recency, frequency, monetary */
};

/* One block of memory: the entries by customer id, then their ids. */
struct rfm_table {
    int64_t as_of;
    bool latest;
    uint64_t generation;
    int64_t made; /* monotonic */
    int64_t used; /* monotonic, of the last look-up */
    size_t count;
    struct rfm_entry entries[];
};

struct analytics_cache {
    pthread_mutex_t lock;
    struct rfm_table *tables[RFM_TABLES];
};

bool analytics_open(struct shop *shop, ecommerce_error *err)
{
    struct analytics_cache *cache = mem_zalloc(1, sizeof(*cache));
    if (cache == NULL) {
        return error_memory(err);
    }
    pthread_mutex_init(&cache->lock, NULL);
    shop->analytics = cache;
    return true;
}

void analytics_close(struct shop *shop)
{
    struct analytics_cache *cache = shop->analytics;
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < RFM_TABLES; i++) {
        mem_free(cache->tables[i]);
    }
    pthread_mutex_destroy(&cache->lock);
    mem_free(cache);
    shop->analytics = NULL;
}

/* ---- the cache ---- */

static uint64_t generation_now(struct call *call)
{
    struct live_store *live = call->shop->live;
    return manager_can(&live->base, CAPABILITY_GENERATIONS)
               ? live_generation(live, STR("recommendations"))
               : 0;
}

/* A default as_of moves on with the clock; what follows from it holds for the day, since only a new
 * sale, which moves the generation, changes it. */
static bool same_instant(const struct rfm_table *table, const struct rfm_question *question)
{
    if (table->latest != question->latest) {
        return false;
    }
    return question->latest ? floor_divide(table->as_of, ANALYTICS_DAY) ==
                                  floor_divide(question->as_of, ANALYTICS_DAY)
                            : table->as_of == question->as_of;
}

static bool is_fresh(struct call *call, const struct rfm_table *table,
                     const struct rfm_question *question, int64_t now)
{
    int64_t lifetime = settings_duration(call->shop->settings, SETTING_CACHE_LIFETIME);
    return same_instant(table, question) && table->generation == question->generation &&
           now - table->made < lifetime;
}

static int by_customer(const void *a, const void *b)
{
    return str_compare(((const struct rfm_entry *)a)->customer_id,
                       ((const struct rfm_entry *)b)->customer_id);
}

static void look_up(const struct rfm_table *table, struct str customer_id, struct rfm *rfm)
{
    struct rfm_entry key = {.customer_id = customer_id};
    const struct rfm_entry *entry =
        table->count == 0 ? NULL
                          : bsearch(&key, table->entries, table->count, sizeof(key), by_customer);
    *rfm = (struct rfm){.customers = (int64_t)table->count};
    if (entry != NULL) {
        rfm->known = true;
        rfm->recency = entry->scores[0];
        rfm->frequency = entry->scores[1];
        rfm->monetary = entry->scores[2];
    }
}

static bool find_cached(struct call *call, struct rfm_question *question)
{
    struct analytics_cache *cache = call->shop->analytics;
    bool found = false;
    if (cache == NULL) {
        return false;
    }
    int64_t now = seams_monotonic(call->shop->seams);
    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < RFM_TABLES && !found; i++) {
        struct rfm_table *table = cache->tables[i];
        if (table != NULL && is_fresh(call, table, question, now)) {
            table->used = now;
            look_up(table, question->customer_id, &question->rfm);
            found = true;
        }
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

/* In the place of the table for the same instant, of none, or of the one not used for longest. */
static void keep(struct call *call, struct rfm_table *table, const struct rfm_question *question)
{
    struct analytics_cache *cache = call->shop->analytics;
    if (cache == NULL) {
        mem_free(table);
        return;
    }
    pthread_mutex_lock(&cache->lock);
    size_t place = 0;
    for (size_t i = 0; i < RFM_TABLES; i++) {
        struct rfm_table *old = cache->tables[i], *best = cache->tables[place];
        if (old != NULL && same_instant(old, question)) {
            place = i;
            break;
        }
        if (best != NULL && (old == NULL || old->used < best->used)) {
            place = i;
        }
    }
    mem_free(cache->tables[place]);
    cache->tables[place] = table;
    pthread_mutex_unlock(&cache->lock);
}

/* ---- scores ---- */

int rfm_score(int64_t less, int64_t equal, int64_t n)
{
    return 1 + (int)(5 * (2 * less + equal) / (2 * n));
}

struct measure {
    int64_t value;
    size_t index;
};

static int by_value(const void *a, const void *b)
{
    int64_t x = ((const struct measure *)a)->value, y = ((const struct measure *)b)->value;
    return (x > y) - (x < y);
}

static int64_t measure_of(const struct sales_sums *sums, int which)
{
    return which == 0 ? sums->last : which == 1 ? sums->active_orders : sums_net(sums);
}

static void score_all(struct rfm_table *table, const struct sales_sums *const *customers,
                      struct measure *measures, int which)
{
    size_t n = table->count;
    for (size_t i = 0; i < n; i++) {
        measures[i] = (struct measure){measure_of(customers[i], which), i};
    }
    qsort(measures, n, sizeof(*measures), by_value);
    for (size_t first = 0, end; first < n; first = end) {
        end = first + 1;
        while (end < n && measures[end].value == measures[first].value) {
            end++;
        }
        int score = rfm_score((int64_t)first, (int64_t)(end - first), (int64_t)n);
        for (size_t i = first; i < end; i++) {
            table->entries[measures[i].index].scores[which] = (uint8_t)score;
        }
    }
}

static struct rfm_table *allocate(const struct sales_sums *const *customers, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += customers[i]->key.len;
    }
    struct rfm_table *table = mem_alloc(sizeof(*table) + count * sizeof(table->entries[0]) + bytes);
    if (table == NULL) {
        return NULL;
    }
    char *text = (char *)&table->entries[count];
    for (size_t i = 0; i < count; i++) {
        memcpy(text, customers[i]->key.ptr, customers[i]->key.len);
        table->entries[i] = (struct rfm_entry){.customer_id = {text, customers[i]->key.len}};
        text += customers[i]->key.len;
    }
    table->count = count;
    return table;
}

static struct rfm_table *compute(struct call *call, const struct sales_sums *sums, size_t count)
{
    const struct sales_sums **customers = arena_array(&call->arena, count + 1, sizeof(*customers));
    struct measure *measures = arena_array(&call->arena, count + 1, sizeof(*measures));
    if (customers == NULL || measures == NULL) {
        return NULL;
    }
    size_t active = 0;
    for (size_t i = 0; i < count; i++) {
        if (sums[i].active_orders > 0) {
            customers[active++] = &sums[i];
        }
    }
    struct rfm_table *table = allocate(customers, active);
    for (int which = 0; table != NULL && which < RFM_MEASURES; which++) {
        score_all(table, customers, measures, which);
    }
    if (table != NULL && active > 1) {
        qsort(table->entries, active, sizeof(table->entries[0]), by_customer);
    }
    return table;
}

/* ---- asking ---- */

void rfm_ask(struct call *call, struct rfm_question *question)
{
    /* Read before the sales are: one that comes between makes the table look old, never new. */
    question->generation = generation_now(call);
    question->asked = !find_cached(call, question);
    if (!question->asked) {
        return;
    }
    question->request = call_timeseries(call, TIMESERIES_RANKING);
    question->request.dimension = DIMENSION_CUSTOMER;
    question->request.ranking = RANK_BY_NET;
    question->request.from = ANALYTICS_BEGINNING;
    question->request.to = question->as_of + 1;
    timeseries_submit(call->shop->timeseries, &question->request);
}

bool rfm_take(struct call *call, struct rfm_question *question, bool *answered,
              ecommerce_error *err)
{
    *answered = true;
    if (!question->asked) {
        return true;
    }
    question->asked = false;
    struct timeseries_request *request = &question->request;
    if (!timeseries_wait(call->shop->timeseries, request)) {
        *answered = false;
        return analytics_miss(call, ROLE_TIMESERIES, &request->base.error, err);
    }
    struct rfm_table *table = compute(call, request->sums, request->count);
    if (table == NULL) {
        return error_memory(err);
    }
    look_up(table, question->customer_id, &question->rfm);
    table->as_of = question->as_of;
    table->latest = question->latest;
    table->generation = question->generation;
    table->made = table->used = seams_monotonic(call->shop->seams);
    keep(call, table, question);
    return true;
}

/* ---- segments ---- */

/* By recency (rows, 1 to 5) and by the mean of frequency and monetary, rounded up (columns). */
static const char *const segments[5][5] = {
    {"lost", "lost", "lost", "at_risk", "at_risk"},
    {"hibernating", "hibernating", "at_risk", "at_risk", "at_risk"},
    {"needs_attention", "needs_attention", "loyal", "loyal", "loyal"},
    {"promising", "promising", "loyal", "champions", "champions"},
    {"new", "promising", "loyal", "champions", "champions"},
};

const char *rfm_segment(const struct rfm *rfm)
{
    return segments[rfm->recency - 1][(rfm->frequency + rfm->monetary + 1) / 2 - 1];
}
