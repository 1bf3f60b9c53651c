/*
 * timeseries_store.h - the contract of the time-series role: sales lines, stock levels, customer
 * events, performance metrics, and the reports over them.
 *
 * Everything here but metrics and events is derived: it can be rebuilt from the documents. Exactly
 * once: an entry (an order, a change of one, a movement) is applied in one transaction with its id
 * in a table of applied ids, which keeps the payload too; applying it again changes nothing. An
 * acknowledged APPLY is durable (marks in the documents are taken off on its word).
 *
 * Times are UTC microseconds and are those of the facts (placed_at, at), never the time of writing.
 * Amounts are minor units of the shop's one currency. All ranges are half-open: from <= t < to.
 *
 * Digests: a row a UTC day and table, with count, sum of quantities, sum of amounts and the sum
 * modulo 2^64 of a hash a row; independent of the order of writing, kept in the same transaction.
 */
#pragma once

#include "db_managers/base_manager.h"

enum sale_kind {
    SALE_PLACED,    /* gross, counted at placed_at */
    SALE_CANCELLED, /* counted at the cancellation */
    SALE_RETURNED,  /* counted at the return */
};

/* One line of an order, a cancellation or a return. Quantities and amounts are positive in all
 * kinds. */
struct sale_line {
    int line; /* number within the entry, from 1 */
    struct str product_id;
    struct str sku;
    struct str category; /* STR_NONE: none */
    int64_t quantity;
    int64_t amount;
    bool service; /* untracked: left out of product rankings unless asked for */
};

/* A change of stock: the level after it is not known here (events may come late);
 * levels are sums. */
struct stock_change {
    struct str sku;
    int64_t quantity; /* > 0 came in, < 0 went out */
};

struct timeseries_entry {
    struct str id;          /* applied id: the order's, the change's or the movement's */
    enum sale_kind kind;    /* of the lines */
    struct str order_id;    /* STR_NONE for movements and unlinked returns */
    struct str customer_id; /* STR_NONE: a guest */
    struct str country;     /* ISO name or code as the order has it; STR_NONE: unknown */
    int64_t time;
    const struct sale_line *lines;
    size_t line_count;
    const struct stock_change *stock; /* what it did to tracked stock */
    size_t stock_count;
    struct doc payload; /* the fact's document as it is, for salvage */
    /* out */
    bool applied; /* false: it was there before */
};

struct customer_event {
    struct str id;          /* applied id */
    struct str kind;        /* "viewed", "searched", "added_to_cart", "removed_from_cart" */
    struct str customer_id; /* or STR_NONE */
    struct str session;     /* hash, or STR_NONE */
    struct str product_id;  /* or STR_NONE */
    struct str text;        /* searched words, or STR_NONE */
    int64_t time;
};

struct metric_point {
    struct str name;
    int64_t time;
    double value;
};

enum sales_dimension {
    DIMENSION_PRODUCT,
    DIMENSION_CUSTOMER, /* guests are left out */
    DIMENSION_CATEGORY,
    DIMENSION_COUNTRY,
};

enum sales_ranking { RANK_BY_NET, RANK_BY_UNITS, RANK_BY_ORDERS };

/* Restricts a report; STR_NONE: no restriction. */
struct sales_filter {
    struct str product_id;
    struct str customer_id;
    struct str category;
    struct str country;
    bool with_services; /* rankings by product: services too. Sales totals always have them. */
};

/* Sums over some range. net = gross - cancelled - returned. */
struct sales_sums {
    struct str key; /* of the dimension */
    int64_t gross, cancelled, returned;
    int64_t units;         /* placed */
    int64_t units_back;    /* cancelled and returned */
    int64_t orders;        /* orders placed that have a line in the range and filter */
    int64_t customers;     /* distinct known customers among them */
    int64_t first, last;   /* times of the first and last order placed; 0 when none */
    int64_t active_orders; /* orders placed less those cancelled since (before the range's end) */
};

struct stock_point {
    int64_t time;
    struct str id; /* the entry behind it */
    int64_t quantity;
    int64_t level; /* running sum after it, in (time, id) order */
};

struct metric_bucket {
    int64_t start;
    int64_t count;
    double minimum, maximum, sum;
};

