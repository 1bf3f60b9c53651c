/*
 * carts.h - shopping carts: items with quantities, kept until they expire, and the way from a cart
 * to an order.
 *
 * A cart lives in the live store under its id, in SPACE_CARTS; one that was never filled, has
 * expired, or was lost with the store is empty and has version 0. Each change renews
 * carts.lifetime. A cart belongs to a customer, or to the guest who knows its id, which is to be a
 * random one then.
 *
 * Prices are the catalogue's at the moment of showing. Each item also keeps two older ones: the
 * price when it was added (an item whose price differs from it is shown with `price_changed` and
 * `price_when_added`) and the price that was shown last. Checking out expects the latter: who has
 * looked at the cart pays what stood there, or gets PRICE_CHANGED, looks again, and decides. When
 * show finds other prices than it showed before, it notes them, which is a change of the cart: the
 * version it answers is the new one.
 *
 * Checking out marks the cart first, with the key of the order to come, then processes the order
 * under that key, then empties the cart. A marked cart refuses changes (CART_LOCKED). Only the call
 * that made a mark ever places its order. A mark whose deadline has passed (its call crashed, or
 * never learnt the outcome) is resolved by the next call that touches the cart: the order is read
 * by its key; when it is there the cart is emptied, when not, its id is taken by an aborted one, so
 * that it can never be placed, and the cart is open again. So an item is in the cart or in one
 * order.
 *
 * Stored: {incarnation, customer_id, items [{item_id, quantity, price_when_added, price_shown}],
 * changed_at, checkout {key, deadline, version, request_key}, last {version, request_key,
 * order_id}, merged}.
 */
#pragma once

#include "services/orders/orders.h"
#include "services/shop.h"

/* Which cart, and who asks. */
struct cart_ref {
    struct str cart_id;
    /* A cart that belongs to a customer is NOT_FOUND for anybody else. A new cart belongs to this
     * customer; STR_NONE: to a guest. */
    struct str customer_id;
    bool trusted;             /* any cart, whoever it belongs to (staff, command line) */
    int64_t expected_version; /* VERSION_CONFLICT when it has another one; 0: any */
};

/*
 * Answer of all but checkout: {cart_id, customer_id, version, currency, items [{item_id,
 * product_id, variant_id, sku, name, quantity, price, amount, price_changed, price_when_added,
 * available, unavailable}], units, total, price_changed, unavailable, checking_out, expires_at}.
 * `unavailable` of an item is "unknown_product", "retired_product" or "out_of_stock" (then
 * `available` says how many are left); such items are not in the total. `units` counts all.
 */
bool carts_show(struct call *call, const struct cart_ref *ref, ecommerce_error *err) MUST_CHECK;
/* Adds to the quantity that is there. INVALID_ARGUMENT, UNKNOWN_PRODUCT, RETIRED_PRODUCT,
 * LIMIT_EXCEEDED (carts.max_items, orders.max_quantity). */
bool carts_add(struct call *call, const struct cart_ref *ref, struct str item_id, int64_t quantity,
               ecommerce_error *err) MUST_CHECK;
/* Makes the quantity what it says; 0 removes. */
bool carts_set(struct call *call, const struct cart_ref *ref, struct str item_id, int64_t quantity,
               ecommerce_error *err) MUST_CHECK;
/* An item that is not in the cart is no error. */
bool carts_remove(struct call *call, const struct cart_ref *ref, struct str item_id,
                  ecommerce_error *err) MUST_CHECK;
bool carts_clear(struct call *call, const struct cart_ref *ref, ecommerce_error *err) MUST_CHECK;

/*
 * The guest's cart into the customer's (`ref`, whose customer_id is required), by the setting
 * carts.merge for items that both have; then the guest's is empty. Quantities end at
 * orders.max_quantity. Repeating it after a crash does not add twice.
 */
bool carts_merge(struct call *call, const struct cart_ref *ref, struct str guest_cart_id,
                 ecommerce_error *err) MUST_CHECK;

struct cart_checkout {
    struct str key;     /* idempotency key of the checkout; STR_NONE: none */
    struct doc contact; /* as of order_request */
    struct str country;
    struct str delivery_method;
    int64_t delivery_cost;
};

/*
 * Answer: the order, as orders_process gives it. The customer is the cart's; a guest's order has
 * the scope "cart:ID". Repeated after success, with the same key or with the expected version that
 * was checked out, it answers the same order (call->replayed). Errors: those of orders_process, the
 * cart being as before; CART_LOCKED while another call checks it out; INVALID_ARGUMENT when it is
 * empty; OUTCOME_UNKNOWN: the cart stays locked until it is known, some seconds after the call's
 * deadline.
 */
bool carts_checkout(struct call *call, const struct cart_ref *ref,
                    const struct cart_checkout *checkout, ecommerce_error *err) MUST_CHECK;
