/*
 * graph_store.h - the contract of the graph role: who bought what together with what, and what
 * follows from it for recommendations.
 *
 * (Customer)-[PLACED]->(Order)-[CONTAINS {quantity}]->(Product), and (Customer)-[VIEWED
 * …]->(Product). All of it is derived and can be rebuilt. An entry is applied once: the order's
 * node, unique by id, is the proof, made in the transaction of its relations. A cancellation or
 * return takes quantities off an order's relations; a relation whose quantity falls to 0 no longer
 * counts as a purchase. An entry that comes before the order it belongs to is refused with
 * NOT_FOUND and repeated later by the relay.
 *
 * Services (untracked items) are not products of the graph: the relay leaves them out.
 *
 * Recommendations return candidates best first, ties by product id; the caller filters by stock and
 * asks again with a greater limit when too few are left. Formulas: docs/recommendations.md.
 */
#pragma once

#include "db_managers/base_manager.h"

struct graph_line {
    struct str product_id;
    int64_t quantity; /* > 0 */
};

enum graph_entry_kind { GRAPH_ORDER, GRAPH_TAKE_BACK };

struct graph_entry {
    struct str id; /* applied id: the order's, or the change's */
    enum graph_entry_kind kind;
    struct str order_id;
    struct str customer_id; /* STR_NONE: a guest */
    int64_t time;
    const struct graph_line *lines; /* distinct products */
    size_t line_count;
    /* out */
    bool applied; /* false: it was there before */
};

struct graph_event {
    struct str id;
    struct str kind; /* "viewed" … */
    struct str customer_id;
    struct str product_id;
    int64_t time;
};

enum recommendation_kind {
    RECOMMEND_BOUGHT_TOGETHER, /* key: product */
    RECOMMEND_SIMILAR,         /* key: product */
    RECOMMEND_FOR_CUSTOMER,    /* key: customer */
    RECOMMEND_BUY_AGAIN,       /* key: customer */
    RECOMMEND_TRENDING,        /* no key */
};

struct recommendation {
    struct str product_id;
    double score; /* comparable within one answer only */
    int64_t
        baskets; /* BOUGHT_TOGETHER, SIMILAR: orders that hold both; else orders of the window */
    int64_t own_orders;  /* FOR_CUSTOMER, BUY_AGAIN: this customer's orders with it */
    int64_t last_bought; /* by this customer; 0: never */
    /* The seen product that speaks most for it (FOR_CUSTOMER), or STR_NONE */
    struct str because_of;
};

struct graph_digest {
    int64_t orders, lines, quantity;
    uint64_t hash; /* sum of a hash a relation */
};

enum graph_operation {
    /* entries in one transaction -> entries[].applied. Durable. */
    GRAPH_APPLY,
    /* events, once an id */
    GRAPH_EVENTS,
    GRAPH_HAS, /* ids -> present[] */
    /* after, limit -> found_entries: every order's remaining relations, by order id, for the
       checker */
    GRAPH_ENTRIES,
    /* kind, key, as_of, limit -> recommendations, count */
    GRAPH_RECOMMEND,
    /* key (customer) -> recommendations[].product_id, own_orders, last_bought: purchase pattern,
       most bought first */
    GRAPH_CUSTOMER_PRODUCTS,
    GRAPH_DIGEST,          /* -> digest */
    GRAPH_FORGET_CUSTOMER, /* key: orders become a guest's */
    GRAPH_SHADOW_BEGIN,
    GRAPH_SHADOW_SWAP,
    GRAPH_SHADOW_DROP,
    GRAPH_OPERATIONS
};

struct graph_request {
    struct store_request base;

    /* in */
    struct graph_entry *entries;
    size_t entry_count;
    const struct graph_event *events;
    size_t event_count;
    const struct str *ids;
    size_t id_count;
    enum recommendation_kind kind;
    struct str key;
    int64_t as_of;
    size_t limit;
    struct str after;
    bool shadow; /* APPLY, HAS, ENTRIES, DIGEST */

    /* out */
    bool *present;
    struct graph_entry *found_entries;
    struct recommendation *recommendations;
    size_t count;
    struct str cursor;
    struct graph_digest digest;
};

struct graph_store;

struct graph_store_ops {
    void (*submit)(struct graph_store *store, struct graph_request *request);
    void (*wait)(struct graph_store *store, struct graph_request *request);
};

struct graph_store {
    struct base_manager base;
    const struct graph_store_ops *ops;
};

static inline void graph_submit(struct graph_store *store, struct graph_request *request)
{
    store->ops->submit(store, request);
}

static inline bool graph_wait(struct graph_store *store, struct graph_request *request)
{
    store->ops->wait(store, request);
    return request->base.ok;
}

bool graph_run(struct graph_store *store, struct graph_request *request,
               ecommerce_error *err) MUST_CHECK;

/* The hash of one relation in a digest: the same in every store (FNV-1a over order, product,
 * quantity). */
uint64_t graph_relation_hash(struct str order_id, const struct graph_line *line);
