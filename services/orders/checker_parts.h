/*
 * checker_parts.h - what the checks share: the list of findings and what has to be mended.
 */
#pragma once

#include "services/orders/checker.h"
#include "services/orders/rebuild.h"
#include "support/strmap.h"

enum finding_kind {
    FINDING_ORDER_DAMAGED,
    FINDING_ORDER_UNJUDGED,
    FINDING_DELIVERY_OVERDUE,
    FINDING_DELIVERY_PARKED,
    FINDING_HOLD_OVERDUE,
    FINDING_EPOCH_DIFFERS,
    FINDING_STOCK_DIFFERS,
    FINDING_ANALYTICS_MISSING,
    FINDING_ANALYTICS_DIFFERS,
    FINDING_ANALYTICS_GHOST,
    FINDING_GRAPH_MISSING,
    FINDING_GRAPH_DIFFERS,
    FINDING_GRAPH_GHOST,
    FINDING_STATE_DIFFERS,
    FINDING_CONTACT_ORPHANED,
    FINDING_KINDS
};

struct finding {
    enum finding_kind kind;
    struct str id;
    const char *expected, *found; /* in the call's arena */
};

struct check {
    struct call *call;
    const struct check_options *options;
    struct finding *findings;
    size_t finding_count, finding_capacity;
    int64_t counts[FINDING_KINDS];
    int64_t orders, changes, movements, skus;
};

/* Copies the id; counts it even where the list is full. False: out of memory. */
bool check_add(struct check *check, enum finding_kind kind, struct str id, const char *expected,
               const char *found, ecommerce_error *err) MUST_CHECK;
const char *finding_kind_name(enum finding_kind kind);

/* checker_facts.c: documents by themselves: sums, judged, delivered, states, contacts. */
bool check_facts(struct check *check, ecommerce_error *err) MUST_CHECK;
/* checker_stock.c: epoch, holds, counters. */
bool check_stock(struct check *check, ecommerce_error *err) MUST_CHECK;
/* checker_derived.c: time series and graph against the facts. */
bool check_analytics(struct check *check, ecommerce_error *err) MUST_CHECK;
bool check_graph(struct check *check, ecommerce_error *err) MUST_CHECK;
/* checker_repair.c: mends what the findings ask for; adds `repaired` to the answer. */
bool check_repair(struct check *check, ecommerce_error *err) MUST_CHECK;
