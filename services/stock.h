/*
 * stock.h - stock movements (the ledger) and levels (the counters that it is checked against).
 */
#pragma once

#include "services/shop.h"

struct stock_movement_request {
    struct str item_id; /* product, variant or sku */
    int64_t quantity;   /* receive: > 0; adjust: any but 0 */
    struct str reason;  /* STR_NONE; adjust: why */
    struct str
        movement_id; /* STR_NONE: made of the key, else new. The same id again changes nothing. */
    struct str key;
    int64_t at; /* wall clock; 0: now */
};

/* Answer: {movement_id, sku, quantity, at, available, replayed}. */
bool stock_receive(struct call *call, const struct stock_movement_request *request,
                   ecommerce_error *err) MUST_CHECK;
bool stock_adjust(struct call *call, const struct stock_movement_request *request,
                  ecommerce_error *err) MUST_CHECK;
/* Many receipts sharing round trips (imports); stops at the first error. */
bool stock_receive_batch(struct call *call, const struct stock_movement_request *requests,
                         size_t count, ecommerce_error *err) MUST_CHECK;
/* Answer: {sku, available, held, low, threshold}. */
bool stock_show(struct call *call, struct str item_id, ecommerce_error *err) MUST_CHECK;
/* Tracked items at or below their threshold. Answer: {items: [...], cursor}. */
bool stock_list_low(struct call *call, size_t limit, struct str cursor,
                    ecommerce_error *err) MUST_CHECK;
/* Answer: {sku, movements: [{id, at, quantity, level}]}; from the facts by way of the time series.
 */
bool stock_history(struct call *call, struct str item_id, int64_t from, int64_t to,
                   ecommerce_error *err) MUST_CHECK;
/* Answer: {sku, as_of, level}. */
bool stock_as_of(struct call *call, struct str item_id, int64_t at,
                 ecommerce_error *err) MUST_CHECK;
