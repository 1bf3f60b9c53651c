/*
 * shop.h - what every service works with: the four stores, the settings, the seams, and the call.
 *
 * Services are straight-line code over the role contracts. They keep no state of their own but
 * caches and the background work declared here, so that any number of processes can serve one shop.
 * All service functions may be called by any number of threads at once, each with its own call.
 */
#pragma once

#include "config/settings.h"
#include "db_managers/documents_store.h"
#include "db_managers/graph_store.h"
#include "db_managers/live_store.h"
#include "db_managers/timeseries_store.h"
#include "support/error.h"
#include "support/money.h"
#include "support/timezone.h"

struct catalog_cache;
struct order_runtime; /* epoch, relay, sweeper: services/orders/order_runtime.h */
struct analytics_cache;

struct shop {
    struct documents_store *documents;
    struct live_store *live;
    struct timeseries_store *timeseries;
    struct graph_store *graph;
    const struct settings *settings;
    const struct seams *seams;
    const struct logger *logger;
    struct currency currency;
    struct timezone_table *zone;
    struct id shop_id; /* identity of the documents store; part of derived order ids */

    struct catalog_cache *catalog;     /* services/catalog/catalog.h */
    struct order_runtime *orders;      /* services/orders/order_runtime.h */
    struct analytics_cache *analytics; /* services/analytics/analytics.h */
};

/* One call of an operation. Made and finished by the coordinator (ecommerce_system.c). */
struct call {
    struct shop *shop;
    struct arena arena; /* scratch: everything a service reads lives here until the call ends */
    int64_t deadline;   /* monotonic */
    struct doc_builder *out; /* the answer; services add fields at the level that is open */
    unsigned degraded;       /* bit (1 << enum manager_role): what the answer had to do without */
    int64_t as_of;           /* a part of the answer is as old as this; 0: all is fresh */
    bool replayed;           /* the answer of an earlier call with the same idempotency key */
};

static inline int64_t call_wall(const struct call *call)
{
    return seams_wall(call->shop->seams);
}

/* "degraded": ["graph"] and "as_of" into the answer, when there is something to say. */
void call_add_condition(struct call *call);
/* Notes that a store failed for a part that can be missed. */
void call_degrade(struct call *call, enum manager_role role, const ecommerce_error *why);

/* Requests filled with the call's deadline and arena. */
struct documents_request call_documents(struct call *call, enum documents_operation operation,
                                        enum documents_collection collection, struct str id);
struct live_request call_live(struct call *call, enum live_operation operation);
struct timeseries_request call_timeseries(struct call *call, enum timeseries_operation operation);
struct graph_request call_graph(struct call *call, enum graph_operation operation);

/* One document by id; *found false when absent. */
bool call_get(struct call *call, enum documents_collection collection, struct str id, bool decisive,
              struct stored_document *document, bool *found, ecommerce_error *err) MUST_CHECK;

/* A line of the error log (COLLECTION_ERRORS) and of the logger; best effort, never fails the
 * caller. */
void shop_record_error(struct shop *shop, const char *where, struct str subject,
                       const ecommerce_error *err);
/* A line of the audit log: who did what to what. Part of the operation: its failure fails it. */
bool shop_audit(struct call *call, const char *action, struct str subject, struct doc detail,
                ecommerce_error *err) MUST_CHECK;
