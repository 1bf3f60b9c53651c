/*
 * import_demo.h - a demonstration shop: the plan of demo_plan.h, one service call an event.
 *
 * The catalogue and the customers come first and as they are at the end of the history; then
 * stock, orders, what became of them, in time order by stretches; then behaviour and open carts.
 *
 * The shop remembers which demonstration of a seed it has and when it ended (COLLECTION_SHOP,
 * "demo-<seed>"), so that the same command makes the same demonstration again: repeated it changes
 * nothing, after a kill it does the rest. Keys are "demo-<seed>-<number>".
 */
#pragma once

#include "services/imports/demo_plan.h"
#include "services/shop.h"

/*
 * `options->now` 0: the time of this call, or of the first one with this seed. The currency is the
 * shop's. Answer: {seed, start, now, categories, products, customers, movements, orders, changes
 * (returns are among them), events, cart_items, turnover, expected_turnover, reconciled, seconds}.
 * `turnover` is what the time series say of the time of the history; other sales in it make
 * `reconciled` false. Errors: INVALID_ARGUMENT of demo_plan_new, or when this seed was used with
 * other options; those of the stores, after which it may be run again.
 */
bool import_demo(struct call *call, const struct demo_options *options,
                 ecommerce_error *err) MUST_CHECK;
