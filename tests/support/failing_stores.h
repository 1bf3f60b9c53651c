/*
 * failing_stores.h - stores that stand before the real ones, count what is asked, and are away when
 * a test says so: then every request is answered UNAVAILABLE and nothing reaches the store behind.
 *
 * Change generations pass through also while the live store is away: they are memory of the host.
 */
#pragma once

#include "db_managers/documents_store.h"
#include "db_managers/graph_store.h"
#include "db_managers/live_store.h"
#include "db_managers/timeseries_store.h"

struct failing_stores {
    struct documents_store documents;
    struct live_store live;
    struct timeseries_store timeseries;
    struct graph_store graph;
    struct documents_store *real_documents;
    struct live_store *real_live;
    struct timeseries_store *real_timeseries;
    struct graph_store *real_graph;
    _Atomic unsigned away; /* bits (1 << enum manager_role) */
    _Atomic long requests[MANAGER_ROLES][MANAGER_MAX_OPERATIONS];
};

/* Fails the test when memory runs out. The real ones stay the caller's; must not move in memory. */
void failing_stores_init(struct failing_stores *stores, struct documents_store *documents,
                         struct live_store *live, struct timeseries_store *timeseries,
                         struct graph_store *graph);
void failing_stores_release(struct failing_stores *stores);
/* Requests of a role since the last forgetting; those of one operation. */
long failing_stores_count(struct failing_stores *stores, enum manager_role role);
long failing_stores_count_of(struct failing_stores *stores, enum manager_role role,
                             unsigned operation);
void failing_stores_forget(struct failing_stores *stores);
