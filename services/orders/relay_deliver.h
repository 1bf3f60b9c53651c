/*
 * relay_deliver.h - one batch of facts, from the documents to the other stores (inside the relay).
 */
#pragma once

#include "services/orders/order_facts.h"
#include "services/orders/relay.h"

struct relay_item {
    struct relay_item *next;
    enum fact_kind kind;
    struct stored_document stored; /* its bytes follow the struct */
};

enum delivery_failure {
    DELIVERED,
    STORE_AWAY,   /* nobody's fault: comes again, is never parked */
    FACT_REFUSED, /* a reason of its own: counts towards parking */
};

struct delivery {
    enum fact_kind kind;
    const struct stored_document *stored;
    /* parsed */
    struct order order;
    struct order_change change;
    struct movement movement;
    struct str id;
    enum documents_collection collection;
    /* what it means */
    bool has_sales, has_graph;
    struct timeseries_entry sales;
    struct graph_entry graph;
    struct stock_line *credit;
    size_t credit_count;
    /* outcome */
    unsigned done; /* marks whose targets have it */
    enum delivery_failure failure;
    ecommerce_error error;
    struct live_request live_request;
    struct documents_request documents_request;
    struct documents_request state_request;
};

/* Delivers all of them; orders must have been judged valid. Outcomes are in each delivery, the
 * marks of what succeeded are off, failures are deferred or parked. False only when out of memory.
 */
bool relay_deliver(struct call *call, struct delivery *deliveries, size_t count,
                   ecommerce_error *err) MUST_CHECK;
/* Parses the stored fact into a delivery. */
bool delivery_open(struct call *call, enum fact_kind kind, const struct stored_document *stored,
                   struct delivery *delivery, ecommerce_error *err) MUST_CHECK;
