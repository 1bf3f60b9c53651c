/*
 * bare_orders.h - the rows of the engine's orders, written once more without the engine.
 *
 * What the shop "engine" has more than the seed is loaded into memory and written into the copy
 * "bare", store by store, by prepared statements in as many transactions as the engine committed.
 * Nothing is checked, looked up or decided.
 */
#pragma once

#include "bench/bench_shop.h"

struct bare_orders_time {
    double accept; /* seconds: order, marks and reservation */
    double all;    /* the same with state, marks taken off, settlement, sales and graph */
    size_t orders;
};

/* The engine's shop is closed. */
bool bare_orders_run(const struct bench_shop *shop, const struct bench_commits *commits,
                     struct bare_orders_time *time, ecommerce_error *err) MUST_CHECK;
