/*
 * sweeper.h - ends what crashed callers left: reservations without an order, orders nobody judged,
 * and what the live store need not remember any longer. Any process may sweep at any time; a lease
 * only saves work.
 */
#pragma once

#include "services/orders/order_runtime.h"

struct sweep_result {
    size_t aborted, settled, released, left;
};

bool sweeper_step(struct call *call, struct sweep_result *result, ecommerce_error *err) MUST_CHECK;
