/*
 * recovery.h - when the live store is not the one the newest base names, or has lost writes: count
 * the stock again from the facts and open a new epoch.
 */
#pragma once

#include "services/orders/epochs.h"

/* Brings this process to an epoch that the live store has. `status` is what the live store just
 * said: it has the newest base's epoch on the named store -> adopted; it is behind, or another one,
 * or older than the documents remember -> rebuilt (by us, or waited for); a newer epoch is sealed
 * and has no base -> waited for, overtaken when it takes too long. After success runtime->epoch is
 * usable. Fails with the deadline; a count that has begun is finished beyond it: if each were cut
 * short, none would ever end. */
bool recovery_align(struct call *call, const struct live_status *status,
                    ecommerce_error *err) MUST_CHECK;

/* Waits for the base of an epoch that is sealed and has none; when that has taken longer than
 * orders.rebuild_overtake since this process first saw it, counts the stock itself. Fails with the
 * deadline. After success look again. */
bool recovery_await_base(struct call *call, int64_t sealed, ecommerce_error *err) MUST_CHECK;

/* At opening: reads what the documents remember, then asks the live store, then aligns. */
bool recovery_open(struct call *call, ecommerce_error *err) MUST_CHECK;

/* A new epoch, whatever the state (operation `rebuild stock`, restore of the documents). Answer:
 * {epoch, parent, orders_counted, changes_counted, movements_counted, skus}. */
bool recovery_rebuild_stock(struct call *call, ecommerce_error *err) MUST_CHECK;

/* What the counters should be, counted from the facts as of now in epoch `parent`. For recovery and
 * checker. */
struct recount {
    struct stock_level *levels; /* by sku; available = what is left */
    size_t level_count;
    struct str *applied_ids; /* changes and movements that the levels contain */
    size_t applied_count;
    struct str
        *counted_orders; /* counted orders of epoch `parent` that still bear the stock mark */
    size_t counted_count;
    int64_t orders, changes, movements;
};
bool recovery_recount(struct call *call, const struct epoch_base *parent, struct recount *recount,
                      ecommerce_error *err) MUST_CHECK;
