/*
 * order_facts.h - what a fact means to the other stores: the one translation from documents to
 * entries of the time series, the graph and the counters. Relay, rebuild and checker use the same
 * functions, so what is rebuilt equals what was relayed.
 */
#pragma once

#include "services/orders/order_document.h"

/* The product id under which a delivery's cost appears in the analytics: "delivery:METHOD". */

/* Everything allocated lives in the arena. False: out of memory. */
bool facts_of_order(struct arena *arena, const struct order *order, struct timeseries_entry *sales,
                    struct graph_entry *graph) MUST_CHECK;
/* *has_sales, *has_graph: whether the change means anything there. */
bool facts_of_change(struct arena *arena, const struct order_change *change,
                     struct timeseries_entry *sales, bool *has_sales, struct graph_entry *graph,
                     bool *has_graph) MUST_CHECK;
bool facts_of_movement(struct arena *arena, const struct movement *movement,
                       struct timeseries_entry *sales) MUST_CHECK;

/* What the counters get back. One line a sku. */
bool facts_credit_of_change(struct arena *arena, const struct order_change *change,
                            struct stock_line **lines, size_t *count) MUST_CHECK;
/* Tracked quantities of an order, one line a sku: what is reserved and, once settled, sold. */
bool facts_stock_of_order(struct arena *arena, const struct order *order, struct stock_line **lines,
                          size_t *count) MUST_CHECK;
/* The marks that a new fact is inserted with. */
unsigned facts_marks_of_change(const struct order_change *change);
unsigned facts_marks_of_movement(const struct movement *movement);
