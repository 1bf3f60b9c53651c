/*
 * rebuild.h - the facts of the shop as entries of the derived stores, for rebuild and checker.
 */
#pragma once

#include "services/orders/order_facts.h"

/* Called for every valid fact, in no order but that all orders come before all changes. Views live
 * until it returns. */
struct fact_entries {
    struct str id;
    enum documents_collection collection;
    unsigned marks;
    bool has_sales, has_graph;
    struct timeseries_entry sales;
    struct graph_entry graph;
    const struct order *order; /* of a fact of that kind */
    const struct order_change *change;
    const struct movement *movement;
};
typedef bool see_fact(void *context, struct arena *page, const struct fact_entries *fact,
                      ecommerce_error *err);
/* Aborted, void and not yet judged orders are no facts. `damaged`: called for documents that cannot
 * be read; NULL: fail. */
struct fact_walk {
    see_fact *each;
    bool (*damaged)(void *context, enum documents_collection collection, struct str id,
                    const ecommerce_error *why);
    void *context;
    int64_t orders, changes, movements; /* out */
};
bool facts_walk(struct call *call, struct fact_walk *walk, ecommerce_error *err) MUST_CHECK;
