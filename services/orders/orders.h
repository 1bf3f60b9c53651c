/*
 * orders.h - orders as callers see them: process, read, list, change, return.
 *
 * How an order becomes one, and why nothing is oversold, lost or doubled: order_protocol.h and
 * docs/internals/order-protocol.md.
 */
#pragma once

#include "services/shop.h"

struct order_item_request {
    struct str item_id; /* product_id or variant_id */
    int64_t quantity;
    bool has_price; /* the unit price that the caller expects to pay (trusted: that is paid) */
    int64_t price;  /* minor units */
};

struct order_request {
    struct str customer_id; /* STR_NONE: a guest */
    const struct order_item_request *items;
    size_t item_count;
    struct str key;     /* idempotency key, 1 to 255 printable ASCII; STR_NONE: none */
    struct str scope;   /* of a guest's key: "cart:ID", "session:HASH", "api:KEY"; a customer's key
                           needs none */
    struct doc contact; /* {email, shipping: {...}, billing: {...}}; kept apart, erasable */
    struct str country; /* STR_NONE: the shipping address's, else the customer's */
    struct str delivery_method;
    int64_t delivery_cost; /* minor units, added to the total */
    /* A trusted import sets what a shop must not let a client set. */
    bool trusted;      /* prices of the items are taken as they are */
    int64_t placed_at; /* wall clock; 0: now */
    struct str number; /* STR_NONE: made from the order's id */
};

/* One request of a batch: its own outcome, like a call of its own. */
struct order_result {
    bool ok;
    ecommerce_error error;
    struct doc order; /* the stored document; in the call's arena */
    bool replayed;
};

/* Places all of them, each by itself (no atomicity between them), sharing round trips. The answer
 * is not touched. */
void orders_process_batch(struct call *call, const struct order_request *requests, size_t count,
                          struct order_result *results);
/* One of them; the answer is the order, built from its document alone. */
bool orders_process(struct call *call, const struct order_request *request,
                    ecommerce_error *err) MUST_CHECK;

/* Answer: the order with status, changes, contact, payments, refunds_due, returned quantities. */
bool orders_get(struct call *call, struct str order_id, ecommerce_error *err) MUST_CHECK;

struct order_list_options {
    struct str customer_id, status, number, email; /* STR_NONE: any */
    bool has_from, has_to;
    int64_t from, to; /* placed_at, half-open */
    size_t limit;     /* 0: the setting */
    struct str cursor;
};

/* Newest first. `email` is a customer's, or what guests gave with their order. Answer: {orders:
 * [...], cursor}. */
bool orders_list(struct call *call, const struct order_list_options *options,
                 ecommerce_error *err) MUST_CHECK;

struct order_line_quantity {
    int64_t line; /* the order's line number, from 1; 0: find by item_id */
    struct str item_id;
    int64_t quantity;
};

struct order_change_request {
    struct str order_id;
    struct str kind;      /* "paid", "shipped", "delivered", "cancelled", "returned" */
    struct str reference; /* payment, parcel, refund; STR_NONE */
    struct str reason;
    struct str key;                          /* idempotency key of the change */
    const struct order_line_quantity *lines; /* returned: which; none: all that is left */
    size_t line_count;
    bool no_restock; /* returned: the goods do not go back into stock */
    bool has_refund; /* trusted: the refund due, when it is not price times quantity */
    int64_t refund;
    bool trusted; /* may return from `placed`, at a time of its own */
    int64_t at;   /* wall clock; 0: now */
};

/* Answer: the order after it, and the change. */
bool orders_change(struct call *call, const struct order_change_request *request,
                   ecommerce_error *err) MUST_CHECK;

struct unlinked_return {
    struct str item_id;
    int64_t quantity;
    int64_t refund; /* minor units, for all of it */
    struct str customer_id, country;
    struct str key; /* required: the fact's id is made of it */
    bool no_restock;
    int64_t at;
};

/* Goods that come back without an order the shop knows: a fact of its own with a stock credit and
 * negative sales. */
bool orders_return_unlinked(struct call *call, const struct unlinked_return *request,
                            ecommerce_error *err) MUST_CHECK;
