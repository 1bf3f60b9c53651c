/*
 * fake_stores.h - live, timeseries and graph stores in memory that answer what a test laid into
 * them.
 *
 * For tests of services that want a certain answer rather than the way to it. They do the
 * operations named here; all others are answered UNAVAILABLE. One lock each; any thread.
 */
#pragma once

#include "db_managers/graph_store.h"
#include "db_managers/live_store.h"
#include "db_managers/timeseries_store.h"
#include "support/ids.h"

#include <pthread.h>

enum { FAKE_LEVELS = 16384, FAKE_VALUES = 256, FAKE_ROWS = 1024, FAKE_GENERATIONS = 4096 };

/* STATUS, INSTALL and CREDIT (of any epoch), LEVELS, GET, PUT, DELETE, DELETE_OWNER; generations
 * when its capabilities say so, which they do at first. */
struct fake_live {
    struct live_store store;
    pthread_mutex_t lock;
    struct {
        char sku[ID_MAX + 1];
        int64_t available;
    } levels[FAKE_LEVELS]; /* hashed, open addressing */
    struct {
        enum live_space space;
        char key[256], owner[256];
        uint8_t *bytes;
        uint32_t size;
        int64_t version, expires_at;
    } values[FAKE_VALUES];
    size_t value_count;
    _Atomic uint64_t generations[FAKE_GENERATIONS];
};

/* RECOMMEND: the rows of the kind and key, at most `limit`. */
struct fake_graph {
    struct graph_store store;
    struct {
        enum recommendation_kind kind;
        const char *key; /* NULL: any */
        struct recommendation row;
    } rows[FAKE_ROWS];
    size_t row_count;
};

/* RANKING: the keys as they were laid, at most `limit`. */
struct fake_timeseries {
    struct timeseries_store store;
    const char *ranking[FAKE_ROWS];
    size_t count;
    int64_t asked_from, asked_to;
};

struct fake_live *fake_live_new(const struct seams *seams);
struct fake_graph *fake_graph_new(const struct seams *seams);
struct fake_timeseries *fake_timeseries_new(const struct seams *seams);
/* Freed by manager_close(&fake->store.base), as all stores are. */

void fake_live_set(struct fake_live *fake, const char *sku, int64_t available);
/* ids must live as long as the store. */
void fake_graph_add(struct fake_graph *fake, enum recommendation_kind kind, const char *key,
                    const char *product_id, double score, int64_t baskets);