struct day_digest {
    int64_t day; /* days since 1970-01-01, UTC */
    int64_t count, quantity, amount;
    uint64_t hash;
};

enum timeseries_operation {
    /* entries, all in one transaction -> entries[].applied. Durable. */
    TIMESERIES_APPLY,
    /* events in one transaction, once an id */
    TIMESERIES_EVENTS,
    /* metrics; no once, no durability promised */
    TIMESERIES_METRICS,
    /* ids -> present[]: which were applied */
    TIMESERIES_HAS,
    /* from, to, after, limit -> entries as they were applied (by time, then id): for checker and
       salvage */
    TIMESERIES_ENTRIES,
    /* bounds[bound_count] ascending, filter -> sums[bound_count - 1], one a bucket */
    TIMESERIES_SALES,
    /* from, to, dimension, filter, ranking, limit (0: all) -> sums, best first, ties by key */
    TIMESERIES_RANKING,
    /* from, to -> span_first, span_last: times of the first and last placed sale; found */
    TIMESERIES_SPAN,
    /* key (customer), from, to -> sums by product of one customer */
    TIMESERIES_CUSTOMER_PRODUCTS,
    /* key (sku), from, to -> points, oldest first */
    TIMESERIES_STOCK_HISTORY,
    /* to -> points (id = sku): level of every sku at that time, by sku; negative
     * and zero included */
    TIMESERIES_STOCK_AT,
    /* from, to, limit -> ranked counts of events by product (key, orders = events, customers) for
       filter-less kind */
    TIMESERIES_EVENT_RANKING,
    /* key (metric), bounds -> metric_buckets */
    TIMESERIES_METRIC_HISTORY,
    /* from_day, to_day -> digests of sale lines, by day */
    TIMESERIES_DIGESTS,
    /* key (customer): takes the customer's id out of events and lines' payloads (erasure); facts
       stay */
    TIMESERIES_FORGET_CUSTOMER,
    /* Rebuild: BEGIN empties the shadow, APPLY with `shadow` fills it, SWAP makes it the real one
     * in one transaction; what was applied to the real one since BEGIN must be applied to the
     * shadow too. */
    TIMESERIES_SHADOW_BEGIN,
    TIMESERIES_SHADOW_SWAP,
    TIMESERIES_SHADOW_DROP,
    TIMESERIES_OPERATIONS
};

struct timeseries_request {
    struct store_request base;

    /* in */
    struct timeseries_entry *entries;
    size_t entry_count;
    const struct customer_event *events;
    size_t event_count;
    const struct metric_point *metrics;
    size_t metric_count;
    const struct str *ids;
    size_t id_count;
    int64_t from, to;
    int64_t from_day, to_day;
    const int64_t *bounds;
    size_t bound_count;
    struct sales_filter filter;
    enum sales_dimension dimension;
    enum sales_ranking ranking;
    struct str key;
    struct str after;
    size_t limit;
    bool shadow; /* APPLY, HAS, DIGESTS, ENTRIES: on the shadow */

    /* out */
    bool *present;
    struct timeseries_entry *found_entries;
    struct sales_sums *sums;
    struct stock_point *points;
    struct metric_bucket *metric_buckets;
    struct day_digest *digests;
    size_t count; /* of the array that the operation fills */
    struct str cursor;
    bool found;
    int64_t span_first, span_last;
};

struct timeseries_store;

struct timeseries_store_ops {
    void (*submit)(struct timeseries_store *store, struct timeseries_request *request);
    void (*wait)(struct timeseries_store *store, struct timeseries_request *request);
};

struct timeseries_store {
    struct base_manager base;
    const struct timeseries_store_ops *ops;
};

static inline void timeseries_submit(struct timeseries_store *store,
                                     struct timeseries_request *request)
{
    store->ops->submit(store, request);
}

static inline bool timeseries_wait(struct timeseries_store *store,
                                   struct timeseries_request *request)
{
    store->ops->wait(store, request);
    return request->base.ok;
}

bool timeseries_run(struct timeseries_store *store, struct timeseries_request *request,
                    ecommerce_error *err) MUST_CHECK;

/* The hash of one sale line in a digest: the same in every store (FNV-1a over id, line, kind,
 * product, quantity, amount, time). */
uint64_t sale_line_hash(const struct timeseries_entry *entry, const struct sale_line *line);
