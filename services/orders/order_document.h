/*
 * order_document.h - the order document: built once, parsed often, shown at the doors.
 *
 * Stored (COLLECTION_ORDERS, _id = order_id), never updated:
 *   order_id, status ("placed" | "aborted"), epoch, hold_deadline (wall clock), attempt, scope,
 * key, fingerprint, number, customer_id, country, currency, placed_at, items [{line, product_id,
 *   variant_id, sku, name, category, quantity, price, amount, tracked}], delivery {method, cost},
 * total. Money is minor units, times are microseconds. An aborted document has only order_id,
 * status, epoch.
 *
 * A change (COLLECTION_ORDER_CHANGES, _id = order_id "/" n, n from 1), never updated:
 *   change_id, order_id, n, kind, at, key, fingerprint, reference, reason, customer_id, country,
 *   lines [{line, product_id, sku, category, quantity, amount, tracked}], amount, refund_due,
 * restock. It repeats what the other stores need, so that delivering it reads no other document.
 *
 * A movement (COLLECTION_MOVEMENTS, _id = movement_id), never updated:
 *   movement_id, kind ("receipt" | "adjustment" | "unlinked_return"), sku, quantity (signed), at,
 * reason; an unlinked return also has product_id, category, returned, amount, customer_id, country,
 * tracked.
 */
#pragma once

#include "services/orders/orders.h"
#include "services/shop.h"

struct order_line {
    int64_t line; /* from 1, as numbered by the caller */
    struct str product_id;
    struct str variant_id; /* STR_NONE: the product itself */
    struct str sku;
    struct str name;
    struct str category; /* STR_NONE: none */
    int64_t quantity;
    int64_t price;
    int64_t amount;
    bool tracked;
};

/* Everything is a view on the stored bytes; the lines are an array in the arena. */
struct order {
    struct str order_id;
    bool aborted;
    int64_t epoch;
    int64_t hold_deadline;
    int64_t attempt;
    struct str scope;
    struct str key;
    struct str fingerprint; /* SHA256_BYTES */
    struct str number;
    struct str customer_id; /* STR_NONE: a guest */
    struct str country;
    int64_t placed_at;
    struct str delivery_method;
    int64_t delivery_cost;
    int64_t total;
    struct order_line *lines;
    size_t line_count;
    struct doc doc;
    unsigned marks; /* as read */
};

enum order_status {
    STATUS_PLACED,
    STATUS_PAID,
    STATUS_SHIPPED,
    STATUS_DELIVERED,
    STATUS_CANCELLED,
    STATUS_RETURNED, /* all of it */
    STATUS_VOID,     /* came after the count of its epoch; as if it never was */
    ORDER_STATUSES
};

enum change_kind {
    CHANGE_PAID,
    CHANGE_SHIPPED,
    CHANGE_DELIVERED,
    CHANGE_CANCELLED,
    CHANGE_RETURNED, /* by line and quantity */
    CHANGE_REFUNDED, /* money given back: a record, no new state */
    CHANGE_VOID,
    CHANGE_KINDS
};

const char *order_status_name(enum order_status status);
const char *change_kind_name(enum change_kind kind);
bool order_status_parse(struct str name, enum order_status *status) MUST_CHECK;
bool change_kind_parse(struct str name, enum change_kind *kind) MUST_CHECK;

struct change_line {
    int64_t line;
    struct str product_id;
    struct str sku;
    struct str category;
    int64_t quantity;
    int64_t amount;
    bool tracked;
};

struct order_change {
    struct str change_id;
    struct str order_id;
    int64_t n;
    enum change_kind kind;
    int64_t at;
    struct str key;
    struct str fingerprint;
    struct str reference;
    struct str reason;
    struct str customer_id;
    struct str country;
    int64_t amount;     /* paid, refunded: the money; cancelled, returned: value of the goods and
                           delivery */
    int64_t refund_due; /* what this change makes due */
    bool restock;
    struct change_line *lines;
    size_t line_count;
    struct doc doc;
    unsigned marks;
};

struct movement {
    struct str movement_id;
    struct str kind;
    struct str sku;
    int64_t quantity; /* what the counter gets */
    int64_t at;
    struct str reason;
    struct str product_id;
    struct str category;
    struct str customer_id;
    struct str country;
    int64_t returned; /* unlinked return: quantity that came back */
    int64_t amount;
    bool tracked;
    struct doc doc;
    unsigned marks;
};

/* Fields of a stored document may be missing in none of these: damage is STORAGE_FAILED. */
bool order_parse(struct arena *arena, const struct stored_document *stored, struct order *order,
                 ecommerce_error *err) MUST_CHECK;
bool change_parse(struct arena *arena, const struct stored_document *stored,
                  struct order_change *change, ecommerce_error *err) MUST_CHECK;
bool movement_parse(const struct stored_document *stored, struct movement *movement,
                    ecommerce_error *err) MUST_CHECK;

void order_build(struct doc_builder *out, const struct order *order, const char *currency);
void order_build_aborted(struct doc_builder *out, struct str order_id, int64_t epoch);
void change_build(struct doc_builder *out, const struct order_change *change);
void movement_build(struct doc_builder *out, const struct movement *movement);

/* "R-7F3K-2X9QM": 45 bits of the order's id in Crockford's base 32, for people to read out. */
void order_number_of(struct str order_id, char *text, size_t size);

/* The order as the doors show it, into the open level. With STATUS_PLACED, as processing answers,
 * it is made of its document alone: the same each time. */
void order_show(struct doc_builder *out, const struct order *order, enum order_status status,
                const struct currency *currency);
