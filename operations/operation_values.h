/*
 * operation_values.h - arguments that more than one handler reads: items, lines, versions, ranges.
 *
 * Everything read is a view on the arguments; arrays live in the call's arena. Errors are
 * INVALID_ARGUMENT with the argument as the caller knows it, "items[2].quantity", and
 * OUT_OF_MEMORY.
 */
#pragma once

#include "operations/operation.h"
#include "services/catalog/catalog.h"
#include "services/orders/orders.h"

/* Each item is exactly {product_id | variant_id, quantity, price?}. */
bool argument_items(struct call *call, const struct arguments *arguments, const char *name,
                    const struct order_item_request **items, size_t *count,
                    ecommerce_error *err) MUST_CHECK;
/* Each is exactly {line | product_id | variant_id, quantity}; absent: none. */
bool argument_lines(struct call *call, const struct arguments *arguments, const char *name,
                    const struct order_line_quantity **lines, size_t *count,
                    ecommerce_error *err) MUST_CHECK;
/* An array of texts; absent: none. */
bool argument_texts(struct call *call, const struct arguments *arguments, const char *name,
                    const struct str **texts, size_t *count, ecommerce_error *err) MUST_CHECK;
/* `expected_version` (1 or more) and `must_be_new`. */
bool argument_write_options(const struct arguments *arguments, struct write_options *options,
                            ecommerce_error *err) MUST_CHECK;

/* `from` and `to`, half-open; where one is absent: has_… false, and the earliest or latest time. */
struct time_range {
    bool has_from, has_to;
    int64_t from, to;
};
bool argument_range(const struct arguments *arguments, struct time_range *range,
                    ecommerce_error *err) MUST_CHECK;
